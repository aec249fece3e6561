package pdf

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"sohoa/pipeline/confine"
)

// Document is an open PDF. Its methods may be called from several goroutines.
type Document struct {
	// Signed tells that the file holds a digital signature: it must never be rewritten.
	Signed bool
	// Encrypted tells that the file is encrypted but opens without a password: it may be read, not rewritten.
	Encrypted bool
	// Tagged, Forms and JavaScript are noted for warnings: a two-layer PDF keeps none of the three.
	Tagged, Forms, JavaScript bool
	// Damaged tells that the structure could not be understood: pages can be rendered, but not be told apart.
	Damaged  bool
	Warnings []string

	path    string
	poppler string // what poppler's programs are given: path, or a repaired copy
	opt     Options
	tools   *tools

	mu       sync.Mutex
	objects  *objects // nil if Damaged
	leaves   []leaf
	infos    map[int]*PageInfo
	texts    map[int]*textPage // of the batch surveyed last
	images   map[ref]extracted // of the batch extracted last
	profiles map[ref]bool      // whether an ICC profile stands as sRGB
}

// Open looks at a PDF's structure: pages, signatures, encryption. It starts two or three processes, however many pages
// there are. Errors: *LimitError, *EncryptedError, *BrokenError, confine.ErrTooLong where Limits.Time passed, those of
// confine.MachineFault, or the context's.
// The caller closes the document.
func Open(ctx context.Context, path string, opt Options) (*Document, error) {
	opt = opt.withDefaults()
	dir, err := os.MkdirTemp(opt.WorkDir, "pdf-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the PDF's temporary files: %w", err)
	}
	d := &Document{
		path: path, poppler: path, opt: opt,
		tools:    &tools{dir: dir, memory: opt.Limits.Memory, time: max(opt.Limits.Time/3, time.Second), nice: opt.Limits.Nice},
		infos:    map[int]*PageInfo{},
		texts:    map[int]*textPage{},
		images:   map[ref]extracted{},
		profiles: map[ref]bool{},
	}
	ctx, cancel := confine.WithLimit(ctx, opt.Limits.Time)
	defer cancel()
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close removes the temporary files. Renderings are among them.
func (d *Document) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var err error
	if d.objects != nil {
		err = d.objects.close()
	}
	return errors.Join(err, os.RemoveAll(d.tools.dir))
}

// Pages is the number of pages.
func (d *Document) Pages() int { return len(d.leaves) }

func (d *Document) open(ctx context.Context) error {
	if st, err := os.Stat(d.path); err != nil {
		return fmt.Errorf("open the PDF: %w", err)
	} else if st.Size() == 0 {
		return &BrokenError{Err: errors.New("the file is empty")}
	}
	claimed, popplerErr := d.claimedPages(ctx, d.path)
	if err := unusable(ctx, popplerErr); err != nil {
		return err
	}
	if claimed > d.opt.Limits.Pages {
		return &LimitError{What: "pages", Has: int64(claimed), Most: int64(d.opt.Limits.Pages)}
	}
	err := d.understand(ctx)
	var limit *LimitError
	switch {
	case errors.As(err, &limit):
		return err
	case err != nil:
		if e := unusable(ctx, err); e != nil {
			return e
		}
		locked, machine := d.tools.needsPassword(ctx, d.path)
		if machine != nil {
			return machine
		}
		if locked {
			return &EncryptedError{}
		}
		if claimed == 0 {
			return &BrokenError{Err: errors.Join(err, popplerErr)}
		}
		return d.openDamaged(ctx, claimed)
	case claimed != len(d.leaves):
		return d.agree(ctx, claimed)
	}
	return nil
}

// unusable gives errors that no other way of opening the file will mend.
func unusable(ctx context.Context, err error) error {
	if ended := confine.Ended(ctx); ended != nil {
		return fmt.Errorf("open the PDF: %w", ended)
	}
	if confine.MachineFault(err) {
		return fmt.Errorf("open the PDF: %w", err)
	}
	return nil
}

// claimedPages is the number of pages that poppler finds, and notes what else it says of the document.
func (d *Document) claimedPages(ctx context.Context, path string) (int, error) {
	said, err := d.tools.run(ctx, mostInfo, mostInfo, "pdfinfo", path)
	if err != nil {
		return 0, err
	}
	pages := 0
	for line := range strings.Lines(string(said)) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key {
		case "Pages":
			pages, _ = strconv.Atoi(value) //nolint:errcheck // no number counts as no page
		case "Tagged":
			d.Tagged = value == "yes"
		case "Form":
			d.Forms = value != "none"
		case "JavaScript":
			d.JavaScript = value == "yes"
		case "Encrypted":
			d.Encrypted = strings.HasPrefix(value, "yes")
		}
	}
	return max(pages, 0), nil
}

