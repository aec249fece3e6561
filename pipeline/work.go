package pipeline

import (
	"fmt"
	"math"

	"sohoa/pipeline/clean"
	"sohoa/pipeline/codes"
	"sohoa/pipeline/decode"
	"sohoa/pipeline/extract"
	"sohoa/pipeline/facsimile"
	"sohoa/pipeline/language"
	"sohoa/pipeline/language/ngram"
	"sohoa/pipeline/language/repair"
	"sohoa/pipeline/layout"
	"sohoa/pipeline/page"
	"sohoa/pipeline/recognize"
)

// Job is what a child is asked to do with one page image. It names a file: pixels never pass through the parent.
type Job struct {
	Path   string
	Index  int // of the page in the file, from 0
	Number int // of the page in the paper, from 1
	// DPI is the page's resolution where the caller knows better than the file (a page of a PDF); 0 otherwise.
	DPI float64
	// Orientation overrides the EXIF orientation in the file (a PDF's images are shown without it); 0 leaves it.
	Orientation int
	Read        bool // recognize the page
	Picture     bool // make its facsimile
	Plain       bool // with the plainer cleaning, after the full one failed
	Codes       bool // look for QR codes and barcodes; on pages of a kind that has one they are looked for anyhow
	// Count asks only for the number of pages in the file.
	Count bool
	// Greet asks for nothing: whether there is a child that answers.
	Greet  bool
	Limits decode.Limits
}

// Done is a child's answer.
type Done struct {
	Page    page.Page
	Picture *page.Facsimile // nil unless asked for
	Pages   int             // of the file, if that was asked for
}

// Worker does jobs one after the other inside a child process.
type Worker struct {
	engine *recognize.Engine
}

// NewWorker loads the model.
func NewWorker(m recognize.Model) (*Worker, error) {
	engine, err := recognize.NewEngine(m)
	if err != nil {
		return nil, err
	}
	return &Worker{engine: engine}, nil
}

// Close frees the model.
func (w *Worker) Close() error { return w.engine.Close() }

// Work decodes one page, reads it and makes its facsimile, as the job asks.
func (w *Worker) Work(job Job) (Done, error) {
	if job.Greet {
		return Done{}, nil
	}
	if job.Count {
		n, err := decode.Count(job.Path, job.Limits)
		return Done{Pages: n}, err
	}
	start := processorTime()
	sheet, err := decode.Decode(job.Path, job.Index, decode.Options{Limits: job.Limits, Orientation: job.Orientation})
	if err != nil {
		return Done{}, err
	}
	done := Done{Page: page.Page{
		Number: job.Number, Source: page.Recognized, Width: sheet.Width, Height: sheet.Height,
		DPI: job.DPI, Warnings: sheet.Warnings,
	}}
	if job.Picture {
		picture, notes, err := facsimile.Make(job.Path, job.Index, sheet)
		if err != nil {
			return Done{}, fmt.Errorf("make the picture of page %d: %w", job.Number, err)
		}
		done.Picture = picture
		done.Page.Warnings = append(done.Page.Warnings, notes...)
	}
	if job.Codes {
		done.Page.Codes = findCodes(sheet, job)
	}
	if job.Read {
		if err := w.read(&done.Page, sheet, job); err != nil {
			return Done{}, fmt.Errorf("read page %d: %w", job.Number, err)
		}
		if !job.Codes && extract.MayHaveCode(&done.Page) {
			done.Page.Codes = findCodes(sheet, job)
		}
	}
	done.Page.Seconds = (processorTime() - start).Seconds()
	return done, nil
}

// findCodes gives the codes on the sheet, in pixels of the page.
func findCodes(sheet *decode.Sheet, job Job) []page.Code {
	dpi := sheet.DPI
	if job.DPI > 0 {
		dpi = job.DPI
	}
	grown := shownScale(sheet)
	found := codes.Find(sheet.Pixels, dpi/grown[0])
	for i := range found {
		found[i].Box = grown.Quad(found[i].Box.Quad()).Box()
	}
	return found
}

// shownScale is the way from a sheet's pixels to those of the page: it may have been decoded smaller than the page is.
func shownScale(sheet *decode.Sheet) page.Transform {
	b := sheet.Pixels.Bounds()
	return page.Scale(float64(sheet.Width)/float64(b.Dx()), float64(sheet.Height)/float64(b.Dy()))
}

// read fills the page with what stands on the sheet.
func (w *Worker) read(p *page.Page, sheet *decode.Sheet, job Job) error {
	scan := clean.Scan{Pixels: sheet.Pixels, Bilevel: sheet.Bilevel, DPI: sheet.DPI}
	if job.DPI > 0 {
		scan.DPI = job.DPI
	}
	cleaned, words, err := w.recognize(scan, clean.Options{Plain: job.Plain})
	if err != nil {
		return err
	}
	blocks, dropped := layout.Arrange(words, layout.Rules{Horizontal: cleaned.Horizontal, Vertical: cleaned.Vertical},
		cleaned.Gray.Rect.Size())
	if dropped > 0 {
		cleaned.Steps = append(cleaned.Steps, page.Step{Name: "nonsense", Detail: fmt.Sprintf("%d marks that are no words", dropped)})
	}
	// Behind the layout, as a sentence goes on in its own column; before the boxes leave the cleaned image, by which the
	// recognizer's choices are found.
	repair.Blocks(ngram.Official(), blocks, repair.ChoicesOf(words))
	place(blocks, cleaned.ToScan.Then(shownScale(sheet)), sheet.Width, sheet.Height)
	p.Blocks = blocks
	p.Turned, p.Skew = cleaned.Turned, math.Round(cleaned.Skew*100)/100
	p.Cleaning = cleaned.Steps
	p.Warnings = append(p.Warnings, cleaned.Warnings...)
	if p.DPI == 0 {
		p.DPI = cleaned.ScanDPI * float64(sheet.Width) / float64(sheet.Pixels.Bounds().Dx())
	}
	p.Confidence = p.MeanConfidence()
	if len(blocks) == 0 {
		p.Source = page.Blank
	}
	return nil
}

