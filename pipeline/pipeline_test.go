package pipeline

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/child"
	"sohoa/pipeline/confine"
	"sohoa/pipeline/decode"
	"sohoa/pipeline/decode/pdf"
	"sohoa/pipeline/page"
	"sohoa/scripts/corpus"
	"sohoa/scripts/score"
)

func newReader(tb testing.TB, change func(*Options)) *Reader {
	tb.Helper()
	opt := Options{Jobs: 2, CacheDir: tb.TempDir()}
	if change != nil {
		change(&opt)
	}
	r, err := NewReader(opt)
	if err != nil {
		tb.Fatalf("make a reader: %v", err)
	}
	tb.Cleanup(func() {
		if err := r.Close(); err != nil {
			tb.Errorf("close the reader: %v", err)
		}
	})
	return r
}

// made draws a paper at 200 dpi, applies a fault and writes it as the scanner would.
func made(tb testing.TB, dir string, kind corpus.Kind, fault corpus.Fault, turn int) (path string, truth corpus.Truth, scan corpus.Scan) {
	tb.Helper()
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		tb.Fatalf("load fonts: %v", err)
	}
	img, truth, err := corpus.Compose(kind, 21, corpus.Options{}).Draw(fonts, 200)
	if err != nil {
		tb.Fatalf("draw: %v", err)
	}
	scan, err = corpus.Apply(corpus.Sheet{Image: img, DPI: 200, Turn: turn}, fault, 21)
	if err != nil {
		tb.Fatalf("apply %v: %v", fault, err)
	}
	var buf bytes.Buffer
	if err := corpus.Encode(&buf, scan); err != nil {
		tb.Fatalf("encode: %v", err)
	}
	path = filepath.Join(dir, "scan.jpg")
	if fault == corpus.Fax {
		path = filepath.Join(dir, "scan.tif")
	}
	write(tb, path, buf.Bytes())
	return path, truth, scan
}

func write(tb testing.TB, path string, data []byte) {
	tb.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatalf("write %s: %v", path, err)
	}
}

func readText(tb testing.TB, stem string) string {
	tb.Helper()
	text, err := os.ReadFile(stem + ".txt")
	if err != nil {
		tb.Fatalf("read the text: %v", err)
	}
	return string(text)
}

func readPages(tb testing.TB, stem string) []*page.Page {
	tb.Helper()
	f, err := os.Open(stem + ".json")
	if err != nil {
		tb.Fatalf("open the JSON: %v", err)
	}
	defer f.Close()
	var pages []*page.Page
	if _, _, err := bind.ReadJSON(f, func(p *page.Page) error { pages = append(pages, p); return nil }); err != nil {
		tb.Fatalf("read the JSON: %v", err)
	}
	return pages
}

// The whole way on real pixels: what was printed is read, word for word nearly, in the right order, and each word's box
// lies where the word was drawn, also on skewed and turned pages.
func TestRunReadsMadePapers(t *testing.T) {
	t.Parallel()
	r := newReader(t, nil)
	for _, c := range []struct {
		name  string
		kind  corpus.Kind
		fault corpus.Fault
		turn  int
		most  float64 // syllable error
	}{
		{"decision", corpus.Decision, corpus.Clean, 0, 0.04},
		{"letter on its head", corpus.Letter, corpus.Turned, 180, 0.04},
		{"decision on its side", corpus.Decision, corpus.Turned, 90, 0.04},
		{"skewed form", corpus.Form, corpus.Skew, 0, 0.04},
		{"list by fax", corpus.List, corpus.Fax, 0, 0.10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path, truth, scan := made(t, dir, c.kind, c.fault, c.turn)
			stem := filepath.Join(dir, "out")
			sum, err := r.Run(t.Context(), path, stem, nil)
			if err != nil {
				t.Fatalf("run: %v", err)
			}
			if sum.Pages != 1 || sum.Failed != 0 {
				t.Fatalf("summary %+v", sum)
			}
			s := score.Compare(truth.Text(), readText(t, stem))
			if e := s.SyllableError(); e > c.most {
				t.Errorf("syllable error %.3f, at most %.3f is expected:\n%s", e, c.most, readText(t, stem))
			}
			p := readPages(t, stem)[0]
			if on, all := boxesOn(p, truth, scan); on*100 < all*90 {
				t.Errorf("%d of %d words lie where they were drawn", on, all)
			}
		})
	}
}

// boxesOn counts the words of the reading whose text is that of the word drawn at their place.
func boxesOn(p *page.Page, truth corpus.Truth, scan corpus.Scan) (on, all int) {
	for w := range p.Words {
		all++
		middle := page.Point{X: float64(w.Box.X0+w.Box.X1) / 2, Y: float64(w.Box.Y0+w.Box.Y1) / 2}
		for drawn := range truth.Words {
			b := scan.Transform.Quad(drawn.Quad).Box()
			if middle.X > float64(b.X0) && middle.X < float64(b.X1) && middle.Y > float64(b.Y0) && middle.Y < float64(b.Y1) {
				on++
				break
			}
		}
	}
	return on, all
}

