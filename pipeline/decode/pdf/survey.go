package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"sohoa/pipeline/confine"
	"sohoa/pipeline/language"
)

// batch is how many pages are looked at together: a process costs more than a page.
const batch = 32

const (
	// mostContent is the most bytes of content that a batch may hold in memory.
	mostContent = 96 << 20
	// mostParts is the most streams that one page's content may be cut into.
	mostParts = 1000
	// mostRounds is how deeply forms may stand in forms.
	mostRounds = 8
)

// Page says what page n, from 1, is made of. It looks at the pages beside it in the same go, so that a document costs a few
// processes for 32 pages. A page whose content cannot be understood is Mixed, with a warning; errors are ErrNoPage,
// confine.ErrTooLong where Limits.Time passed, those of confine.MachineFault, and the context's.
func (d *Document) Page(ctx context.Context, n int) (*PageInfo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ctx, cancel := confine.WithLimit(ctx, d.opt.Limits.Time)
	defer cancel()
	return d.page(ctx, n)
}

// page is Page for callers that hold the lock.
func (d *Document) page(ctx context.Context, n int) (*PageInfo, error) {
	if n < 1 || n > len(d.leaves) {
		return nil, ErrNoPage
	}
	if d.leaves[n-1].missing {
		return nil, fmt.Errorf("look at page %d: %w", n, &BrokenError{Err: errors.New("the page is not in the file any more")})
	}
	if info, ok := d.infos[n]; ok {
		return info, nil
	}
	from := (n-1)/batch*batch + 1
	to := min(from+batch-1, len(d.leaves))
	if err := d.survey(ctx, from, to); err != nil {
		return nil, fmt.Errorf("look at page %d: %w", n, err)
	}
	return d.infos[n], nil
}

// survey looks at pages from to to.
func (d *Document) survey(ctx context.Context, from, to int) error {
	summaries := map[int]*summary{}
	if !d.Damaged {
		if err := d.interpretAll(ctx, from, to, summaries); err != nil {
			return err
		}
	}
	if err := confine.Ended(ctx); err != nil {
		return err
	}
	var machine error
	texts := func(n int) language.Judgement {
		judgement, err := d.judge(ctx, n, from, to)
		machine = errors.Join(machine, err)
		return judgement
	}
	for n := from; n <= to; n++ {
		info := d.bareInfo(n)
		switch s := summaries[n]; s {
		case nil:
			info.Class, info.Coloured = Mixed, true
			if !d.Damaged {
				info.Warnings = append(info.Warnings, "the page's content is damaged; it is rendered and read")
			}
		default:
			s.classify(info, func() language.Judgement { return texts(n) }, d.opt.Redo)
			d.sizeImage(info)
		}
		if err := errors.Join(confine.Ended(ctx), machine); err != nil {
			return err
		}
		d.infos[n] = info
	}
	return nil
}

func (d *Document) bareInfo(n int) *PageInfo {
	l := d.leaves[n-1]
	w, h := l.size()
	return &PageInfo{Number: n, Width: w, Height: h, Rotate: l.rotate}
}

// sizeImage gives a scan's image the size of its raster; a page whose image has none is Mixed.
func (d *Document) sizeImage(info *PageInfo) {
	im := info.Image
	if im == nil {
		return
	}
	s := d.objects.stream(fmt.Sprintf("%d %d R", im.ref.num, im.ref.gen))
	if s != nil {
		im.Width, im.Height = d.objects.integer(s.dict["/Width"], 0), d.objects.integer(s.dict["/Height"], 0)
		im.JPEG = lastFilter(d.objects, s.dict) == "DCTDecode"
	}
	if s == nil || im.Width < 1 || im.Height < 1 {
		info.Class, info.Image = Mixed, nil // an inline image, or one that lies about itself
		return
	}
	w, h := im.Width, im.Height
	if im.Orientation >= 5 {
		w, h = h, w
	}
	im.PPIX = float64(w) / ((im.Area.X1 - im.Area.X0) * info.Width) * 72
	im.PPIY = float64(h) / ((im.Area.Y1 - im.Area.Y0) * info.Height) * 72
}

