package extract

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sohoa/pipeline/page"
)

func lineOf(text string) *line {
	var words []word
	x := 0
	for w := range strings.FieldsSeq(text) {
		end := x + 10*utf8.RuneCountInString(w)
		words = append(words, word{text: w, confidence: 96, box: page.Box{X0: x, X1: end, Y1: 24}, printed: page.Box{X0: x, X1: end, Y1: 24}})
		x = end + 10
	}
	return newLine(words, 0, false)
}

func TestDays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		iso   string
		sure  bool
		place int
	}{
		"Quảng Trị, ngày 31 tháng 3 năm 2022":                {"2022-03-31", true, 0},
		"Hà Nội, ngày. 18 tháng 02 năm 2025":                 {"2025-02-18", true, 0},
		"Đà Nẵng, ngày 26tháng 7 năm 2020":                   {"2020-07-26", true, 0},
		"Hà Nội, ngày 3| tháng 12 năm 2020":                  {"2020-12-31", false, 0},
		"Huế, ngày 1l tháng ó năm 2O21":                      {"2021-06-11", false, 0},
		"Hà Nội, ngày 1ó tháng 01] năm 2024":                 {"2024-01-16", false, 0},
		"Số:4Ø /2020/NĐ-CP Hà Nội, ngày 3 tháng 12 năm 2020": {"2020-12-03", true, 2},
		"Hà Nội, ngày tháng năm 2025":                        {"", false, 0},
		"Bạc Liêu, ngày 4Ô tháng 0ÿ, năm 2025":               {"", false, 0},
		"Hà Nội, ngày2Ñháng02 năm 2022":                      {"", false, 0},
		"Hà Nội, ngày 31 tháng 4 năm 2022":                   {"", false, 0},
		"Hà Nội, ngày 1 tháng 4 năm 3022":                    {"", false, 0},
	} {
		d, ok := findDay(lineOf(text))
		if !ok || d.iso != want.iso || want.iso != "" && d.sure != want.sure || d.place != want.place {
			t.Errorf("%q: found %v, %q, sure %v, place at %d; want %+v", text, ok, d.iso, d.sure, d.place, want)
		}
	}
	for _, text := range []string{"", "hàng năm", "Số: 12/QĐ-UBND"} {
		if d, ok := findDay(lineOf(text)); ok {
			t.Errorf("%q: %+v", text, d)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"Số: 209/QĐ-UBND":            {"209", "QĐ-UBND"},
		"Số:1906 /SGDĐT-CTrTT":       {"1906", "SGDĐT-CTrTT"},
		"Sốz2⁄j6/TB-ĐHĐL":            {"2⁄j6", "TB-ĐHĐL"},
		"sáZ88/Qp-VKSTC":             {"Z88", "Qp-VKSTC"},
		"Số:¿02 /QĐ-UBND":            {"¿02", "QĐ-UBND"},
		"Số: /UBND-TTHC":             {"", "UBND-TTHC"},
		"Số: 155 /2020/NĐ-CP":        {"155", "2020/NĐ-CP"},
		"Số: 17/NQ- CP":              {"17", "NQ-CP"},
		"Số 123-QĐ/TU":               {"123", "QĐ/TU"},
		"Số: 851 /QĐ-CĐKTKT-CTHSSV":  {"851", "QĐ-CĐKTKT-CTHSSV"},
		"Sở: 2766 IDS-SGTVT":         {"2766", "DS-SGTVT"},
		"Số: 115/5XD-QLHT":           {"115", "SXD-QLHT"},
		"Số: 30/BC":                  {"30", "BC"},
		"Số: 1743/QĐ-BGTVT":          {"1743", "QĐ-BGTVT"},
		"Số: 05/2019/TTLT-BTC-BGDĐT": {"05", "2019/TTLT-BTC-BGDĐT"},
	} {
		n, ok := readNumber(lineOf(text))
		if !ok || n.raw != want[0] || n.notation != want[1] {
			t.Errorf("%q: found %v, %q and %q, want %q", text, ok, n.raw, n.notation, want)
		}
	}
	for _, text := range []string{"", "Số", "Số: 12", "Sở Giao thông vận tải", "Số điện thoại: 0233/3852 và số khác", "sinh ngày 12/3/2020", "Số: 12/3/2020"} {
		if n, ok := readNumber(lineOf(text)); ok {
			t.Errorf("%q: %q and %q", text, n.raw, n.notation)
		}
	}
}

