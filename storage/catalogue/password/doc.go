// Package password keeps what people sign in with from being known by whoever reads the database, and from being guessed.
//
// A tour:
//
//   - hash.go: Hasher makes and checks Argon2id hashes in the PHC form, so many at once and no more.
//   - rules.go: what a password must be. common.txt: what everybody tries first.
//   - random.go: passwords that the program makes for somebody.
package password
