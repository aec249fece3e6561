package web

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"testing"
)

// beyondInt32 is a file of more than 2 GiB, another for each n: a TIFF by its first bytes, and then nothing. It is made while
// it is sent.
func beyondInt32(n int) (size int64, body io.Reader) {
	head := binary.LittleEndian.AppendUint64([]byte("II*\x00\x10\x00\x00\x00"), uint64(n)) //nolint:gosec // it counts from 0
	size = 2*gibibyte + 1
	return size, io.MultiReader(bytes.NewReader(head), nothing(size-int64(len(head))))
}

// BenchmarkAFileOfMoreThan2GiBIsHandedIn is a benchmark since it takes too long for a test.
func BenchmarkAFileOfMoreThan2GiBIsHandedIn(b *testing.B) {
	w := newWorld(b, nil)
	_, path := w.newDossier(b, w.desk, "H50.13", "H50.13-220331-0001")
	for n := 0; b.Loop(); n++ {
		size, body := beyondInt32(n)
		b.SetBytes(size)
		got := want[handedJSON](b, w.do(b, ask{"POST", path + "/papers", w.desk, body, nil}), 201).Results[0]
		w.holds(b, *got.Paper, size)
		w.spoolIsEmpty(b)
	}
}

// BenchmarkAFileOfMoreThan2GiBIsUploaded uploads one in two parts, the second of which begins beyond what 32 bits count.
func BenchmarkAFileOfMoreThan2GiBIsUploaded(b *testing.B) {
	w := newWorld(b, nil)
	id, _ := w.newDossier(b, w.desk, "H50.13", "H50.13-220331-0001")
	for n := 0; b.Loop(); n++ {
		size, body := beyondInt32(n)
		b.SetBytes(size)
		up := w.begin(b, w.desk, int(size), map[string]string{"dossier": fmt.Sprint(id)})
		const first = 2 * gibibyte
		part := patch(up, w.desk, 0, nil)
		part.body = io.LimitReader(body, first)
		wantStatus(b, w.do(b, part), 204)
		if r := w.do(b, headOf(up, w.desk)); r.Header.Get("Upload-Offset") != strconv.Itoa(first) {
			b.Fatalf("HEAD says %v", r.Header)
		}
		part = patch(up, w.desk, first, nil)
		part.body = body
		r := w.do(b, part)
		wantStatus(b, r, 204)
		w.holds(b, want[paperJSON](b, w.do(b, ask{"GET", "/api/v1/papers/" + r.Header.Get("Sohoa-Paper"), w.desk, nil, nil}), 200), size)
	}
}

// holds checks that the store has a paper of this size, whole.
func (w *world) holds(tb testing.TB, p paperJSON, size int64) {
	tb.Helper()
	if p.Size != size || p.MediaType != "image/tiff" {
		tb.Errorf("the paper is %+v", p)
	}
	r := w.do(tb, ask{"GET", "/api/v1/papers/" + fmt.Sprint(p.ID) + "/original", w.desk, nil, map[string]string{"Range": "bytes=-1"}})
	if whole := fmt.Sprintf("bytes %d-%d/%d", size-1, size-1, size); r.StatusCode != 206 || r.Header.Get("Content-Range") != whole {
		tb.Errorf("its last byte: %d %v", r.StatusCode, r.Header)
	}
}
