package password

import (
	_ "embed" // for the list
	"errors"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sohoa/storage/catalogue/fold"
)

// Least and Most are how many characters a password has. Rules on kinds of characters are left out on purpose: they make
// passwords no harder to guess (NIST SP 800-63B, 5.1.1.2), length and a list of the common ones do.
const (
	Least = 10
	Most  = 128
)

// What is wrong with a password.
var (
	ErrShort  = errors.New("the password has fewer than 10 characters")
	ErrLong   = errors.New("the password has more than 128 characters")
	ErrText   = errors.New("the password is not a text that can be typed")
	ErrLogin  = errors.New("the password is made of the login")
	ErrCommon = errors.New("the password is one of those that are tried first")
)

//go:embed common.txt
var commonText string

// common are the words of common.txt, bare.
var common = sync.OnceValue(func() map[string]bool {
	all := make(map[string]bool)
	for line := range strings.Lines(commonText) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all[bare(line)] = true
		}
	}
	return all
})

// Judge says why a new password of an account cannot be: one of the errors above, or nil.
func Judge(plain, login string) error {
	plain = norm.NFC.String(plain)
	if !utf8.ValidString(plain) || strings.ContainsFunc(plain, unicode.IsControl) {
		return ErrText
	}
	switch n := utf8.RuneCountInString(plain); {
	case n < Least:
		return ErrShort
	case n > Most:
		return ErrLong
	}
	word, name := bare(plain), bare(login)
	// "quantri2026" of quantri, too.
	if name != "" && (word == name || strings.TrimRight(word, "0123456789") == name) {
		return ErrLogin
	}
	if monotonous(word) || common()[word] || common()[strings.TrimRight(word, "0123456789")] {
		return ErrCommon
	}
	return nil
}

// bare is a password without what people put around a word to get it past a rule: capitals, accents, signs.
func bare(text string) string {
	var b strings.Builder
	for _, t := range fold.Tokens(text) {
		b.WriteString(t.Folded)
	}
	return b.String()
}

// monotonous tells whether a word has hardly any characters of its own (aaaaaaaaaa, 1212121212, signs alone), or is a run of
// neighbours (1234567890, abcdefghij, 9876543210).
func monotonous(word string) bool {
	const few = 3
	seen := make(map[rune]bool)
	up, down, n := 0, 0, 0
	last := rune(-1)
	for _, r := range word {
		seen[r] = true
		switch r - last {
		case 1:
			up++
		case -1:
			down++
		}
		last = r
		n++
	}
	return len(seen) <= few || up >= n-2 || down >= n-2
}
