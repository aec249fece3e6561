package pdf

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// corpus gives the development data's PDFs, which a user's checkout does not have.
func corpus(t *testing.T) []string {
	t.Helper()
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Fatal("no go.mod above")
		}
		root = filepath.Dir(root)
	}
	data := filepath.Join(root, "..", "shared", "data")
	var files []string
	for _, pattern := range []string{"pdf/*.pdf", "hostile/*/*.pdf"} {
		some, err := filepath.Glob(filepath.Join(data, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	if len(files) == 0 {
		t.Logf("no development data in %s: nothing to try", data)
	}
	return files
}

// TestCorpus has every file of the development data end in a result or a clear error, in time.
func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, file := range corpus(t) {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			start := time.Now()
			d, err := Open(ctx, file, Options{WorkDir: t.TempDir(), Limits: Limits{Pixels: 20e6}})
			opened := time.Since(start)
			if err != nil {
				var (
					locked *EncryptedError
					broken *BrokenError
					limit  *LimitError
				)
				if !errors.As(err, &locked) && !errors.As(err, &broken) && !errors.As(err, &limit) {
					t.Errorf("not a clear error: %v", err)
				}
				t.Logf("%v", err)
				return
			}
			defer func() {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			}()
			t.Logf("%d pages, signed %v, encrypted %v, damaged %v, opened in %v %q", d.Pages(), d.Signed, d.Encrypted, d.Damaged, opened, d.Warnings)
			for n := 1; n <= min(d.Pages(), 2); n++ {
				tryPage(ctx, t, d, n)
			}
		})
	}
}

func tryPage(ctx context.Context, t *testing.T, d *Document, n int) {
	t.Helper()
	start := time.Now()
	info, err := d.Page(ctx, n)
	if err != nil {
		t.Errorf("page %d: %v", n, err)
		return
	}
	looked := time.Since(start)
	t.Logf("page %d: %s text %q overlay %v coloured %v %.0f×%.0f turned %d %q (%v)",
		n, info.Class, info.Text, info.Overlay, info.Coloured, info.Width, info.Height, info.Rotate, info.Warnings, looked)
	grid := info.GridAt(100)
	if info.Image != nil {
		grid = info.Image.Grid()
		t.Logf("   image %+v", *info.Image)
		start := time.Now()
		f, err := d.Facsimile(ctx, n)
		var cannot *CannotStandError
		switch {
		case err == nil:
			t.Logf("   facsimile %s %s %d bits, %d bytes (%v)", f.Filter, f.ColorSpace, f.Bits, len(f.Data), time.Since(start))
		case errors.As(err, &cannot):
			t.Logf("   %v", err)
		default:
			t.Errorf("facsimile %d: %v", n, err)
		}
	}
	if info.Text == KeepText {
		blocks, err := d.Words(ctx, n, grid)
		if err != nil || len(blocks) == 0 {
			t.Errorf("words %d: %d blocks, %v", n, len(blocks), err)
		}
	} else if info.Class != Empty {
		start := time.Now()
		r, err := d.Render(ctx, n, 100)
		if err != nil {
			t.Logf("   %v", err)
			return
		}
		t.Logf("   rendered %+v (%v)", r.Grid, time.Since(start))
	}
}