// The scanner's JPEG stands in the PDF byte for byte, the PDF's words are those of the text, in order, and qpdf finds
// nothing to complain about.
func TestPDFHoldsScanAndText(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, _, _ := made(t, dir, corpus.Decision, corpus.Clean, 0)
	stem := filepath.Join(dir, "out")
	if _, err := newReader(t, nil).Run(t.Context(), path, stem, nil); err != nil {
		t.Fatalf("run: %v", err)
	}
	pdf, err := os.ReadFile(stem + ".pdf")
	if err != nil {
		t.Fatal(err)
	}
	scan, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(pdf, scan) {
		t.Error("the scan is not in the PDF as it was")
	}
	if len(pdf) > len(scan)*115/100 {
		t.Errorf("the PDF has %d bytes, the scan %d", len(pdf), len(scan))
	}
	if out, err := exec.CommandContext(t.Context(), "qpdf", "--check", stem+".pdf").CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v: %s", err, out)
	}
	for _, mode := range []string{"-raw", "-q"} {
		out, err := exec.CommandContext(t.Context(), "pdftotext", mode, stem+".pdf", "-").Output()
		if err != nil {
			t.Fatalf("pdftotext: %v", err)
		}
		want, got := strings.Fields(readText(t, stem)), strings.Fields(string(out))
		if mode == "-raw" && strings.Join(want, " ") != strings.Join(got, " ") {
			t.Errorf("the words of the PDF are not those of the text:\n%q\n%q", want, got)
		}
		if s := score.Compare(strings.Join(want, " "), strings.Join(got, " ")); s.SyllableError() > 0 {
			t.Errorf("pdftotext %s gives other words: error %.4f", mode, s.SyllableError())
		}
	}
}

// Queue workers call Split, ReadPage and Bind one by one, on different machines, and send pages as parts; Run must give the
// same.
func TestStagesGiveWhatRunGives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, _, _ := made(t, dir, corpus.Letter, corpus.Clean, 0)
	r := newReader(t, nil)
	if _, err := r.Run(t.Context(), path, filepath.Join(dir, "run"), nil); err != nil {
		t.Fatalf("run: %v", err)
	}
	paper, err := r.Split(t.Context(), path)
	if err != nil {
		t.Fatalf("split: %v", err)
	}
	defer paper.Close()
	_, err = r.Bind(t.Context(), paper, filepath.Join(dir, "stages"), func(ctx context.Context, take func(*PageResult) error) error {
		for n := range paper.Pages {
			result, err := r.ReadPage(ctx, paper, n)
			if err != nil {
				return err
			}
			var part bytes.Buffer
			if err := EncodePart(&part, result); err != nil {
				return err
			}
			if result, err = DecodePart(&part); err != nil {
				return err
			}
			if err := take(result); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("bind: %v", err)
	}
	for _, ending := range []string{".pdf", ".txt"} {
		one, err1 := os.ReadFile(filepath.Join(dir, "run"+ending))
		two, err2 := os.ReadFile(filepath.Join(dir, "stages"+ending))
		if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Errorf("%s differs (%v, %v)", ending, err1, err2)
		}
	}
}

