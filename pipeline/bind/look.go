package bind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
)

// lookSide is the longer side, in pixels, of the small renderings that are compared.
const lookSide = 240

// sameLook tells whether a converted page looks like the source's: a converter that meets something broken may leave it
// out and say nothing.
func (a *assembly) sameLook(ctx context.Context, file string, n, sourcePage int) error {
	before, err := a.look(ctx, a.source, sourcePage)
	if err != nil {
		return err
	}
	after, err := a.look(ctx, file, n)
	if err != nil {
		return err
	}
	if d := before.difference(after); d > 0.25 {
		return fmt.Errorf("by %.2f: %w", d, ErrLooksDifferent)
	}
	return nil
}

// picture is a small grey rendering.
type picture struct {
	width, height int
	pixels        []byte
}

var errPGM = errors.New("not a PGM picture")

func (a *assembly) look(ctx context.Context, file string, n int) (picture, error) {
	number := strconv.Itoa(n)
	b, err := a.run(ctx, 1, "pdftoppm", "-q", "-gray", "-cropbox", "-scale-to", strconv.Itoa(lookSide),
		"-f", number, "-l", number, file)
	if err != nil {
		return picture{}, err
	}
	var p picture
	var most int
	if _, err := fmt.Fscanf(bytes.NewReader(b), "P5\n%d %d\n%d\n", &p.width, &p.height, &most); err != nil {
		return picture{}, fmt.Errorf("render page %d: %w: %w", n, errPGM, err)
	}
	size := p.width * p.height
	if p.width < 1 || p.height < 1 || size > len(b) || most != 255 {
		return picture{}, fmt.Errorf("render page %d: %w", n, errPGM)
	}
	p.pixels = b[len(b)-size:]
	return p, nil
}

// grid is how many cells a picture is compared in, each way.
const grid = 12

// difference is the worst difference of mean brightness, 0–1, over the cells of a grid of 12 × 12: letters drawn a little
// differently even out in a cell, something lost does not. Pictures of different shape differ wholly.
func (p picture) difference(q picture) float64 {
	if abs := max(p.width-q.width, q.width-p.width) + max(p.height-q.height, q.height-p.height); abs > lookSide/40 {
		return 1
	}
	worst := 0.0
	for i := range grid * grid {
		worst = max(worst, p.cell(i%grid, i/grid)-q.cell(i%grid, i/grid),
			q.cell(i%grid, i/grid)-p.cell(i%grid, i/grid))
	}
	return worst
}

// cell is the mean brightness, 0–1, of one cell.
func (p picture) cell(cx, cy int) float64 {
	x0, x1 := cx*p.width/grid, (cx+1)*p.width/grid
	y0, y1 := cy*p.height/grid, (cy+1)*p.height/grid
	sum, n := 0, 0
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			sum += int(p.pixels[y*p.width+x])
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return float64(sum) / float64(n) / 255
}
