package recognize

import (
	"bytes"
	"errors"
	"html"
)

// Half a megabyte of hOCR a page is too much for encoding/xml: with it, the choices for each character would cost a twentieth
// of the page's time. What Tesseract writes needs less: tags, quoted attributes, text.

var errTagOpen = errors.New("a tag is not closed")

// markup reads tags one after the other.
type markup struct{ rest []byte }

// element is one tag with the text that stands before it.
type element struct {
	text       []byte // as written, with entities
	attributes []byte
	name       string // empty behind the last tag
	start, end bool   // both in <br/>
}

// next gives the next tag; comments and declarations are skipped.
func (m *markup) next() (element, error) {
	var e element
	at := bytes.IndexByte(m.rest, '<')
	if at < 0 {
		e.text, m.rest = m.rest, nil
		return e, nil
	}
	e.text, m.rest = m.rest[:at], m.rest[at+1:]
	inside, err := m.tag()
	if err != nil {
		return e, err
	}
	if len(inside) > 0 && (inside[0] == '!' || inside[0] == '?') {
		return m.next()
	}
	e.start = true
	if rest, ok := bytes.CutPrefix(inside, []byte("/")); ok {
		inside, e.start, e.end = rest, false, true
	}
	if rest, ok := bytes.CutSuffix(inside, []byte("/")); ok {
		inside, e.end = rest, true
	}
	name := inside
	if at := bytes.IndexAny(inside, " \t\r\n"); at >= 0 {
		name, e.attributes = inside[:at], inside[at:]
	}
	if len(name) == 0 {
		return e, errors.New("a tag has no name")
	}
	e.name = string(name)
	return e, nil
}

// tag takes what stands up to the next > that is not inside quotes.
func (m *markup) tag() ([]byte, error) {
	quote := byte(0)
	for i, c := range m.rest {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			inside := m.rest[:i]
			m.rest = m.rest[i+1:]
			return inside, nil
		}
	}
	return nil, errTagOpen
}

// attribute is the value of an attribute, as written; empty where there is none.
func (e *element) attribute(name string) []byte {
	rest := e.attributes
	for {
		equals := bytes.IndexByte(rest, '=')
		if equals < 0 || equals+1 >= len(rest) {
			return nil
		}
		key := bytes.TrimSpace(rest[:equals])
		quote := rest[equals+1]
		if quote != '"' && quote != '\'' {
			return nil
		}
		value := rest[equals+2:]
		end := bytes.IndexByte(value, quote)
		if end < 0 {
			return nil
		}
		if string(key) == name {
			return value[:end]
		}
		rest = value[end+1:]
	}
}

// plainText resolves the entities.
func plainText(text []byte) string { return html.UnescapeString(string(text)) }
