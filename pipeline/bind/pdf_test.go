package bind

import (
	"bytes"
	"compress/zlib"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sohoa/pipeline/page"
)

var update = flag.Bool("update", false, "write the golden files anew")

var testMeta = Meta{
	Title: "Quyết định số 123/QĐ-UBND", Author: "Ủy ban nhân dân <tỉnh> & huyện", Subject: "Cấp (giấy) phép",
	Keywords: "vận tải, giấy phép", Creator: "Máy quét", Producer: "Sohoa test",
	Created: time.Date(2022, 3, 31, 8, 30, 15, 999, time.FixedZone("", 7*3600)),
}

// corners is a picture whose four corners have four shades on a middle grey, so that no two of its eight orientations
// look alike.
func cornersPicture(w, h int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(128)
			switch {
			case x < w/3 && y < h/3:
				v = 0
			case x >= 2*w/3 && y < h/3:
				v = 60
			case x >= 2*w/3 && y >= 2*h/3:
				v = 190
			case x < w/3 && y >= 2*h/3:
				v = 250
			}
			img.SetGray(x, y, color.Gray{v})
		}
	}
	return img
}

func jpegFacsimile(tb testing.TB, img image.Image, orientation int) *page.Facsimile {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		tb.Fatal(err)
	}
	f := &page.Facsimile{
		Width: img.Bounds().Dx(), Height: img.Bounds().Dy(), Orientation: orientation,
		Filter: page.DCT, Data: b.Bytes(), ColorSpace: page.RGB, Bits: 8,
	}
	if _, gray := img.(*image.Gray); gray {
		f.ColorSpace = page.Gray
	}
	return f
}

// shown is the picture as a viewer shows it, by definition of the EXIF orientations and of turning clockwise: written
// out pixel by pixel, apart from the matrices under test.
func shown(img *image.Gray, orientation, turned int) *image.Gray {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	from := map[int]func(x, y, w, h int) (int, int){ // w, h: of the shown picture
		1: func(x, y, _, _ int) (int, int) { return x, y },
		2: func(x, y, w, _ int) (int, int) { return w - 1 - x, y },
		3: func(x, y, w, h int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y, _, h int) (int, int) { return x, h - 1 - y },
		5: func(x, y, _, _ int) (int, int) { return y, x },
		6: func(x, y, w, _ int) (int, int) { return y, w - 1 - x },
		7: func(x, y, w, h int) (int, int) { return h - 1 - y, w - 1 - x },
		8: func(x, y, _, h int) (int, int) { return h - 1 - y, x },
	}
	apply := func(img *image.Gray, o int) *image.Gray {
		w, h := img.Bounds().Dx(), img.Bounds().Dy()
		if o >= 5 {
			w, h = h, w
		}
		out := image.NewGray(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				sx, sy := from[o](x, y, w, h)
				out.SetGray(x, y, img.GrayAt(sx, sy))
			}
		}
		return out
	}
	_, _ = w, h
	img = apply(img, orientation)
	return apply(img, map[int]int{0: 1, 90: 6, 180: 3, 270: 8}[turned])
}

