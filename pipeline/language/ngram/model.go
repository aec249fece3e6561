package ngram

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"sync"
)

// Model gives the probability of a word behind two others: interpolated Kneser-Ney, as its maker computed it. It is read
// only and safe for concurrent use.
type Model struct {
	words   int
	textEnd column32
	text    string
	word    figures
	pairs   row
	triples row
	breakID ID
	unknown ID
}

// ID is a word of the model.
type ID uint16

// figures are the costs and backoffs of n-grams.
type figures struct{ cost, backoff string }

// row holds n-grams by what they follow.
type row struct {
	end  column32
	last column16
	figures
}

type (
	column32 string
	column16 string
)

func (c column32) at(i int) int {
	i *= 4
	return int(c[i]) | int(c[i+1])<<8 | int(c[i+2])<<16 | int(c[i+3])<<24
}

func (c column16) at(i int) ID { return ID(c[2*i]) | ID(c[2*i+1])<<8 }

// from is where the entries of owner i begin.
func (c column32) from(i int) int {
	if i == 0 {
		return 0
	}
	return c.at(i - 1)
}

// risesTo tells whether no end is before the one ahead of it, and the last is n.
func (c column32) risesTo(n int) bool {
	last := 0
	for i := range len(c) / 4 {
		if c.at(i) < last {
			return false
		}
		last = c.at(i)
	}
	return last == n
}

//go:embed official.lm
var official string // a string's bytes stay where the program's file has them

// Official is the model of official texts that travels in the binary.
var Official = sync.OnceValue(func() *Model {
	m, err := Open(official)
	if err != nil {
		panic(err) // the build embeds it, and a test opens it
	}
	return m
})

// Digest names the model of official texts: another one may repair otherwise.
var Digest = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(official))
	return hex.EncodeToString(sum[:])
})

// Open makes a model of what Table.Encode wrote.
func Open(data string) (*Model, error) {
	const head = len(magic) + 12
	if len(data) < head || data[:len(magic)] != magic {
		return nil, fmt.Errorf("open a language model of %d bytes: %w", len(data), ErrFormat)
	}
	counts := column32(data[len(magic):head])
	words, pairs, triples := counts.at(0), counts.at(1), counts.at(2)
	m := &Model{words: words}
	rest, whole := data[head:], true
	take := func(n int) string {
		whole = whole && n <= len(rest)
		n = min(n, len(rest))
		part := rest[:n]
		rest = rest[n:]
		return part
	}
	m.textEnd = column32(take(4 * words))
	m.word = figures{cost: take(words), backoff: take(words)}
	m.pairs.end = column32(take(4 * words))
	m.pairs.last = column16(take(2 * pairs))
	m.pairs.figures = figures{cost: take(pairs), backoff: take(pairs)}
	m.triples.end = column32(take(4 * pairs))
	m.triples.last = column16(take(2 * triples))
	m.triples.figures = figures{cost: take(triples)}
	m.text = rest
	// Whole, and nothing in it points outside: later there are no checks.
	if !whole || words == 0 || words > 1<<16 ||
		!m.textEnd.risesTo(len(m.text)) || !m.pairs.end.risesTo(pairs) || !m.triples.end.risesTo(triples) {
		return nil, fmt.Errorf("open a language model of %d words in %d bytes: %w", words, len(data), ErrFormat)
	}
	var known bool
	if m.unknown, known = m.find(Unknown); known {
		m.breakID, known = m.find(Break)
	}
	if !known {
		return nil, fmt.Errorf("open a language model without %s or %s: %w", Unknown, Break, ErrFormat)
	}
	return m, nil
}

// ID is the word with a key, or Unknown's and false.
func (m *Model) ID(key string) (ID, bool) {
	if id, ok := m.find(key); ok {
		return id, true
	}
	return m.unknown, false
}

// Break is the ID of what stands before the first word.
func (m *Model) Break() ID { return m.breakID }

func (m *Model) find(key string) (ID, bool) {
	low, high := 0, m.words
	for low < high {
		mid := (low + high) / 2
		if m.wordAt(mid) < key {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return ID(low), low < m.words && m.wordAt(low) == key //nolint:gosec // at most 65,536 words
}

func (m *Model) wordAt(i int) string { return m.text[m.textEnd.from(i):m.textEnd.at(i)] }

// Log is the natural logarithm of the probability of c behind a b.
func (m *Model) Log(a, b, c ID) float64 {
	ab, known := m.pairs.find(int(a), b)
	if !known {
		return m.pair(b, c)
	}
	if abc, ok := m.triples.find(ab, c); ok {
		return nats(m.triples.cost[abc])
	}
	return nats(m.pairs.backoff[ab]) + m.pair(b, c)
}

func (m *Model) pair(b, c ID) float64 {
	if bc, ok := m.pairs.find(int(b), c); ok {
		return nats(m.pairs.cost[bc])
	}
	return nats(m.word.backoff[b]) + nats(m.word.cost[c])
}

func (r *row) find(owner int, last ID) (int, bool) {
	low, high := r.end.from(owner), r.end.at(owner)
	end := high
	for low < high {
		mid := (low + high) / 2
		if r.last.at(mid) < last {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < end && r.last.at(low) == last
}
