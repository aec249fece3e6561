package gallery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"testing"

	"sohoa/pipeline"
	"sohoa/pipeline/bind"
	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
	"sohoa/workers"
)

// putLong stores what Bind makes of a scan of many full pages, with a picture of some hundred kB each.
func putLong(tb testing.TB, store *object.Store, sum string, pages int) (first page.Page) {
	tb.Helper()
	var pdf, said bytes.Buffer
	made, err := bind.NewPDF(&pdf, bind.Meta{Title: "Giấy tờ"})
	if err != nil {
		tb.Fatal(err)
	}
	reading, err := bind.NewJSON(&said, page.Reading{SHA256: sum, Revision: "r1"}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	pg := page.Page{Source: page.Recognized, Width: 1654, Height: 2339, DPI: 200, Blocks: []page.Block{{Kind: page.BlockText}}}
	for y := range 40 {
		var words []page.Word
		for x := range 10 {
			box := page.Box{X0: 100 + 140*x, Y0: 100 + 50*y, X1: 220 + 140*x, Y1: 130 + 50*y}
			words = append(words, page.Word{Text: fmt.Sprintf("chữ%d", y*10+x), Box: box, Quad: box.Quad(), Confidence: 90})
		}
		pg.Blocks[0].Lines = append(pg.Blocks[0].Lines, page.Line{Words: words})
	}
	img := image.NewGray(image.Rect(0, 0, 1654, 2339))
	for i := range img.Pix {
		img.Pix[i] = byte(200 + i*i%7*i%11)
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, nil); err != nil {
		tb.Fatal(err)
	}
	for n := 1; n <= pages; n++ {
		pg.Number = n
		picture := page.Facsimile{Width: 1654, Height: 2339, Filter: page.DCT, Data: data.Bytes(), ColorSpace: page.Gray, Bits: 8}
		if err := errors.Join(made.Scan(&pg, &picture), reading.Page(&pg)); err != nil {
			tb.Fatal(err)
		}
	}
	tb.Logf("a picture has %d bytes", data.Len())
	_, err = reading.Close()
	if err := errors.Join(err, made.Close()); err != nil {
		tb.Fatal(err)
	}
	for name, content := range map[string][]byte{"paper.pdf": pdf.Bytes(), "paper.json": said.Bytes()} {
		key, err := object.Reading(sum, "r1", name)
		if err == nil {
			err = store.Put(tb.Context(), key, bytes.NewReader(content), int64(len(content)), "")
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	pg.Number = 1
	return pg
}

// How long an officer waits for a paper of 500 pages on which words were corrected: the first who asks for it, and all others.
func BenchmarkCorrectedPaper(b *testing.B) {
	dir := b.TempDir()
	store, err := object.Open(b.Context(), object.Config{Directory: filepath.Join(dir, "objects")})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close() //nolint:errcheck // of a benchmark
	g, err := New(Config{Objects: store, Painting: pipeline.Options{Jobs: 2, CacheDir: dir}, Folder: filepath.Join(dir, "pictures"), Most: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close() //nolint:errcheck // of a benchmark
	const pages = 500
	sum := fmt.Sprintf("%064d", 1)
	first := putLong(b, store, sum, pages)
	now := workers.TextOf(&first)
	now.Words[0].Confidence = 100
	state := int64(0)
	for _, corrected := range []int{1, 20, pages} {
		paper := func() Paper {
			state++
			p := Paper{Whole: true, Words: func(context.Context) (map[int]catalogue.PageText, error) {
				words := make(map[int]catalogue.PageText)
				for n := range corrected {
					words[1+n*pages/corrected] = now
				}
				return words, nil
			}}
			for n := 1; n <= pages; n++ {
				p.Leaves = append(p.Leaves, Leaf{SHA256: sum, Revision: "r1", Page: n, Corrected: state})
			}
			return p
		}
		ask := func(what func(*Gallery, context.Context, Paper) (*os.File, error), p Paper) {
			f, err := what(g, b.Context(), p)
			if err == nil {
				_, err = io.Copy(io.Discard, f)
				err = errors.Join(err, f.Close())
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		for name, what := range map[string]func(*Gallery, context.Context, Paper) (*os.File, error){"pdf": (*Gallery).PDF, "json": (*Gallery).JSON, "text": (*Gallery).Text} {
			b.Run(fmt.Sprintf("%s/corrected=%d", name, corrected), func(b *testing.B) {
				for b.Loop() {
					ask(what, paper())
				}
			})
		}
		b.Run("kept", func(b *testing.B) {
			p := paper()
			for ask((*Gallery).PDF, p); b.Loop(); {
				ask((*Gallery).PDF, p)
			}
		})
	}
}
