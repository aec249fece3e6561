package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeReader reads every file as what it is told.
type fakeReader struct {
	name     string
	readings []reading
}

func (f *fakeReader) Name() string { return f.name }

func (f *fakeReader) Read(context.Context, []string) ([]reading, error) { return f.readings, nil }

func TestAccuracyTable(t *testing.T) {
	scans := []scan{
		{Path: "/a.png", Truth: "một hai {hw:x}", Class: "clean"},
		{Path: "/b.png", Truth: "ba bốn", Class: "skew"},
	}
	readers := []reader{
		&fakeReader{"Sohoa", []reading{{Text: "một hai"}, {Text: "ba bôn"}}},
		&fakeReader{"tesseract", []reading{{Text: "một hai"}, {Text: "ba bốn"}}},
		&fakeReader{"OCRmyPDF", []reading{{Text: "một hai"}, {Failure: "refused"}}},
	}
	a, err := measureAccuracy(t.Context(), "Made pages", scans, readers, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	got := table(&machine{day: "2026-01-31"}, &results{accuracy: []*accuracy{a}})
	for _, want := range []string{
		"Measured on 2026-01-31",
		"| **Made pages, 2 pages** | 25.00 / 7.69 | 0.00 / 0.00 | 33.33 / 46.15 |\n",
		"| – clean | 0.00 / 0.00 | 0.00 / 0.00 | 0.00 / 0.00 |\n",
		"| – skew | 50.00 / 16.67 | 0.00 / 0.00 | 100.00 / 100.00 |\n",
		"| – without 1 that OCRmyPDF failed at |  |  | 0.00 / 0.00 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "pages/s") || strings.Contains(got, "memory") {
		t.Errorf("what was not measured stands in\n%s", got)
	}
	var said bytes.Buffer
	a.report(&said)
	a.failures(&said)
	for _, want := range []string{"b.png  ", "50.00 / 16.67", "OCRmyPDF failed at b.png: refused"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("no %q in\n%s", want, said.String())
		}
	}
	if strings.Index(said.String(), "b.png") > strings.Index(said.String(), "a.png") {
		t.Errorf("the worst page does not come first:\n%s", said.String())
	}
}

func TestReadScansTakesPagesWithTruth(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.jpg", "a.gt.txt", "b.TIF", "b.gt.txt", "c.png", "d.gt.txt", "e.pdf", "e.gt.txt"} {
		write(t, filepath.Join(dir, name), "text of "+name)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.png"), 0o750); err != nil {
		t.Fatal(err)
	}
	scans, err := readScans(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(scans) != 2 || scans[0].name() != "a.jpg" || scans[1].name() != "b.TIF" || scans[0].Truth != "text of a.gt.txt" {
		t.Errorf("found %+v", scans)
	}
	if none, err := readScans(filepath.Join(dir, "missing")); err != nil || len(none) != 0 {
		t.Errorf("a missing folder has %v, %v", none, err)
	}
}
