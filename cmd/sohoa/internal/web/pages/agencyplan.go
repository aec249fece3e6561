package pages

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"sohoa/storage/catalogue"
)

// The columns of a sheet of agencies.
const (
	agencyCode = iota
	agencyName
	agencyParent
)

// agencyColumns are their names.
func agencyColumns() []string {
	return []string{"Mã cơ quan", "Tên cơ quan", "Mã cơ quan cấp trên"}
}

// plannedAgency is an agency as it is to be.
type plannedAgency struct {
	Agency  catalogue.Agency
	Line    int
	Fresh   bool
	Changed bool
	Was     string // its name before
}

// agencyPlan is what an import would do; those that come below another one stand behind it.
type agencyPlan struct {
	sheetLines

	Agencies []plannedAgency
}

// changed are those that are not as they are kept.
func (p *agencyPlan) changed() (all []catalogue.Agency) {
	for _, one := range p.Agencies {
		if one.Changed || one.Fresh {
			all = append(all, one.Agency)
		}
	}
	return all
}

// agencySheet is a sheet of agencies while it is looked at.
type agencySheet struct {
	reach   catalogue.Reach
	known   map[string]catalogue.Agency
	alike   map[string]string // codes by what they are but for capitals
	lines   map[string]int    // the line of each code, also of what is wrong
	fresh   map[string]plannedAgency
	renamed []plannedAgency
	placed  map[string]catalogue.Reach // the new ones that have a place: a path of as many tiers as theirs
	sorted  []plannedAgency            // these, each behind the one above it
}

// planAgencies says what the lines of a sheet would do to the agencies that are there; those within reach may be changed.
func planAgencies(lines sheetLines, have []catalogue.Agency, reach catalogue.Reach) agencyPlan {
	plan := agencyPlan{sheetLines: lines}
	s := &agencySheet{
		reach: reach, known: make(map[string]catalogue.Agency), alike: make(map[string]string), lines: make(map[string]int),
		fresh: make(map[string]plannedAgency), placed: make(map[string]catalogue.Reach),
	}
	for _, a := range have {
		s.known[a.Code], s.alike[strings.ToLower(a.Code)] = a, a.Code
	}
	plan.judge(s.take)
	s.place()
	plan.judge(func(line *plannedLine) string {
		a := catalogue.Agency{Code: line.Cells[agencyCode]}
		if a.Tidy() != nil || line.Problem != "" {
			return "" // it was said already
		}
		return s.misplaced(a.Code)
	})
	plan.Agencies = slices.Concat(s.renamed, s.sorted)
	return plan
}

// take looks at a line alone.
func (s *agencySheet) take(line *plannedLine) (problem string) {
	if line.Cells[agencyCode] == "" {
		return "Thiếu mã cơ quan."
	}
	a := catalogue.Agency{Code: line.Cells[agencyCode], Name: line.Cells[agencyName], Parent: line.Cells[agencyParent]}
	var invalid *catalogue.InvalidError
	switch err := a.Tidy(); {
	case errors.As(err, &invalid) && invalid.Field == "name":
		return "Tên cơ quan không hợp lệ: không quá 300 ký tự, không có ký tự không in được."
	case err != nil:
		return "Mã cơ quan không hợp lệ: mã gồm 1 đến 64 chữ, số và . _ / -."
	}
	if first, twice := s.lines[a.Code]; twice {
		return "Mã “" + a.Code + "” đã có ở dòng " + Number(first) + ": chỉ giữ một dòng."
	}
	s.lines[a.Code] = line.Number
	if other, there := s.alike[strings.ToLower(a.Code)]; there && other != a.Code {
		return "Mã “" + a.Code + "” chỉ khác “" + other + "” ở chữ hoa, chữ thường."
	}
	s.alike[strings.ToLower(a.Code)] = a.Code
	one := plannedAgency{Agency: a, Line: line.Number}
	if old, there := s.known[a.Code]; there {
		return s.compare(one, old)
	}
	switch {
	case a.Name == "":
		return "Cơ quan mới phải có tên."
	case a.Parent == "":
		return "Cơ quan mới phải có mã cơ quan cấp trên."
	}
	one.Fresh = true
	s.fresh[a.Code] = one
	return ""
}

// compare says what becomes of an agency that is there.
func (s *agencySheet) compare(one plannedAgency, old catalogue.Agency) (problem string) {
	a := &one.Agency
	switch {
	case !s.reach.Covers(old.Path):
		return "Mã “" + a.Code + "” đã thuộc một cơ quan ngoài phạm vi của bạn."
	case a.Parent != "" && a.Parent != old.Parent:
		above := cmp.Or(old.Parent, "không có")
		return "Không đổi được cơ quan cấp trên (đang là: " + above + "): ghi như cũ hoặc để trống."
	}
	a.Parent = old.Parent
	a.Name = cmp.Or(a.Name, old.Name)
	one.Was, one.Changed = old.Name, a.Name != old.Name
	s.renamed = append(s.renamed, one)
	return ""
}

// place finds the place of each new agency, beginning with those below what is there.
func (s *agencySheet) place() {
	below := make(map[string][]string)
	for code, one := range s.fresh {
		below[one.Agency.Parent] = append(below[one.Agency.Parent], code)
	}
	for _, codes := range below {
		slices.SortFunc(codes, func(a, b string) int { return cmp.Compare(s.lines[a], s.lines[b]) })
	}
	type spot struct {
		code string
		path catalogue.Reach
	}
	var next []spot
	for code, a := range s.known {
		if len(below[code]) > 0 && s.reach.Covers(a.Path) {
			next = append(next, spot{code, a.Path})
		}
	}
	slices.SortFunc(next, func(a, b spot) int { return strings.Compare(a.code, b.code) })
	for len(next) > 0 {
		above := next[0]
		next = next[1:]
		if above.path.Deepest() {
			continue
		}
		for _, code := range below[above.code] {
			s.placed[code] = above.path + "0/" // the id comes later
			s.sorted = append(s.sorted, s.fresh[code])
			next = append(next, spot{code, s.placed[code]})
		}
	}
}

// misplaced says why an agency has no place in the tree; "" where it has one.
func (s *agencySheet) misplaced(code string) (problem string) {
	one, fresh := s.fresh[code]
	if _, placed := s.placed[code]; !fresh || placed {
		return ""
	}
	above := one.Agency.Parent
	a, known := s.known[above]
	path, placed := s.placed[above]
	if known && s.reach.Covers(a.Path) {
		path, placed = a.Path, true
	}
	line, listed := s.lines[above]
	switch {
	case placed && path.Deepest():
		return "Quá nhiều cấp cơ quan, cái này dưới cái kia."
	case !listed || known:
		return "Không có cơ quan cấp trên “" + above + "” trong bảng hay trong phạm vi của bạn."
	}
	if circle := s.circle(code); circle != "" {
		return "Cấp trên đi thành vòng: " + circle + "."
	}
	return "Cơ quan cấp trên “" + above + "” ở dòng " + Number(line) + " chưa thêm được: sửa dòng đó trước."
}

// circle follows who is above an agency, back to itself; "" where that does not come about.
func (s *agencySheet) circle(code string) string {
	const mostTold, mostFollowed = 6, 1000 // a longer way is told as that of its first line
	at, told := code, code
	for n := 1; n <= mostFollowed; n++ {
		one, fresh := s.fresh[at]
		if !fresh {
			return ""
		}
		at = one.Agency.Parent
		switch {
		case at == code:
			return told + " → " + code
		case n < mostTold:
			told += " → " + at
		case n == mostTold:
			told += " → …"
		}
	}
	return ""
}
