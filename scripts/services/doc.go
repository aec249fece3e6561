// Package services starts real servers for tests, benchmarks and the chaos program: Redis, MinIO and PostgreSQL, each a
// private one on a folder of its own. It is no part of the service, which is told where its servers are.
//
// A tour:
//
//   - server.go: Process, what all servers share: they start, stop, are killed, and start again with the same data and
//     address.
//   - tree.go: signals to a server whose processes leave its group.
//   - redis.go, minio.go, postgres.go: the three of them. redis_many.go: Redis behind a Sentinel, and as a Cluster.
//   - fortest.go: Redis, MinIO and Postgres for tests, started when the first test asks. disk.go: a disk that is soon full.
package services
