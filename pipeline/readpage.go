package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"sohoa/pipeline/child"
	"sohoa/pipeline/confine"
	"sohoa/pipeline/decode/pdf"
	"sohoa/pipeline/extract"
	"sohoa/pipeline/page"
)

// PageResult is one page as it was read, with what the two-layer PDF shows of it.
type PageResult struct {
	Page page.Page
	// Picture is what the PDF shows; nil where the page of the source PDF itself is kept, or nothing can be shown.
	Picture *page.Facsimile
	// Keep has the source PDF's own page stay.
	Keep bool
	// WidthPt and HeightPt are the page's size in points (1/72 inch), upright, where there is no Picture.
	WidthPt, HeightPt float64

	cause   error // why the page could not be read
	redrawn bool  // Picture shows a page that could not stand in a PDF/A as it is
}

// Cause is why the page could not be read, for whoever decides whether to try again; nil for a page that was read, and for
// one that comes from DecodePart. A *child.RequestError means that trying again is no use.
func (r *PageResult) Cause() error { return r.cause }

// A4 in points, for pages of which nothing is known.
const a4Width, a4Height = 595.28, 841.89

// FailedPage is the result of a page (from 1) of which nothing is known but why it could not be read.
func FailedPage(number int, why string) *PageResult {
	return &PageResult{
		Page:    page.Page{Number: number, Source: page.Failed, Error: why, Blocks: []page.Block{}},
		WidthPt: a4Width, HeightPt: a4Height,
	}
}

// ReadPage reads page n (from 0) of a paper. What is wrong with the page is in the result; the error is the context's.
func (r *Reader) ReadPage(ctx context.Context, p *Paper, n int) (*PageResult, error) {
	var result *PageResult
	var err error
	if p.pdf != nil {
		result, err = r.readPDFPage(ctx, p, n+1)
	} else {
		result, err = r.readImage(ctx, p, Job{Path: p.Path, Index: n, Number: n + 1, Picture: true})
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		r.opt.Log.WarnContext(ctx, "page failed", "page", n+1, "reason", err)
		result = FailedPage(n+1, p.withoutPaths(err.Error()))
		result.Keep, result.cause = p.pdf != nil && !p.pdf.Damaged, err
	}
	_, result.redrawn = p.redrawn(n + 1)
	return result, nil
}

// moreChildren is how many further children a page is given over which one died. One that was killed by somebody else, also
// twice in a row, must not have it read more plainly than it could be.
const moreChildren = 3

// readImage has a child read one image. A child that dies over it may have died of something else: the page is given to
// others. One over which they all die, or that needs too much, is given a try with a plainer cleaning; if that fails, too, the
// page's picture may still be made.
func (r *Reader) readImage(ctx context.Context, p *Paper, job Job) (*PageResult, error) {
	job.Limits = r.limits()
	job.Read, job.Codes = true, p.Codes
	done, err := r.pool.Do(ctx, job)
	for range moreChildren {
		if died := (&child.CrashError{}); !errors.As(err, &died) || ctx.Err() != nil {
			break
		}
		r.opt.Log.WarnContext(ctx, "page given to another child", "page", job.Number, "reason", err)
		done, err = r.pool.Do(ctx, job)
	}
	if err == nil {
		return &PageResult{Page: done.Page, Picture: done.Picture}, nil
	}
	if refused := (&child.RequestError{}); errors.As(err, &refused) || confine.MachineFault(err) || ctx.Err() != nil {
		return nil, err
	}
	r.opt.Log.WarnContext(ctx, "page tried again", "page", job.Number, "reason", err)
	plain := job
	plain.Plain = true
	done, again := r.pool.Do(ctx, plain)
	switch {
	case again == nil:
		done.Page.Warnings = append(done.Page.Warnings, "read with a plainer cleaning: at first it "+p.withoutPaths(err.Error()))
		return &PageResult{Page: done.Page, Picture: done.Picture}, nil
	case confine.MachineFault(again): // what it would be like elsewhere is not known
		return nil, again
	case !job.Picture || p.Sealed:
		return nil, err
	}
	plain.Read = false
	done, seen := r.pool.Do(ctx, plain)
	switch {
	case confine.MachineFault(seen):
		return nil, seen
	case seen != nil:
		return nil, err
	}
	done.Page.Source, done.Page.Error = page.Failed, p.withoutPaths(err.Error())
	return &PageResult{Page: done.Page, Picture: done.Picture, cause: err}, nil
}

