// Package sheet reads and writes tables as officers exchange them: XLSX and CSV. It knows no dossiers and no rates.
//
// What is written cannot be taken for a formula by the program that opens it, whoever chose the text; what is read is bounded in
// bytes, unpacked bytes, rows, columns and the length of a cell, so that a file made to fill memory is refused.
//
// A tour:
//
//   - write.go: Table, and writing it; CSV, row by row.
//   - read.go: Limits, and Read, row by row; csv.go and xlsx.go: each kind of file.
//   - errors.go: why a file cannot be read.
package sheet
