package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sohoa/cmd/sohoa/internal/gallery"
	"sohoa/pipeline/bind"
	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
)

// A paper whose pages were arranged, or on which words were corrected, is downloaded as it is shown: its text is put together of
// the pages' readings and the corrections, its PDF of the pages of the readings' PDFs. The text behind the pages of a PDF stays
// what was read; the original, and with it a signature, stays as it was handed in.

// shownText answers with the text of a paper as it is shown.
func (s *Server) shownText(w http.ResponseWriter, r *http.Request, c *call, p *catalogue.Paper, pages []catalogue.ShownPage) error {
	ctx := r.Context()
	s.noteDownload(ctx, c, p, part{what: resultText.what})
	var all bytes.Buffer
	for i := range pages {
		if err := s.writeShown(ctx, c, &all, p.ID, i+1, &pages[i]); err != nil {
			return fmt.Errorf("write page %d of paper %d: %w", i+1, p.ID, err)
		}
	}
	s.asDownload(w, p, resultText, strconv.Quote(gallery.NameOf(leavesOf(pages))+"-"+strconv.FormatInt(lastCorrection(pages), 10)))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(all.Bytes()))
	return nil
}

// writeShown writes one page as bind.WriteText does, with the words that officers corrected.
func (s *Server) writeShown(ctx context.Context, c *call, w *bytes.Buffer, id catalogue.PaperID, n int, shown *catalogue.ShownPage) error {
	pg, err := s.readPage(ctx, shown.SHA256, shown.Revision, shown.Number)
	if err != nil {
		return err
	}
	if shown.Corrected > 0 {
		now, err := s.config.Catalogue.PageWords(ctx, c.token.Path, id, n)
		if err != nil && !errors.Is(err, catalogue.ErrNotFound) {
			return err
		}
		if err == nil {
			mend(pg, now.Text)
		}
	}
	return bind.WriteText(w, pg)
}

// mend puts corrected words into the lines of a reading: corrections leave lines where they are.
func mend(pg *page.Page, text string) {
	lines := strings.Split(text, "\n")
	at := 0
	var last *page.Line
	for b := range pg.Blocks {
		for l := range pg.Blocks[b].Lines {
			line := &pg.Blocks[b].Lines[l]
			if len(line.Words) == 0 || at == len(lines) {
				continue
			}
			line.Words, last = wordsOfLine(lines[at]), line
			at++
		}
	}
	rest := strings.Join(lines[at:], "\n")
	switch {
	case strings.TrimSpace(rest) == "":
	case last != nil:
		last.Words = append(last.Words, wordsOfLine(rest)...)
	default: // nothing was read, and an officer typed it all
		pg.Blocks = []page.Block{{Kind: page.BlockText, Lines: []page.Line{{Words: wordsOfLine(rest)}}}}
	}
}

func wordsOfLine(text string) (words []page.Word) {
	for word := range strings.FieldsSeq(text) {
		words = append(words, page.Word{Text: word})
	}
	return words
}

// shownPDF answers with the PDF of a paper whose pages were arranged.
func (s *Server) shownPDF(w http.ResponseWriter, r *http.Request, c *call, p *catalogue.Paper, pages []catalogue.ShownPage) error {
	s.noteDownload(r.Context(), c, p, part{what: resultPDF.what})
	leaves := leavesOf(pages)
	f, err := s.config.Gallery.PDF(r.Context(), leaves)
	if err != nil {
		return s.unpainted(r.Context(), err)
	}
	s.asDownload(w, p, resultPDF, strconv.Quote(gallery.NameOf(leaves)))
	return s.serveMade(w, r, c, f, resultPDF.mediaType)
}

func (s *Server) asDownload(w http.ResponseWriter, p *catalogue.Paper, kind resultKind, etag string) {
	head := w.Header()
	head.Set("ETag", etag)
	head.Set("Content-Type", kind.mediaType)
	head.Set("Cache-Control", "private, no-cache")
	head.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	head.Set("Content-Disposition", disposition(withEnding(savedAs(p), kind.ending)))
}

// leavesOf are the pages of the readings' PDFs.
func leavesOf(pages []catalogue.ShownPage) []gallery.Leaf {
	return each(pages, func(at *catalogue.ShownPage) gallery.Leaf {
		return gallery.Leaf{SHA256: at.SHA256, Revision: at.Revision, Page: at.Number, Turned: at.Turned, Turn: at.Turn}
	})
}

func lastCorrection(pages []catalogue.ShownPage) (last int64) {
	for i := range pages {
		last = max(last, pages[i].Corrected)
	}
	return last
}