// readPDFPage reads page n (from 1) of a PDF as package pdf's table says.
func (r *Reader) readPDFPage(ctx context.Context, p *Paper, n int) (*PageResult, error) {
	info, err := p.pdf.Page(ctx, n)
	if err != nil {
		return nil, err
	}
	var result *PageResult
	reason, redraw := p.redrawn(n)
	switch {
	case info.Class == pdf.Empty:
		result = &PageResult{Page: page.Page{Source: page.Blank}, WidthPt: info.Width, HeightPt: info.Height}
		g := info.GridAt(pdf.DefaultDPI)
		result.Page.Width, result.Page.Height, result.Page.DPI = g.Width, g.Height, pdf.DefaultDPI
	case info.Image != nil:
		result, err = r.readScan(ctx, p, info)
	case redraw || p.pdf.Damaged:
		result, err = r.readRendering(ctx, p, info, true)
	case info.Recognize():
		result, err = r.readRendering(ctx, p, info, false)
	default:
		result, err = r.keepWords(ctx, p, info)
	}
	if err != nil {
		return nil, err
	}
	result.Page.Number = n
	result.Page.Warnings = append(info.Warnings, result.Page.Warnings...)
	if redraw {
		result.Page.Warnings = append(result.Page.Warnings, "the PDF shows a picture of this page: "+reason)
	}
	return result, nil
}

// readScan reads a page that is one image: its own bytes where they are a JPEG that can stand in a PDF/A, else a rendering.
func (r *Reader) readScan(ctx context.Context, p *Paper, info *pdf.PageInfo) (*PageResult, error) {
	picture, err := p.pdf.Facsimile(ctx, info.Number)
	cannot := (&pdf.CannotStandError{})
	if err != nil && !errors.As(err, &cannot) {
		return nil, err
	}
	square := math.Abs(info.Image.PPIX/info.Image.PPIY-1) < 0.02
	if picture == nil || picture.Filter != page.DCT || !square {
		return r.readRenderedScan(ctx, p, info, picture)
	}
	dpi := info.NativeDPI()
	if !info.Recognize() {
		return r.keepScanWords(ctx, p, info, picture)
	}
	path := filepath.Join(p.work, fmt.Sprintf("image-%d.jpg", info.Number))
	if err := os.WriteFile(path, picture.Data, 0o600); err != nil {
		return nil, fmt.Errorf("put the image aside: %w", err)
	}
	defer os.Remove(path) //nolint:errcheck // Close removes the folder
	result, err := r.readImage(ctx, p, Job{Path: path, Number: info.Number, DPI: dpi, Orientation: max(1, picture.Orientation)})
	if err != nil {
		return nil, err
	}
	result.Picture = picture
	return result, nil
}

// readRenderedScan is readScan for images that are read from a rendering: picture, if not nil, is still what is shown.
func (r *Reader) readRenderedScan(ctx context.Context, p *Paper, info *pdf.PageInfo, picture *page.Facsimile) (*PageResult, error) {
	if !info.Recognize() && picture != nil {
		return r.keepScanWords(ctx, p, info, picture)
	}
	result, err := r.readRendering(ctx, p, info, picture == nil)
	if err != nil {
		return nil, err
	}
	if picture != nil {
		result.Picture, result.Keep = picture, false
	}
	return result, nil
}

// readRendering reads a page that poppler paints; withPicture, the PDF shows the painting, else it keeps the page. A page
// whose own words are good keeps them.
func (r *Reader) readRendering(ctx context.Context, p *Paper, info *pdf.PageInfo, withPicture bool) (*PageResult, error) {
	painted, err := p.pdf.Render(ctx, info.Number, info.NativeDPI())
	if err != nil {
		return nil, err
	}
	defer os.Remove(painted.Path) //nolint:errcheck // Close removes the folder
	job := Job{Path: painted.Path, Number: info.Number, DPI: painted.DPI, Picture: withPicture && !p.Sealed}
	var result *PageResult
	if info.Recognize() {
		result, err = r.readImage(ctx, p, job)
	} else {
		result, err = r.pictureWithWords(ctx, p, info, painted, job)
	}
	if err != nil {
		return nil, err
	}
	result.WidthPt, result.HeightPt = info.Width, info.Height
	if result.Page.Turned == 90 || result.Page.Turned == 270 {
		result.WidthPt, result.HeightPt = info.Height, info.Width
	}
	result.Keep = result.Picture == nil
	if painted.Lowered {
		result.Page.Warnings = append(result.Page.Warnings, fmt.Sprintf("read at %.0f dpi: at more it would be too large", painted.DPI))
	}
	return result, nil
}

