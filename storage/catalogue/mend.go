package catalogue

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Place is an upright rectangle on a page, in the pixels that its boxes count in; X1 and Y1 are behind the last.
type Place struct{ X0, Y0, X1, Y1 int }

func (p Place) empty() bool { return p.X1 <= p.X0 || p.Y1 <= p.Y0 }

func (p Place) area() float64 {
	if p.empty() {
		return 0
	}
	return float64(p.X1-p.X0) * float64(p.Y1-p.Y0)
}

func (p Place) union(o Place) Place {
	switch {
	case p.empty():
		return o
	case o.empty():
		return p
	}
	return Place{min(p.X0, o.X0), min(p.Y0, o.Y0), max(p.X1, o.X1), max(p.Y1, o.Y1)}
}

func (p Place) both(o Place) Place {
	return Place{max(p.X0, o.X0), max(p.Y0, o.Y0), min(p.X1, o.X1), min(p.Y1, o.Y1)}
}

func (w WordBox) place() Place { return Place{w.X0, w.Y0, w.X1, w.Y1} }

// sure is the confidence of a word that an officer has looked at.
const sure = 100

// sheet is a page whose words are changed. Its lines stay as many as they were, be it that one has no word any more: so a line
// of it is the same line of the reading's JSON.
type sheet struct {
	PageText

	turned int // degrees clockwise that the page must be turned to stand upright
}

// word is the text of one word.
func (s *sheet) word(i int) string { return s.Text[s.Words[i].Start:s.Words[i].End] }

// said is the text of some words, and where they stand together.
func (s *sheet) said(at, count int) (text string, place Place) {
	words := make([]string, count)
	for i := range count {
		words[i] = s.word(at + i)
		place = place.union(s.Words[at+i].place())
	}
	return strings.Join(words, " "), place
}

// oneLine tells whether words stand on one line.
func (s *sheet) oneLine(at, count int) bool {
	return count < 2 || !strings.Contains(s.Text[s.Words[at].Start:s.Words[at+count-1].End], "\n")
}

// replace puts other words in the place of count words of one line from at on.
func (s *sheet) replace(at, count int, words []string, place Place) {
	boxes := make([]Place, count)
	for i := range count {
		boxes[i] = s.Words[at+i].place()
	}
	if len(words) != count {
		boxes = s.share(place, words)
	}
	start, end, lead := s.gap(at, count, place, len(words) == 0)
	text := strings.Join(words, " ")
	if count == 0 {
		text = lead.before + text + lead.after
	}
	var fresh []WordBox
	from := start + len(lead.before)
	for i, w := range words {
		b := boxes[i]
		fresh = append(fresh, WordBox{Start: from, End: from + len(w), X0: b.X0, Y0: b.Y0, X1: b.X1, Y1: b.Y1, Confidence: sure})
		from += len(w) + 1
	}
	grown := len(text) - (end - start)
	s.Text = s.Text[:start] + text + s.Text[end:]
	rest := slices.Clone(s.Words[at+count:])
	for i := range rest {
		rest[i].Start += grown
		rest[i].End += grown
	}
	s.Words = slices.Concat(s.Words[:at:at], fresh, rest)
}

// spaces are what parts inserted words from their neighbours.
type spaces struct{ before, after string }

// gap is the part of the text that count words from at on are, with one of the spaces beside them where none come in their
// place; without words it is where words would be inserted, on the line of the nearer neighbour.
func (s *sheet) gap(at, count int, place Place, none bool) (start, end int, lead spaces) {
	if count > 0 {
		start, end = s.Words[at].Start, s.Words[at+count-1].End
		switch {
		case !none:
		case start > 0 && s.Text[start-1] == ' ':
			start--
		case end < len(s.Text) && s.Text[end] == ' ':
			end++
		}
		return start, end, spaces{}
	}
	if len(s.Words) == 0 {
		return 0, 0, spaces{}
	}
	if at > 0 && (at == len(s.Words) || s.apart(s.Words[at-1].place(), place) <= s.apart(s.Words[at].place(), place)) {
		end = s.Words[at-1].End
		return end, end, spaces{before: " "}
	}
	start = s.Words[at].Start
	return start, start, spaces{after: " "}
}

// apart is how far two places are from each other across the lines of the page.
func (s *sheet) apart(a, b Place) int {
	across := func(p Place) int {
		if s.turned == 90 || s.turned == 270 {
			return p.X0 + p.X1
		}
		return p.Y0 + p.Y1
	}
	d := across(a) - across(b)
	return max(d, -d)
}

