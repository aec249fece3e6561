// Command benchmark measures sohoa beside the programs that its users would take instead, and makes the table of the README.
// scripts/bench builds what it needs and calls it; `scripts/bench -h` lists the flags.
//
// All figures of one table are measured in one run, on the same files, on the same machine. What other programs read is
// remembered by their versions, their arguments and the scan's digest, as it does not change and takes minutes; -fresh
// measures it again. Times are never remembered: the programs take turns, and the median counts.
//
// A tour:
//
//   - main.go: the flags and the order of measurements.
//   - scans.go: the pages to read: real ones, made ones, their truth. machine.go: what the figures were measured with.
//   - readers.go: how sohoa, tesseract and OCRmyPDF are asked to read; cache.go remembers what the latter two read.
//   - accuracy.go, fields.go, speed.go, memory.go, papers.go: the five measurements.
//   - process.go, tree.go: running a program, its time, and the memory of all its children.
//   - table.go, readme.go: the table, and its place in README.md.
package main
