package language

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	official = `ỦY BAN NHÂN DÂN TỈNH QUẢNG TRỊ Số: 209/QĐ-UBND CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc
		Căn cứ Luật Tổ chức chính quyền địa phương ngày 19/6/2015; Căn cứ Nghị định số 63/2010/NĐ-CP ngày 08 tháng 6 năm 2010`
	marksLost = `UBND THANH PHO DA NANG CONG HOA XA HOI CHU NGHIA VIET NAM Doc lap - Tu do - Hanh phuc SO GIAO DUC VA DAO TAO
		Can cu ke hoach dao tao nam hoc; Nha truong tren khai cho sinh vien dang ky`
	englishModel = `CONG HOA xA HOI can NGHiA VIET NAM DQc IfP - TV do - Ht\nh phuc Ha N9i, ngay4Sthimg 6 ndm 2021 V~ vi~c ta ch..rc dang Icy
		mon hQc hQc kY I nam hQC2021-2022 Can cir k~ hoach dao tao nam hoc; Dôc lâp Tir do`
	tcvn3   = `Céng hoµ x· héi chñ nghÜa ViÖt Nam §éc lËp - Tù do - H¹nh phóc QuyÕt ®Þnh cña Uû ban nh©n d©n tØnh vÒ viÖc ban hµnh quy chÕ`
	vni     = `Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam Ñoäc laäp Töï do Haïnh phuùc Quyeát ñònh cuûa UÛy ban nhaân daân tænh veà vieäc`
	mangled = `Cá»™ng hÃ²a xÃ£ há»™i chá»§ nghÄ©a Viá»‡t Nam Äá»™c láºp Tá»± do Háº¡nh phÃºc Quyáº¿t Ä‘á»‹nh cá»§a á»¦y ban`
	glyphs  = "\uf001\uf002\uf003 \uf010\uf011 &Ӝ1*+Ñ$ ;\x03+Ӝ, \ufffd\ufffd\ufffd \uf022x \uf0b7\uf0b8"
	english = `Lorem ipsum is not English, but this paragraph is: the quick brown fox jumps over the lazy dog (twice, in 2021), and
		nobody at the ISO or the W3C knows exactly why it should.`
	french  = `Le présent règlement entre en vigueur le vingtième jour suivant celui de sa publication au Journal officiel de l'Union européenne`
	figures = "1. 2. 31/3/2022 1.002809 QCVN 41:2019/BGTVT 15.000 75% -"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text                 string
		vietnamese, readable bool
	}{
		"official paper":                 {official, true, true},
		"marks lost":                     {marksLost, false, true}, // plain letters can be read: as digital text it stays
		"recognized by an English model": {englishModel, false, false},
		"TCVN3":                          {tcvn3, false, false},
		"VNI":                            {vni, false, false},
		"UTF-8 read as Windows-1252":     {mangled, false, false},
		"glyph numbers":                  {glyphs, false, false},
		"English":                        {english, false, true},
		"French":                         {french, false, true},
		"figures alone":                  {figures, false, true},
		"one word":                       {"Trang", false, true},
		"nothing":                        {"", false, false},
		"punctuation":                    {"- – . ...", false, false},
	} {
		j := Judge(strings.Fields(c.text))
		if j.Vietnamese() != c.vietnamese || j.Readable() != c.readable {
			t.Errorf("%s: Vietnamese %v, readable %v: %+v, share %.2f", name, j.Vietnamese(), j.Readable(), j, j.Share())
		}
		if sum := j.Marked + j.Unmarked + j.Codes + j.Latin + j.Foreign + j.Senseless; sum != j.Words {
			t.Errorf("%s: kinds sum to %d of %d words", name, sum, j.Words)
		}
	}
}

// data is the development data's folder, which a user's checkout does not have.
func data(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	return filepath.Join(dir, "..", "shared", "data")
}

// TestOfficialTextsAreVietnamese judges the official texts page by page.
func TestOfficialTextsAreVietnamese(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(data(t), "text", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Log("no development data: nothing to judge")
	}
	const words = 300
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Fields(string(raw))
		pages, good := 0, 0
		for ; len(all) > words; all = all[min(8*words, len(all)):] { // every eighth page is sample enough
			pages++
			if Judge(all[:words]).Vietnamese() {
				good++
			}
		}
		t.Logf("%s: %d of %d pages are Vietnamese", filepath.Base(file), good, pages)
		if good < pages*98/100 {
			t.Errorf("%s: only %d of %d pages are Vietnamese", filepath.Base(file), good, pages)
		}
	}
}

// TestTruthsAreVietnamese judges the true texts of the scans.
func TestTruthsAreVietnamese(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(data(t), "scans", "*.gt.txt"))
	if err != nil {
		t.Fatal(err)
	}
	worst := 1.0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		j := Judge(strings.Fields(string(raw)))
		worst = min(worst, j.Share())
		if !j.Vietnamese() {
			t.Errorf("%s is not Vietnamese: %+v", filepath.Base(file), j)
		}
	}
	t.Logf("%d texts, the worst has %.3f syllables", len(files), worst)
}
