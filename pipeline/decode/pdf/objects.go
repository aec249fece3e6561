package pdf

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// ref names an indirect object.
type ref struct{ num, gen int }

func (r ref) String() string { return fmt.Sprintf("%d,%d", r.num, r.gen) }

// dict is a PDF dictionary; keys have their slash.
type dict = map[string]any

// stream is a stream object without its bytes.
type stream struct {
	ref  ref
	dict dict
}

// mostObject is the most bytes of one object that are looked at; a larger one counts as null.
const mostObject = 4 << 20

// mostCached is how many bytes of parsed objects, as JSON, are kept.
const mostCached = 4 << 20

type span struct{ from, to int64 }

// objects reads a document's objects one by one from qpdf's JSON on disk, so that a large document needs little memory.
type objects struct {
	file    *os.File
	index   map[ref]span
	trailer span
	// byteRanges are the objects that say /ByteRange: signatures.
	byteRanges []ref
	encrypted  bool
	cache      map[ref]any
	inCache    int64 // bytes
	parsed     int64 // bytes, ever: what looking at the document has cost
}

// The lines of qpdf's JSON that begin an object: it indents by two, and no string holds a line feed.
var (
	objectLine  = []byte(`      "obj:`)
	trailerLine = []byte(`      "trailer"`)
	rangeLine   = []byte(`"/ByteRange":`)
	cryptLine   = []byte(`    "encrypted": true`)
)

// openObjects indexes qpdf's JSON without parsing it.
func openObjects(path string) (*objects, error) {
	f, err := os.Open(path) //nolint:gosec // our own temporary file
	if err != nil {
		return nil, fmt.Errorf("open the structure: %w", err)
	}
	o := &objects{file: f, index: map[ref]span{}, cache: map[ref]any{}}
	if err := o.scan(); err != nil {
		return nil, errors.Join(fmt.Errorf("index the structure: %w", err), f.Close())
	}
	return o, nil
}

