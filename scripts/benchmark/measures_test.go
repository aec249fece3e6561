package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/scripts/corpus"
)

func TestProgramsTakeTurns(t *testing.T) {
	var order []string
	work := func(name string, walls ...time.Duration) job {
		return job{Reader: name, Form: onePDF, wants: 1, run: func(_ context.Context, dir string) (cost, error) {
			order = append(order, name)
			wall := walls[0]
			walls = walls[1:]
			return cost{Wall: wall, CPU: 2 * wall}, os.WriteFile(filepath.Join(dir, "x"), nil, 0o600)
		}}
	}
	jobs := []job{work("Sohoa", 5*time.Second, time.Second, 2*time.Second), work("OCRmyPDF", 9, 8, 7)}
	timings, err := takeTurns(t.Context(), jobs, 3, 24, t.TempDir(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Sohoa", "OCRmyPDF", "Sohoa", "OCRmyPDF", "Sohoa", "OCRmyPDF"}; !slices.Equal(order, want) {
		t.Errorf("they took turns as %v", order)
	}
	first := timings[0]
	if first.Wall != 2*time.Second || first.pagesPerSecond() != 12 || first.cpuPerPage() != 4./24 {
		t.Errorf("the median is %+v", first)
	}
	text := table(&machine{}, &results{speed: timings})
	if !strings.Contains(text, "| one PDF | 12.00 (0.17) | cannot | ") {
		t.Errorf("the table is\n%s", text)
	}
}

func TestWorkThatIsNotDoneIsNotTimed(t *testing.T) {
	idle := job{Reader: "x", wants: 1, run: func(context.Context, string) (cost, error) { return cost{}, nil }}
	if _, err := takeTurns(t.Context(), []job{idle}, 1, 1, t.TempDir(), io.Discard); err == nil {
		t.Error("no error though nothing was made")
	}
	broken := job{Reader: "x", run: func(context.Context, string) (cost, error) { return cost{}, io.ErrUnexpectedEOF }}
	if _, err := takeTurns(t.Context(), []job{broken}, 1, 1, t.TempDir(), io.Discard); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
}

func TestWatchCountsGrandchildren(t *testing.T) {
	t.Setenv(roleVariable, roleParent)
	f, err := watch(t.Context(), os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if f.Process < holderBytes || f.Tree < f.Process || f.Tree > 4*holderBytes {
		t.Errorf("the tree held %d MiB, the largest process %d MiB", f.Tree>>20, f.Process>>20)
	}
}

func TestWatchOfAProgramThatFails(t *testing.T) {
	var failed *failure
	if _, err := watch(t.Context(), "/bin/sh", "-c", "echo first >&2; echo last >&2; exit 3"); !errors.As(err, &failed) ||
		failed.said != "last" || exitStatus(err) != 3 {
		t.Errorf("error %v", err)
	}
	if _, err := watch(t.Context(), "/no/such/program"); !errors.As(err, &failed) {
		t.Errorf("error %v", err)
	}
}

func TestTree(t *testing.T) {
	all := tree(10, map[int]int{1: 0, 10: 1, 11: 10, 12: 11, 13: 10, 20: 1, 21: 20})
	slices.Sort(all)
	if want := []int{10, 11, 12, 13}; !slices.Equal(all, want) {
		t.Errorf("tree is %v, want %v", all, want)
	}
}

// blankPDF writes a PDF of so many blank pages, which is no PDF/A.
func blankPDF(t *testing.T, pages int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "blank.pdf")
	f, err := os.Create(path) //nolint:gosec // in the test's own folder
	if err != nil {
		t.Fatal(err)
	}
	one := corpus.Scan{Image: image.NewNRGBA(image.Rect(0, 0, 80, 110)), Format: corpus.FormatJPEG, Quality: 80, DPI: 10, ClaimDPI: 10}
	if err := errors.Join(corpus.EncodePDF(f, slices.Repeat([]corpus.Scan{one}, pages)), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRepeatPages(t *testing.T) {
	short := blankPDF(t, 3)
	for _, pages := range []int{1, 3, 8} {
		long := filepath.Join(t.TempDir(), "long.pdf")
		if err := repeatPages(t.Context(), short, pages, long); err != nil {
			t.Fatal(err)
		}
		if n, err := countPages(t.Context(), long); err != nil || n != pages {
			t.Errorf("%d pages, %v; want %d", n, err, pages)
		}
	}
}

func TestPreflightTellsFilesApart(t *testing.T) {
	broken := write(t, filepath.Join(t.TempDir(), "broken.pdf"), "no PDF")
	complaints, err := preflight(t.Context(), t.TempDir(), []string{blankPDF(t, 1), broken})
	if err != nil {
		t.Fatal(err)
	}
	if len(complaints) != 2 || complaints[0] == "" || complaints[1] == "" || complaints[0] == complaints[1] {
		t.Errorf("complaints: %q", complaints)
	}
}

func TestComplaint(t *testing.T) {
	for report, want := range map[string]string{
		`<preflight><isValid type="PDF/A1-b">true</isValid></preflight>`: "",
		`<preflight><isValid type="">false</isValid><errors count="2"><error><code>1.4</code><details>Trailer</details></error>` +
			`<error><code>2</code><details>x</details></error></errors></preflight>`: "1.4 Trailer",
		`<preflight><isValid>false</isValid></preflight>`: "not valid",
	} {
		if got, err := complaint([]byte(report)); err != nil || got != want {
			t.Errorf("complaint of %s is %q, %v", report, got, err)
		}
	}
	if _, err := complaint([]byte("<preflight>")); err == nil {
		t.Error("a report cut short is no error")
	}
}

func TestCheckOfOnePaper(t *testing.T) {
	dir := t.TempDir()
	pdf := blankPDF(t, 2)
	text := write(t, filepath.Join(dir, "t.txt"), "một hai\f\f")
	scanned := write(t, filepath.Join(dir, "scan.jpg"), strings.Repeat("x", 100))
	p := &paper{Name: "scan.jpg"}
	if err := p.check(t.Context(), scanned, output{PDF: pdf, Text: text}); err != nil {
		t.Fatal(err)
	}
	if p.Kept || p.Structure != "" || p.Raw != (agreement{0, 2, 0}) || p.growth() < 1 {
		t.Errorf("found %+v", p)
	}
	kept := &paper{}
	if err := kept.check(t.Context(), pdf, output{PDF: pdf, Text: text}); err != nil || !kept.Kept {
		t.Errorf("the same bytes: %+v, %v", kept, err)
	}
	var said strings.Builder
	reportPapers(&said, []*paper{p, kept, {Name: "bad", Failure: "broken"}}, false)
	for _, want := range []string{"scan.jpg: pdftotext gives 0.00 %", "scan.jpg: 100 bytes became", "bad: not read: broken"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("no %q in\n%s", want, said.String())
		}
	}
	shown := table(&machine{}, &results{
		papers: []*paper{p, kept, {Failure: "x"}}, memory: []held{{10, 2, footprint{Tree: 300 << 20}}},
	})
	for _, want := range []string{"| 1 (1; 1) |", "clean | 1 of 1 |", "10 pages | 150 MiB |", "order | 0.00 % |"} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %q in\n%s", want, shown)
		}
	}
}

func TestRoundTripGoesPageByPage(t *testing.T) {
	dir := t.TempDir()
	program(t, dir, "pdftotext", `printf 'a b\fc\f'`)
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	for text, want := range map[string]agreement{
		"a b\fc\f": {3, 3, 3}, "c\fa b\f": {0, 3, 3}, "a\n\n b\f": {2, 2, 3}, "b a\fc\fd\f": {2, 4, 3},
	} {
		if got, err := roundTrip(t.Context(), text, "x.pdf"); err != nil || got != want {
			t.Errorf("round trip of %q is %v, %v; want %v", text, got, err, want)
		}
	}
	if s := fmt.Sprintf("%.2f", agreement{2, 2, 3}.share()); s != "0.80" {
		t.Errorf("share is %s", s)
	}
}
