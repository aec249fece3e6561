package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// program writes a shell script that stands for another program.
func program(t *testing.T, dir, name, body string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\nset -e\n"+body), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	return path
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSohoaIsCalledOnceForWhatIsDue(t *testing.T) {
	dir := t.TempDir()
	s := &sohoa{model: "large", dir: filepath.Join(dir, "out"), outputs: make(map[string]output)}
	// read --json --model large -o DIR FILE…: reads every file as its own name, but fails at those called bad.
	s.binary = program(t, dir, "sohoa", `
echo "$@" >>`+dir+`/calls
out=$6; shift 6; mkdir -p $out; status=0
for f; do
  case $f in
  *bad*) echo '{"event":"file","file":"'$f'","error":"broken"}'; status=1 ;;
  *) basename $f >$out/t.txt; echo '{"event":"page"}{"event":"file","file":"'$f'","text":"'$out/t.txt'"}' ;;
  esac
done
exit $status
`)
	for range 2 {
		readings, err := s.Read(t.Context(), []string{"/a", "/bad"})
		if err != nil {
			t.Fatal(err)
		}
		if want := []reading{{Text: "a\n"}, {Failure: "broken"}}; !slices.Equal(readings, want) {
			t.Errorf("read %v, want %v", readings, want)
		}
	}
	if _, err := s.Read(t.Context(), []string{"/a", "/c"}); err != nil {
		t.Fatal(err)
	}
	calls, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(calls)), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], " /a /bad") || !strings.HasSuffix(lines[1], " /c") {
		t.Errorf("calls were %q", lines)
	}
}

func TestSohoaThatCrashesEndsTheMeasurement(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{"crashes": "echo dead >&2; exit 3", "says nothing of a file": "exit 0"} {
		s := &sohoa{binary: program(t, dir, "sohoa", body), dir: dir, outputs: make(map[string]output)}
		if _, err := s.Read(t.Context(), []string{"/a"}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestOCRmyPDFIsToldTheResolutionThatItAsksFor(t *testing.T) {
	dir := t.TempDir()
	program(t, dir, "ocrmypdf", `
case "$*" in *bad*) echo "cannot do it" >&2; exit 2 ;; esac
[ "$1" = --image-dpi ] || { echo "give --image-dpi" >&2; exit 2; }
echo "at $2" >"${10}" # --image-dpi N --rotate-pages --deskew -l vie --jobs 2 --sidecar TEXT
`)
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	var sheet bytes.Buffer
	if err := png.Encode(&sheet, image.NewGray(image.Rect(0, 0, 1169, 827))); err != nil {
		t.Fatal(err)
	}
	good, bad := write(t, filepath.Join(dir, "good.png"), sheet.String()), write(t, filepath.Join(dir, "bad.png"), sheet.String()+"x")
	o := &ocrmypdf{version: "1", jobs: 2, dir: filepath.Join(dir, "out"), cache: cache{dir: filepath.Join(dir, "cache")}}
	readings, err := o.Read(t.Context(), []string{good, bad})
	if err != nil {
		t.Fatal(err)
	}
	if readings[0] != (reading{Text: "at 100\n"}) {
		t.Errorf("read %+v", readings[0])
	}
	if readings[1].Text != "" || !strings.Contains(readings[1].Failure, "cannot do it") {
		t.Errorf("read %+v of a file that it refuses", readings[1])
	}
	// What was read and what was refused are remembered: the program can be gone.
	program(t, dir, "ocrmypdf", "exit 9")
	again, err := o.Read(t.Context(), []string{good, bad})
	if err != nil || !slices.Equal(again, readings) {
		t.Errorf("the second time %+v, %v", again, err)
	}
	o.cache.fresh = true
	if anew, err := o.Read(t.Context(), []string{good}); err != nil || anew[0].Failure == "" {
		t.Errorf("afresh %+v, %v", anew, err)
	}
}

func TestTesseractReadsWithTheGivenModel(t *testing.T) {
	dir := t.TempDir()
	program(t, dir, "tesseract", `echo "$OMP_THREAD_LIMIT $*"`)
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	scanned := write(t, filepath.Join(dir, "a.png"), "x")
	reader := &tesseract{version: "1", tessdir: "/models", model: "m", jobs: 1, cache: cache{dir: dir}}
	readings, err := reader.Read(t.Context(), []string{scanned})
	if err != nil {
		t.Fatal(err)
	}
	if want := "1 " + scanned + " - -l vie --tessdata-dir /models\n"; readings[0].Text != want {
		t.Errorf("called %q, want %q", readings[0].Text, want)
	}
}

func TestCacheKeyFollowsAllThatMatters(t *testing.T) {
	dir := t.TempDir()
	one, two := write(t, filepath.Join(dir, "1"), "a"), write(t, filepath.Join(dir, "2"), "b")
	c := cache{dir: dir}
	seen := make(map[string]bool)
	for _, k := range []struct {
		program string
		args    []string
		file    string
	}{{"p", nil, one}, {"q", nil, one}, {"p", []string{"x"}, one}, {"p", []string{"x", "y"}, one}, {"p", nil, two}} {
		key, err := c.key(k.program, k.args, k.file)
		if err != nil {
			t.Fatal(err)
		}
		if seen[key] {
			t.Errorf("%v has the key of another", k)
		}
		seen[key] = true
	}
	write(t, filepath.Join(dir, "broken.json"), "{")
	if _, ok := c.recall("broken"); ok {
		t.Error("a broken file was remembered")
	}
}

func TestEndedReadingIsNotRemembered(t *testing.T) {
	c := cache{dir: t.TempDir()}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := remembered(ctx, c, "k", func(context.Context) (string, error) {
		cancel()
		return "", &failure{program: "p", err: errors.New("killed")}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, ok := c.recall("k"); ok {
		t.Error("it was remembered")
	}
}
