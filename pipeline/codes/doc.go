// Package codes finds QR codes and Code 128 barcodes on a page: cover sheets of ours, and the code of a dossier where it is
// printed on a receipt. It runs where pixels are touched, in a child process, and only for scans of which somebody asked for it
// and pages that turn out to be of a kind that has one (an identity card, a receipt): a page costs some 60 ms more.
//
// A tour:
//
//   - codes.go: Find, the table of contents; a page in grey, at full size for bars and smaller for QR codes.
//   - qr.go: QR codes. The finder patterns are gozxing's, put together by us within bounds: on a page of halftone there are
//     thousands.
//   - bars.go: Code 128. Bars are read along bands of averaged rows and columns, which takes the noise away and costs one look
//     at each pixel.
package codes
