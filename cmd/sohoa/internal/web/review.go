package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
	"sohoa/workers"
)

// uprightBox is left, top, right and bottom, in pixels of the page as it is shown upright; right and bottom are behind the last.
type uprightBox [4]int

type wordJSON struct {
	Text       string     `json:"text"`
	Box        uprightBox `json:"box"`
	Confidence int        `json:"confidence"`
	Line       int        `json:"line"` // from 0
}

type correctionJSON struct {
	Box    uprightBox `json:"box"`
	Was    string     `json:"was"`
	Became string     `json:"became"`
	By     string     `json:"by"`
	At     time.Time  `json:"at"`
	Fits   bool       `json:"fits"`
}

type wordsJSON struct {
	Page    int    `json:"page"`
	Version string `json:"version,omitempty"` // what a correction is made on; none while the paper is still being read
	// Width and Height are the page's as it is shown upright: with it the picture and the boxes turn.
	Width  int        `json:"width"`
	Height int        `json:"height"`
	Words  []wordJSON `json:"words"`
	// PaperVersion is the paper's, with a correction counted in.
	PaperVersion int64            `json:"paper_version"`
	Corrections  []correctionJSON `json:"corrections"`
}

// upright maps what counts in the scan's pixels to the page as it is shown.
type upright struct {
	way           page.Transform
	width, height int
}

func uprightOf(width, height, turn int) upright {
	u := upright{way: page.Turn(turn, width, height), width: width, height: height}
	if turn%180 != 0 {
		u.width, u.height = height, width
	}
	return u
}

func (u upright) box(p catalogue.Place) uprightBox {
	b := u.way.Quad(page.Box{X0: p.X0, Y0: p.Y0, X1: p.X1, Y1: p.Y1}.Quad()).Box()
	return uprightBox{b.X0, b.Y0, b.X1, b.Y1}
}

// place is the way back.
func (u upright) place(b uprightBox) catalogue.Place {
	p := u.way.Inverse().Quad(page.Box{X0: b[0], Y0: b[1], X1: b[2], Y1: b[3]}.Quad()).Box()
	return catalogue.Place{X0: p.X0, Y0: p.Y0, X1: p.X1, Y1: p.Y1}
}

func wordsOut(w *catalogue.PageWords) wordsJSON {
	u := uprightOf(w.Width, w.Height, (w.Turned+w.Turn)%360)
	out := wordsJSON{Page: w.Number, Version: w.Version, Width: u.width, Height: u.height, Words: make([]wordJSON, len(w.Words)), PaperVersion: w.Edition}
	line, at := 0, 0
	for i, box := range w.Words {
		for ; at < box.Start; at++ {
			if w.Text[at] == '\n' {
				line++
			}
		}
		out.Words[i] = wordJSON{
			Text: w.Text[box.Start:box.End], Confidence: box.Confidence, Line: line,
			Box: u.box(catalogue.Place{X0: box.X0, Y0: box.Y0, X1: box.X1, Y1: box.Y1}),
		}
	}
	out.Corrections = each(w.Corrections, func(c *catalogue.Correction) correctionJSON {
		// A correction counts in the pixels of the reading that it was made on.
		p := c.Place
		if c.Width > 0 && c.Height > 0 {
			p = catalogue.Place{
				X0: p.X0 * w.Width / c.Width, Y0: p.Y0 * w.Height / c.Height, X1: p.X1 * w.Width / c.Width, Y1: p.Y1 * w.Height / c.Height,
			}
		}
		return correctionJSON{Box: u.box(p), Was: c.Was, Became: c.Became, By: c.By, At: c.At, Fits: c.Fits}
	})
	return out
}