func TestPartsOfAnotherVersionAreRefused(t *testing.T) {
	t.Parallel()
	var old bytes.Buffer
	if err := gob.NewEncoder(&old).Encode(part{Version: partVersion + 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := DecodePart(&old); err == nil {
		t.Error("a part of a later version was understood")
	}
	if _, err := DecodePart(strings.NewReader("none")); err == nil {
		t.Error("what is no part was understood")
	}
}

// Children that are killed by somebody else cost the page nothing: another child reads it as well.
func TestAKilledChildCostsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, _, _ := made(t, dir, corpus.Form, corpus.Clean, 0)
	r := newReader(t, func(o *Options) { o.Jobs = 1 })
	paper, err := r.Split(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer paper.Close()
	const kills = 2
	killed := make(chan int, 1)
	go func() {
		n, last := 0, 0
		for range 500 {
			time.Sleep(10 * time.Millisecond)
			if pid := processWith(r.model.Dir); pid != 0 && pid != last { // no other test's children have this folder
				time.Sleep(50 * time.Millisecond)
				if last = pid; syscall.Kill(pid, syscall.SIGKILL) == nil {
					n++
				}
			}
			if n == kills {
				break
			}
		}
		killed <- n
	}()
	result, err := r.ReadPage(t.Context(), paper, 0)
	if err != nil || result.Cause() != nil || result.Page.Source != page.Recognized {
		t.Fatalf("read: %v, %v, %+v", err, result.Cause(), result.Page.Warnings)
	}
	if len(result.Page.Warnings) > 0 {
		t.Errorf("warnings %v", result.Page.Warnings)
	}
	if n := <-killed; n != kills {
		t.Errorf("%d children were killed", n)
	}
}

// processWith is a process among whose arguments is this text, 0 where there is none.
func processWith(text string) int {
	found, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range found {
		said, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(said, []byte(text)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			return pid
		}
	}
	return 0
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err   error
		want  Fault
		again bool
	}{
		{decode.ErrEmpty, FaultEmpty, false},
		{fmt.Errorf("open: %w", decode.ErrUnknown), FaultFormat, false},
		{&decode.LimitError{}, FaultTooLarge, false},
		{&pdf.LimitError{}, FaultTooLarge, false},
		{&pdf.EncryptedError{}, FaultProtected, false},
		{&pdf.BrokenError{Err: errors.New("no")}, FaultDamaged, false},
		{&child.RequestError{Reason: "no"}, FaultDamaged, false},
		{&NothingReadError{Pages: 1}, FaultDamaged, false},
		{&child.TimeoutError{}, FaultTooSlow, true},
		{&child.CrashError{Memory: true}, FaultMemory, true},
		{fmt.Errorf("read: %w", &child.CrashError{}), FaultCrash, true},
		{&confine.Error{Tool: "pdftoppm"}, FaultDamaged, true},
		{errors.New("who knows"), FaultReader, true},
	} {
		if f, again := FaultOf(c.err); f != c.want || again != c.again {
			t.Errorf("%v: %s, again %v", c.err, f, again)
		}
	}
}

// What cannot be read says why and leaves nothing behind.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, _, _ := made(t, dir, corpus.Form, corpus.Clean, 0)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	huge := append([]byte(nil), good...)
	for i := 2; i < 1000; i++ { // the frame header: SOF0, length, precision, height, width
		if huge[i] == 0xff && huge[i+1] == 0xc0 {
			copy(huge[i+5:], []byte{0xc3, 0x50, 0xc3, 0x50})
			break
		}
	}
	r := newReader(t, nil)
	for name, data := range map[string][]byte{
		"empty.jpg": nil, "text.pdf": []byte("xin chào"), "cut-off.tif": []byte("II*\x00\x08\x00\x00\x00"),
		"huge.jpg": huge, "only-a-head.png": []byte("\x89PNG\r\n\x1a\n"), "nothing.pdf": []byte("%PDF-1.4\n"),
	} {
		in := filepath.Join(dir, name)
		write(t, in, data)
		out := filepath.Join(t.TempDir(), "x")
		_, err := r.Run(t.Context(), in, out, nil)
		if err == nil || err.Error() == "" {
			t.Errorf("%s: no error", name)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(out), "*")); len(left) > 0 {
			t.Errorf("%s left %v behind", name, left)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(out), ".*.pdf")); len(left) > 0 {
			t.Errorf("%s left %v behind", name, left)
		}
	}
	// The same children go on with the next paper; a name says nothing about a file.
	renamed := filepath.Join(dir, "photo.bmp")
	write(t, renamed, good)
	if _, err := r.Run(t.Context(), renamed, filepath.Join(dir, "renamed"), nil); err != nil {
		t.Errorf("a renamed scan: %v", err)
	}
	cut := filepath.Join(dir, "cut.jpg")
	write(t, cut, good[:len(good)*2/3])
	if _, err := r.Run(t.Context(), cut, filepath.Join(dir, "cut"), nil); err != nil {
		t.Errorf("a scan cut short: %v", err)
	}
	if p := readPages(t, filepath.Join(dir, "cut")); len(p[0].Warnings) == 0 {
		t.Error("a scan cut short is read without a warning")
	}
}

// A page that cannot be read in its time is tried again more plainly, then reported; its picture is still bound, so that
// nothing of the paper is lost.
func TestLatePagesAreReportedAndKeepTheirPicture(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, _, _ := made(t, dir, corpus.Decision, corpus.Clean, 0)
	r := newReader(t, nil)
	pool, err := child.NewPool[Job, Done](child.Config{Command: []string{slowVerb}, Size: 1, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.pool.Close(); err != nil {
		t.Fatal(err)
	}
	r.pool = pool
	paper, err := r.Split(t.Context(), path)
	if err != nil {
		t.Fatalf("split: %v", err)
	}
	defer paper.Close()
	result, err := r.ReadPage(t.Context(), paper, 0)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if result.Page.Source != page.Failed || !strings.Contains(result.Page.Error, "2s") {
		t.Errorf("source %q, error %q", result.Page.Source, result.Page.Error)
	}
	if result.Picture == nil {
		t.Error("the page's picture is lost")
	}
}

func TestCancelEndsAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, _, _ := made(t, dir, corpus.Decision, corpus.Clean, 0)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := newReader(t, nil).Run(ctx, path, filepath.Join(dir, "out"), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("run: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*out*")); len(left) > 0 {
		t.Errorf("left %v behind", left)
	}
}

func BenchmarkRun(b *testing.B) {
	dir := b.TempDir()
	path, _, _ := made(b, dir, corpus.Decision, corpus.Clean, 0)
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := jpeg.DecodeConfig(f); err != nil {
		b.Fatal(err)
	}
	r := newReader(b, func(o *Options) { o.Jobs = 1 })
	b.ResetTimer()
	for range b.N {
		if _, err := r.Run(b.Context(), path, filepath.Join(dir, "out"), nil); err != nil {
			b.Fatal(err)
		}
	}
}
