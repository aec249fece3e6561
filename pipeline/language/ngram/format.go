package ngram

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// magic begins a model; its last digit is the format's.
const magic = "SOHOALM1"

// ErrFormat says that data is no model.
var ErrFormat = errors.New("not a language model")

// Nats are stored as bytes: -ln p times perNat.
const perNat = 12.0

// Quantize packs the logarithm of a probability.
func Quantize(log float64) byte { return byte(min(max(-log*perNat+0.5, 0), 255)) }

func nats(q byte) float64 { return -float64(q) / perNat }

// Table is a model as its maker knows it. Words are sorted; pairs are sorted by both words, triples by their pair and the
// third word.
type Table struct {
	Words   []string
	Word    []Entry // one for each of Words
	Pairs   []Entry
	Triples []Entry
}

// Entry is one n-gram: where it belongs, its last word, and its figures.
type Entry struct {
	Before  int // of a pair the first word, of a triple the index of its pair
	Last    int // the last word
	Log     float64
	Backoff float64
}

// Encode writes a table as it lies in a file, all little endian: the magic, the numbers of words, pairs and triples (32 bits
// each), then column by column: where the words' texts end (32), what words cost (8) and their backoff (8), where their
// pairs end (32), the pairs' last words (16), costs (8), backoffs (8) and where their triples end (32), the triples' last words
// (16) and costs (8), the texts.
func (t *Table) Encode() ([]byte, error) {
	if len(t.Words) > 1<<16 || len(t.Word) != len(t.Words) {
		return nil, fmt.Errorf("encode a language model of %d words and %d entries: %w", len(t.Words), len(t.Word), ErrFormat)
	}
	order := binary.LittleEndian
	out := []byte(magic)
	for _, n := range []int{len(t.Words), len(t.Pairs), len(t.Triples)} {
		out = order.AppendUint32(out, uint32(n)) //nolint:gosec // of texts that fit into memory
	}
	at := 0
	for _, w := range t.Words {
		at += len(w)
		out = order.AppendUint32(out, uint32(at)) //nolint:gosec // as above
	}
	out = appendFigures(out, t.Word, true)
	out = appendEnds(out, t.Pairs, len(t.Words))
	out = appendLast(out, t.Pairs)
	out = appendFigures(out, t.Pairs, true)
	out = appendEnds(out, t.Triples, len(t.Pairs))
	out = appendLast(out, t.Triples)
	out = appendFigures(out, t.Triples, false)
	for _, w := range t.Words {
		out = append(out, w...)
	}
	return out, nil
}

func appendFigures(out []byte, entries []Entry, backoff bool) []byte {
	for _, e := range entries {
		out = append(out, Quantize(e.Log))
	}
	for i := 0; backoff && i < len(entries); i++ {
		out = append(out, Quantize(entries[i].Backoff))
	}
	return out
}

func appendLast(out []byte, entries []Entry) []byte {
	for _, e := range entries {
		out = binary.LittleEndian.AppendUint16(out, uint16(e.Last)) //nolint:gosec // Encode looked
	}
	return out
}

// appendEnds writes for each of n owners where its entries end.
func appendEnds(out []byte, entries []Entry, n int) []byte {
	at := 0
	for owner := range n {
		for at < len(entries) && entries[at].Before <= owner {
			at++
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(at)) //nolint:gosec // as above
	}
	return out
}