// pictureWithWords makes a rendering the page's picture and takes the words from the PDF.
func (r *Reader) pictureWithWords(ctx context.Context, p *Paper, info *pdf.PageInfo, painted *pdf.Rendering, job Job) (*PageResult, error) {
	job.Limits = r.limits()
	job.Codes = p.Codes
	done, err := r.pool.Do(ctx, job)
	if err != nil {
		return nil, err
	}
	blocks, err := p.pdf.Words(ctx, info.Number, painted.Grid)
	if err != nil {
		return nil, err
	}
	done.Page.Source, done.Page.Blocks = info.Source(), blocks
	done.Page.Confidence = done.Page.MeanConfidence()
	return &PageResult{Page: done.Page, Picture: done.Picture}, nil
}

// keepScanWords keeps the good text layer of a scan, and its image.
func (r *Reader) keepScanWords(ctx context.Context, p *Paper, info *pdf.PageInfo, picture *page.Facsimile) (*PageResult, error) {
	grid := info.Image.Grid()
	blocks, err := p.pdf.Words(ctx, info.Number, grid)
	if err != nil {
		return nil, err
	}
	pg := page.Page{Source: info.Source(), Width: grid.Width, Height: grid.Height, DPI: info.NativeDPI(), Blocks: blocks}
	pg.Confidence = pg.MeanConfidence()
	if err := r.paintedCodes(ctx, p, info, &pg); err != nil {
		return nil, err
	}
	return &PageResult{Page: pg, Picture: picture}, nil
}

// keepWords keeps a born-digital page with its own text.
func (r *Reader) keepWords(ctx context.Context, p *Paper, info *pdf.PageInfo) (*PageResult, error) {
	grid := info.GridAt(pdf.DefaultDPI)
	blocks, err := p.pdf.Words(ctx, info.Number, grid)
	if err != nil {
		return nil, err
	}
	pg := page.Page{Source: info.Source(), Width: grid.Width, Height: grid.Height, DPI: pdf.DefaultDPI, Blocks: blocks}
	pg.Confidence = pg.MeanConfidence()
	if err := r.paintedCodes(ctx, p, info, &pg); err != nil {
		return nil, err
	}
	return &PageResult{Page: pg, Keep: true, WidthPt: info.Width, HeightPt: info.Height}, nil
}

// paintedCodes looks for codes on a page whose words are taken as they are, where the paper is one of those with codes, or the page
// of a kind that has one: it is painted for that alone. A page that cannot be painted keeps its words.
func (r *Reader) paintedCodes(ctx context.Context, p *Paper, info *pdf.PageInfo, pg *page.Page) error {
	if !p.Codes && !extract.MayHaveCode(pg) {
		return nil
	}
	found, err := r.codesOf(ctx, p, info, pg)
	if err != nil && (confine.MachineFault(err) || ctx.Err() != nil) {
		return err
	}
	if err != nil {
		pg.Warnings = append(pg.Warnings, "codes were not looked for: "+p.withoutPaths(err.Error()))
	}
	pg.Codes = found
	return nil
}

func (r *Reader) codesOf(ctx context.Context, p *Paper, info *pdf.PageInfo, pg *page.Page) ([]page.Code, error) {
	painted, err := p.pdf.Render(ctx, info.Number, pg.DPI)
	if err != nil {
		return nil, err
	}
	defer os.Remove(painted.Path) //nolint:errcheck // Close removes the folder
	done, err := r.pool.Do(ctx, Job{Path: painted.Path, Number: info.Number, DPI: painted.DPI, Codes: true, Limits: r.limits()})
	if err != nil {
		return nil, err
	}
	onPage := page.Scale(float64(pg.Width)/float64(done.Page.Width), float64(pg.Height)/float64(done.Page.Height))
	for i, code := range done.Page.Codes {
		done.Page.Codes[i].Box = onPage.Quad(code.Box.Quad()).Box()
	}
	return done.Page.Codes, nil
}
