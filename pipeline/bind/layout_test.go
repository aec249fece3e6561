package bind

import (
	"strings"

	"sohoa/pipeline/page"
)

// A layout sets made pages the way the recognizer hands them over: words with ink boxes as letters have them, lines with
// baselines, blocks in reading order; the whole then skewed and turned.
type layout struct {
	page page.Page
	way  page.Transform // upright sheet to original page
}

const sheetW, sheetH = 2480, 3508 // A4 at 300 dpi

func newLayout(skew float64, turned int) *layout {
	l := &layout{page: page.Page{
		Number: 1, Source: page.Recognized, Width: sheetW, Height: sheetH, DPI: 300, Turned: turned, Skew: skew, Confidence: 90,
	}}
	l.way = page.Translate(-sheetW/2, -sheetH/2).Then(page.Rotate(skew)).Then(page.Translate(sheetW/2, sheetH/2)).
		Then(page.Turn(360-turned, sheetW, sheetH))
	if turned%180 != 0 {
		l.page.Width, l.page.Height = sheetH, sheetW
	}
	return l
}

// reach is how far a letter's ink goes above and below the baseline, in parts of the type size.
func reach(r rune) (up, down float64) {
	up = 0.46
	switch {
	case strings.ContainsRune("-–", r):
		return 0.27, -0.2
	case strings.ContainsRune(".,", r):
		up = 0.1
	case strings.ContainsRune("ẤẦẨẪẬẮẰẲẴẾỀỂỄỐỒỔỖƯỨỪÁÀẢÃÉÈÍÌÓÒÚÙÝÔÊÂĂ", r):
		up = 0.88
	case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("bdfhklđĐ/():", r):
		up = 0.68
	case r > 127:
		up = 0.74
	}
	if strings.ContainsRune("gpqy,ạặậẹệọộợụựỵị/()", r) {
		down = 0.2
	}
	return up, down
}

func letterWidth(r rune) float64 {
	switch {
	case strings.ContainsRune("il.,:-Iíìỉĩị/()jtf", r):
		return 0.3
	case r >= 'A' && r <= 'Z' || r == 'Đ':
		return 0.68
	}
	return 0.48
}

// line sets one line at x, y (baseline, pixels) in a size (pixels an em) and tells where it ends.
func (l *layout) line(x, y, size float64, text string) (page.Line, float64) {
	var out page.Line
	from := x
	for _, word := range strings.Fields(text) {
		var up, down, width float64
		down = -1
		for _, r := range word {
			u, d := reach(r)
			up, down, width = max(up, u), max(down, d), width+letterWidth(r)
		}
		q := page.Quad{
			{X: x + 0.03*size, Y: y - up*size},
			{X: x + (width-0.03)*size, Y: y - up*size},
			{X: x + (width-0.03)*size, Y: y + down*size},
			{X: x + 0.03*size, Y: y + down*size},
		}
		q = l.way.Quad(q)
		out.Words = append(out.Words, page.Word{Text: word, Quad: q, Box: q.Box(), Confidence: 93.5})
		out.Box = out.Box.Union(q.Box())
		x += (width + 0.25) * size
	}
	out.Baseline = [2]page.Point{l.way.Apply(page.Point{X: from, Y: y}), l.way.Apply(page.Point{X: x, Y: y})}
	return out, x
}

// block adds lines of one column, the first's baseline at y.
func (l *layout) block(x, y, size, leading float64, lines ...string) float64 {
	b := page.Block{Kind: page.BlockText}
	for _, text := range lines {
		ln, _ := l.line(x, y, size, text)
		b.Lines = append(b.Lines, ln)
		b.Box = b.Box.Union(ln.Box)
		y += leading * size
	}
	l.page.Blocks = append(l.page.Blocks, b)
	return y
}

// table adds rows of cells at the columns' left edges.
func (l *layout) table(columns []float64, y, size, leading float64, rows ...[]string) float64 {
	b := page.Block{Kind: page.BlockTable}
	for _, cells := range rows {
		for i, text := range cells {
			ln, _ := l.line(columns[i], y, size, text)
			ln.Cell = i
			b.Lines = append(b.Lines, ln)
			b.Box = b.Box.Union(ln.Box)
		}
		y += leading * size
	}
	l.page.Blocks = append(l.page.Blocks, b)
	return y
}

const em = 54 // 13 points at 300 dpi

// headed is a decision's first page: two header columns, a title, paragraphs.
func (l *layout) headed() {
	l.block(300, 300, em, 1.3, "ỦY BAN NHÂN DÂN", "TỈNH QUẢNG TRỊ", "Số: 123/QĐ-UBND")
	l.block(1200, 300, em*0.95, 1.3, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
		"Quảng Trị, ngày 31 tháng 3 năm 2022")
	l.block(1000, 620, em*1.05, 1.3, "QUYẾT ĐỊNH", "Về việc cấp giấy phép kinh doanh vận tải")
	l.body(850, 24)
}

var prose = strings.Fields("Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015 và Luật sửa đổi, bổ sung " +
	"một số điều của Luật Tổ chức Chính phủ; theo đề nghị của Giám đốc Sở Giao thông vận tải tại Tờ trình số " +
	"1234/TTr-SGTVT về việc phê duyệt phương án kinh doanh vận tải hành khách bằng xe ô tô theo tuyến cố định, Chủ tịch Ủy ban " +
	"nhân dân tỉnh quyết định giao các cơ quan, đơn vị có liên quan chịu trách nhiệm thi hành quyết định này kể từ ngày ký.")

// body adds one paragraph of so many lines.
func (l *layout) body(y float64, lines int) float64 {
	var texts []string
	at := 0
	for i := range lines {
		n := 11 + i%3
		var words []string
		for range n {
			words = append(words, prose[at%len(prose)])
			at++
		}
		texts = append(texts, strings.Join(words, " "))
	}
	return l.block(300, y, em, 1.45, texts...)
}

func (l *layout) tabled() {
	y := l.block(300, 400, em, 1.4, "DANH SÁCH PHƯƠNG TIỆN ĐƯỢC CẤP PHÙ HIỆU")
	l.table([]float64{300, 480, 1200, 1750}, y+80, em, 1.8,
		[]string{"STT", "Tên đơn vị", "Biển số", "Ngày cấp"},
		[]string{"1", "Công ty Hoàng Long", "74B-001.23", "01/02/2024"},
		[]string{"2", "Hợp tác xã Thống Nhất", "74B-004.56", "15/03/2024"},
		[]string{"3", "Doanh nghiệp Minh Đức", "74C-012.34", "20/12/2023"},
		[]string{"4", "Công ty Sông Hiếu", "74H-111.11", "09/09/2023"})
	l.body(1400, 6)
}

func (l *layout) signed() {
	y := l.body(400, 10)
	l.block(300, y+100, em*0.85, 1.3, "Nơi nhận:", "- Như Điều 3;", "- Bộ Giao thông vận tải;", "- Lưu: VT, KT(3b).")
	l.block(1500, y+100, em, 1.4, "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
	l.block(1480, y+700, em, 1.4, "Nguyễn Văn Hoàng")
}
