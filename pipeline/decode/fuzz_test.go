package decode

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the fuzz targets' seeds anew")

// fuzzed is which seeds each fuzz target starts from, by the beginnings of their names.
func fuzzed() map[string][]string {
	return map[string][]string{
		"FuzzTIFF": {"tiff"},
		"FuzzJPEG": {"jpeg", "progressive", "cmyk"},
		"FuzzGo":   {"png", "interlaced", "bmp", "loss", "webp"},
		"FuzzPNM":  {"pnm"},
	}
}

// fuzz checks that any bytes end in a result or an error, within the limits, if they begin like one of the formats.
func fuzz(f *testing.F, formats ...Format) {
	f.Helper()
	path := filepath.Join(f.TempDir(), "fuzzed")
	f.Fuzz(func(t *testing.T, data []byte) {
		format := Sniff(data)
		known := false
		for _, want := range formats {
			known = known || format == want
		}
		if !known {
			return
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		mustEnd(t, path, Options{Limits: Limits{Pixels: 1_000_000, Pages: 50}})
	})
}

func FuzzTIFF(f *testing.F) { fuzz(f, TIFF) }
func FuzzJPEG(f *testing.F) { fuzz(f, JPEG) }
func FuzzGo(f *testing.F)   { fuzz(f, PNG, WebP, BMP) }
func FuzzPNM(f *testing.F)  { fuzz(f, PNM) }

func FuzzSniff(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		got := Sniff(data)
		if again := Sniff(data[:min(len(data), SniffLen)]); got != again {
			t.Errorf("%q, but %q by its first bytes", got, again)
		}
	})
}

// Every target has seeds; -update writes them from the made pages.
func TestFuzzSeeds(t *testing.T) {
	if *update {
		writeSeeds(t)
	}
	for target := range fuzzed() {
		names, err := filepath.Glob(filepath.Join("testdata", "fuzz", target, "*"))
		if err != nil || len(names) == 0 {
			t.Errorf("%s has no seeds: %v", target, err)
		}
	}
}

func writeSeeds(t *testing.T) {
	t.Helper()
	all := seeds(t)
	write := func(target, name string, data []byte) {
		dir := filepath.Join("testdata", "fuzz", target)
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", data)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for target, prefixes := range fuzzed() {
		for name, data := range all {
			for _, prefix := range prefixes {
				if strings.HasPrefix(name, prefix) {
					write(target, name, data)
				}
			}
		}
	}
	write("FuzzSniff", "bmp", all["bmp"][:64])
	write("FuzzSniff", "pdf", []byte(strings.Repeat("x", 1000)+"%PDF-1.7"))
}
