package pdf

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"syscall"

	"sohoa/pipeline/confine"
)

// DefaultDPI is the resolution at which pages without one whole-page image are rendered.
const DefaultDPI = 300

// Rendering is a page as pixels in a file.
type Rendering struct {
	Path string // a PGM or PPM file below Options.WorkDir; the caller may remove it, Close will
	Grid Grid   // its size; its area is the whole page
	// DPI is the resolution: the one asked for, or less where the page is too large for it.
	DPI     float64
	Lowered bool
}

// NativeDPI is the resolution at which a rendering has the pixels of the page's own image, or DefaultDPI.
func (p *PageInfo) NativeDPI() float64 {
	if p.Image == nil || p.Image.Orientation == 0 {
		return DefaultDPI
	}
	dpi := max(p.Image.PPIX, p.Image.PPIY)
	if !(dpi >= 1) || dpi > 1e5 {
		return DefaultDPI
	}
	return dpi
}

// GridAt is the grid of the whole page at a resolution in dots per inch.
func (p *PageInfo) GridAt(dpi float64) Grid {
	pixels := func(points float64) int { return max(1, int(math.Round(min(points*dpi/72, 1e9)))) }
	return Grid{Width: pixels(p.Width), Height: pixels(p.Height), Area: WholePage()}
}

// Render paints page n at dpi dots per inch, in grey where nothing on it is coloured. A page that would have more pixels
// than allowed is painted at a lower resolution; Rendering says so. Colour costs three times the memory of grey.
func (d *Document) Render(ctx context.Context, n int, dpi float64) (*Rendering, error) {
	info, err := d.Page(ctx, n)
	if err != nil {
		return nil, err
	}
	if !(dpi >= 1) || dpi > 1e5 {
		return nil, fmt.Errorf("render page %d: %g dpi is no resolution", n, dpi)
	}
	r := &Rendering{DPI: dpi, Grid: info.GridAt(dpi)}
	if most := float64(d.opt.Limits.Pixels); float64(r.Grid.Width)*float64(r.Grid.Height) > most {
		inches := info.Width / 72 * info.Height / 72
		r.DPI, r.Lowered = math.Sqrt(most/inches)*0.999, true
		r.Grid = info.GridAt(r.DPI)
		if int64(r.Grid.Width) > d.opt.Limits.Pixels/int64(r.Grid.Height) { // a page of hardly any height
			return nil, &LimitError{What: "pixels", Has: int64(r.Grid.Width) * int64(r.Grid.Height), Most: d.opt.Limits.Pixels}
		}
	}
	ctx, cancel := confine.WithLimit(ctx, d.opt.Limits.Time)
	defer cancel()
	file := d.popplerFile()
	r.Path, err = d.paint(ctx, file, info, r.Grid)
	if err != nil && ctx.Err() == nil && !confine.MachineFault(err) && !d.Damaged && file == d.path {
		copied, failure := d.switchToCopy(ctx)
		switch {
		case failure == nil:
			r.Path, err = d.paint(ctx, copied, info, r.Grid)
		case confine.MachineFault(failure):
			err = failure
		}
	}
	if err != nil {
		return nil, fmt.Errorf("render page %d: %w", n, err)
	}
	return r, nil
}

func (d *Document) popplerFile() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.poppler
}

// switchToCopy gives poppler a copy that qpdf put in order, from now on.
func (d *Document) switchToCopy(ctx context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.poppler == d.path {
		copied, err := d.tools.repair(ctx, d.path)
		if err != nil {
			return "", err
		}
		d.poppler = copied
	}
	return d.poppler, nil
}

// paint has poppler write one page in exactly the grid's pixels and gives the file's name.
func (d *Document) paint(ctx context.Context, file string, info *PageInfo, g Grid) (string, error) {
	dir, err := os.MkdirTemp(d.tools.dir, "page-")
	if err != nil {
		return "", fmt.Errorf("make room for the rendering: %w", err)
	}
	w, h := g.Width, g.Height
	if info.Rotate%180 != 0 {
		w, h = h, w // poppler means the page before /Rotate
	}
	args := []string{
		"-q", "-cropbox", "-singlefile", "-f", strconv.Itoa(info.Number), "-l", strconv.Itoa(info.Number),
		"-scale-to-x", strconv.Itoa(w), "-scale-to-y", strconv.Itoa(h),
	}
	name := dir + "/page"
	if info.Coloured {
		args = append(args, file, name)
		name += ".ppm"
	} else {
		args = append(args, "-gray", file, name)
		name += ".pgm"
	}
	slow := *d.tools
	slow.time = d.opt.Limits.Time
	_, err = slow.run(ctx, mostInfo, 4*int64(g.Width)*int64(g.Height)+1<<16, "pdftoppm", args...)
	if err == nil {
		err = checkSize(name, g)
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return name, nil
}

// checkSize makes sure that poppler painted what was asked for, since boxes are reckoned in these pixels, and all of it:
// poppler does not look whether its writes succeed.
func checkSize(name string, g Grid) (err error) {
	f, err := os.Open(name) //nolint:gosec // our own temporary file
	if err != nil {
		return fmt.Errorf("read the rendering: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var kind string
	var w, h int
	if _, err := fmt.Fscan(f, &kind, &w, &h); err != nil {
		return fmt.Errorf("read the rendering: %w", err)
	}
	if w != g.Width || h != g.Height {
		return fmt.Errorf("the rendering has %d×%d pixels instead of %d×%d", w, h, g.Width, g.Height)
	}
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read the rendering: %w", err)
	}
	least := int64(w) * int64(h)
	if kind == "P6" {
		least *= 3
	}
	if info.Size() <= least {
		return fmt.Errorf("the rendering was cut short to %d bytes: %w", info.Size(), syscall.ENOSPC)
	}
	return nil
}