// share parts a place among words that follow each other in it, by their letters.
func (s *sheet) share(place Place, words []string) []Place {
	letters := len(words) - 1 // a space each
	for _, w := range words {
		letters += utf8.RuneCountInString(w)
	}
	all := make([]Place, len(words))
	from := 0
	for i, w := range words {
		till := from + utf8.RuneCountInString(w)
		all[i] = s.slice(place, from, till, max(letters, 1))
		from = till + 1
	}
	return all
}

// slice is the part of a place from one fraction to another, in the direction in which the page is read.
func (s *sheet) slice(p Place, from, till, of int) Place {
	wide, high := p.X1-p.X0, p.Y1-p.Y0
	switch s.turned {
	case 90: // from the bottom to the top
		return Place{p.X0, p.Y1 - high*till/of, p.X1, p.Y1 - high*from/of}
	case 180:
		return Place{p.X1 - wide*till/of, p.Y0, p.X1 - wide*from/of, p.Y1}
	case 270:
		return Place{p.X0, p.Y0 + high*from/of, p.X1, p.Y0 + high*till/of}
	}
	return Place{p.X0 + wide*from/of, p.Y0, p.X0 + wide*till/of, p.Y1}
}

// carry does a correction again on what was read anew; false where its place does not fit any more. An officer has looked at
// the paper, so what stands at the place becomes the officer's words whatever it was read as this time.
func (s *sheet) carry(c *Correction) bool {
	if c.Width == 0 || c.Height == 0 || s.Width == 0 || s.Height == 0 {
		return false
	}
	place := Place{c.Place.X0 * s.Width / c.Width, c.Place.Y0 * s.Height / c.Height, c.Place.X1 * s.Width / c.Width, c.Place.Y1 * s.Height / c.Height}
	at, count := s.within(place)
	switch {
	case count < 0 || !s.oneLine(at, count):
		return false
	case count == 0 && c.Became == "": // what was taken away is not there
		return true
	case count == 0 && !s.free(place):
		return false
	case count == 0:
		s.replace(at, 0, strings.Fields(c.Became), place)
		return true
	}
	text, found := s.said(at, count)
	// A word of another size at the place, which was not read like this before either, is not what the officer saw.
	const alike = 0.4
	if text != c.Was && text != c.Became && found.both(place).area() < alike*max(found.area(), place.area()) {
		return false
	}
	s.replace(at, count, strings.Fields(c.Became), found)
	return true
}

// free tells whether a word may be put at a place where none was read: none reaches into it, and a line is beside it.
func (s *sheet) free(place Place) bool {
	const little = 0.2
	near := len(s.Words) == 0
	for _, w := range s.Words {
		if w.place().both(place).area() > little*place.area() {
			return false
		}
		// apart counts in halves of pixels.
		near = near || s.apart(w.place(), place) <= max(place.Y1-place.Y0, 1) || s.turned%180 == 90 && s.apart(w.place(), place) <= place.X1-place.X0
	}
	return near
}

// within finds the words whose middle is in a place: -1 where others stand between them. Where there are none, at is before
// which word the place comes in the order of reading.
func (s *sheet) within(place Place) (at, count int) {
	first, last := -1, -1
	for i, w := range s.Words {
		x, y := (w.X0+w.X1)/2, (w.Y0+w.Y1)/2
		if x >= place.X0 && x < place.X1 && y >= place.Y0 && y < place.Y1 {
			if first < 0 {
				first = i
			}
			if last >= 0 && last != i-1 {
				return 0, -1
			}
			last = i
		}
	}
	if first >= 0 {
		return first, last - first + 1
	}
	return s.before(place), 0
}

// before is the index of the word before which a place is read: on the line of the nearest word.
func (s *sheet) before(place Place) int {
	along := func(p Place) int { // grows in the direction of reading
		switch s.turned {
		case 90:
			return -(p.Y0 + p.Y1)
		case 180:
			return -(p.X0 + p.X1)
		case 270:
			return p.Y0 + p.Y1
		}
		return p.X0 + p.X1
	}
	if len(s.Words) == 0 {
		return 0
	}
	near := 0
	for i, w := range s.Words {
		if s.apart(w.place(), place) < s.apart(s.Words[near].place(), place) {
			near = i
		}
	}
	at := near
	for at > 0 && s.oneLine(at-1, 2) {
		at--
	}
	for at < len(s.Words) && s.oneLine(min(at, near), max(at, near)-min(at, near)+1) && along(s.Words[at].place()) <= along(place) {
		at++
	}
	return at
}
