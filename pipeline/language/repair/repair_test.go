package repair

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"sohoa/pipeline/language/ngram"
	"sohoa/pipeline/layout"
	"sohoa/pipeline/page"
)

// read makes a line of what was read. A character may be followed by others that were held possible, and how many points
// behind: bồ{ổ:9;ố:40}. A ~ before a word makes the gap before it narrow.
func read(text string) ([]page.Block, Choices) {
	choices := make(Choices)
	line := page.Line{}
	x := 0
	for field := range strings.FieldsSeq(text) {
		gap := 12
		if rest, narrow := strings.CutPrefix(field, "~"); narrow {
			field, gap = rest, 4
		}
		var letters []rune
		var of [][]layout.Choice
		for field != "" {
			r, size := utf8.DecodeRuneInString(field)
			field = field[size:]
			if inside, rest, closed := strings.Cut(field, "}"); r == '{' && closed && len(of) > 0 {
				of[len(of)-1] = append(of[len(of)-1], others(inside)...)
				field = rest
				continue
			}
			letters = append(letters, r)
			of = append(of, []layout.Choice{{Text: string(r), Confidence: 95}})
		}
		box := page.Box{X0: x + gap, Y0: 0, X1: x + gap + 10*len(letters), Y1: 20}
		x = box.X1
		choices[box] = of
		line.Words = append(line.Words, page.Word{Text: string(letters), Box: box, Quad: box.Quad(), Confidence: 90})
	}
	return []page.Block{{Kind: page.BlockText, Lines: []page.Line{line}}}, choices
}

func others(list string) []layout.Choice {
	var all []layout.Choice
	for other := range strings.SplitSeq(list, ";") {
		text, behind, _ := strings.Cut(other, ":")
		points, _ := strconv.ParseFloat(behind, 64)
		all = append(all, layout.Choice{Text: text, Confidence: max(0, 95-points)})
	}
	return all
}

func textOf(blocks []page.Block) string {
	var all []string
	for _, w := range blocks[0].Lines[0].Words {
		all = append(all, w.Text)
	}
	return strings.Join(all, " ")
}

func TestRepaired(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"sửa đổi, bồ{ổ:9} sung một số điều":                     "sửa đổi, bổ sung một số điều",
		"SỬA ĐỔI, BỒ{Ổ:30} SUNG":                                "SỬA ĐỔI, BỔ SUNG",
		"sửa đồ{ổ:20}i, bồ{ổ:20} sung":                          "sửa đổi, bổ sung",
		"Luật Tổ chức chính quyê{ề:10}n địa phương":             "Luật Tổ chức chính quyền địa phương",
		"ngày 19 tháng ó{6:40} năm 2015":                        "ngày 19 tháng 6 năm 2015",
		"nghiệp ngày Ï{1:20}7 tháng 6 năm 2020":                 "nghiệp ngày 17 tháng 6 năm 2020",
		"theo Quyết định số 87/QD{Đ:20}-BTP ngày 14":            "theo Quyết định số 87/QĐ-BTP ngày 14",
		"theo Quyết định số 443/QĐĐ-BYT ngày 14 tháng 3":        "theo Quyết định số 443/QĐ-BYT ngày 14 tháng 3",
		"Nghị định số 92/201 ~7/NĐ-CP ngày 07 tháng 8":          "Nghị định số 92/2017/NĐ-CP ngày 07 tháng 8",
		"Nghị định số 1 ~07/2021/NĐ-CP ngày 06 tháng 12":        "Nghị định số 107/2021/NĐ-CP ngày 06 tháng 12",
		"Chỉ thị số 11/CT- ~TTg ngày 04 tháng 5":                "Chỉ thị số 11/CT-TTg ngày 04 tháng 5",
		"ngày 30 tháng 12 năm 202]{1:40}; tháng":                "ngày 30 tháng 12 năm 2021; tháng",
		"có hiệu lực kề{ể:60} từ ngày ký":                       "có hiệu lực kể từ ngày ký",
		"Căn cứ Nghị định sô{ố:95} 63/2010/NĐ-CP ngày 08 tháng": "Căn cứ Nghị định số 63/2010/NĐ-CP ngày 08 tháng",
	} {
		blocks, choices := read(in)
		before := clone(blocks)
		n := Blocks(ngram.Official(), blocks, choices)
		if got := textOf(blocks); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
		changed := 0
		for _, w := range blocks[0].Lines[0].Words {
			if w.Recognized != "" {
				changed++
			}
		}
		if changed == 0 || n < changed {
			t.Errorf("%s: %d words keep what was read, %d were changed", in, changed, n)
		}
		if got := recognized(blocks); got != textOf(before) {
			t.Errorf("%s: what was read became %s", in, got)
		}
	}
}

