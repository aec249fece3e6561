package child

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"fmt"
	"io"
)

// A message is its length in four bytes, big end first, and a gob. Each carries its own type description, so that a
// child that is replaced leaves no state behind.

// writeMessage sends one value.
func writeMessage(w io.Writer, v any) error {
	var buf bytes.Buffer
	buf.Write(make([]byte, 4))
	if err := gob.NewEncoder(&buf).Encode(v); err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	b := buf.Bytes()
	binary.BigEndian.PutUint32(b, uint32(len(b)-4)) //nolint:gosec // a message is far below 4 GiB
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("send a message: %w", err)
	}
	return nil
}

// readMessage receives one value of at most most bytes. At the end of the stream the error is io.EOF.
func readMessage(r io.Reader, most int64, v any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err //nolint:wrapcheck // io.EOF is the caller's sign that the other side is gone
	}
	n := int64(binary.BigEndian.Uint32(head[:]))
	if n > most {
		return fmt.Errorf("a message claims %d bytes, more than the %d allowed", n, most)
	}
	// What the other side claims is believed only as it comes: a liar costs no memory.
	var buf bytes.Buffer
	if got, err := io.Copy(&buf, io.LimitReader(r, n)); err != nil || got < n {
		return fmt.Errorf("a message of %d bytes ended after %d: %w", n, got, io.ErrUnexpectedEOF)
	}
	if err := gob.NewDecoder(&buf).Decode(v); err != nil {
		return fmt.Errorf("decode a message: %w", err)
	}
	return nil
}