func TestScanStandsUpright(t *testing.T) {
	const w, h = 90, 120
	img := cornersPicture(w, h)
	data := makePDF(t, testMeta, func(p *PDF) {
		for o := 1; o <= 8; o++ {
			for turned := 0; turned < 360; turned += 90 {
				pg := &page.Page{Number: p.Pages() + 1, Width: w, Height: h, DPI: 72, Turned: turned}
				if o >= 5 {
					pg.Width, pg.Height = h, w
				}
				if err := p.Scan(pg, jpegFacsimile(t, img, o)); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	file := save(t, data)
	preflight(t, file)
	pictures := readPGMs(t, tool(t, "pdftoppm", "-gray", "-r", "72", file))
	if len(pictures) != 32 {
		t.Fatalf("%d pages", len(pictures))
	}
	for i, got := range pictures {
		o, turned := i/4+1, i%4*90
		want := shown(img, o, turned)
		if got.Bounds() != want.Bounds() {
			t.Errorf("orientation %d turned %d: %v, want %v", o, turned, got.Bounds(), want.Bounds())
			continue
		}
		var sum int
		for k := range got.Pix {
			sum += max(int(got.Pix[k])-int(want.Pix[k]), int(want.Pix[k])-int(got.Pix[k]))
		}
		if mean := float64(sum) / float64(len(got.Pix)); mean > 3 {
			t.Errorf("orientation %d turned %d: pixels differ by %.1f on average", o, turned, mean)
		}
	}
}

// readPGMs splits the pictures that pdftoppm prints one after another.
func readPGMs(tb testing.TB, b []byte) []*image.Gray {
	tb.Helper()
	var out []*image.Gray
	for len(b) > 0 {
		var w, h int
		if _, err := fmt.Sscanf(string(b[:min(len(b), 40)]), "P5\n%d %d\n255\n", &w, &h); err != nil {
			tb.Fatal(err)
		}
		b = b[len(fmt.Sprintf("P5\n%d %d\n255\n", w, h)):]
		out = append(out, &image.Gray{Pix: b[:w*h], Stride: w, Rect: image.Rect(0, 0, w, h)})
		b = b[w*h:]
	}
	return out
}

func TestScanKeepsBytes(t *testing.T) {
	f := jpegFacsimile(t, cornersPicture(90, 120), 1)
	file := save(t, makePDF(t, testMeta, func(p *PDF) {
		if err := p.Scan(&page.Page{Number: 1, Width: 90, Height: 120, DPI: 72}, f); err != nil {
			t.Fatal(err)
		}
	}))
	dir := t.TempDir()
	tool(t, "pdfimages", "-all", file, filepath.Join(dir, "i"))
	got, err := os.ReadFile(filepath.Join(dir, "i-000.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, f.Data) {
		t.Errorf("%d bytes of JPEG came out of %d", len(got), len(f.Data))
	}
}

// facsimiles is one of every packing, all of the same picture: black but for a white top left quarter, 64 × 64.
func facsimiles(tb testing.TB) map[string]*page.Facsimile {
	tb.Helper()
	bits := make([]byte, 8*64) // 1 is white
	gray := image.NewGray(image.Rect(0, 0, 64, 64))
	var rows, indexed, predicted []byte
	for y := range 64 {
		predicted = append(predicted, 2) // PNG's Up
		for x := range 64 {
			v := byte(0)
			if x < 32 && y < 32 {
				v = 255
				bits[y*8+x/8] |= 0x80 >> (x % 8)
			}
			gray.Pix[y*64+x] = v
			rows = append(rows, v, v, v)
			if x%2 == 0 {
				indexed = append(indexed, v&0x11)
			}
			up := byte(0)
			if y > 0 {
				up = gray.Pix[(y-1)*64+x]
			}
			predicted = append(predicted, v-up)
		}
	}
	z := func(b []byte) []byte {
		var out bytes.Buffer
		w := zlib.NewWriter(&out)
		_, _ = w.Write(b)
		_ = w.Close()
		return out.Bytes()
	}
	inverted := make([]byte, len(bits))
	for i := range bits {
		inverted[i] = ^bits[i]
	}
	pbm := filepath.Join(tb.TempDir(), "a.pbm")
	if err := os.WriteFile(pbm, append([]byte("P4\n64 64\n"), inverted...), 0o600); err != nil {
		tb.Fatal(err)
	}
	g4 := strings.TrimSuffix(pbm, ".pbm") + ".g4"
	tool(tb, "convert", pbm, "-compress", "group4", "-define", "tiff:rows-per-strip=64", "tiff:"+g4+".tif")
	strip := tiffStrip(tb, g4+".tif")
	base := page.Facsimile{Width: 64, Height: 64, Bits: 8, ColorSpace: page.Gray, Filter: page.Flate}
	with := func(change func(*page.Facsimile)) *page.Facsimile { f := base; change(&f); return &f }
	return map[string]*page.Facsimile{
		"jpeg":     jpegFacsimile(tb, gray, 0),
		"gray":     with(func(f *page.Facsimile) { f.Data = z(gray.Pix) }),
		"rgb":      with(func(f *page.Facsimile) { f.Data, f.ColorSpace = z(rows), page.RGB }),
		"png":      with(func(f *page.Facsimile) { f.Data, f.PNGPredictor = z(predicted), true }),
		"bits":     with(func(f *page.Facsimile) { f.Data, f.Bits = z(bits), 1 }),
		"inverted": with(func(f *page.Facsimile) { f.Data, f.Bits, f.Inverted = z(inverted), 1, true }),
		"indexed": with(func(f *page.Facsimile) {
			f.Data, f.Bits, f.ColorSpace, f.Palette = z(indexed), 4, page.Indexed, []byte{0, 0, 0, 255, 255, 255}
		}),
		"indexed inverted": with(func(f *page.Facsimile) {
			f.Data, f.Bits, f.ColorSpace, f.Inverted, f.Palette = z(inverted), 1, page.Indexed, true, []byte{0, 0, 0, 255, 255, 255}
		}),
		"g4": with(func(f *page.Facsimile) { f.Data, f.Bits, f.Filter, f.K = strip, 1, page.CCITT, -1 }),
	}
}

// tiffStrip is the data of a little-endian TIFF's only strip.
func tiffStrip(tb testing.TB, file string) []byte {
	tb.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	u16 := func(at int) int { return int(b[at]) | int(b[at+1])<<8 }
	u32 := func(at int) int { return u16(at) | u16(at+2)<<16 }
	ifd, offset, count := u32(4), 0, 0
	for i := range u16(ifd) {
		e := ifd + 2 + 12*i
		v := u32(e + 8)
		if u16(e+2) == 3 {
			v = u16(e + 8)
		}
		switch u16(e) {
		case 273:
			offset = v
		case 279:
			count = v
		case 262:
			if v != 0 {
				tb.Fatalf("TIFF is not MinIsWhite")
			}
		case 266:
			if v != 1 {
				tb.Fatalf("TIFF fill order %d", v)
			}
		}
	}
	return b[offset : offset+count]
}

func TestEveryPacking(t *testing.T) {
	all := facsimiles(t)
	var names []string
	data := makePDF(t, testMeta, func(p *PDF) {
		for name, f := range all {
			names = append(names, name)
			if err := p.Scan(&page.Page{Number: len(names), Width: 64, Height: 64, DPI: 72}, f); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	})
	file := save(t, data)
	preflight(t, file)
	for i, got := range readPGMs(t, tool(t, "pdftoppm", "-gray", "-r", "72", file)) {
		if v := got.GrayAt(15, 15).Y; v < 240 {
			t.Errorf("%s: top left is %d", names[i], v)
		}
		for _, at := range []image.Point{{48, 15}, {15, 48}, {48, 48}} {
			if v := got.GrayAt(at.X, at.Y).Y; v > 15 {
				t.Errorf("%s: %v is %d", names[i], at, v)
			}
		}
	}
	// 1-bit pictures stay 1-bit.
	list := string(tool(t, "pdfimages", "-list", file))
	for i, name := range names {
		if name == "g4" && !strings.Contains(strings.Split(list, "\n")[i+2], " gray    1   1  ccitt") {
			t.Errorf("G4 became %s", strings.Split(list, "\n")[i+2])
		}
	}
}

func TestScanRefusesWhatPDFCannotHold(t *testing.T) {
	good := page.Facsimile{Width: 8, Height: 8, Bits: 8, ColorSpace: page.Gray, Filter: page.Flate, Data: []byte{1}}
	bad := map[string]func(*page.Facsimile){
		"size":        func(f *page.Facsimile) { f.Width = 0 },
		"huge":        func(f *page.Facsimile) { f.Height = 1 << 40 },
		"orientation": func(f *page.Facsimile) { f.Orientation = 9 },
		"bits":        func(f *page.Facsimile) { f.Bits = 16 },
		"filter":      func(f *page.Facsimile) { f.Filter = "JPXDecode" },
		"space":       func(f *page.Facsimile) { f.ColorSpace = "DeviceCMYK" },
		"palette":     func(f *page.Facsimile) { f.ColorSpace, f.Palette = page.Indexed, []byte{1, 2} },
		"fax":         func(f *page.Facsimile) { f.Filter = page.CCITT },
		"empty":       func(f *page.Facsimile) { f.Data = nil },
	}
	makePDF(t, Meta{}, func(p *PDF) {
		for name, spoil := range bad {
			f := good
			spoil(&f)
			var refused *FacsimileError
			if err := p.Scan(&page.Page{}, &f); !errors.As(err, &refused) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := p.Scan(&page.Page{}, nil); err == nil {
			t.Error("no facsimile: no error")
		}
		if p.Pages() != 0 {
			t.Errorf("%d pages", p.Pages())
		}
		if err := p.Scan(&page.Page{Width: 8, Height: 8}, &good); err != nil {
			t.Errorf("a good one after bad ones: %v", err)
		}
	})
}

func TestPageSize(t *testing.T) {
	cases := []struct {
		pg            page.Page
		width, height float64
	}{
		{page.Page{Width: 2480, Height: 3508, DPI: 300}, 595.2, 841.92},
		{page.Page{Width: 2480, Height: 3508, DPI: 300, Turned: 90}, 841.92, 595.2},
		{page.Page{Width: 3000, Height: 3000}, 720, 720},
		{page.Page{Width: 50000, Height: 25000, DPI: 72}, 14400, 7200},
		{page.Page{Width: 10000, Height: 1, DPI: 1000}, 720, 3},
	}
	for _, c := range cases {
		s := newSheet(&c.pg, &page.Facsimile{})
		if s.width != c.width || s.height != c.height {
			t.Errorf("%+v: %g × %g", c.pg, s.width, s.height)
		}
	}
}

func samplePDF(tb testing.TB) []byte {
	tb.Helper()
	l := newLayout(0, 0)
	l.headed()
	return makePDF(tb, testMeta, func(p *PDF) {
		if err := p.Scan(&l.page, jpegFacsimile(tb, cornersPicture(62, 88), 0)); err != nil {
			tb.Fatal(err)
		}
	})
}

// The file's structure without the packed streams, so that a change of it is seen in review.
func TestStructureIsGolden(t *testing.T) {
	data := samplePDF(t)
	if !bytes.Equal(data, samplePDF(t)) {
		t.Error("the same paper gives other bytes")
	}
	preflight(t, save(t, data))
	got := structure(data)
	golden := filepath.Join("testdata", "structure.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("structure differs from %s (-update writes it anew):\n%s", golden, got)
	}
}

// structure leaves out packed streams, offsets and hashes.
func structure(data []byte) []byte {
	var out bytes.Buffer
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		switch {
		case bytes.Contains(line, []byte("/Filter/")):
			line = line[:bytes.Index(line, []byte("/Length "))]
			end := bytes.Index(data, []byte("\nendstream"))
			data = data[end+1:]
		case bytes.HasSuffix(line, []byte(" n ")), bytes.HasPrefix(line, []byte("%\xe2")):
			continue
		case bytes.Contains(line, []byte("/ID[")):
			line = line[:bytes.Index(line, []byte("/ID["))]
		case bytes.Equal(line, []byte("startxref")):
			return append(out.Bytes(), "startxref\n"...)
		}
		out.Write(append(line, '\n'))
	}
	return out.Bytes()
}

func TestMetadataIsReadBack(t *testing.T) {
	info := string(tool(t, "pdfinfo", "-isodates", save(t, samplePDF(t))))
	for _, want := range []string{testMeta.Title, testMeta.Author, testMeta.Subject, "2022-03-31T08:30:15+07", "PDF version:     1.4"} {
		if !strings.Contains(info, want) {
			t.Errorf("no %q in\n%s", want, info)
		}
	}
}

func TestClosed(t *testing.T) {
	p, err := NewPDF(discard{}, Meta{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := p.Overlay(&page.Page{}, 1, 1); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

var errFull = errors.New("disk is full")

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	p, err := NewPDF(&full{100_000}, Meta{})
	if err != nil {
		t.Fatal(err)
	}
	f := &page.Facsimile{Width: 8, Height: 8, Bits: 8, ColorSpace: page.Gray, Filter: page.DCT, Data: make([]byte, 50_000)}
	for range 10 {
		err = errors.Join(err, p.Scan(&page.Page{Width: 8, Height: 8}, f))
	}
	if err = errors.Join(err, p.Close()); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

func TestMemoryIsFlat(t *testing.T) {
	l := newLayout(0.5, 0)
	l.headed()
	f := &page.Facsimile{Width: 8, Height: 8, Bits: 8, ColorSpace: page.Gray, Filter: page.DCT, Data: make([]byte, 200_000)}
	heap := func(pages int) uint64 {
		p, err := NewPDF(discard{}, Meta{})
		if err != nil {
			t.Fatal(err)
		}
		for range pages {
			if err := p.Scan(&l.page, f); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		return m.HeapAlloc
	}
	few, many := heap(10), heap(500)
	if many > few+200_000 {
		t.Errorf("10 pages hold %d bytes, 500 hold %d", few, many)
	}
}

func TestManyPages(t *testing.T) {
	const n = 600 // more than one node of the page tree
	file := save(t, makePDF(t, Meta{}, func(p *PDF) {
		for i := range n {
			if err := p.Overlay(&page.Page{Number: i + 1, Width: 10, Height: 10}, float64(100+i), 100); err != nil {
				t.Fatal(err)
			}
		}
	}))
	preflight(t, file)
	info := string(tool(t, "pdfinfo", "-f", "600", "-l", "600", file))
	if !strings.Contains(info, "699 x 100 pts") || !strings.Contains(info, "Pages:           600") {
		t.Error(info)
	}
}

func BenchmarkScan(b *testing.B) {
	l := newLayout(0.5, 0)
	l.body(300, 42)
	n := 0
	for range l.page.Words {
		n++
	}
	f := jpegFacsimile(b, cornersPicture(90, 120), 1)
	p, err := NewPDF(discard{}, Meta{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := p.Scan(&l.page, f); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n), "words")
	b.ReportMetric(float64(p.w.n)/float64(p.pages), "B/page")
}
