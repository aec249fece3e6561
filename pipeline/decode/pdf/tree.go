package pdf

import "math"

// leaf is what the page tree says of one page.
type leaf struct {
	ref       ref
	resources any // a reference, or the dictionary itself where it stands in an inner node
	box       rect
	rotate    int     // 0, 90, 180, 270
	unit      float64 // UserUnit
	missing   bool    // poppler alone knows of the page, and cannot find it
}

// inherited is what a node of the page tree hands down.
type inherited struct {
	resources   any
	media, crop *rect
	rotate      int
}

// mostNodes bounds a page tree's inner nodes for each page allowed.
const mostNodes = 4

// pages walks the page tree. More leaves than most are a *LimitError; rings and missing nodes are left out.
func (o *objects) pages(most int) ([]leaf, error) {
	root := o.dict(o.trailerDict()["/Root"])
	w := &walker{o: o, most: most, seen: map[ref]bool{}}
	err := w.walk(root["/Pages"], inherited{}, 0)
	return w.leaves, err
}

type walker struct {
	o      *objects
	most   int
	seen   map[ref]bool
	leaves []leaf
}

func (w *walker) walk(node any, from inherited, depth int) error {
	r, ok := asRef(node)
	d := w.o.dict(node)
	if !ok || d == nil || w.seen[r] || depth > 100 || len(w.seen) > mostNodes*w.most+1000 {
		return nil
	}
	w.seen[r] = true
	from = w.o.inherit(d, from)
	kids, isNode := w.o.get(d["/Kids"]).([]any)
	if !isNode {
		if w.o.name(d["/Type"]) == "Pages" {
			return nil
		}
		if len(w.leaves) >= w.most {
			return &LimitError{What: "pages", Has: int64(len(w.leaves)) + 1, Most: int64(w.most)}
		}
		w.leaves = append(w.leaves, w.o.leaf(r, d, from))
		return nil
	}
	for _, k := range kids {
		if err := w.walk(k, from, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (o *objects) inherit(d dict, from inherited) inherited {
	if v, ok := d["/Resources"]; ok {
		from.resources = v
	}
	if r, ok := o.rectangle(d["/MediaBox"]); ok {
		from.media = &r
	}
	if r, ok := o.rectangle(d["/CropBox"]); ok {
		from.crop = &r
	}
	if v, ok := o.number(d["/Rotate"]); ok && math.Abs(v) < 1e6 {
		from.rotate = int(v)
	}
	return from
}

func (o *objects) leaf(r ref, d dict, from inherited) leaf {
	l := leaf{ref: r, resources: from.resources, unit: 1, box: rect{0, 0, 612, 792}}
	if _, own := d["/Resources"].(dict); own {
		l.resources = nil // found again through ref
	}
	if from.media != nil && usable(*from.media) {
		l.box = *from.media
	}
	if from.crop != nil {
		if c := from.crop.intersect(l.box); usable(c) {
			l.box = c
		}
	}
	if from.rotate%90 == 0 {
		l.rotate = (from.rotate%360 + 360) % 360
	}
	if u, ok := o.number(d["/UserUnit"]); ok && u > 0 && u <= 100000 {
		l.unit = u
	}
	return l
}

// usable tells whether a page box has a size that a page can have.
func usable(r rect) bool {
	return r.area() > 0 && r.x1-r.x0 >= 1 && r.y1-r.y0 >= 1 && r.x1-r.x0 < 1e7 && r.y1-r.y0 < 1e7
}

// size is the page's size as shown, in points of 1/72 inch.
func (l leaf) size() (w, h float64) {
	w, h = (l.box.x1-l.box.x0)*l.unit, (l.box.y1-l.box.y0)*l.unit
	if l.rotate%180 != 0 {
		return h, w
	}
	return w, h
}
