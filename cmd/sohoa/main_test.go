package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sohoa/pipeline/confine"
	"sohoa/scripts/corpus"
)

// In the scripts, "sohoa" is this test binary running main; so are its children.
func TestMain(m *testing.M) {
	confine.Init()
	if len(os.Args) > 1 && os.Args[1] == childCommand().Name() {
		os.Exit(run(os.Args[1:]))
	}
	testscript.Main(m, map[string]func(){"sohoa": main})
}

// The command as a user meets it: its files, its words, its exit statuses.
func TestScripts(t *testing.T) {
	t.Parallel()
	scan, fax := madeScans(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			if err := countedCatalogue(filepath.Join(e.WorkDir, "counted")); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(e.WorkDir, "don.jpg"), scan, 0o600); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(e.WorkDir, "fax.tif"), fax, 0o600)
		},
	})
}

// madeScans draws a form as JPEG and a two-page fax.
func madeScans(t *testing.T) (scan, fax []byte) {
	t.Helper()
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := corpus.Compose(corpus.Form, 6, corpus.Options{Plain: true}).Draw(fonts, 150)
	if err != nil {
		t.Fatal(err)
	}
	sheet := corpus.Sheet{Image: img, DPI: 150}
	one, err := corpus.Apply(sheet, corpus.Clean, 6)
	if err != nil {
		t.Fatal(err)
	}
	var jpeg, tiff bytes.Buffer
	if err := corpus.Encode(&jpeg, one); err != nil {
		t.Fatal(err)
	}
	page, err := corpus.Apply(sheet, corpus.Fax, 6)
	if err != nil {
		t.Fatal(err)
	}
	if err := corpus.EncodeTIFF(&tiff, []corpus.Scan{page, page}); err != nil {
		t.Fatal(err)
	}
	return jpeg.Bytes(), tiff.Bytes()
}
