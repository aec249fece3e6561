// Command loadtest measures the service under load: how much it reads beside `sohoa read`, how it grows with its workers, how
// long an officer waits while an archive is being read, and how it takes in what many desks hand in at once. scripts/load
// builds what it needs and calls it; `scripts/load -h` lists the flags.
//
// Everything runs as it would in an office: real processes, real servers (Redis, MinIO, PostgreSQL), made pages of A4 at 300
// dpi. What else the machine did meanwhile is measured too and stands beside each figure, as a busy machine explains much.
// Everything is in one temporary folder and ends with the command, however that ends.
//
// A tour:
//
//   - main.go: the flags and the order of measurements.
//   - throughput.go, scaling.go, latency.go, intake.go: the four measurements.
//   - contestant.go: those who read the same papers in turns: `sohoa read`, `sohoa up`, and `serve` with `work`.
//   - system.go: a running service of either kind, started for one measurement. process.go: starting and ending a process.
//   - client.go: the API as a desk uses it. metrics.go: where the service says its time went.
//   - scans.go: the pages, and how one scan becomes many of different bytes.
//   - meter.go: seconds of processors, by whom. memory.go: what a process holds over time. stats.go: percentiles.
//   - report.go, table.go: what is reported, as JSON and for people.
package main
