package corpus

import "strings"

// form writes a đơn: dotted lines filled in by type, check boxes, numbered papers.
func (w *writer) form(p *Paper) {
	s := p.sizes.body
	p.header = header{centred: true}
	who := w.fix("who", w.pick("name"))
	to := w.vars["dept"]
	p.body = append(
		p.body,
		block{kind: centred, text: "*" + w.pick("form-title") + "*", size: s + 1, before: 10},
		block{kind: centred, text: "Kính gửi: " + to, size: s, before: 4},
	)
	p.body = append(p.body, w.formFields(who)...)
	p.body = append(p.body, block{text: w.pick("form-request"), before: 3})
	var ticks []option
	for i, r := range w.sample("form-reason", 4+2*w.rng.IntN(2)) {
		ticks = append(ticks, option{text: r, ticked: i == 0 || w.chance(20)})
	}
	w.rng.Shuffle(len(ticks), func(i, j int) { ticks[i], ticks[j] = ticks[j], ticks[i] })
	p.body = append(
		p.body,
		block{kind: checks, options: ticks},
		block{text: "Hồ sơ kèm theo gồm có:"},
	)
	for i, a := range w.sample("form-annex", w.between(3, 6)) {
		p.body = append(p.body, block{text: string(rune('1'+i)) + ". " + a, optional: i > 2, numbered: true})
	}
	p.body = append(p.body, block{text: w.pick("form-promise")})
	p.footer = footer{
		date: "Quảng Trị, ngày " + w.longDate(w.year), titles: []string{"NGƯỜI LÀM ĐƠN"},
		hint: "(Ký và ghi rõ họ tên)", name: who,
	}
	if w.chance(50) {
		p.footer.recipients = []string{"Ý kiến của bộ phận tiếp nhận:", "- Mã hồ sơ: " + w.fill("{dossier}"), "- Ngày hẹn trả: " + w.fill("{date-short-later}")}
	}
}

// formFields are the lines about the applicant.
func (w *writer) formFields(who string) []block {
	f := func(label, value string) field { return field{label: label, value: w.fill(value), share: 1} }
	line := func(fields ...field) block { return block{kind: leaders, fields: fields} }
	name := who
	if w.chance(60) {
		name = strings.ToUpper(who)
	}
	blocks := []block{
		line(f("Tôi là:", name), f("Quốc tịch:", "Việt Nam")),
		line(f("Sinh ngày:", "{birth}"), f("Số điện thoại:", "{phone}")),
		line(f("Nơi đăng ký thường trú:", "{address}")),
		line(f("Nơi cư trú hiện nay:", "{address}")),
		line(f("Số định danh cá nhân:", "{id12}"), f("cấp ngày:", "{date-short}")),
	}
	blocks[0].fields[0].share, blocks[4].fields[0].share = 1.6, 1.5
	extra := []block{
		line(f("Đang làm việc tại:", "{company}")),
		line(f("Đã học lái xe tại:", "Trung tâm đào tạo lái xe {brand}"), f("năm:", "{int:2004:2022}")),
		line(f("Hiện đã có giấy phép lái xe hạng:", "{class}"), f("số:", "{licence}")),
		line(f("Biển kiểm soát:", "{plate}"), f("nhãn hiệu:", "{vehicle}")),
		line(f("Địa chỉ thư điện tử:", "{email}")),
		line(f("Mã số thuế:", "{tax}"), f("vốn điều lệ:", "{money} đồng")),
	}
	extra[1].fields[0].share = 3.6
	extra[2].fields[0].share = 1.4
	for _, i := range w.rng.Perm(len(extra))[:w.between(2, 4)] {
		extra[i].optional = true
		blocks = append(blocks, extra[i])
	}
	blocks[0].before = 6
	return blocks
}
