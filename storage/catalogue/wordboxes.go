package catalogue

import (
	"encoding/binary"
	"errors"
)

// Where the words of a page stand is kept packed, some nine bytes a word: for each word, as varints, the bytes of text between
// it and the one before, its own bytes, its left and top edge as seen from the word before, its width, height and confidence.

func packWords(words []WordBox) []byte {
	packed := make([]byte, 0, 10*len(words))
	var before WordBox
	for _, w := range words {
		for _, n := range []int{
			w.Start - before.End, w.End - w.Start, w.X0 - before.X0, w.Y0 - before.Y0, w.X1 - w.X0, w.Y1 - w.Y0, w.Confidence,
		} {
			packed = binary.AppendVarint(packed, int64(n))
		}
		before = w
	}
	return packed
}

var errPacked = errors.New("the places of a page's words are damaged")

func unpackWords(packed []byte) ([]WordBox, error) {
	var words []WordBox
	var before WordBox
	for len(packed) > 0 {
		var n [7]int
		for i := range n {
			v, size := binary.Varint(packed)
			if size <= 0 {
				return nil, errPacked
			}
			n[i], packed = int(v), packed[size:]
		}
		w := WordBox{Start: before.End + n[0], X0: before.X0 + n[2], Y0: before.Y0 + n[3], Confidence: n[6]}
		w.End, w.X1, w.Y1 = w.Start+n[1], w.X0+n[4], w.Y0+n[5]
		words = append(words, w)
		before = w
	}
	return words, nil
}
