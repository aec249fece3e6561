package extract

import (
	"strings"
	"testing"

	"sohoa/pipeline/page"
)

// A page of 150 dpi, laid out as Nghị định 30/2020 asks, from lines that begin with where they stand: L in the left column of the head,
// R in the right one, C in the middle, P a paragraph's first line, J its others, S at the signer's place, T a cell of a table. Words may
// be followed by their confidence, as thú~70; the others have 96.
func layOut(text string) *page.Page {
	const width, height, letter, lineHeight = 1240, 1754, 11, 34
	p := &page.Page{Number: 1, Source: page.Recognized, Width: width, Height: height, DPI: 150}
	left, right, body := 120, 120, 0
	var block page.Block
	for row := range strings.Lines(text) {
		row = strings.TrimSpace(row)
		if row == "" {
			body += lineHeight
			continue
		}
		where, said := row[0], strings.TrimSpace(row[1:])
		words := strings.Fields(said)
		long := len([]rune(said)) * letter
		x, y := 0, 0
		switch where {
		case 'L':
			x, y = 390-long/2, left
			left += lineHeight
		case 'R':
			x, y = 880-long/2, right
			right += lineHeight
		default:
			body = max(body, left, right)
			y = body
			body += lineHeight
			x = map[byte]int{'C': 655 - long/2, 'P': 255, 'J': 180, 'S': 920 - long/2, 'T': 180, 'N': 180}[where]
		}
		kind := page.BlockText
		if where == 'T' {
			kind = page.BlockTable
		}
		line := page.Line{}
		gap := letter
		if (where == 'P' || where == 'J') && len(words) > 6 && long < 1130-x { // justified
			gap += (1130 - x - long) / (len(words) - 1)
		}
		for _, w := range words {
			confidence := 96.0
			if name, sure, ok := strings.Cut(w, "~"); ok {
				w, confidence = name, float64(int(sure[0]-'0')*10)
			}
			end := x + len([]rune(w))*letter
			box := page.Box{X0: x, Y0: y, X1: end, Y1: y + 24}
			line.Words = append(line.Words, page.Word{Text: w, Box: box, Quad: box.Quad(), Confidence: confidence})
			line.Box = line.Box.Union(box)
			x = end + gap
		}
		if block.Kind != kind {
			if len(block.Lines) > 0 {
				p.Blocks = append(p.Blocks, block)
			}
			block = page.Block{Kind: kind}
		}
		block.Lines = append(block.Lines, line)
	}
	p.Blocks = append(p.Blocks, block)
	return p
}

// decision is a quyết định with what recognizers make of one.
const decision = `
L ỦY BAN NHÂN DÂN
L TÍNH QUẢNG TRI
L SỞ GIAO THÔNG VẬN TẢI.
L Số: 209/QD-SGTVT
R CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
R Độc lâp - Tự do - Hạnh phúc
R Quảng Trị, ngày 1l tháng ó năm 2025

C QUYÉT ĐỊNH
C Về việc cấp lại Giấy phép đào tạo lái xe ô tô cho Trung tâm đào tạo lái xe
C và công bố thú~70 tục hành chính

C GIÁM ĐỐC SỞ GIAO THÔNG VẬN TẢI
P Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015; công bố thủ tục hành
J chính của Bộ Giao thông vận tải và danh mục thủ tục hành chính đã được công bố trước đây theo
J quy định; theo đề nghị của Trưởng phòng Quản lý vận tải, phương tiện và người lái thuộc Sở
C QUYẾT ĐỊNH:
P Điều 1. Cấp lại Giấy phép đào tạo lái xe ô tô có giá trị đến hết ngày 31 tháng 12 năm 2029 cho
J Trung tâm theo hồ sơ có mã hồ sơ H50.13-250331-0001 và thủ tục hành chính, mã số TTHC 1.002809
P Điều 2. Quyết định này có hiệu lực kể từ ngày ký và thay thế mọi quyết định trước đây về việc này./.
N Nơi nhận:
S KT. GIÁM ĐỐC
S PHÓ GIÁM ĐỐC

S Nguyên Thị Minh Hoà
`

// letter is a công văn whose number and day are to be written in.
const letter = `
L UBND TỈNH QUẢNG NGÃI
L SỞ Y TẾ
L Số: /SYT-NVY
L V/v tăng cường phòng bệnh
L trong mùa mưa
R CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM
R Độc lập - Tự do - Hạnh phúc
R Quảng Ngãi, ngày tháng 9 năm 2024

C Kính gửi: Các bệnh viện trong tỉnh.
P Thực hiện Công văn số 15/BYT-DP ngày 31/3/2024 của Bộ Y tế về việc tăng cường phòng bệnh, Sở
J Y tế yêu cầu thủ trưởng các đơn vị khẩn trương thực hiện những nội dung nêu trong công văn này.
S TL. GIÁM ĐỐC
S CHÁNH VĂN PHÒNG
S Lê Văn Tám
`

// application is a đơn.
const application = `
C CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
C Độc lập - Tự do - Hạnh phúc

C ĐƠN ĐỀ NGHỊ ĐỔI, CẤP LẠI GIẤY PHÉP LÁI XE
C Kính gửi: Sở Giao thông vận tải
J Tôi là: TRẦN VĂN BẢY Quốc tịch: Việt Nam
J Sinh ngày: 02/05/1982 Số điện thoại: 0370 295 119
J Số định danh cá nhân: 045082001234 cấp ngày: 12/8/2021
P Hiện đã có giấy phép lái xe hạng B2 có giá trị đến ngày 07/12/2025, nay đề nghị đổi giấy phép lái xe.
S Quảng Trị, ngày 16 tháng 01 năm 2024
S NGƯỜI LÀM ĐƠN
S Trần Văn Bảy
`

func fieldsOf(fields []Field) map[Name]Field {
	all := make(map[Name]Field)
	for _, f := range fields {
		all[f.Name] = f
	}
	return all
}

func checkFields(t *testing.T, fields []Field, want map[Name]string) {
	t.Helper()
	got := fieldsOf(fields)
	for name, value := range want {
		if f, ok := got[name]; !ok || f.Value != value {
			t.Errorf("%s is %q (found: %v), want %q", name, f.Value, ok, value)
		}
	}
	for name, f := range got {
		if _, wanted := want[name]; !wanted {
			t.Errorf("%s is not on the paper, and was found: %q", name, f.Value)
		}
		if f.Value != "" && (f.Box().Empty() || f.Page != 1) {
			t.Errorf("%s has no place: %+v", name, f)
		}
		if f.Confidence < 0 || f.Confidence > 100 || f.Value == "" && f.Confidence != 0 {
			t.Errorf("%s: %q with confidence %v", name, f.Value, f.Confidence)
		}
	}
}
