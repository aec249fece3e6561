package extract

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sohoa/pipeline/page"
)

func TestADecision(t *testing.T) {
	t.Parallel()
	fields := Page(layOut(decision))
	checkFields(t, fields, map[Name]string{
		Title: "QUYẾT ĐỊNH", Number: "209", Notation: "QĐ-SGTVT", Issuer: "SỞ GIAO THÔNG VẬN TẢI", Parent: "ỦY BAN NHÂN DÂN TỈNH QUẢNG TRỊ",
		Place: "Quảng Trị", Issued: "ngày 11 tháng 6 năm 2025",
		Subject: "Về việc cấp lại Giấy phép đào tạo lái xe ô tô cho Trung tâm đào tạo lái xe và công bố thủ tục hành chính",
		Signer:  "Nguyễn Thị Minh Hoà", SignerTitle: "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC", ValidUntil: "31/12/2029", DossierCode: "H50.13-250331-0001", Procedure: "1.002809",
	})
	got := fieldsOf(fields)
	for name, normal := range map[Name]string{
		Issued: "2025-06-11", Subject: "cấp lại Giấy phép đào tạo lái xe ô tô cho Trung tâm đào tạo lái xe và công bố thủ tục hành chính",
		SignerTitle: "PHÓ GIÁM ĐỐC", ValidUntil: "2029-12-31", Place: "QUẢNG TRỊ",
	} {
		if got[name].Normal != normal {
			t.Errorf("the normal form of %s is %q, want %q", name, got[name].Normal, normal)
		}
	}
	if got[Issued].Confidence >= 95 {
		t.Errorf("a day whose figures were guessed is sure: %v", got[Issued].Confidence)
	}
	if n := len(got[Subject].Boxes); n != 2 {
		t.Errorf("a trích yếu of two lines has %d boxes", n)
	}
}

func TestALetterWhoseNumberIsWrittenIn(t *testing.T) {
	t.Parallel()
	fields := Page(layOut(letter))
	checkFields(t, fields, map[Name]string{
		Title: "CÔNG VĂN", Number: "", Notation: "SYT-NVY", Issuer: "SỞ Y TẾ", Parent: "UBND TỈNH QUẢNG NGÃI", Place: "Quảng Ngãi", Issued: "",
		Subject: "V/v tăng cường phòng bệnh trong mùa mưa", Signer: "Lê Văn Tám", SignerTitle: "TL. GIÁM ĐỐC CHÁNH VĂN PHÒNG",
	})
	if got := fieldsOf(fields)[Number]; got.Box().Empty() {
		t.Error("nobody is shown where the number should be")
	}
}

func TestAnApplication(t *testing.T) {
	t.Parallel()
	fields := Page(layOut(application))
	checkFields(t, fields, map[Name]string{
		Title: "ĐƠN ĐỀ NGHỊ ĐỔI, CẤP LẠI GIẤY PHÉP LÁI XE", Place: "Quảng Trị", Issued: "ngày 16 tháng 01 năm 2024",
		OwnerName: "TRẦN VĂN BẢY", OwnerNumber: "045082001234", Signer: "Trần Văn Bảy", SignerTitle: "NGƯỜI LÀM ĐƠN",
	})
	if got := fieldsOf(fields)[Title].Normal; got != "ĐƠN" {
		t.Errorf("the kind is %q", got)
	}
}

// A page that is none's first says nothing of a head, whatever it cites.
func TestALaterPage(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "C 2\nP Căn cứ Quyết định số 209/QĐ-UBND ngày 18 tháng 02 năm 2025 của Chủ tịch Ủy ban nhân dân tỉnh về việc này\nJ và các quy định khác./."} {
		if fields := Page(layOut("C 2\n" + text)); len(fields) > 0 {
			t.Errorf("%q: %+v", text, fields)
		}
	}
	if fields := Page(&page.Page{Number: 1}); fields != nil {
		t.Errorf("an empty page: %+v", fields)
	}
}

// The head's two columns may come as lines that run through both.
func TestInterleavedHead(t *testing.T) {
	t.Parallel()
	p := layOut(decision)
	lines := slices.Clone(p.Blocks[0].Lines)
	for i := range 3 { // the left column's line i and the right one's
		lines[i].Words = append(lines[i].Words, lines[4+i].Words...)
		lines[i].Box = lines[i].Box.Union(lines[4+i].Box)
	}
	p.Blocks[0].Lines = append(lines[:4], lines[7:]...)
	want, got := fieldsOf(Page(layOut(decision))), fieldsOf(Page(p))
	for _, name := range []Name{Title, Number, Notation, Issuer, Parent, Place, Issued, Subject} {
		if got[name].Value != want[name].Value {
			t.Errorf("%s is %q, want %q", name, got[name].Value, want[name].Value)
		}
	}
}