// understand has qpdf take the document apart and finds pages and signatures.
func (d *Document) understand(ctx context.Context) error {
	name, err := d.tools.structure(ctx, d.path)
	if err != nil {
		return err
	}
	o, err := openObjects(name)
	if err != nil {
		return err
	}
	leaves, err := o.pages(d.opt.Limits.Pages)
	if err == nil && len(leaves) == 0 {
		err = errors.New("it has no pages")
	}
	if err != nil {
		return errors.Join(err, o.close())
	}
	d.objects, d.leaves = o, leaves
	d.Signed, d.Encrypted = o.signed(), o.encrypted
	return nil
}

// signed tells whether the document holds a signature. Rights that Adobe's Reader was given (UR, UR3) are none.
func (o *objects) signed() bool {
	root := o.dict(o.trailerDict()["/Root"])
	perms := o.dict(root["/Perms"])
	rights := map[ref]bool{}
	for _, key := range []string{"/UR", "/UR3"} {
		if r, ok := asRef(perms[key]); ok {
			rights[r] = true
		}
	}
	for _, r := range o.byteRanges {
		if !rights[r] {
			return true
		}
	}
	return false
}

// agree settles a quarrel of the two tools about the number of pages: poppler is given a copy that qpdf put in order.
func (d *Document) agree(ctx context.Context, claimed int) error {
	copied, err := d.tools.repair(ctx, d.path)
	if err == nil {
		n, found := d.claimedPages(ctx, copied)
		if found == nil && n == len(d.leaves) {
			d.poppler = copied
			d.Warnings = append(d.Warnings, "the PDF is damaged and was read from a repaired copy")
			return nil
		}
		err = found
	}
	if err := unusable(ctx, err); err != nil {
		return err
	}
	if claimed > 0 {
		return d.openDamaged(ctx, claimed)
	}
	return nil // images can still be taken out; rendering says page by page what fails
}

// openDamaged falls back to what poppler can do alone.
func (d *Document) openDamaged(ctx context.Context, pages int) error {
	if d.objects != nil {
		if err := d.objects.close(); err != nil {
			return fmt.Errorf("close the structure: %w", err)
		}
		d.objects = nil
	}
	d.Damaged = true
	d.Warnings = append(d.Warnings, "the PDF is damaged; its pages are rendered and read")
	sizes, err := d.tools.run(ctx, mostInfo, mostInfo, "pdfinfo", "-f", "1", "-l", strconv.Itoa(pages), d.path)
	if err := unusable(ctx, err); err != nil {
		return err
	}
	d.leaves = make([]leaf, pages)
	for i := range d.leaves {
		d.leaves[i] = leaf{box: rect{0, 0, 612, 792}, unit: 1, missing: true}
	}
	found := 0
	for line := range strings.Lines(string(sizes)) {
		var n, turn int
		var w, h float64
		if c, _ := fmt.Sscanf(line, "Page %d size: %g x %g pts", &n, &w, &h); c == 3 && n >= 1 && n <= pages {
			if b := (rect{0, 0, w, h}); usable(b) {
				d.leaves[n-1].box, d.leaves[n-1].missing = b, false
				found++
			}
		} else if c, _ := fmt.Sscanf(line, "Page %d rot: %d", &n, &turn); c == 2 && n >= 1 && n <= pages && turn%90 == 0 {
			d.leaves[n-1].rotate = (turn%360 + 360) % 360
		}
	}
	if found == 0 {
		return &BrokenError{Err: errors.New("its pages are not in the file any more")}
	}
	signed, err := mentions(d.path, "/ByteRange")
	d.Signed = d.Signed || signed
	return err
}

// mentions tells whether a file holds the word.
func mentions(path, word string) (found bool, err error) {
	f, err := os.Open(path) //nolint:gosec // the file that the caller names
	if err != nil {
		return false, fmt.Errorf("look for signatures: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := bufio.NewReaderSize(f, 1<<16)
	for {
		window, err := r.Peek(r.Size())
		if bytes.Contains(window, []byte(word)) {
			return true, nil
		}
		if err != nil {
			return false, nil //nolint:nilerr // the end of the file
		}
		if _, err := r.Discard(len(window) - len(word)); err != nil {
			return false, fmt.Errorf("look for signatures: %w", err)
		}
	}
}