func TestNotationsArePutRight(t *testing.T) {
	t.Parallel()
	decides := &sheet{kind: kindAbbreviated("QĐ")}
	for _, c := range []struct {
		s                  *sheet
		read, issuer, want string
		sure               bool
	}{
		{decides, "OÐ-UBND", "ỦY BAN NHÂN DÂN TỈNH QUẢNG TRỊ", "QĐ-UBND", true},
		{decides, "QD-BGDDT", "BỘ GIÁO DỤC VÀ ĐÀO TẠO", "QĐ-BGDĐT", true},
		{decides, "Qp-VKSTC", "VIỆN KIỂM SÁT NHÂN DÂN TỐI CAO", "QĐ-VKSTC", false},
		{decides, "QĐĐ-SGTVT", "SỞ GIAO THÔNG VẬN TẢI", "QĐ-SGTVT", true},
		{decides, "QĐ-5XD", "SỞ XÂY DỰNG", "QĐ-SXD", true},
		{decides, "QĐ-ĐHĐIL", "TRƯỜNG ĐẠI HỌC ĐIỆN LỰC", "QĐ-ĐHĐL", false},
		{decides, "TB-SXD", "SỞ XÂY DỰNG", "TB-SXD", false},
		{decides, "QĐ-CĐKTKT-CTHSSV", "TRƯỜNG CĐ KINH TẾ - KỸ THUẬT", "QĐ-CĐKTKT-CTHSSV", false},
		{&sheet{}, "SGDĐT-CTrTT", "SỞ GIÁO DỤC VÀ ĐÀO TẠO", "SGDĐT-CTrTT", false},
	} {
		if got, p := c.s.repairNotation(c.read, c.issuer, true); got != c.want || (p > 0) != c.sure {
			t.Errorf("%q of %s: %q, chance %v; want %q, %v", c.read, c.issuer, got, p, c.want, c.sure)
		}
	}
}

func TestNamesArePutRight(t *testing.T) {
	t.Parallel()
	for read, want := range map[string]string{
		"VIỆN KIẾM SÁT NHÂN DÂN TÓI CAO":      "VIỆN KIỂM SÁT NHÂN DÂN TỐI CAO",
		"THÀNH PHÓ CN THƠ":                    "THÀNH PHỐ CẦN THƠ",
		"UỶ BAN NHÂN DÂN TÍNH HOÀ BÌNH":       "UỶ BAN NHÂN DÂN TỈNH HOÀ BÌNH", // where a tone stands is the writer's choice
		"Cân Thơ,":                            "Cần Thơ,",
		"TRƯỜNG CĐ KINH TẾ - KỸ THUẬT":        "TRƯỜNG CĐ KINH TẾ - KỸ THUẬT",
		"SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI": "SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI",
	} {
		if got, _ := spell(lineOf(read).words); got != want {
			t.Errorf("%q: %q, want %q", read, got, want)
		}
	}
}

func TestCitizens(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]Citizen{
		"045082001234": {Province: "Quảng Trị", Born: 1982}, "001199000001": {Province: "Hà Nội", Born: 1999, Female: true},
		"079304012345": {Province: "Hồ Chí Minh", Born: 2004, Female: true},
	} {
		if got, ok := ParseCitizen(number); !ok || got != want {
			t.Errorf("%s: %+v, %v, want %+v", number, got, ok, want)
		}
	}
	for _, number := range []string{"", "003082001234", "045482001234", "04508200123", "0450820012345", "04508200123l", "-45082001234"} {
		if got, ok := ParseCitizen(number); ok {
			t.Errorf("%q: %+v", number, got)
		}
	}
	for number, want := range map[string]bool{"197123456": true, "990123456": false, "19712345": false} {
		if oldIdentity(number) != want {
			t.Errorf("%s: not %v", number, want)
		}
	}
	if c, ok := ParseIdentityCode("045082001234|197123456|Trần Văn Bảy|02051982|Nam|Thôn 1|12082021||x"); !ok || c.Old != "197123456" || c.Born != "1982-05-02" {
		t.Errorf("a card's code: %+v, %v", c, ok)
	}
	if c, ok := ParseIdentityCode("045082001234||Trần Văn Bảy|02051983|Nam|Thôn 1|12082021"); ok {
		t.Errorf("a card whose number is of another year: %+v", c)
	}
}

