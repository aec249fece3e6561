// Package object keeps whole, immutable objects: originals as they were handed in, and what was read of them. They are in a
// MinIO (or any store that speaks S3) or in a directory.
//
// A tour:
//
//   - key.go: Key, the names of objects; nothing else can name one.
//   - config.go: Config, where the objects are. secret.go: Secret, which no log shows.
//   - store.go: Store, what callers use; put.go: its writing half. Both check what either backend must hold: keys, sizes,
//     checksums.
//   - directory.go and folder.go: the backend for one machine: write, fsync, rename, fsync the folder.
//   - minio.go and upload.go: the backend for many machines, through minio-go; patience.go: how long it waits for them.
//   - errors.go: what can go wrong, told apart.
//   - cache.go: Cache, originals as local files for those who read them; shared.go: Shared, what they are opened as.
//
// An object comes to be whole or not at all: when Put returns it is durable, and nobody ever sees half of one. Writing a key
// again replaces the object whole.
package object
