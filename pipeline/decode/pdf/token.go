package pdf

import (
	"bytes"
	"strconv"
)

// tokenKind says what a token of a content stream is.
type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenNumber
	tokenName    // text without the slash
	tokenString  // size bytes long
	tokenOpen    // [ or <<
	tokenClose   // ] or >>
	tokenKeyword // an operator
)

// token is one token; only the fields of its kind are set.
type token struct {
	kind   tokenKind
	number float64
	text   string
	size   int
}

// scanner splits a content stream into tokens. It never fails: what it does not understand is an unknown operator.
type scanner struct {
	data []byte
	at   int
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func (s *scanner) next() token {
	s.skipSpace()
	if s.at >= len(s.data) {
		return token{}
	}
	c := s.data[s.at]
	switch c {
	case '/':
		s.at++
		return token{kind: tokenName, text: unescapeName(s.word())}
	case '(':
		return token{kind: tokenString, size: s.literal()}
	case '<':
		if s.peek(1) == '<' {
			s.at += 2
			return token{kind: tokenOpen}
		}
		return token{kind: tokenString, size: s.hex()}
	case '>':
		s.at++
		if s.peek(0) == '>' {
			s.at++
		}
		return token{kind: tokenClose}
	case '[':
		s.at++
		return token{kind: tokenOpen}
	case ']':
		s.at++
		return token{kind: tokenClose}
	case ')', '{', '}':
		s.at++
		return token{kind: tokenKeyword, text: string(c)}
	}
	w := s.word()
	if c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
		if n, ok := parseNumber(w); ok {
			return token{kind: tokenNumber, number: n}
		}
	}
	return token{kind: tokenKeyword, text: string(w)}
}

func (s *scanner) peek(ahead int) byte {
	if s.at+ahead < len(s.data) {
		return s.data[s.at+ahead]
	}
	return 0
}

func (s *scanner) skipSpace() {
	for s.at < len(s.data) {
		switch c := s.data[s.at]; {
		case isSpace(c):
			s.at++
		case c == '%':
			end := bytes.IndexAny(s.data[s.at:], "\r\n")
			if end < 0 {
				s.at = len(s.data)
				return
			}
			s.at += end
		default:
			return
		}
	}
}

// word takes what comes up to a space or delimiter.
func (s *scanner) word() []byte {
	from := s.at
	for s.at < len(s.data) && !isSpace(s.data[s.at]) && !isDelimiter(s.data[s.at]) {
		s.at++
	}
	return s.data[from:s.at]
}

// literal passes over (…) and gives its length in bytes, near enough: octal escapes count once.
func (s *scanner) literal() int {
	s.at++
	depth, size := 1, 0
	for s.at < len(s.data) {
		c := s.data[s.at]
		s.at++
		switch c {
		case '\\':
			for n := 0; n < 2 && s.peek(0) >= '0' && s.peek(0) <= '7' && s.peek(1) >= '0' && s.peek(1) <= '7'; n++ {
				s.at++
			}
			s.at++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return size
			}
		}
		size++
	}
	s.at = len(s.data)
	return size
}

// hex passes over <…> and gives its length in bytes.
func (s *scanner) hex() int {
	s.at++
	digits := 0
	for s.at < len(s.data) {
		c := s.data[s.at]
		s.at++
		if c == '>' {
			break
		}
		if !isSpace(c) {
			digits++
		}
	}
	return (digits + 1) / 2
}

// parseNumber reads a number as viewers do: +, -, a point, and nothing of Go's notation.
func parseNumber(w []byte) (float64, bool) {
	for i, c := range w {
		if (c < '0' || c > '9') && c != '.' && (i > 0 || c != '-' && c != '+') {
			if c == '-' && i > 0 { // 12-34 and --5, as broken writers put it: what stands before counts
				return parseNumber(w[:i])
			}
			return 0, false
		}
	}
	if len(w) > 40 {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(w), 64)
	if err != nil {
		return 0, len(w) <= 2 // "-", "." and "-." count as 0
	}
	return n, true
}

// unescapeName resolves #xx in a name.
func unescapeName(w []byte) string {
	if bytes.IndexByte(w, '#') < 0 {
		return string(w)
	}
	out := make([]byte, 0, len(w))
	for i := 0; i < len(w); i++ {
		if w[i] == '#' && i+2 < len(w) {
			if n, err := strconv.ParseUint(string(w[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, w[i])
	}
	return string(out)
}

// inlineImage passes over the bytes between ID and EI. known is their number where the dictionary says it, else -1.
func (s *scanner) inlineImage(known int) {
	if s.at < len(s.data) && isSpace(s.data[s.at]) {
		s.at++
	}
	if known > 0 && known < len(s.data)-s.at {
		s.at += known
	}
	for s.at < len(s.data) {
		i := bytes.Index(s.data[s.at:], []byte("EI"))
		if i < 0 {
			break
		}
		from := s.at + i
		s.at = from + 2
		before := from == 0 || isSpace(s.data[from-1]) || known > 0 && i == 0
		if before && s.followedByContent() {
			return
		}
	}
	s.at = len(s.data)
}

// followedByContent tells whether what comes looks like content and not like an image's bytes.
func (s *scanner) followedByContent() bool {
	rest := s.data[s.at:min(len(s.data), s.at+12)]
	if len(rest) == 0 {
		return true
	}
	if !isSpace(rest[0]) {
		return false
	}
	for _, c := range rest {
		if c >= 0x7f || c < ' ' && !isSpace(c) {
			return false
		}
	}
	return true
}