func (o *objects) scan() error {
	r := bufio.NewReaderSize(o.file, 1<<16)
	var (
		at      int64
		current ref
		open    *span
		tail    bool // the open span is the trailer
		middle  bool // of a line longer than the buffer
	)
	end := func() {
		if open == nil {
			return
		}
		open.to = at
		if tail {
			o.trailer = *open
		} else if current != (ref{}) {
			o.index[current] = *open
		}
		open = nil
	}
	for {
		line, err := r.ReadSlice('\n')
		if !middle {
			switch {
			case bytes.HasPrefix(line, objectLine):
				end()
				current, tail = parseRef(line[len(objectLine):]), false
				open = &span{from: at + int64(len(objectLine))}
			case bytes.HasPrefix(line, trailerLine):
				end()
				current, tail, open = ref{}, true, &span{from: at + int64(len(trailerLine))}
			case open == nil && bytes.HasPrefix(line, cryptLine):
				o.encrypted = true
			case open != nil && bytes.HasPrefix(bytes.TrimLeft(line, " "), rangeLine):
				o.byteRanges = append(o.byteRanges, current)
			}
		}
		at += int64(len(line))
		middle = errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !middle {
			end()
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// parseRef reads "12 0 R" at the start of s; the zero ref for anything else.
func parseRef(s []byte) ref {
	num, rest, ok := bytes.Cut(s, []byte(" "))
	gen, tail, ok2 := bytes.Cut(rest, []byte(" "))
	if !ok || !ok2 || len(tail) == 0 || tail[0] != 'R' {
		return ref{}
	}
	n, err := strconv.Atoi(string(num))
	g, err2 := strconv.Atoi(string(gen))
	if err != nil || err2 != nil || n <= 0 || g < 0 {
		return ref{}
	}
	return ref{n, g}
}

// asRef gives v as a reference.
func asRef(v any) (ref, bool) {
	s, ok := v.(string)
	if !ok || len(s) < 5 || s[0] < '0' || s[0] > '9' || s[len(s)-1] != 'R' {
		return ref{}, false
	}
	r := parseRef([]byte(s))
	return r, r != ref{}
}

// get follows references: v itself, or the object that it names. A missing or oversized object is nil.
func (o *objects) get(v any) any {
	for range 32 { // a chain of references may be a ring
		r, ok := asRef(v)
		if !ok {
			return v
		}
		v = o.object(r)
	}
	return nil
}

func (o *objects) object(r ref) any {
	if v, ok := o.cache[r]; ok {
		return v
	}
	at, ok := o.index[r]
	if !ok {
		return nil
	}
	v := o.parse(r, at)
	if o.inCache += at.to - at.from; o.inCache > mostCached {
		clear(o.cache)
		o.inCache = at.to - at.from
	}
	o.cache[r] = v
	return v
}

// parse reads the object at a span of the file: what follows `"obj:` up to the next object's line.
func (o *objects) parse(r ref, at span) any {
	if at.to-at.from > mostObject {
		return nil
	}
	o.parsed += at.to - at.from
	raw := make([]byte, at.to-at.from)
	if _, err := o.file.ReadAt(raw, at.from); err != nil {
		return nil
	}
	colon := bytes.IndexByte(raw, ':')
	if colon < 0 {
		return nil
	}
	var body struct {
		Value  any `json:"value"`
		Stream *struct {
			Dict dict `json:"dict"`
		} `json:"stream"`
	}
	// A decoder stops after the object; what follows (a comma, closing brackets) does not disturb it.
	if err := json.NewDecoder(bytes.NewReader(raw[colon+1:])).Decode(&body); err != nil {
		return nil
	}
	if body.Stream != nil {
		return &stream{ref: r, dict: body.Stream.Dict}
	}
	return body.Value
}

// trailerDict is the document's trailer.
func (o *objects) trailerDict() dict { return o.dict(o.parse(ref{}, o.trailer)) }

// dict is v, followed, as a dictionary; a stream gives its own.
func (o *objects) dict(v any) dict {
	switch v := o.get(v).(type) {
	case dict:
		return v
	case *stream:
		return v.dict
	}
	return nil
}

func (o *objects) stream(v any) *stream {
	s, _ := o.get(v).(*stream)
	return s
}

func (o *objects) array(v any) []any {
	a, _ := o.get(v).([]any)
	return a
}

func (o *objects) number(v any) (float64, bool) {
	f, ok := o.get(v).(float64)
	return f, ok
}

// integer is v as an int, or otherwise for what is none.
func (o *objects) integer(v any, otherwise int) int {
	f, ok := o.number(v)
	if !ok || f != f || f > 1<<40 || f < -(1<<40) {
		return otherwise
	}
	return int(f)
}

// name is v as a name without its slash; "" for what is none.
func (o *objects) name(v any) string {
	s, _ := o.get(v).(string)
	if n, ok := strings.CutPrefix(s, "/"); ok {
		return n
	}
	return ""
}

// rectangle is v as an upright rectangle with its corners in order.
func (o *objects) rectangle(v any) (r rect, ok bool) {
	a := o.array(v)
	if len(a) < 4 {
		return rect{}, false
	}
	var n [4]float64
	for i := range n {
		if n[i], ok = o.number(a[i]); !ok {
			return rect{}, false
		}
	}
	r = rect{min(n[0], n[2]), min(n[1], n[3]), max(n[0], n[2]), max(n[1], n[3])}
	return r, true
}

// bytes gives the bytes of a string object as qpdf writes it: b: and hex, or u: and text that PDFDocEncoding can hold.
func (o *objects) bytes(v any) ([]byte, bool) {
	s, ok := o.get(v).(string)
	if !ok {
		return nil, false
	}
	if h, ok := strings.CutPrefix(s, "b:"); ok {
		return decodeHex(h)
	}
	if u, ok := strings.CutPrefix(s, "u:"); ok {
		return encodeDoc(u)
	}
	return nil, false
}

func (o *objects) close() error { return o.file.Close() }