// words are a page's words as they are now, with where they stand on its picture. While the paper is still being read they are
// those of the page's own reading, which nobody can correct yet.
func (s *Server) words(w http.ResponseWriter, r *http.Request, c *call) error {
	id, n, err := paperPage(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	got, err := s.config.Catalogue.PageWords(ctx, c.token.Path, id, n)
	if errors.Is(err, catalogue.ErrNotFound) {
		got, err = s.wordsSoFar(ctx, c, id, n)
	}
	if err != nil {
		return err
	}
	s.noteDownload(ctx, c, &catalogue.Paper{ID: id}, part{what: "page"})
	answer(w, http.StatusOK, wordsOut(&got))
	return nil
}

// paperPage is the paper and the page that a path names.
func paperPage(r *http.Request) (id catalogue.PaperID, n int, err error) {
	if id, err = number[catalogue.PaperID](r, "id"); err != nil {
		return 0, 0, err
	}
	page, err := number[int64](r, "page")
	if err != nil {
		return 0, 0, err
	}
	const mostPages = 1 << 20
	return id, int(min(page, mostPages)), nil
}

// wordsSoFar are those of a page that was read, of a paper whose pages are not all read.
func (s *Server) wordsSoFar(ctx context.Context, c *call, id catalogue.PaperID, n int) (w catalogue.PageWords, err error) {
	at, record, revision, err := s.config.Catalogue.PaperPage(ctx, c.token.Path, id, n)
	if err != nil {
		return w, err
	}
	if record.State == "waiting" {
		return w, refuse(CodeNotReadYet)
	}
	pg, err := s.readPage(ctx, at.SHA256, revision, at.Number)
	if err != nil {
		return w, err
	}
	w = catalogue.PageWords{PageText: workers.TextOf(pg), Turned: record.Turned, Turn: at.Turn}
	w.Number = n
	return w, nil
}

// readPage is the reading of a page of a scan.
func (s *Server) readPage(ctx context.Context, sha256, revision string, n int) (pg *page.Page, err error) {
	key, err := object.Reading(sha256, revision, "pages/"+strconv.Itoa(n)+".json")
	if err != nil {
		return nil, err
	}
	o, err := s.config.Objects.Get(ctx, key)
	if errors.Is(err, object.ErrNotFound) {
		return nil, &refusal{code: CodeNotReadYet, err: err}
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	text, err := io.ReadAll(o)
	if err != nil {
		return nil, err
	}
	pg = &page.Page{}
	if err := json.Unmarshal(text, pg); err != nil {
		return nil, fmt.Errorf("understand page %d of %s: %w", n, sha256, err)
	}
	return pg, nil
}

type correctionIn struct {
	Version string     `json:"version"`
	At      int        `json:"at"`
	Count   int        `json:"count"`
	Text    string     `json:"text"`
	Box     uprightBox `json:"box"`
}

// correct changes words of a page, and gives the page's words as they are then.
func (s *Server) correct(w http.ResponseWriter, r *http.Request, c *call) error {
	id, n, err := paperPage(r)
	if err != nil {
		return err
	}
	var in correctionIn
	if err := take(r, &in); err != nil {
		return err
	}
	ctx := r.Context()
	edit := catalogue.Edit{At: in.At, Count: in.Count, Text: in.Text}
	if in.Count == 0 && in.Box != (uprightBox{}) {
		now, err := s.config.Catalogue.PageWords(ctx, c.token.Path, id, n)
		if err != nil {
			return err
		}
		edit.Place = uprightOf(now.Width, now.Height, (now.Turned+now.Turn)%360).place(in.Box)
	}
	got, err := s.records(c).Correct(ctx, c.token.Path, id, n, in.Version, edit)
	if errors.Is(err, catalogue.ErrNotFound) { // of the page: it was not read yet
		if _, known := s.config.Catalogue.Paper(ctx, c.token.Path, id); known == nil {
			return &refusal{code: CodeNotReadYet, err: err}
		}
	}
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, wordsOut(&got))
	return nil
}

// approvalIn says what the officer saw; without it the paper is approved as it is.
type approvalIn struct {
	Version *int64 `json:"version"`
}

// approve says that an officer has looked at a paper.
func (s *Server) approve(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	edition := int64(catalogue.AnyEdition)
	if r.ContentLength != 0 {
		var in approvalIn
		if err := take(r, &in); err != nil {
			return err
		}
		if in.Version != nil {
			edition = max(0, *in.Version)
		}
	}
	p, err := s.records(c).Approve(r.Context(), c.token.Path, id, edition)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, paperOut(&p))
	return nil
}

// unapprove takes that back.
func (s *Server) unapprove(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	p, err := s.records(c).Unapprove(r.Context(), c.token.Path, id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, paperOut(&p))
	return nil
}

// toReview lists papers that were read and wait for an officer.
func (s *Server) toReview(w http.ResponseWriter, r *http.Request, c *call) error {
	q := queryOf(r)
	const mostID = 1<<53 - 1
	f := catalogue.ReviewFilter{
		After: catalogue.PaperID(q.count("after", 1, mostID, 0)), Limit: q.count("limit", 1, 500, 50),
		Doubts: oneOf(q, "state", catalogue.PaperReview) != "",
	}
	if q.count("mine", 0, 1, 0) == 1 {
		f.By = c.actor
	}
	if q.err != nil {
		return q.err
	}
	all, err := s.config.Catalogue.ToReview(r.Context(), c.token.Path, f)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, papersJSON{Papers: papersOut(all)})
	return nil
}