func TestDossierCodes(t *testing.T) {
	t.Parallel()
	for read, want := range map[string]string{
		"H50.13-220331-0001": "H50.13-220331-0001", "H5O.l3-22O331-OO01": "H50.13-220331-0001", "000.00.01.H22-250101-12345": "000.00.01.H22-250101-12345",
		"G09.1 - 250228 - 0012": "G09.1-250228-0012",
	} {
		if got, _, ok := ParseDossierCode(read); !ok || got != want {
			t.Errorf("%q: %q, %v", read, got, ok)
		}
	}
	for _, read := range []string{"", "H50-221331-0001", "X50-220331-0001", "H50.13-220331-1", "H50.13-220331-00012345"} {
		if got, _, ok := ParseDossierCode(read); ok {
			t.Errorf("%q: %q", read, got)
		}
	}
}

// Whatever stands in a line, what is made of it has its form, and is the same when it is read again.
func FuzzLine(f *testing.F) {
	for _, seed := range []string{
		"Quảng Trị, ngày 31 tháng 3 năm 2022", "Hà Nội, ngày 3| tháng 12 năm 2020", "Số: 209/QĐ-UBND", "Sốz2⁄j6/TB-ĐHĐL", "Số: 155 /2020/NĐ-CP",
		"Mã hồ sơ: H5O.l3-22O331-OO01", "045082001234||Trần Văn Bảy|02051982|Nam|Thôn 1|12082021", "Số định danh cá nhân: 045 082 001 234",
		"KT. CHỦ TỊCH", "ỦY BAN NHÂN DÂN CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "\xff\u0300 ngay\u00a0han nam", "có giá trị đến ngày 31/12/2029",
	} {
		f.Add(seed)
	}
	day := regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		if l := lineOf(text); len(l.words) > 0 {
			if d, ok := findDay(l); ok && d.iso != "" {
				when, err := time.Parse(time.DateOnly, d.iso)
				if err != nil || !day.MatchString(d.iso) {
					t.Errorf("%q: the day %q", text, d.iso)
				}
				again := lineOf(when.Format("ngày 02 tháng 01 năm 2006"))
				if e, ok := findDay(again); !ok || e.iso != d.iso || !e.sure {
					t.Errorf("%q: the day %q is read as %+v", text, d.iso, e)
				}
			}
			if n, ok := readNumber(l); ok && (n.notation == "" || strings.ContainsAny(n.notation, " \n")) {
				t.Errorf("%q: notation %q", text, n.notation)
			}
		}
		if code, _, ok := ParseDossierCode(text); ok {
			if again, sure, ok := ParseDossierCode(code); !ok || again != code || !sure {
				t.Errorf("%q: the code %q is read as %q", text, code, again)
			}
		}
		if c, ok := ParseIdentityCode(text); ok && (len(c.Number) != 12 || !day.MatchString(c.Born)) {
			t.Errorf("%q: %+v", text, c)
		}
	})
}

// Whatever stands on a page, nothing breaks, and fields keep their form.
func FuzzPage(f *testing.F) {
	f.Add(decision)
	f.Add(letter)
	f.Add(application)
	f.Add("R ngày tháng năm\nL số:/\nC ĐƠN\nC 1\nS KT.\nS \nT 1.000000\nJ Họ tên:\nJ có giá trị đến")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 20_000 {
			return
		}
		text = strings.ToValidUTF8(text, "?")
		rows := strings.Split(text, "\n")
		for i, row := range rows {
			if r := strings.TrimSpace(row); r != "" && !strings.ContainsRune("LRCPJSTN", rune(r[0])) {
				rows[i] = "J " + r
			}
		}
		for _, field := range Page(layOut(strings.ReplaceAll(strings.Join(rows, "\n"), "~", "-"))) {
			if !norm.NFC.IsNormalString(field.Value) || field.Value != strings.TrimSpace(field.Value) || strings.ContainsAny(field.Value, "\n\t") {
				t.Errorf("%s is %q", field.Name, field.Value)
			}
			if field.Confidence < 0 || field.Confidence > 100 || field.Value == "" && field.Confidence > 0 {
				t.Errorf("%s: %q with confidence %v", field.Name, field.Value, field.Confidence)
			}
			if field.Name == Issued || field.Name == ValidUntil {
				if _, err := time.Parse(time.DateOnly, field.Normal); err != nil && field.Normal != "" {
					t.Errorf("%s is %q", field.Name, field.Normal)
				}
			}
		}
	})
}
