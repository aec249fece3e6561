package corpus

// block sets one block of the body and returns where it ends.
func (s *sheet) block(p *Paper, b block, y float64) float64 {
	left, width := s.column(p)
	size := b.size
	if size == 0 {
		size = p.sizes.body
	}
	after := p.sizes.after * s.pt
	switch b.kind {
	case centred:
		return s.text(p, b.text, left+0.03*width, y, 0.94*width, size, Style{}, alignCentre) + 2*s.pt
	case rule:
		half := b.size / 2 * s.mm
		mid := left + width/2
		s.fillBox(mid-half, y+1*s.pt, mid+half, y+1.75*s.pt)
		return y + 7*s.pt
	case leaders:
		return s.leaders(p, b, left, y, width)
	case checks:
		return s.checks(p, b, left, y, width) + after
	case table:
		return s.table(p, b, left, y, width) + after
	}
	return s.paragraph(p, b, left, y, width, size) + after
}

// paragraph sets justified text with its first line indented.
func (s *sheet) paragraph(p *Paper, b block, left, y, width, size float64) float64 {
	indent := p.sizes.indent * s.mm
	if b.noIndent {
		indent = 0
	}
	for len(b.text) > 0 && b.text[0] == ' ' { // each space indents by as much as a space
		indent += 2 * s.space(size)
		b.text = b.text[1:]
	}
	pitch := s.pitch(p, size)
	lines := s.wrap(s.tokens(b.text, size, Style{}), width-indent, width, size)
	for i, line := range lines {
		x, room, how := left, width, alignJustify
		if i == 0 {
			x, room = left+indent, width-indent
		}
		if i == len(lines)-1 {
			how = alignLeft
		}
		s.put(line, x, y+0.8*pitch, room, size, how)
		y += pitch
	}
	return y
}

// leaders sets labels with their values over dotted lines. A value that is too long goes on in the next line.
func (s *sheet) leaders(p *Paper, b block, left, y, width float64) float64 {
	size := p.sizes.body
	pitch := s.pitch(p, size) * 1.08
	sum := 0.0
	for _, f := range b.fields {
		sum += f.share
	}
	x := left
	lines := [][]Word{nil}
	for _, f := range b.fields {
		w := f.share / sum * width
		label := s.tokens(f.label, size, Style{})
		labelWidth := -s.space(size)
		for _, t := range label {
			labelWidth += t.width + s.space(size)
		}
		start := x + labelWidth + 1.5*s.mm
		value := s.wrap(s.tokens(f.value, size, Style{}), x+w-start-4*s.mm, width-2*s.mm, size)
		words, _ := s.place(label, x, y+0.8*pitch, w, size, alignLeft)
		lines[0] = append(lines[0], words...)
		for i, v := range value {
			vx, base, end := start+1.5*s.mm, y+0.8*pitch+float64(i)*pitch, x+w-1.5*s.mm
			if i > 0 {
				vx = left + 1*s.mm
				start, end = left, left+width-1.5*s.mm
			}
			words, after := s.place(v, vx, base, w, size, alignLeft)
			if i >= len(lines) {
				lines = append(lines, nil)
			}
			lines[i] = append(lines[i], words...)
			if !p.sizes.overDots {
				start = after + 0.6*s.mm
			}
			s.dots(start, end, base, size)
		}
		x += w
	}
	for _, words := range lines {
		s.addLine(words)
	}
	return y + float64(len(lines))*pitch
}

// dots draws a dotted line on a baseline, as the full stops of a form.
func (s *sheet) dots(x0, x1, base, size float64) {
	dot := 0.075 * size * s.pt
	for x := x0; x < x1; x += 0.25 * size * s.pt {
		s.fillBox(x, base-dot+1.2*s.pt, x+dot, base+1.2*s.pt)
	}
}

// checks sets check boxes in two columns, read row by row, or in one where a text is too long.
func (s *sheet) checks(p *Paper, b block, left, y, width float64) float64 {
	size := p.sizes.body
	pitch, box := s.pitch(p, size)*1.1, 3.4*s.mm
	columns := 2
	for _, o := range b.options {
		if 4*s.mm+box+2*s.mm+s.measure(piece{text: o.text, size: size}) > width/2 {
			columns = 1
		}
	}
	for i, o := range b.options {
		col := i % columns
		x := left + 4*s.mm + float64(col)*width/2
		base := y + 0.8*pitch
		s.frame(x, base-box+0.3*s.mm, x+box, base+0.3*s.mm, 0.7*s.pt)
		if o.ticked {
			s.cross(x, base-box+0.3*s.mm, box)
		}
		s.put(s.tokens(o.text, size, Style{}), x+box+2*s.mm, base, width/2, size, alignLeft)
		if col == columns-1 || i == len(b.options)-1 {
			y += pitch
		}
	}
	return y
}

// table sets ruled cells; each row is one line of the truth.
func (s *sheet) table(p *Paper, b block, left, y, width float64) float64 {
	size, line := p.sizes.table, 0.6*s.pt
	edges := []float64{left}
	for _, c := range b.columns {
		edges = append(edges, edges[len(edges)-1]+c.share*width)
	}
	titles := make([]string, len(b.columns))
	for i, c := range b.columns {
		titles[i] = c.title
	}
	top := y
	y = s.row(p, titles, b.columns, edges, y, size, true)
	for _, r := range b.rows {
		s.fillBox(left, y, left+width+line, y+line)
		y = s.row(p, r, b.columns, edges, y, size, false)
	}
	s.frame(left, top, left+width+line, y+line, line)
	for _, x := range edges[1 : len(edges)-1] {
		s.fillBox(x, top, x+line, y+line)
	}
	return y + line
}

// cellPad is the millimetres between a cell's rule and its text, a word processor's default.
const cellPad = 1.9

// row sets the cells of one row and returns where it ends.
func (s *sheet) row(p *Paper, cells []string, columns []column, edges []float64, y, size float64, head bool) float64 {
	pad, pitch := cellPad*s.mm, s.pitch(p, size)
	style := Style{Bold: head}
	set := make([][][]token, len(cells))
	most := 1
	for i, c := range cells {
		room := edges[i+1] - edges[i] - 2*pad
		set[i] = s.wrap(s.tokens(c, size, style), room, room, size)
		most = max(most, len(set[i]))
	}
	height := float64(most)*pitch + 3*s.pt
	var words []Word
	for i, lines := range set {
		// Cells stand in the middle of their row's height.
		top := y + 1.5*s.pt + float64(most-len(lines))*pitch/2
		how := alignCentre
		if columns[i].left && !head {
			how = alignLeft
		}
		for j, l := range lines {
			room := edges[i+1] - edges[i] - 2*pad
			ws, _ := s.place(l, edges[i]+pad, top+0.8*pitch+float64(j)*pitch, room, size, how)
			for k := range ws {
				ws[k].Cell = i
			}
			words = append(words, ws...)
		}
	}
	s.addLine(words)
	return y + height
}
