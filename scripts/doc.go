// Package scripts is the folder of what needs more than a line of shell; as a package it only holds the project's own rules
// as tests.
//
// A tour:
//
//   - setup installs what a Debian machine lacks; run is the main job from nothing; test checks everything; bench measures the
//     reading, load the service; chaos kills the service's parts and looks whether anything was lost.
//     These are shell scripts; each says at its top how it is called.
//   - corpus makes papers, scans and their truth; corpus/make is its command.
//   - score compares a reading to the truth; benchmark measures sohoa beside other programs, as bench calls it.
//   - searchbench and ratesbench measure search and the digitization rates over a million made pages and dossiers.
//   - services starts real Redis, MinIO and PostgreSQL servers, for tests and for havoc (chaos) and loadtest (load).
//   - compose checks docker-compose.yml and the Dockerfile.
//   - structure_test.go: every package opens with a tour that names files that exist, and imports go one way.
package scripts
