// Package compose holds the checks of docker-compose.yml and the Dockerfile, as far as they can be checked without a
// container engine: that the two files, the program and each other's names fit, and that the same commands with the same
// settings, in the same order, read a paper on this machine.
//
// A tour:
//
//   - file_test.go: docker-compose.yml as Compose takes it: its types, its anchors, its variables filled in.
//   - rules_test.go: what must hold of the file by itself: names that exist, secrets that are given, health, limits.
//   - image_test.go: the Dockerfile: what it copies is there, and all that is needed; whom it runs as.
//   - binary_test.go: verbs, settings and periods of grace against the program as the Dockerfile builds it.
//   - run_test.go: the whole service from the file, with real servers, until a page is read and everything has ended;
//     process_test.go starts, asks and ends its processes.
package compose
