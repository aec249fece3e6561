// Command havoc kills the service's parts at random moments under load and then looks whether anything was lost: scripts/chaos
// builds and runs it.
//
// A tour:
//
//   - main.go: flags, rounds, the report.
//   - papers.go: the papers that are handed in, and what an undisturbed reader makes of them.
//   - site.go: the service in its two forms, `sohoa up` and `sohoa serve` with two `sohoa work` on real servers.
//   - targets.go: what can be done to it.
//   - desk.go: an officer who hands papers in and tries again until each is acknowledged.
//   - verify.go: what must hold afterwards.
package main
