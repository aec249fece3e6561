package corpus

import (
	"fmt"
	"strings"
)

// officialHeader is the two-column head of decisions, letters and lists.
func (w *writer) officialHeader(notation string) header {
	parent := []string{"UBND TỈNH QUẢNG TRỊ", "ỦY BAN NHÂN DÂN|TỈNH QUẢNG TRỊ"}[w.rng.IntN(2)]
	agency := strings.ToUpper(strings.TrimSuffix(w.vars["dept"], " Quảng Trị"))
	place := "Quảng Trị"
	if w.chance(20) {
		place = "Đông Hà"
	}
	return header{
		parent: parent, agency: agency, number: fmt.Sprintf("Số: %d/%s", w.between(11, 3980), notation),
		place: place + ", ngày " + w.longDate(w.year),
	}
}

// officialFooter is Nơi nhận and the signer.
func (w *writer) officialFooter(recipients string, most int) footer {
	f := footer{recipients: w.ordered(recipients, w.between(3, most)), name: w.pick("name")}
	for i := range f.recipients {
		f.recipients[i] = "- " + f.recipients[i]
	}
	f.recipients = append(f.recipients, "- "+w.pick("recipient-last"))
	f.titles = strings.Split(w.pick("signer"), "|")
	return f
}

// decision writes a quyết định: grounds, then articles.
func (w *writer) decision(p *Paper) {
	p.header = w.officialHeader("QĐ-" + w.vars["dept-code"])
	s := p.sizes.body
	p.body = append(
		p.body,
		block{kind: centred, text: "*QUYẾT ĐỊNH*", size: s + 0.5, before: 6},
		block{kind: centred, text: "*" + w.pick("decision-subject") + "*", size: s},
		block{kind: rule, size: 32},
		block{kind: centred, text: "*GIÁM ĐỐC " + strings.ToUpper(w.vars["dept"]) + "*", size: s, before: 5},
	)
	grounds := w.sample("law", w.between(1, 2))
	grounds = append(grounds, w.sample("decree", w.between(2, 3))...)
	grounds = append(grounds, w.sample("circular", w.between(1, 2))...)
	grounds = append(grounds, w.pick("local"), w.pick("request"))
	for i, g := range grounds {
		lead := "Căn cứ "
		if strings.HasPrefix(g, "Xét") {
			lead = ""
		}
		p.body = append(p.body, block{text: "_" + lead + g + ";_", optional: i > 0 && i < len(grounds)-1})
	}
	p.body = append(
		p.body,
		block{text: "_" + w.pick("propose") + "._"},
		block{kind: centred, text: "*QUYẾT ĐỊNH:*", size: s, before: 3},
		block{text: "*Điều 1.* " + w.pick("decision-grant")},
		block{text: "*Điều 2.* " + w.pick("decision-duty")},
	)
	for i, c := range w.sample("clause", w.between(2, 5)) {
		p.body = append(p.body, block{text: fmt.Sprintf("%s) %s", []string{"a", "b", "c", "d", "đ"}[i], c), optional: true, numbered: true})
	}
	p.body = append(
		p.body,
		block{text: "*Điều 3.* " + w.pick("decision-effect")},
		block{text: "*Điều 4.* " + w.pick("decision-carry")},
	)
	w.fix("lastarticle", "4")
	p.footer = w.officialFooter("recipient-decision", 6)
}

// letter writes a công văn.
func (w *writer) letter(p *Paper) {
	p.header = w.officialHeader(w.vars["dept-code"] + "-" + w.pick("room-code"))
	p.header.subject = w.pick("letter-subject")
	to := w.sample("letter-to", w.between(1, 3))
	if len(to) == 1 {
		p.body = append(p.body, block{kind: centred, text: "Kính gửi: " + to[0] + ".", size: p.sizes.body, before: 12})
	} else {
		p.body = append(p.body, block{text: "Kính gửi:", before: 10})
		for i, t := range to {
			end := ";"
			if i == len(to)-1 {
				end = "."
			}
			p.body = append(p.body, block{kind: paragraph, text: "       - " + t + end})
		}
	}
	p.body = append(p.body, block{text: w.pick("letter-open"), before: 6})
	for i, point := range w.sample("letter-point", w.between(4, 9)) {
		text := fmt.Sprintf("%d. %s", i+1, point)
		if w.chance(25) {
			text = fmt.Sprintf("*%d.* %s", i+1, point)
		}
		p.body = append(p.body, block{text: text, optional: i > 1, numbered: true})
		if w.chance(30) {
			for j, c := range w.sample("clause", 2) {
				p.body = append(p.body, block{text: []string{"a) ", "b) "}[j] + c, optional: true, numbered: true})
			}
		}
	}
	p.body = append(p.body, block{text: w.pick("letter-close")})
	p.footer = w.officialFooter("recipient-letter", 6)
}

