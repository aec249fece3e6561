package extract

import "strings"

// digitOf reads a letter where only a digit can stand; sure tells that it is one already.
func digitOf(r rune) (digit byte, sure, ok bool) {
	if r >= '0' && r <= '9' {
		return byte(r), true, true
	}
	for _, s := range []struct {
		digit byte
		alike string
	}{
		{'0', "OoÔôƠơØøQ"}, {'1', "lIi|!][ÍíÌìÏï"}, {'2', "Zz"}, {'5', "Ss"}, {'8', "B"}, {'9', "g"},
	} {
		// ó is how a 6 is read and O how a 0 is: the accent tells them apart.
		if r == 'ó' || r == 'Ó' {
			return '6', false, true
		}
		if strings.ContainsRune(s.alike, r) {
			return s.digit, false, true
		}
	}
	return 0, false, false
}

// digits reads a number of so many digits at most; sure tells that none of them was misread. Signs around it do not count.
func digits(s string, most int) (text string, sure, ok bool) {
	s = strings.Trim(s, " .,:;-–_…'\"‘’“”`")
	sure = true
	var b strings.Builder
	for _, r := range s {
		d, certain, is := digitOf(r)
		if !is {
			return "", false, false
		}
		sure = sure && certain
		b.WriteByte(d)
	}
	text = b.String()
	if _, certain, _ := digitOf([]rune(s + " ")[max(len([]rune(s))-1, 0)]); len(text) == most+1 && !certain {
		text = text[:most] // a speck behind it
	}
	return text, sure, text != "" && len(text) <= most
}