// recognize cleans the page and reads it; where its orientation is in doubt, both ways of a part of it are read first.
func (w *Worker) recognize(scan clean.Scan, opt clean.Options) (*clean.Cleaned, []layout.Fragment, error) {
	cleaned := clean.Clean(scan, opt)
	if cleaned.Blank {
		return cleaned, nil, nil
	}
	if cleaned.TurnSure < clean.TurnIsSure {
		turn, err := w.bestTurn(cleaned)
		if err != nil {
			return nil, nil, err
		}
		if turn != cleaned.Turned {
			opt.Turn = &turn
			cleaned = clean.Clean(scan, opt)
		}
	}
	words, err := w.readParts(cleaned)
	if err != nil {
		return nil, nil, err
	}
	for i := range words {
		words[i].Text = language.Normalize(words[i].Text)
	}
	return cleaned, words, nil
}

// readParts reads the page without its tables, and the tables column by column.
func (w *Worker) readParts(cleaned *clean.Cleaned) ([]layout.Fragment, error) {
	words, err := w.engine.Read(cleaned.WithoutStrips(), cleaned.DPI, recognize.WholePage)
	if err != nil {
		return nil, err
	}
	lines, blocks := 0, 0
	for _, word := range words {
		lines, blocks = max(lines, word.Line), max(blocks, word.Block)
	}
	const margin = 8 // pixels
	for _, strip := range cleaned.Strips {
		if !clean.HasPrint(cleaned.Gray, strip) {
			continue
		}
		column, err := w.engine.Read(clean.CutOut(cleaned.Gray, strip, margin), cleaned.DPI, recognize.OneBlock)
		if err != nil {
			return nil, err
		}
		most := lines
		for _, word := range column {
			word = moved(word, strip.Min.X-margin, strip.Min.Y-margin)
			word.Line += lines
			word.Block += blocks
			most = max(most, word.Line)
			words = append(words, word)
		}
		lines = most
		blocks++
	}
	return words, nil
}

// moved shifts a word that was read on a cut-out to where it stands on the page.
func moved(word layout.Fragment, dx, dy int) layout.Fragment {
	b := word.Box
	word.Box = page.Box{X0: b.X0 + dx, Y0: b.Y0 + dy, X1: b.X1 + dx, Y1: b.Y1 + dy}
	for i := range word.Baseline {
		word.Baseline[i].X += float64(dx)
		word.Baseline[i].Y += float64(dy)
	}
	return word
}

// bestTurn reads a strip of the page in all four directions and gives the turn, from the scan as it came, in which it
// reads best.
func (w *Worker) bestTurn(cleaned *clean.Cleaned) (int, error) {
	best, most := cleaned.Turned, -1.0
	for _, more := range []int{0, 180, 90, 270} {
		strip := clean.DensestStrip(clean.Turn(cleaned.Gray, more))
		words, err := w.engine.Read(strip, cleaned.DPI, recognize.OneBlock)
		if err != nil {
			return 0, err
		}
		// Another direction than the likeliest has to show more than what comes about by chance.
		const chance = 2
		if score := readability(words); more == 0 || score > most+chance {
			best, most = (cleaned.Turned+more)%360, score
		}
		const plainly = 12 // good syllables: upside down, a strip gives one or two by chance
		if most >= plainly {
			break
		}
	}
	return best, nil
}

// readability counts the letters of Vietnamese syllables that were read with confidence.
func readability(words []layout.Fragment) float64 {
	score := 0.0
	for _, w := range words {
		if len([]rune(w.Text)) >= 2 && w.Confidence >= 60 && language.IsSyllable(w.Text) {
			score++
		}
	}
	return score
}

// place maps words and lines from the cleaned image onto the page as scanned.
func place(blocks []page.Block, t page.Transform, width, height int) {
	inside := page.Box{X1: width, Y1: height}
	for b := range blocks {
		block := &blocks[b]
		block.Box = page.Box{}
		for l := range block.Lines {
			line := &block.Lines[l]
			line.Box = page.Box{}
			line.Baseline = [2]page.Point{t.Apply(line.Baseline[0]), t.Apply(line.Baseline[1])}
			for i := range line.Words {
				word := &line.Words[i]
				word.Quad = t.Quad(word.Quad)
				word.Box = word.Quad.Box().Intersect(inside)
				line.Box = line.Box.Union(word.Box)
			}
			block.Box = block.Box.Union(line.Box)
		}
	}
}
