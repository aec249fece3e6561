package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"sohoa/pipeline"
	"sohoa/pipeline/bind"
	"sohoa/pipeline/page"
)

// report tells what happens while files are read: a progress bar on a terminal, plain lines elsewhere, JSON lines for
// programs. Failures are always lines of their own. It is safe for concurrent use.
type report struct {
	mu    sync.Mutex
	json  *json.Encoder // nil unless asked for
	lines io.Writer     // where lines for people go: above the bar, or standard output
	fails io.Writer
	bars  *mpb.Progress // nil without a terminal
	bar   *mpb.Bar
	total int64
	files int
	start time.Time
	pages int
}

func newReport(asJSON bool, files []string) *report {
	r := &report{lines: os.Stdout, fails: os.Stderr, files: len(files), start: time.Now()}
	switch {
	case asJSON:
		r.json = json.NewEncoder(os.Stdout)
	case term.IsTerminal(int(os.Stderr.Fd())):
		r.bars = mpb.New(mpb.WithOutput(os.Stderr), mpb.WithWidth(60))
		r.bar = r.bars.New(0, mpb.BarStyle(),
			mpb.PrependDecorators(decor.CountersNoUnit("%d/%d pages")),
			mpb.AppendDecorators(decor.EwmaETA(decor.ET_STYLE_GO, 30), decor.Name(" left")))
		r.lines, r.fails = r.bars, r.bars
	}
	return r
}

// pageLine and fileLine are the JSON lines of `sohoa read --json`.
type pageLine struct {
	Event      string   `json:"event"` // "page"
	File       string   `json:"file"`
	Page       int      `json:"page"`
	Pages      int      `json:"pages"`
	Source     string   `json:"source"`
	Words      int      `json:"words"`
	Confidence float64  `json:"confidence"`
	Warnings   []string `json:"warnings,omitempty"`
	Error      string   `json:"error,omitempty"`
	Hint       string   `json:"hint,omitempty"`
}

type fileLine struct {
	Event      string  `json:"event"` // "file"
	File       string  `json:"file"`
	PDF        string  `json:"pdf,omitempty"`
	Text       string  `json:"text,omitempty"`
	JSON       string  `json:"json,omitempty"`
	Pages      int     `json:"pages"`
	Failed     int     `json:"failed"`
	Blank      int     `json:"blank"`
	Confidence float64 `json:"confidence"`
	Seconds    float64 `json:"seconds"` // on the clock
	Error      string  `json:"error,omitempty"`
	Hint       string  `json:"hint,omitempty"`
}

// page reports the count of a file's pages, or one page that is done.
func (r *report) page(file string, e pipeline.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Page == nil {
		if r.bar != nil {
			r.total += int64(e.Pages)
			r.bar.SetTotal(r.total, false)
		}
		return
	}
	r.pages++
	if r.bar != nil {
		r.bar.EwmaIncrement(time.Since(r.start) / time.Duration(r.pages))
	}
	p := e.Page
	if r.json != nil {
		words := 0
		for range p.Words {
			words++
		}
		r.encode(pageLine{
			Event: "page", File: file, Page: p.Number, Pages: e.Pages, Source: string(p.Source), Words: words,
			Confidence: p.Confidence, Warnings: p.Warnings, Error: p.Error,
		})
		return
	}
	if p.Source == page.Failed {
		r.say(r.fails, "%s: page %d of %d failed: %s\n", file, p.Number, e.Pages, p.Error)
	}
}

// file reports a file that is done or failed.
func (r *report) file(file, stem string, sum bind.Summary, err error, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.json != nil {
		line := fileLine{
			Event: "file", File: file, Pages: sum.Pages, Failed: sum.Failed, Blank: sum.Blank,
			Confidence: sum.Confidence, Seconds: took.Seconds(),
		}
		if err != nil {
			line.Error, line.Hint = err.Error(), hint(err)
		} else {
			line.PDF, line.Text, line.JSON = stem+".pdf", stem+".txt", stem+".json"
		}
		r.encode(line)
		return
	}
	if err != nil {
		r.say(r.fails, "%s: failed: %v\n", file, err)
		if h := hint(err); h != "" {
			r.say(r.fails, "  hint: %s\n", h)
		}
		return
	}
	blank := ""
	if sum.Blank > 0 {
		blank = fmt.Sprintf(", %d blank", sum.Blank)
	}
	failed := ""
	if sum.Failed > 0 {
		failed = fmt.Sprintf(", %d failed", sum.Failed)
	}
	r.say(r.lines, "%s: %d pages%s%s, confidence %.0f, %.1f s → %s.pdf\n", file, sum.Pages, blank, failed,
		sum.Confidence, took.Seconds(), stem)
}

// end closes the bar and says how it went.
func (r *report) end(failed int) {
	if r.bars != nil {
		r.bar.SetTotal(-1, true)
		r.bars.Wait()
	}
	if r.json == nil && r.files > 1 {
		took := time.Since(r.start).Seconds()
		fmt.Fprintf(os.Stdout, "%d files, %d failed, %d pages in %.1f s\n", r.files, failed, r.pages, took)
	}
}

// say writes a line; where that fails (a closed terminal) reading goes on: its results are what counts.
func (r *report) say(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format, args...)
}

func (r *report) encode(line any) {
	if err := r.json.Encode(line); err != nil && !errors.Is(err, os.ErrClosed) {
		fmt.Fprintf(os.Stderr, "sohoa: error: report: %v\n", err)
	}
}
