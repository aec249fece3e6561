package corpus

import (
	"strings"
	"time"

	"sohoa/pipeline/extract"
)

// Fields is what a paper says as data, by the names of package extract: as printed, but the day, which is 2025-02-18, and the title,
// which is the kind of the paper.
type Fields struct {
	Fields map[extract.Name]string `json:"fields"`
	// Written are those that were written in by hand: they are no part of what was printed.
	Written []extract.Name `json:"written,omitempty"`
	// Untold are those that the text may say or not: nothing is wrong with what is found of them.
	Untold []extract.Name `json:"untold,omitempty"`
}

// titles are the kinds by the words with which a title begins.
var titles = []string{"ĐƠN", "TỜ KHAI", "GIẤY ĐỀ NGHỊ", "DANH SÁCH", "DANH MỤC", "BẢNG TỔNG HỢP"}

// Fields is what the paper says.
func (p *Paper) Fields() Fields {
	h, f := &p.header, &p.footer
	said := map[extract.Name]string{
		extract.Signer: f.name, extract.SignerTitle: strings.Join(f.titles, " "),
		extract.Issuer: h.agency, extract.Parent: strings.ReplaceAll(h.parent, "|", " "), extract.Subject: h.subject,
	}
	if rest, ok := strings.CutPrefix(h.number, "Số: "); ok {
		said[extract.Number], said[extract.Notation], _ = strings.Cut(rest, "/")
	}
	place := h.place
	if place == "" {
		place = f.date
	}
	if where, when, ok := strings.Cut(place, ", ngày "); ok {
		if day, err := time.Parse("2 tháng 1 năm 2006", when); err == nil {
			said[extract.Place], said[extract.Issued] = where, day.Format(time.DateOnly)
		}
	}
	switch p.Kind {
	case Letter:
		said[extract.Title] = "CÔNG VĂN"
	case Decision:
		said[extract.Title], said[extract.Subject] = "QUYẾT ĐỊNH", strings.Trim(p.body[1].text, "*")
	case Form, List:
		p.formFieldsSaid(said)
	}
	out := Fields{Fields: make(map[extract.Name]string)}
	for name, value := range said {
		if value != "" {
			out.Fields[name] = value
		}
	}
	for _, name := range []extract.Name{extract.DossierCode, extract.Procedure, extract.ValidUntil, extract.ValidityScope} {
		if out.Fields[name] == "" {
			out.Untold = append(out.Untold, name)
		}
	}
	if p.marks.handwritten {
		out.Written = []extract.Name{extract.Number}
	}
	return out
}

// formFieldsSaid adds what a form says of its owner and what a title tells of its kind.
func (p *Paper) formFieldsSaid(said map[extract.Name]string) {
	for _, t := range titles {
		if strings.HasPrefix(strings.Trim(p.body[0].text, "*"), t) {
			said[extract.Title] = t
		}
	}
	if p.Kind != Form {
		return
	}
	for _, b := range p.body {
		for _, field := range b.fields {
			switch field.label {
			case "Tôi là:":
				said[extract.OwnerName] = field.value
			case "Số định danh cá nhân:":
				said[extract.OwnerNumber] = field.value
			}
		}
	}
	for _, r := range p.footer.recipients {
		if code, ok := strings.CutPrefix(r, "- Mã hồ sơ: "); ok {
			said[extract.DossierCode] = code
		}
	}
}