// A page that was scanned on its side says the same, and its boxes are the scan's.
func TestTurnedPage(t *testing.T) {
	t.Parallel()
	p := layOut(decision)
	back := page.Turn(90, p.Height, p.Width).Inverse() // from upright to the scan, which is to be turned by 90°
	turned := &page.Page{Number: 1, Width: p.Height, Height: p.Width, Turned: 90, Blocks: p.Blocks}
	for w := range turned.Words {
		w.Quad = back.Quad(w.Quad)
		w.Box = w.Quad.Box()
	}
	got, want := fieldsOf(Page(turned)), fieldsOf(Page(layOut(decision)))
	for name, f := range want {
		if got[name].Value != f.Value {
			t.Errorf("%s is %q, want %q", name, got[name].Value, f.Value)
		}
		if b := back.Quad(f.Box().Quad()).Box(); f.Value != "" && got[name].Box() != b {
			t.Errorf("%s stands at %v, want %v", name, got[name].Box(), b)
		}
	}
}

func TestOfPaper(t *testing.T) {
	t.Parallel()
	all := OfPaper([]Field{{Name: Signer, Page: 1}, {Name: Number, Value: "", Page: 1}, {Name: Number, Value: "7", Page: 3}, {Name: Issuer, Value: "x", Page: 3}})
	said, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"name":"number","value":"","confidence":0,"page":1,"origin":""},{"name":"issuer","value":"x","confidence":0,"page":3,"origin":""},` +
		`{"name":"signer","value":"","confidence":0,"page":1,"origin":""}]`
	if string(said) != want {
		t.Errorf("%s\nwant %s", said, want)
	}
}

// Codes are trusted above recognition where both agree, and make what they contradict doubtful.
func TestCodesOnThePage(t *testing.T) {
	t.Parallel()
	const card = "C CĂN CƯỚC CÔNG DÂN\nJ Số: 045082001234\nJ Họ và tên: TRÂN VĂN BÀY~50\nJ Ngày sinh: 02/05/1982\n"
	qr := page.Code{Kind: page.QR, Box: page.Box{X0: 900, Y0: 100, X1: 1100, Y1: 300}}
	qr.Text = "045082001234||Trần Văn Bảy|02051982|Nam|Thôn 1, Quảng Trị|12082021"
	p := layOut(card)
	p.Codes = []page.Code{qr}
	got := fieldsOf(Page(p))
	if f := got[OwnerNumber]; f.Value != "045082001234" || f.Origin != Code || f.Confidence < 95 || len(f.Boxes) != 2 {
		t.Errorf("the number, on which both agree: %+v", f)
	}
	if f := got[OwnerName]; f.Value != "Trần Văn Bảy" || f.Confidence < 95 || f.Differs != "" {
		t.Errorf("the name, which differs in marks alone: %+v", f)
	}
	if f := got[Issued]; f.Normal != "2021-08-12" || f.Origin != Code || f.Confidence >= 95 {
		t.Errorf("the day that the code alone says: %+v", f)
	}
	p.Codes[0].Text = "045082009999||Lê Văn Tám|02051982|Nam|Thôn 1, Quảng Trị|12082021"
	got = fieldsOf(Page(p))
	if f := got[OwnerNumber]; f.Differs != "045082001234" || f.Confidence >= 60 {
		t.Errorf("the number that the code contradicts: %+v", f)
	}
	p = layOut(decision)
	p.Codes = []page.Code{{Kind: page.Code128, Text: "H50.13-250331-0001", Box: qr.Box}, {Kind: page.QR, Text: "https://example.invalid/x|y", Box: qr.Box}}
	if f := fieldsOf(Page(p))[DossierCode]; f.Origin != Code || f.Confidence < 95 {
		t.Errorf("the dossier's code: %+v", f)
	}
}

// What a stamp left, and a line that was not read, are known from what is there.
func TestDamagedLines(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("C Về việc cấp lại", "C học~30 0. Về việc cấp lại", "S KT. GIÁM ĐỐC\n", "").Replace(decision)
	got := fieldsOf(Page(layOut(text)))
	if f := got[Subject]; !strings.HasPrefix(f.Value, "Về việc cấp lại Giấy phép") {
		t.Errorf("the trích yếu is %q", f.Value)
	}
	if f := got[SignerTitle]; f.Value != "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC" || f.Confidence >= 95 {
		t.Errorf("the signer's title is %q, %v", f.Value, f.Confidence)
	}
}

func TestMayHaveCode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"C CĂN CƯỚC CÔNG DÂN\nJ Số: 045082001234": true, "C GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ\nJ Mã hồ sơ: H50.13-250331-0001": true,
		decision: false, application: false, "J Căn cước công dân số 045082001234": false,
	} {
		if got := MayHaveCode(layOut(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func BenchmarkPage(b *testing.B) {
	p := layOut(decision)
	for _, block := range p.Blocks { // a page is full
		for len(p.Blocks[0].Lines) < 60 {
			p.Blocks[0].Lines = append(p.Blocks[0].Lines, block.Lines[14:18]...)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		Page(p)
	}
}