// interpretAll interprets the content of a batch; where the batch fails as a whole, page by page. Pages that fail have no
// summary; the error is the machine's.
func (d *Document) interpretAll(ctx context.Context, from, to int, out map[int]*summary) error {
	err := d.interpret(ctx, from, to, out)
	switch {
	case confine.MachineFault(err):
		return err
	case err == nil, from == to:
		return nil
	}
	clear(out)
	for n := from; n <= to && ctx.Err() == nil; n++ {
		one := map[int]*summary{}
		err := d.interpret(ctx, n, n, one)
		if confine.MachineFault(err) {
			return err
		}
		if err == nil {
			out[n] = one[n]
		}
	}
	return nil
}

// interpret runs the pages' content. Forms are found while interpreting, so a page is run again when those that it lacked
// have been fetched: as often as forms are nested, which is hardly ever more than twice.
func (d *Document) interpret(ctx context.Context, from, to int, out map[int]*summary) error {
	store := &contents{d: d, have: map[ref][]byte{}, lost: map[ref]bool{}, left: mostContent}
	var need []ref
	for n := from; n <= to; n++ {
		need = append(need, d.streamsOf(n)...)
	}
	for range mostRounds {
		if err := store.fetch(ctx, need); err != nil {
			return err
		}
		need = need[:0]
		for n := from; n <= to; n++ {
			if s := out[n]; s != nil && len(s.need) == 0 {
				continue
			}
			out[n] = d.interpretPage(n, store)
			need = append(need, out[n].need...)
		}
		if len(need) == 0 {
			break
		}
	}
	for n := range out {
		out[n].truncated = out[n].truncated || len(out[n].need) > 0 || store.over
	}
	return nil
}

// contents holds the content streams and forms of a batch.
type contents struct {
	d    *Document
	have map[ref][]byte
	lost map[ref]bool // what should have content and has none
	left int64
	over bool
}

func (c *contents) fetch(ctx context.Context, refs []ref) error {
	var missing []ref
	asked := map[ref]bool{}
	for _, r := range refs {
		if _, ok := c.have[r]; !ok && !asked[r] {
			asked[r] = true
			missing = append(missing, r)
		}
	}
	got, err := c.d.tools.extract(ctx, c.d.path, missing, "generalized", mostStream)
	if err != nil {
		return err
	}
	for _, r := range missing {
		c.have[r] = nil // also what is missing in the document, so that it is asked for once
		e, ok := got[r]
		if !ok {
			c.lost[r] = true
			continue
		}
		data, err := e.takeContent(c.left)
		if confine.MachineFault(err) {
			return err
		}
		if err != nil {
			c.over = true
			continue
		}
		c.have[r] = data
		c.lost[r] = len(data) == 0 && c.d.lengthOf(r) > 0
		c.left -= int64(len(data))
	}
	return nil
}

func (c *contents) get(r ref) ([]byte, bool) {
	data, ok := c.have[r]
	return data, ok
}

// streamsOf are the content streams of a page and the appearances of its annotations.
func (d *Document) streamsOf(n int) []ref {
	o := d.objects
	p := o.dict(o.object(d.leaves[n-1].ref))
	refs := o.contentRefs(p)
	for _, a := range o.appearances(p) {
		refs = append(refs, a.form.ref)
	}
	return refs
}

func (o *objects) contentRefs(p dict) []ref {
	if s := o.stream(p["/Contents"]); s != nil {
		return []ref{s.ref}
	}
	var refs []ref
	for _, c := range o.array(p["/Contents"]) {
		if s := o.stream(c); s != nil && len(refs) < mostParts {
			refs = append(refs, s.ref)
		}
	}
	return refs
}

func (d *Document) interpretPage(n int, store *contents) *summary {
	o, l := d.objects, d.leaves[n-1]
	p := o.dict(o.object(l.ref))
	w, h := l.size()
	view := rect{0, 0, w, h}
	in := newInterpreter(o, view, store.get)
	resources := l.resources
	if resources == nil {
		resources = p["/Resources"]
	}
	var data [][]byte
	for _, r := range o.contentRefs(p) {
		part, _ := store.get(r)
		data = append(data, part)
		in.out.damaged = in.out.damaged || store.lost[r]
	}
	if c := p["/Contents"]; c != nil && len(data) == 0 {
		parts, isArray := o.get(c).([]any)
		in.out.damaged = !isArray || len(parts) > 0
	}
	base := shown(l.box, l.rotate, l.unit)
	in.run(bytes.Join(data, []byte("\n")), o.dict(resources), base, view, 0)
	in.annot = true
	for _, a := range o.appearances(p) {
		if m, ok := o.intoRect(a); ok {
			in.state = state{ctm: m.then(base), clip: view}
			in.form(a.form, nil, 0)
		}
	}
	return in.out
}
