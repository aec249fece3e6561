package pdf

// do draws an external object: an image or a form.
func (in *interpreter) do(name string, resources dict, depth int) {
	if in.o.parsed-in.from > mostParsed {
		in.out.truncated = true
		return
	}
	s := in.o.stream(in.o.dict(resources["/XObject"])["/"+name])
	if s == nil {
		return
	}
	switch in.o.name(s.dict["/Subtype"]) {
	case "Image":
		in.image(s)
	case "Form":
		in.form(s, resources, depth)
	}
}

func (in *interpreter) form(s *stream, outer dict, depth int) {
	if depth >= mostNesting {
		in.out.truncated = true
		return
	}
	data, ok := in.bytes(s.ref)
	if !ok {
		in.out.need = append(in.out.need, s.ref)
		return
	}
	ctm, clip := in.formSpace(s.dict, in.state.ctm, in.state.clip)
	resources := in.o.dict(s.dict["/Resources"])
	if resources == nil {
		resources = outer
	}
	in.run(data, resources, ctm, clip, depth+1)
}

// formSpace gives the matrix and clip inside a form.
func (in *interpreter) formSpace(d dict, ctm matrix, clip rect) (matrix, rect) {
	if m, ok := in.o.matrix(d["/Matrix"]); ok {
		ctm = m.then(ctm)
	}
	if b, ok := in.o.rectangle(d["/BBox"]); ok {
		clip = clip.intersect(ctm.bounds(b))
	}
	return ctm, clip
}

// matrix is v as six numbers.
func (o *objects) matrix(v any) (m matrix, ok bool) {
	a := o.array(v)
	if len(a) != len(m) {
		return m, false
	}
	for i := range m {
		if m[i], ok = o.number(a[i]); !ok {
			return m, false
		}
	}
	return m, true
}

func (in *interpreter) image(s *stream) {
	d := s.dict
	p := picture{ref: s.ref, soft: d["/SMask"] != nil || d["/Mask"] != nil || in.o.integer(d["/SMaskInData"], 0) != 0}
	if mask, _ := in.o.get(d["/ImageMask"]).(bool); mask {
		p.soft = true
		p.stencil = in.state.black
	} else if !in.o.grey(d) {
		in.out.coloured = true
	}
	in.place(p)
}

// place adds a picture where the unit square stands now.
func (in *interpreter) place(p picture) {
	p.matrix = in.state.ctm
	p.bounds = p.matrix.bounds(rect{0, 0, 1, 1})
	p.visible = p.bounds.intersect(in.state.clip).intersect(in.page)
	p.annot, p.before = in.annot, in.out.tally
	if p.visible.area() == 0 {
		return
	}
	if len(in.out.pictures) >= mostPictures {
		in.out.skipped++
		return
	}
	in.out.pictures = append(in.out.pictures, p)
}

// inline draws an image that stands in the content: BI keys and values ID bytes EI.
func (in *interpreter) inline(s *scanner) {
	var width, height, bits int
	var key, space string
	filtered, mask, known := false, false, -1
	for {
		t := s.next()
		if t.kind == tokenEnd {
			return
		}
		if t.kind == tokenKeyword && t.text == "ID" {
			break
		}
		switch {
		case t.kind == tokenName && key == "":
			key = t.text
			continue
		case key == "W" || key == "Width":
			width = int(min(max(t.number, 0), 1<<24))
		case key == "H" || key == "Height":
			height = int(min(max(t.number, 0), 1<<24))
		case key == "BPC" || key == "BitsPerComponent":
			bits = int(min(max(t.number, 0), 16))
		case key == "F" || key == "Filter":
			filtered = true
		case key == "IM" || key == "ImageMask":
			mask = t.text == "true"
		case key == "CS" || key == "ColorSpace":
			space = space + t.text
		}
		if t.kind != tokenOpen { // an array's values all belong to its key; they end with ]
			if !s.inArray() {
				key = ""
			}
		}
	}
	if mask {
		bits, space = 1, "G"
	}
	if samples := samplesOf(space); !filtered && samples > 0 {
		known = (width*samples*bits + 7) / 8 * height
	}
	if space != "G" && space != "DeviceGray" && space != "CalGray" {
		in.out.coloured = true
	}
	s.inlineImage(known)
	in.place(picture{soft: mask, stencil: mask && in.state.black})
}

// inArray tells whether the next token is a further value of an array, as in /F [/A85 /DCT].
func (s *scanner) inArray() bool {
	ahead := *s
	depth := 0
	for range 8 {
		t := ahead.next()
		switch {
		case t.kind == tokenOpen:
			depth++
		case t.kind == tokenClose && depth == 0:
			return true
		case t.kind == tokenClose:
			depth--
		case t.kind == tokenKeyword, t.kind == tokenEnd:
			return false
		}
	}
	return false
}

// samplesOf is the number of samples a pixel of an inline image's colour space has; 0 where it is not plain.
func samplesOf(space string) int {
	switch space {
	case "G", "DeviceGray", "CalGray":
		return 1
	case "RGB", "DeviceRGB", "CalRGB":
		return 3
	case "CMYK", "DeviceCMYK":
		return 4
	}
	return 0
}