// list writes a ruled table under the head of an annex.
func (w *writer) list(p *Paper) {
	p.header = w.officialHeader("DS-" + w.vars["dept-code"])
	rows := w.between(12, 18)
	// The layout knows how many rows found room; it writes the number.
	w.fix("rows", rowsMark)
	s := p.sizes.body
	b := w.table()
	for i := range rows {
		b.rows = append(b.rows, w.row(b.columns, i+1))
	}
	p.body = append(
		p.body,
		block{kind: centred, text: "*" + w.pick("list-title") + "*", size: s + 0.5, before: 6},
		block{kind: centred, text: "_" + w.pick("list-note") + "_", size: s - 0.5},
		block{kind: rule, size: 36},
		block{text: w.pick("list-intro"), before: 4},
		b,
		block{text: w.pick("list-close"), before: 6},
	)
	p.footer = w.officialFooter("recipient-letter", 3)
}

// table chooses the columns of a list.
func (w *writer) table() block {
	stt := column{title: "STT", share: 0.07}
	name := column{title: "Họ và tên", share: 0.24, left: true}
	birth := column{title: "Ngày sinh", share: 0.14}
	note := column{title: "Ghi chú", share: 0.15, left: true}
	plate := column{title: "Biển kiểm soát", share: 0.15}
	code := column{title: "Mã hồ sơ", share: 0.27}
	fee := column{title: "Lệ phí (đồng)", share: 0.13}
	id := column{title: "Số định danh", share: 0.18}
	class := column{title: "Hạng", share: 0.09}
	addr := column{title: "Nơi cư trú", share: 0.29, left: true}
	unit := column{title: "Đơn vị vận tải", share: 0.28, left: true}
	kinds := [][]column{
		{stt, name, birth, id, class, note},
		{stt, code, name, {title: "Mã thủ tục", share: 0.14}, {title: "Ngày nhận", share: 0.14}, fee},
		{stt, unit, plate, {title: "Nhãn hiệu xe", share: 0.18, left: true}, {title: "Năm SX", share: 0.09}, note},
		{stt, name, birth, addr, {title: "Số GPLX", share: 0.18}},
		{stt, {title: "Thủ tục hành chính", share: 0.3, left: true}, {title: "Mã thủ tục", share: 0.14}, code, fee},
	}
	columns := kinds[w.rng.IntN(len(kinds))]
	sum := 0.0
	for _, c := range columns {
		sum += c.share
	}
	for i := range columns {
		columns[i].share /= sum
	}
	return block{kind: table, columns: columns, before: 4}
}

// row fills one row of a list.
func (w *writer) row(columns []column, n int) []string {
	values := map[string]string{
		"STT": "%d", "Họ và tên": "{name}", "Ngày sinh": "{birth}", "Ghi chú": "{note}", "Biển kiểm soát": "{plate}",
		"Mã hồ sơ": "{dossier}", "Lệ phí (đồng)": "{fee}", "Số định danh": "{id12}", "Hạng": "{class}", "Nơi cư trú": "{place}",
		"Đơn vị vận tải": "{company}", "Mã thủ tục": "{procedure}", "Ngày nhận": "{date-short}", "Nhãn hiệu xe": "{vehicle}",
		"Năm SX": "{int:2005:2024}", "Số GPLX": "{licence}", "Thủ tục hành chính": "{procedure-name}",
	}
	// People of one list live in different districts.
	district := w.vars["district"]
	delete(w.vars, "district")
	defer func() { w.vars["district"] = district }()
	var row []string
	for _, c := range columns {
		v := values[c.title]
		if v == "%d" {
			row = append(row, fmt.Sprintf("%d", n))
			continue
		}
		row = append(row, w.fill(v))
	}
	return row
}