// What may be right stays, however likely the recognizer or the model holds something else.
func TestStays(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"xã hội hoá{ó:5} giáo dục, hòa{ò:5} giải và hoà{à:5} giải",             // both placements
		"Uỷ{Ủ:3} ban nhân dân, Ủy{Ú:40} ban",                                   // …
		"Ông Trần Văn Đi{ị:20}nh và bà Lê Thị Tiê{ề:40}n",                      // names
		"vốn bồ sung của kỳ họp",                                               // no doubt
		"xe mang biển số 74D{0:20}-262.99 và 74B{8:5}-748.15",                  // plates
		"bằng lái hạng A1{I:2} và B2{Z:2} cấp ngày 12",                         // classes
		"theo Quyết định số 663/QĐ-S{B:9}GTVT ngày 20",                         // agencies
		"điện thoại 0937 212 919 hoặc 0960 041 176",                            // printed gaps
		"ngày 1{7:2} tháng 3{8:1} năm 2019{8:1}",                               // numbers
		"the quick brown fo{ơ:3}x jumps over the la{ạ:9}zy dog",                // other languages
		"Microsoft Word, Samsung và Facebook",                                  //
		"Chương I{1:9} và Chương II{1:9}",                                      // Roman numerals
		"[1] Điều này được sửa đổi theo [2] Luật số 15 và 3] hết",              // notes
		"quyết Đ{đ:1}ịnh S{s:1}Ố{ố:1} tiền",                                    // case
		"17/NQ- CP ngày 20 tháng 3 năm 2020 của Chính phủ về việc thực hiện",   // a printed gap
		"tại khoản 1 07/2021/NĐ-CP không phải là số của một văn bản nào ở đây", // …
	} {
		blocks, choices := read(in)
		before := clone(blocks)
		if n := Blocks(ngram.Official(), blocks, choices); n != 0 || textOf(blocks) != textOf(before) {
			t.Errorf("%s: %d changes: %s", in, n, textOf(blocks))
		}
	}
}

func clone(blocks []page.Block) []page.Block {
	out := []page.Block{{Kind: blocks[0].Kind, Lines: []page.Line{blocks[0].Lines[0]}}}
	out[0].Lines[0].Words = append([]page.Word(nil), blocks[0].Lines[0].Words...)
	return out
}

func recognized(blocks []page.Block) string {
	var all []string
	for i := range blocks[0].Lines[0].Words {
		all = append(all, original(&blocks[0].Lines[0].Words[i]))
	}
	return strings.Join(all, " ")
}

// Words that became one have the box and the choices of both, and are repaired on.
func TestJoinedGoOn(t *testing.T) {
	t.Parallel()
	blocks, choices := read("Nghị định số 92/201 ~7/ND{Đ:30}-CP ngày 07 tháng 8")
	left, right := blocks[0].Lines[0].Words[3], blocks[0].Lines[0].Words[4]
	Blocks(ngram.Official(), blocks, choices)
	w := blocks[0].Lines[0].Words[3]
	if w.Text != "92/2017/NĐ-CP" || w.Recognized != "92/201 7/ND-CP" || w.Box != left.Box.Union(right.Box) || w.Quad != w.Box.Quad() {
		t.Errorf("%+v", w)
	}
}

func FuzzBlocks(f *testing.F) {
	f.Add("sửa đổi, bồ{ổ:9} sung số 92/201 ~7/NĐ-CP", false)
	f.Add("tháng ó{6:4} Ï{1:2}7 202]{1:2} QĐĐ/", true)
	f.Fuzz(func(t *testing.T, text string, table bool) {
		if len(text) > 200 || !utf8.ValidString(text) {
			return // what is read is normalized
		}
		blocks, choices := read(text)
		if table {
			blocks[0].Kind = page.BlockTable
		}
		was := recognized(blocks)
		Blocks(ngram.Official(), blocks, choices)
		if got := recognized(blocks); got != was {
			t.Errorf("what was read became %q, was %q", got, was)
		}
	})
}

func BenchmarkBlocks(b *testing.B) {
	// A page of 500 words, of which each third has other letters that are possible, as pages have.
	text := strings.Repeat("Căn cứ Nghị{ỉ:60;i:80} định số 92/2017/NĐ{D:60}-CP ngày 07 thá{ă:70;â:75}ng 8 năm 2017 của Chính phủ{ú:40;ụ:90;u:95} sử{ừ:50;ữ:80}a đổ{ồ:20;ố:40;ỗ:80}i bồ{ổ:9;ố:40;ỗ:60} sung một số{ô:30;ồ:60} điều; ", 20)
	blocks, choices := read(text)
	b.ReportAllocs()
	for b.Loop() {
		Blocks(ngram.Official(), clone(blocks), choices)
	}
}
