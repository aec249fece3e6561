package bind

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"unicode/utf16"
)

// maxOffset is the largest offset that a classic cross-reference table can hold: ten digits.
const maxOffset = 9_999_999_999

// errTooLarge says that the file outgrew the cross-reference table.
var errTooLarge = errors.New("file exceeds 10 GB, the most that a PDF 1.4 can be")

// objectWriter writes numbered objects one after another and remembers nothing but where each began. The first error
// sticks: every later call is idle and the error comes back from flush.
type objectWriter struct {
	out     *bufio.Writer
	sum     hash.Hash // of everything written, for the trailer's /ID
	n       int64
	offsets []int64 // by object number; [0] is the head of the free list
	err     error
	packed  bytes.Buffer // reused by deflate
	zip     *zlib.Writer // reused by deflate
}

func newObjectWriter(w io.Writer) *objectWriter {
	return &objectWriter{out: bufio.NewWriterSize(w, 1<<16), sum: sha256.New(), offsets: make([]int64, 1, 64)}
}

// reserve gives a number to an object that is written later.
func (w *objectWriter) reserve() int {
	w.offsets = append(w.offsets, 0)
	return len(w.offsets) - 1
}

func (w *objectWriter) write(b []byte) {
	if w.err != nil {
		return
	}
	w.sum.Write(b)
	n, err := w.out.Write(b)
	w.n += int64(n)
	if err != nil {
		w.err = err
	}
}

func (w *objectWriter) printf(format string, args ...any) { w.write(fmt.Appendf(nil, format, args...)) }

func (w *objectWriter) begin(id int) {
	if w.n > maxOffset && w.err == nil {
		w.err = errTooLarge
	}
	w.offsets[id] = w.n
	w.printf("%d 0 obj\n", id)
}

// object writes a whole object that is no stream.
func (w *objectWriter) object(id int, body string) {
	w.begin(id)
	w.printf("%s\nendobj\n", body)
}

// stream writes a stream object; entries are the dictionary's, without /Length.
func (w *objectWriter) stream(id int, entries string, data []byte) {
	w.begin(id)
	w.printf("<<%s/Length %d>>\nstream\n", entries, len(data))
	w.write(data)
	w.write([]byte("\nendstream\nendobj\n"))
}

// deflated writes a stream object packed by Flate.
func (w *objectWriter) deflated(id int, entries string, data []byte) {
	w.stream(id, entries+"/Filter/FlateDecode", w.deflate(data))
}

// deflate packs data; the result is valid until the next call.
func (w *objectWriter) deflate(data []byte) []byte {
	w.packed.Reset()
	if w.zip == nil {
		zip, err := zlib.NewWriterLevel(&w.packed, flate.BestCompression)
		if err != nil {
			w.err = errors.Join(w.err, err)
			return nil
		}
		w.zip = zip
	} else {
		w.zip.Reset(&w.packed)
	}
	// A bytes.Buffer never fails.
	_, _ = w.zip.Write(data)
	_ = w.zip.Close()
	return w.packed.Bytes()
}

// finish writes the cross-reference table and the trailer.
func (w *objectWriter) finish(root, info int) error {
	id := w.sum.Sum(nil)[:16]
	start := w.n
	w.printf("xref\n0 %d\n0000000000 65535 f \n", len(w.offsets))
	for _, at := range w.offsets[1:] {
		if at == 0 || at > maxOffset {
			w.err = errors.Join(w.err, errTooLarge)
			break
		}
		w.printf("%010d 00000 n \n", at)
	}
	w.printf("trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%x><%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(w.offsets), root, info, id, id, start)
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}

// appendNumber writes a number as PDF likes it: no exponent, no useless digits.
func appendNumber(b []byte, v float64, digits int) []byte {
	start := len(b)
	b = strconv.AppendFloat(b, v, 'f', digits, 64)
	if digits > 0 {
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
		if b[len(b)-1] == '.' {
			b = b[:len(b)-1]
		}
	}
	if string(b[start:]) == "-0" {
		return append(b[:start], '0')
	}
	return b
}

func number(v float64, digits int) string { return string(appendNumber(nil, v, digits)) }

// appendBytes writes a literal string of raw bytes.
func appendBytes(b []byte, s ...byte) []byte {
	for _, c := range s {
		switch c {
		case '(', ')', '\\':
			b = append(b, '\\', c)
		case '\r': // a bare one would be read as a line feed
			b = append(b, '\\', 'r')
		default:
			b = append(b, c)
		}
	}
	return b
}

// textString is a text string: plain where it is ASCII, UTF-16 with its mark elsewhere.
func textString(s string) string {
	plain := true
	for _, r := range s {
		if r < 0x20 || r > 0x7e {
			plain = false
			break
		}
	}
	if plain {
		return "(" + string(appendBytes(nil, []byte(s)...)) + ")"
	}
	b := []byte("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		b = fmt.Appendf(b, "%04X", u)
	}
	return string(append(b, '>'))
}
