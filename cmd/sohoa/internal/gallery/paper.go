package gallery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sohoa/pipeline"
	"sohoa/pipeline/bind"
	"sohoa/pipeline/extract"
	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// Leaf is one page of a reading.
type Leaf struct {
	SHA256, Revision string // of the reading
	Bound            int64  // when it was bound, which is again where pages of it were tried anew
	Page             int    // in its scan, from 1
	// Turned is by how many degrees clockwise the reading turned it, as the reading's PDF shows it, Turn by how many more it is
	// to be turned.
	Turned, Turn int
	Corrected    int64 // names the words that officers made of it; 0: as they were read
}

// Paper is a paper as it is shown: its pages as an officer arranged them, with the words that officers corrected.
type Paper struct {
	Leaves []Leaf
	Whole  bool // all of its scan, as it was scanned
	// Words gives the words of the leaves that were corrected, by their place from 1, all as Leaf.Corrected names them, or why there are
	// none such. It is asked when something is to be made that was not made before.
	Words func(ctx context.Context) (map[int]catalogue.PageText, error)
}

// Name tells what is made of a paper from all else: whatever changes, it is another one.
func (p *Paper) Name() string {
	h := sha256.New()
	fmt.Fprintf(h, "%t\n", p.Whole)
	for _, l := range p.Leaves {
		fmt.Fprintf(h, "%s %s %d %d %d %d %d\n", l.SHA256, l.Revision, l.Bound, l.Page, l.Turned, l.Turn, l.Corrected)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// PDF opens a paper as a PDF/A with its words behind the pages. A reading's PDF that is the scan itself, because that is signed or
// protected, stays as it is, to the byte where the paper is all of it. The caller closes the file.
func (g *Gallery) PDF(ctx context.Context, p Paper) (*os.File, error) {
	return g.made(ctx, p, ".pdf", func(ctx context.Context, m *making, path string) error {
		select {
		case g.binding <- struct{}{}:
		case <-ctx.Done():
			return fmt.Errorf("wait for a place to make a PDF: %w", ctx.Err())
		}
		defer func() { <-g.binding }()
		return m.pdf(ctx, path)
	})
}

// Text opens a paper's text. The caller closes it.
func (g *Gallery) Text(ctx context.Context, p Paper) (*os.File, error) {
	return g.made(ctx, p, ".txt", func(ctx context.Context, m *making, path string) error {
		return m.toFile(path, func(f io.Writer) error {
			return m.eachPage(ctx, func(pg *page.Page) error { return bind.WriteText(f, pg) })
		})
	})
}

// JSON opens a paper's words with their places, and beside each corrected one what was read. The caller closes it.
func (g *Gallery) JSON(ctx context.Context, p Paper) (*os.File, error) {
	return g.made(ctx, p, ".json", func(ctx context.Context, m *making, path string) error {
		return m.toFile(path, func(f io.Writer) error { return m.json(ctx, f) })
	})
}

// made opens what is made of a paper; it is made where it is not there.
func (g *Gallery) made(ctx context.Context, p Paper, ending string, do func(ctx context.Context, m *making, path string) error) (*os.File, error) {
	return g.shelf.take(ctx, p.Name()+ending, func(ctx context.Context, path string) (err error) {
		m := &making{Gallery: g, paper: p, pdfs: make(map[string]*pdfSource), readings: make(map[string]*bind.Pages)}
		for i := range p.Leaves {
			if p.Leaves[i].Corrected != 0 {
				if m.words, err = p.Words(ctx); err != nil {
					return err
				}
				break
			}
		}
		if m.dir, err = os.MkdirTemp(g.work, "paper-"); err != nil {
			return fmt.Errorf("make a folder for a paper: %w", err)
		}
		defer func() { err = errors.Join(err, m.close(), os.RemoveAll(m.dir)) }()
		return do(ctx, m, path)
	})
}

// making is one of these on its way.
type making struct {
	*Gallery
	paper Paper
	words map[int]catalogue.PageText
	dir   string

	pdfs     map[string]*pdfSource  // by the reading
	readings map[string]*bind.Pages // the same
	files    []*os.File
}

// pdfSource is a reading's PDF. sealed: it is the scan itself, because that is signed or protected.
type pdfSource struct {
	path   string
	sealed bool
	mended string // the PDF of its corrected pages, "" where there are none
	at     map[int]int
}

func (l *Leaf) reading() string { return l.SHA256 + "-" + l.Revision }

func (m *making) close() (err error) {
	for _, f := range m.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

func (m *making) toFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // in a folder of our own
	if err != nil {
		return fmt.Errorf("write what a paper is: %w", err)
	}
	return errors.Join(write(f), f.Close())
}

// page is a page of the paper, from 0, with the words that stand on it now; it is numbered as in its scan.
func (m *making) page(ctx context.Context, i int) (*page.Page, error) {
	leaf := &m.paper.Leaves[i]
	reading, there := m.readings[leaf.reading()]
	if !there {
		f, _, err := m.fetch(ctx, leaf, "paper.json")
		if err != nil {
			return nil, err
		}
		m.files = append(m.files, f)
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		if reading, err = bind.IndexJSON(f, info.Size()); err != nil {
			return nil, fmt.Errorf("understand the reading of %s: %w", leaf.SHA256, err)
		}
		m.readings[leaf.reading()] = reading
	}
	pg, err := reading.Page(leaf.Page)
	if err != nil {
		return nil, err
	}
	if now, corrected := m.words[i+1]; corrected {
		Mend(pg, &now)
	}
	return pg, nil
}

// eachPage hands over the pages as the paper has them.
func (m *making) eachPage(ctx context.Context, take func(*page.Page) error) error {
	for i := range m.paper.Leaves {
		if err := ctx.Err(); err != nil {
			return err
		}
		pg, err := m.page(ctx, i)
		if err != nil {
			return err
		}
		if leaf := &m.paper.Leaves[i]; !m.paper.Whole {
			pg.Origin = &page.Origin{SHA256: leaf.SHA256, Number: leaf.Page, Turn: leaf.Turn}
			pg.Number, pg.Turned = i+1, (pg.Turned+leaf.Turn)%360
		}
		if err := take(pg); err != nil {
			return err
		}
	}
	return nil
}

func (m *making) json(ctx context.Context, f io.Writer) error {
	var out *bind.JSON
	var fields []extract.Field
	err := m.eachPage(ctx, func(pg *page.Page) (err error) {
		if out == nil {
			head := m.readings[m.paper.Leaves[0].reading()].Head
			var meta any
			if m.paper.Whole && head.Meta != nil {
				meta = head.Meta
			}
			if out, err = bind.NewJSON(f, head.Reading, meta); err != nil {
				return err
			}
		}
		fields = append(fields, extract.Page(pg)...)
		return out.Page(pg)
	})
	if err != nil {
		return err
	}
	if out == nil {
		return errors.New("a paper without pages")
	}
	out.Fields(extract.OfPaper(fields))
	_, err = out.Close()
	return err
}

// pdf puts the PDF together: of pages of the readings' PDFs, and of those that are made anew with other words.
func (m *making) pdf(ctx context.Context, path string) error {
	leaves := m.paper.Leaves
	all := make([]bind.Leaf, len(leaves))
	for i := range leaves {
		from, err := m.pdfOf(ctx, &leaves[i])
		if err != nil {
			return err
		}
		if from.sealed && m.paper.Whole {
			return os.Rename(from.path, path)
		}
		all[i] = bind.Leaf{File: from.path, Page: leaves[i].Page, Turn: leaves[i].Turn}
		if from.sealed { // its pages lie as they were scanned
			all[i].Turn = (leaves[i].Turned + leaves[i].Turn) % 360
		}
		if n := from.at[leaves[i].Page]; n > 0 {
			all[i].File, all[i].Page = from.mended, n
		}
	}
	return bind.Arrange(ctx, bind.Options{Scratch: m.dir}, all, path)
}

// pdfOf is the PDF of a leaf's reading, with those of its pages made anew on which officers corrected words.
func (m *making) pdfOf(ctx context.Context, leaf *Leaf) (*pdfSource, error) {
	from, there := m.pdfs[leaf.reading()]
	if there {
		return from, nil
	}
	f, sum, err := m.fetch(ctx, leaf, "paper.pdf")
	if err != nil {
		return nil, err
	}
	from = &pdfSource{path: f.Name(), sealed: sum == leaf.SHA256, at: make(map[int]int)}
	if err := f.Close(); err != nil {
		return nil, err
	}
	m.pdfs[leaf.reading()] = from
	if from.sealed {
		return from, nil
	}
	var numbers []int
	places := make(map[int]int) // by the page's number in its scan, from 0
	for i := range m.paper.Leaves {
		l := &m.paper.Leaves[i]
		if _, corrected := m.words[i+1]; corrected && l.reading() == leaf.reading() {
			numbers = append(numbers, l.Page)
			places[l.Page] = i
			from.at[l.Page] = len(numbers)
		}
	}
	if len(numbers) == 0 {
		return from, nil
	}
	from.mended = filepath.Join(m.dir, fmt.Sprintf("mended-%d.pdf", len(m.pdfs)))
	return from, pipeline.Rebind(ctx, m.painting, from.path, numbers, func(n int) (*page.Page, error) { return m.page(ctx, places[n]) }, from.mended)
}

// fetch copies an object of a reading here, and tells its SHA-256.
func (m *making) fetch(ctx context.Context, l *Leaf, name string) (f *os.File, sum string, err error) {
	key, err := object.Reading(l.SHA256, l.Revision, name)
	if err != nil {
		return nil, "", err
	}
	o, err := m.objects.Get(ctx, key)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if f, err = os.CreateTemp(m.dir, "*-"+name); err != nil {
		return nil, "", fmt.Errorf("fetch what was read: %w", err)
	}
	h := sha256.New()
	if _, err = io.Copy(io.MultiWriter(f, h), o); err != nil {
		return nil, "", errors.Join(fmt.Errorf("fetch what was read: %w", err), f.Close())
	}
	return f, hex.EncodeToString(h.Sum(nil)), nil
}
