package pdf

// appearance is what an annotation draws on the page: a form in a rectangle.
type appearance struct {
	form *stream
	rect rect
}

// mostAnnotations is how many annotations of a page are looked at.
const mostAnnotations = 1000

// The flags of annotations that are not shown (ISO 32000-1, 12.5.3).
const (
	annotHidden = 1 << 1
	annotNoView = 1 << 5
)

// appearances are the annotations of a page that can be seen.
func (o *objects) appearances(p dict) []appearance {
	var out []appearance
	for i, v := range o.array(p["/Annots"]) {
		if i >= mostAnnotations {
			break
		}
		a := o.dict(v)
		if o.integer(a["/F"], 0)&(annotHidden|annotNoView) != 0 || o.name(a["/Subtype"]) == "Popup" {
			continue
		}
		normal := o.get(o.dict(a["/AP"])["/N"])
		if states, ok := normal.(dict); ok {
			normal = o.get(states["/"+o.name(a["/AS"])])
		}
		form, ok := normal.(*stream)
		r, ok2 := o.rectangle(a["/Rect"])
		if ok && ok2 && r.area() > 0 {
			out = append(out, appearance{form: form, rect: r})
		}
	}
	return out
}

// intoRect maps the form's space, after its own matrix, so that its box fills the rectangle (ISO 32000-1, algorithm 8.1).
func (o *objects) intoRect(a appearance) (matrix, bool) {
	box, ok := o.rectangle(a.form.dict["/BBox"])
	if !ok {
		return matrix{}, false
	}
	if m, ok := o.matrix(a.form.dict["/Matrix"]); ok {
		box = m.bounds(box)
	}
	if box.area() == 0 {
		return matrix{}, false
	}
	sx, sy := (a.rect.x1-a.rect.x0)/(box.x1-box.x0), (a.rect.y1-a.rect.y0)/(box.y1-box.y0)
	return matrix{sx, 0, 0, sy, a.rect.x0 - box.x0*sx, a.rect.y0 - box.y0*sy}, true
}
