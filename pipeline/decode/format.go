package decode

import (
	"bytes"
	"encoding/binary"
)

// Format is what a file is, by its content.
type Format string

// The formats that can be read.
const (
	TIFF    Format = "tiff"
	JPEG    Format = "jpeg"
	PNG     Format = "png"
	WebP    Format = "webp"
	BMP     Format = "bmp"
	PNM     Format = "pnm"
	PDF     Format = "pdf"
	Unknown Format = ""
)

// SniffLen is how many bytes of a file's beginning Sniff looks at: PDF readers accept a header within the first 1,024.
const SniffLen = 1024 + 8

// Sniff tells a file's format from its first SniffLen bytes.
func Sniff(head []byte) Format {
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case has("II*\x00"), has("MM\x00*"), has("II+\x00"), has("MM\x00+"):
		return TIFF
	case has("\xff\xd8\xff"):
		return JPEG
	case has("\x89PNG\r\n\x1a\n"):
		return PNG
	case has("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return WebP
	case has("BM") && isBMP(head):
		return BMP
	case len(head) > 2 && head[0] == 'P' && head[1] >= '4' && head[1] <= '6' && isSpace(head[2]):
		return PNM
	case bytes.Contains(head[:min(len(head), SniffLen)], []byte("%PDF-")):
		return PDF
	}
	return Unknown
}

// isBMP looks at the length of the second header: two letters alone would take many a text for a picture.
func isBMP(head []byte) bool {
	if len(head) < 18 {
		return false
	}
	switch binary.LittleEndian.Uint32(head[14:]) {
	case 12, 40, 52, 56, 64, 108, 124:
		return true
	}
	return false
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\r' || b == '\t' }
