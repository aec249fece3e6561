package extract

import (
	"strconv"
	"strings"
)

// Citizen is what a personal identification number says of its bearer (Nghị định 137/2015/NĐ-CP, Điều 13): three digits for the
// province of birth registration, one for century and sex, two for the year of birth, six by chance.
type Citizen struct {
	Province string // its name; empty for a country abroad
	Born     int    // the year
	Female   bool
}

// ParseCitizen reads a number of twelve digits; ok where its parts can be.
func ParseCitizen(number string) (c Citizen, ok bool) {
	const length = 12
	if len(number) != length || strings.Trim(number, "0123456789") != "" {
		return c, false
	}
	century := int(number[3] - '0')
	year, _ := strconv.Atoi(number[4:6]) // digits alone
	c.Born, c.Female = 1900+100*(century/2)+year, century%2 == 1
	c.Province = names.provinces[number[:3]]
	return c, c.Province != "" && century <= 3
}

// oldIdentity tells whether a number of nine digits can be one of the identity cards (CMND) before those: its first two are a
// province's, from 01 to 38.
func oldIdentity(number string) bool {
	if len(number) != 9 || strings.Trim(number, "0123456789") != "" {
		return false
	}
	n, _ := strconv.Atoi(number[:2]) // digits alone
	return n >= 1 && n <= 38
}

// identityNumber looks for a number of twelve or nine digits in words behind a label; the figures may be spaced, and misread.
func identityNumber(words []word) (number string, used []word, sure, ok bool) {
	sure = true
	for i, w := range words {
		text, certain, is := digits(w.text, 12)
		if !is || len(text) < 2 && i > 0 && number == "" {
			if number != "" {
				break
			}
			continue
		}
		number, used, sure = number+text, append(used, w), sure && certain
		if len(number) >= 12 {
			break
		}
	}
	return number, used, sure, len(number) == 12 || len(number) == 9
}
