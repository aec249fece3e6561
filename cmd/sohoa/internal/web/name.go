package web

import (
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// mostName is how many characters of a file's name are kept.
const mostName = 255

// cleanName makes of whatever a client calls a file something that can be shown and offered for saving: the last part of a
// path, composed, without control and formatting characters, at most 255 characters, the ending kept. It never becomes a part
// of a path of ours. "" where nothing is left.
func cleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		// Cf turns writing around, so that "gpj.exe" reads "exe.jpg".
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError, unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(norm.NFC.String(name))
	if strings.Trim(name, ". ") == "" {
		return ""
	}
	return shorten(name)
}

func shorten(name string) string {
	runes := []rune(name)
	if len(runes) <= mostName {
		return name
	}
	ending := []rune(path.Ext(name))
	if len(ending) > 16 {
		ending = nil
	}
	return strings.TrimSpace(string(runes[:mostName-len(ending)])) + string(ending)
}

// disposition offers a file for saving under a name (RFC 6266): plain ASCII for what is old, UTF-8 for all others.
func disposition(name string) string {
	var plain strings.Builder
	for _, r := range norm.NFD.String(strings.NewReplacer("đ", "d", "Đ", "D").Replace(name)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < ' ' || r >= 0x7f || strings.ContainsRune(`"\%;`, r):
			plain.WriteByte('_')
		default:
			plain.WriteRune(r)
		}
	}
	escaped := strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	return `attachment; filename="` + plain.String() + `"; filename*=UTF-8''` + escaped
}

// withEnding is a paper's name as a result of another kind: "Đơn.tif" becomes "Đơn.pdf".
func withEnding(name, ending string) string {
	if old := path.Ext(name); len(old) <= 6 {
		name = strings.TrimSuffix(name, old)
	}
	return name + ending
}
