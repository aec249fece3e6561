package child

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"reflect"
	"runtime"
	"testing"
)

const mostFuzzed = 1 << 16

func TestMessagesComeBack(t *testing.T) {
	t.Parallel()
	var stream bytes.Buffer
	sent := []answer[result]{
		{Result: result{Text: "Cộng hòa", PID: 7, Data: bytes.Repeat([]byte{1, 0, 255}, 5000)}},
		{Failed: true, Error: "no", Permanent: true},
		{Panic: "p", Stack: "s"},
		{},
	}
	for _, a := range sent {
		b, err := encodeMessage(mostFuzzed, a)
		if err != nil {
			t.Fatal(err)
		}
		stream.Write(b)
	}
	for i, want := range sent {
		var got answer[result]
		if err := readMessage(&stream, mostFuzzed, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("message %d: %+v, %v", i, got, err)
		}
	}
	var none answer[result]
	if err := readMessage(&stream, mostFuzzed, &none); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestBadMessages(t *testing.T) {
	t.Parallel()
	whole, err := encodeMessage(mostFuzzed, answer[result]{Result: result{Text: "text"}})
	if err != nil {
		t.Fatal(err)
	}
	longer := append(bytes.Clone(whole), 0)
	binary.BigEndian.PutUint32(longer, uint32(len(longer)-headSize))
	other, err := encodeMessage(mostFuzzed, struct{ Unrelated []string }{[]string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bytes []byte
		is    error
	}{
		"half a head":   {whole[:2], io.ErrUnexpectedEOF},
		"head alone":    {whole[:headSize], io.ErrUnexpectedEOF},
		"cut":           {whole[:len(whole)-1], io.ErrUnexpectedEOF},
		"empty":         {[]byte{0, 0, 0, 0}, io.EOF},
		"too long":      {[]byte{0, 1, 0, 1}, &sizeError{size: mostFuzzed + 1, most: mostFuzzed}},
		"bytes after":   {longer, nil},
		"another type":  {other, nil},
		"not a message": {[]byte("\x00\x00\x00\x05hello"), nil},
	} {
		var a answer[result]
		err := readMessage(bytes.NewReader(c.bytes), mostFuzzed, &a)
		var size *sizeError
		switch {
		case err == nil:
			t.Errorf("%s: accepted as %+v", name, a)
		case errors.As(c.is, &size):
			if !errors.As(err, &size) {
				t.Errorf("%s: %v", name, err)
			}
		case c.is != nil && !errors.Is(err, c.is):
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := encodeMessage(10, answer[result]{Error: "longer than ten bytes"}); err == nil {
		t.Error("a message above the limit was made")
	}
	if _, err := encodeMessage(mostFuzzed, make(chan int)); err == nil {
		t.Error("a channel was sent")
	}
}

// endless claims much and sends little.
type endless struct{ head []byte }

func (e *endless) Read(p []byte) (int, error) {
	if len(e.head) > 0 {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	return 0, io.ErrUnexpectedEOF
}

func TestClaimedSizeIsNotBelieved(t *testing.T) { // not parallel: it counts memory
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var a answer[result]
	if err := readMessage(&endless{head: []byte{0x3f, 0xff, 0xff, 0xff, 1, 2, 3}}, mostAnswer, &a); err == nil {
		t.Error("accepted")
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 8*mib {
		t.Errorf("a claim of a gibibyte took %d bytes", got)
	}
}

// FuzzReadMessage gives the decoder what a child that was taken over may send: an answer or an error comes of it, and not
// a byte beyond the message is read.
func FuzzReadMessage(f *testing.F) {
	if seeds, err := os.ReadDir("testdata/fuzz/FuzzReadMessage"); err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		r := bytes.NewReader(message)
		var a answer[result]
		if err := readMessage(r, mostFuzzed, &a); err != nil {
			return
		}
		claimed := int(binary.BigEndian.Uint32(message))
		if read := len(message) - r.Len(); read != headSize+claimed {
			t.Errorf("read %d bytes of a message of %d", read, claimed)
		}
		// What was accepted can be sent and is then the same.
		b, err := encodeMessage(mostAnswer, a)
		if err != nil {
			t.Fatalf("%+v: %v", a, err)
		}
		var again answer[result]
		if err := readMessage(bytes.NewReader(b), mostAnswer, &again); err != nil || !same(again, a) {
			t.Errorf("%+v came back as %+v, %v", a, again, err)
		}
	})
}

// same tells whether two answers are equal; gob does not tell an empty slice from none.
func same(a, b answer[result]) bool {
	ok := bytes.Equal(a.Result.Data, b.Result.Data)
	a.Result.Data, b.Result.Data = nil, nil
	return ok && reflect.DeepEqual(a, b)
}
