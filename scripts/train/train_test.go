package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/scripts/corpus"
)

// officialText writes a folder of text: what stands on made papers.
func officialText(t *testing.T, fonts *corpus.Fonts) string {
	t.Helper()
	var text strings.Builder
	for seed := range uint64(4) {
		for _, kind := range corpus.Kinds() {
			_, truth, err := corpus.Compose(kind, seed, corpus.Options{}).Draw(fonts, 60)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&text, "### %s %d\n", kind, seed)
			text.WriteString(strings.ReplaceAll(truth.Text(), " | ", " "))
		}
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "text.txt"), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// The whole way: a model is taken apart, trained a little, packed, judged; the same command again goes on where it stopped.
func TestTrain(t *testing.T) {
	t.Parallel()
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		t.Fatal(err)
	}
	scans, work := t.TempDir(), filepath.Join(t.TempDir(), "work")
	slip(t, fonts, scans)
	args := []string{
		"-text", officialText(t, fonts), "-scans", scans, "-work", work, "-pages", "2", "-stages", "1", "-iterations", "12", "-base", "large",
	}
	var out, errs bytes.Buffer
	if status := run(t.Context(), args, &out, &errs); status != 0 {
		t.Fatalf("status %d: %s", status, errs.String())
	}
	report, err := os.ReadFile(filepath.Join(work, "report.txt")) //nolint:gosec // ours
	if err != nil || !strings.HasPrefix(string(report), "stage 0: 1 scans: ") || !strings.Contains(string(report), "\nstage 1: 1 scans: ") {
		t.Errorf("the report (%v): %s", err, report)
	}
	// Twelve lines at this rate cannot have spoiled the model.
	v, err := judge(filepath.Join(work, "best.traineddata"), scans, 1, io.Discard, "")
	if err != nil || v.SyllableError() > 0.1 || v.Syllables < 20 {
		t.Errorf("the best model: %s, %v", v, err)
	}
	before, err := os.Stat(filepath.Join(work, "stage-01.traineddata"))
	if err != nil {
		t.Fatal(err)
	}
	if status := run(t.Context(), args, &out, &errs); status != 0 {
		t.Fatalf("again: status %d: %s", status, errs.String())
	}
	if after, err := os.Stat(filepath.Join(work, "stage-01.traineddata")); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("again: the stage was trained anew (%v)", err)
	}
}

// slip writes a scan with its truth.
func slip(t *testing.T, fonts *corpus.Fonts, folder string) {
	t.Helper()
	img, truth, err := corpus.Compose(corpus.Form, 9, corpus.Options{Plain: true}).Draw(fonts, 150)
	if err != nil {
		t.Fatal(err)
	}
	scan, err := corpus.Apply(corpus.Sheet{Image: img, DPI: 150}, corpus.Clean, 1)
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := corpus.Encode(&page, scan); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"form.jpg": page.Bytes(), "form.gt.txt": []byte(truth.Text())} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The network of floats has each weight of the integer one and gives the same text.
func TestToFloat(t *testing.T) {
	t.Parallel()
	work := t.TempDir()
	tr := &trainer{flags: &flags{work: work, base: "large"}, out: io.Discard}
	if err := tr.unpack(t.Context()); err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(work, "float.traineddata")
	copyFile(t, tr.baseFile(), model)
	copyFile(t, filepath.Join(work, "float.lstm"), filepath.Join(work, "new.lstm"))
	if err := tool(t.Context(), io.Discard, "combine_tessdata", "-o", model, filepath.Join(work, "new.lstm")); err != nil {
		t.Fatal(err)
	}
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		t.Fatal(err)
	}
	scans := t.TempDir()
	slip(t, fonts, scans)
	integers, err := judge(tr.baseFile(), scans, 1, io.Discard, "")
	if err != nil {
		t.Fatal(err)
	}
	floats, err := judge(model, scans, 1, io.Discard, "")
	if err != nil {
		t.Fatal(err)
	}
	// Integers are multiplied less exactly: a doubtful letter may come out otherwise.
	if d := integers.SyllableError() - floats.SyllableError(); math.Abs(d) > 0.01 || floats.Syllables < 20 {
		t.Errorf("integers read %s, floats %s", integers, floats)
	}
	network, err := os.ReadFile(filepath.Join(work, "float.lstm")) //nolint:gosec // ours
	if err != nil {
		t.Fatal(err)
	}
	if _, err := toFloat(network); !errors.Is(err, errNotInteger) {
		t.Errorf("of floats: %v", err)
	}
	whole, err := os.ReadFile(filepath.Join(work, "base.lstm")) //nolint:gosec // ours
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 40, 500, len(whole) / 2} {
		if _, err := toFloat(whole[:n]); err == nil {
			t.Errorf("a network cut after %d bytes is taken", n)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from) //nolint:gosec // ours
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Lines hold what stands on them: recognition reads most of them back.
func TestLines(t *testing.T) {
	t.Parallel()
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		t.Fatal(err)
	}
	scans := t.TempDir()
	slip(t, fonts, scans)
	tr := &trainer{flags: &flags{text: officialText(t, fonts), scans: scans, work: t.TempDir(), base: "large"}, out: io.Discard}
	if err := tr.unpack(t.Context()); err != nil {
		t.Fatal(err)
	}
	m, err := tr.newMaker()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := m.page(7)
	if err != nil || len(lines) < 10 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	again, err := m.page(7)
	if err != nil || len(again) != len(lines) || !bytes.Equal(again[0].PNG, lines[0].PNG) {
		t.Errorf("the same seed gives another page (%v)", err)
	}
	for _, line := range lines {
		img, err := png.Decode(bytes.NewReader(line.PNG))
		if err != nil || img.Bounds().Dy() < 9 || !m.known(line.Text) {
			t.Errorf("%q: %v, known %t", line.Text, err, m.known(line.Text))
		}
	}
	path := filepath.Join(t.TempDir(), "lines.lstmf")
	if err := writeLSTMF(path, lines); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)                                            //nolint:gosec // ours
	if err != nil || binary.LittleEndian.Uint32(data) != uint32(len(lines)) { //nolint:gosec // few
		t.Errorf("the file begins with %v lines (%v)", data[:4], err)
	}
}

// Wrong use says what is missing.
func TestUsage(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if status := run(t.Context(), []string{"-text", "x"}, &out, &errs); status != 2 || !strings.Contains(errs.String(), "-scans") {
		t.Errorf("status %d: %s", status, errs.String())
	}
	if status := run(t.Context(), []string{"-judge", "no.traineddata", "-scans", t.TempDir()}, &out, &errs); status != 1 ||
		!strings.Contains(errs.String(), "no NAME.gt.txt") {
		t.Errorf("status %d: %s", status, errs.String())
	}
}
