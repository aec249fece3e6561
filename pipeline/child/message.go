package child

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
)

// A message is its length in four bytes, big end first, and a gob. Each carries its own type description, so that a
// child that is replaced leaves no state behind.
const headSize = 4

// encodeMessage makes one value a message of at most most bytes, the head apart.
func encodeMessage(most int64, v any) ([]byte, error) {
	var buf bytes.Buffer
	buf.Write(make([]byte, headSize))
	if err := gob.NewEncoder(&buf).Encode(v); err != nil {
		return nil, fmt.Errorf("encode a message: %w", err)
	}
	b := buf.Bytes()
	n := int64(len(b) - headSize)
	if n > most {
		return nil, &sizeError{size: n, most: most}
	}
	binary.BigEndian.PutUint32(b, uint32(n)) //nolint:gosec // most is at most a gibibyte
	return b, nil
}

// sizeError is a message that is too long.
type sizeError struct{ size, most int64 }

func (e *sizeError) Error() string {
	return fmt.Sprintf("a message of %d bytes is longer than the %d allowed", e.size, e.most)
}

// readMessage receives one value of at most most bytes. Where the stream ends before a message the error is io.EOF.
func readMessage(r io.Reader, most int64, v any) error {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err //nolint:wrapcheck // io.EOF is the caller's sign that the other side is gone
	}
	n := int64(binary.BigEndian.Uint32(head[:]))
	if n > most {
		return &sizeError{size: n, most: most}
	}
	// What the other side claims is believed only as it comes: a liar costs no memory to speak of.
	const believed = 1 << 20
	var buf bytes.Buffer
	buf.Grow(int(min(n, believed)) + bytes.MinRead) // with what ReadFrom wants to see free at the end
	got, err := io.CopyN(&buf, r, n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("receive a message of %d bytes, of which %d came: %w", n, got, err)
	}
	return decodeMessage(&buf, v)
}

// decodeMessage decodes a gob that the other side, perhaps taken over, has made. Gob does not promise to bear that without a
// panic, so one is an error here.
func decodeMessage(buf *bytes.Buffer, v any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decode a message: %v", p)
		}
	}()
	if err := gob.NewDecoder(buf).Decode(v); err != nil {
		return fmt.Errorf("decode a message: %w", err)
	}
	if buf.Len() > 0 {
		return fmt.Errorf("decode a message: %d bytes too many", buf.Len())
	}
	return nil
}
