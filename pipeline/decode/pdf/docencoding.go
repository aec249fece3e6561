package pdf

import (
	"encoding/hex"
	"strings"
)

// The characters of PDFDocEncoding that are not at their Latin-1 places (ISO 32000-1, annex D.3).
const (
	docFrom18 = "\u02d8\u02c7\u02c6\u02d9\u02dd\u02db\u02da\u02dc"
	docFrom80 = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž"
)

// encodeDoc gives the bytes that qpdf read as the text s.
func encodeDoc(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	from80 := []rune(docFrom80)
	for _, r := range s {
		switch i := strings.IndexRune(docFrom18, r); {
		case i >= 0:
			out = append(out, byte(0x18+i/2)) //nolint:gosec // two bytes a character in UTF-8, 16 bytes in all
			continue
		case r == '€':
			out = append(out, 0xA0)
			continue
		case r < 0x80 || r > 0xA0 && r <= 0xFF:
			out = append(out, byte(r)) //nolint:gosec // at most 0xFF
			continue
		}
		at := -1
		for i, c := range from80 {
			if c == r {
				at = i
			}
		}
		if at < 0 {
			return nil, false
		}
		out = append(out, byte(0x80+at))
	}
	return out, true
}

func decodeHex(s string) ([]byte, bool) {
	b, err := hex.DecodeString(s)
	return b, err == nil
}
