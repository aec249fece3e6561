package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"sohoa/scripts/corpus"
)

const (
	scanDPI = 300
	// scanQuality is the JPEG quality of a good office scanner.
	scanQuality = 85
	// mostDrawn bounds how many pages are drawn; more scans than that are the same pages in other bytes.
	mostDrawn = 24
)

// scan is a file that is handed in.
type scan struct {
	ending string // with its dot
	data   []byte
	// mark is where bytes can be put in that no reader looks at.
	mark int
	// frame is put around such bytes.
	frame func(said []byte) []byte
}

// body gives a scan's bytes made distinct: two numbers never give the same ones, and the service never knows them again.
func (s scan) body(n uint64) (r io.Reader, size int64) {
	extra := s.frame(fmt.Appendf(nil, "loadtest %016x", n))
	return io.MultiReader(bytes.NewReader(s.data[:s.mark]), bytes.NewReader(extra), bytes.NewReader(s.data[s.mark:])),
		int64(len(s.data) + len(extra))
}

// jpegScan takes a comment behind the JFIF header, where a camera would put its own.
func jpegScan(data []byte) scan {
	const header = 2 + 2 + 16 // start of image, marker, JFIF
	return scan{ending: ".jpg", data: data, mark: header, frame: func(said []byte) []byte {
		return append([]byte{0xFF, 0xFE, 0, byte(len(said) + 2)}, said...)
	}}
}

// tiffScan takes bytes at the end, which no directory names.
func tiffScan(data []byte) scan {
	return scan{ending: ".tif", data: data, mark: len(data), frame: func(said []byte) []byte { return said }}
}

// pdfScan takes a comment behind the end.
func pdfScan(data []byte) scan {
	return scan{ending: ".pdf", data: data, mark: len(data), frame: func(said []byte) []byte {
		return append(append([]byte("%"), said...), '\n')
	}}
}

// drawn are the made pages.
type drawn struct {
	colour  []corpus.Scan // as an office scanner gives them
	bilevel []corpus.Scan // the same in black and white
	jpegs   []scan        // one page of colour each
	tiffs   []scan        // one page of black and white each
	tiffs5  scan          // five pages of black and white
	pdf5    scan          // five pages of colour
	seed    uint64
}

// draw makes n pages (at most mostDrawn), as many at a time as there are cores.
func draw(ctx context.Context, n int, seed uint64) (*drawn, error) {
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		return nil, fmt.Errorf("draw pages: %w", err)
	}
	n = max(1, min(n, mostDrawn))
	d := &drawn{
		seed: seed, colour: make([]corpus.Scan, n), bilevel: make([]corpus.Scan, n), jpegs: make([]scan, n), tiffs: make([]scan, n),
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	for i := range n {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return d.drawPage(i, fonts)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("draw pages: %w", err)
	}
	return d, d.gather()
}

func (d *drawn) drawPage(i int, fonts *corpus.Fonts) error {
	seed := d.seed<<16 + uint64(i)
	kind := corpus.Kinds()[i%len(corpus.Kinds())]
	img, _, err := corpus.Compose(kind, seed, corpus.Options{}).Draw(fonts, scanDPI)
	if err != nil {
		return fmt.Errorf("page %d: %w", i, err)
	}
	s, err := corpus.Apply(corpus.Sheet{Image: img, DPI: scanDPI}, corpus.Clean, seed)
	if err != nil {
		return fmt.Errorf("page %d: %w", i, err)
	}
	s.Quality = scanQuality
	var colour, bilevel bytes.Buffer
	if err := corpus.Encode(&colour, s); err != nil {
		return fmt.Errorf("page %d: %w", i, err)
	}
	d.colour[i], d.jpegs[i] = s, jpegScan(colour.Bytes())
	s.Image, s.Format = blackAndWhite(img), corpus.FormatTIFF
	if err := corpus.Encode(&bilevel, s); err != nil {
		return fmt.Errorf("page %d: %w", i, err)
	}
	d.bilevel[i], d.tiffs[i] = s, tiffScan(bilevel.Bytes())
	return nil
}

// gather makes the papers of five pages; where fewer were drawn they come again.
func (d *drawn) gather() error {
	const pages = 5
	var colour, bilevel []corpus.Scan
	for i := range pages {
		colour, bilevel = append(colour, d.colour[i%len(d.colour)]), append(bilevel, d.bilevel[i%len(d.bilevel)])
	}
	var pdf, tiff bytes.Buffer
	if err := corpus.EncodePDF(&pdf, colour); err != nil {
		return fmt.Errorf("draw a PDF: %w", err)
	}
	if err := corpus.EncodeTIFF(&tiff, bilevel); err != nil {
		return fmt.Errorf("draw a TIFF: %w", err)
	}
	d.pdf5, d.tiffs5 = pdfScan(pdf.Bytes()), tiffScan(tiff.Bytes())
	d.colour, d.bilevel = nil, nil // 100 MB of pixels that nobody needs any more
	return nil
}

// blackAndWhite keeps what is darker than a scanner's usual threshold.
func blackAndWhite(img *image.NRGBA) *image.Paletted {
	const threshold = 160
	out := image.NewPaletted(img.Rect, color.Palette{color.White, color.Black})
	for i := range out.Pix {
		r, g, b := int(img.Pix[4*i]), int(img.Pix[4*i+1]), int(img.Pix[4*i+2])
		if (299*r+587*g+114*b)/1000 < threshold {
			out.Pix[i] = 1
		}
	}
	return out
}
