package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/page"
	"sohoa/scripts/score"
)

// words makes words of texts; read|made is one that repair changed.
func words(text string) []page.Word {
	var all []page.Word
	for field := range strings.FieldsSeq(text) {
		w := page.Word{Text: field}
		if read, made, changed := strings.Cut(field, "|"); changed {
			w.Recognized, w.Text = strings.ReplaceAll(read, "_", " "), made
		}
		all = append(all, w)
	}
	return all
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		read, truth string
		want        []verdict
	}{
		{"sửa đổi, bồ|bổ sung", "sửa đổi, bổ sung", []verdict{better}},
		{"sửa đổi, bồ|bổ sung", "sửa đổi, bồ sung", []verdict{worseChange}},
		{"sửa đổi, bồ|bổ sung", "sửa đổi, bố sung", []verdict{stillWrong}},
		{"số 92/201_7/NĐ-CP|92/2017/NĐ-CP ngày", "số 92/2017/NĐ-CP ngày", []verdict{better}},
		{"số 1_07/2021/NĐ-CP|107/2021/NĐ-CP ngày", "khoản 1 07/2021/NĐ-CP ngày", []verdict{worseChange}},
		{"ngày ó|6 tháng 202];|2021; năm", "ngày 6 tháng 2021; năm", []verdict{better, better}},
		{"ổ|bổ bồ|bổ bổ", "bổ bổ bổ", []verdict{better, better}},
		{"này./.29=|này./. ", "này./.", []verdict{better}},
		{"tỉnh; này|này,", "tỉnh; này,", nil},
	} {
		var got []verdict
		for _, change := range judge("paper", words(c.read), score.Syllables(c.truth)) {
			got = append(got, change.verdict)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s of %s: %v, want %v", c.read, c.truth, got, c.want)
		}
	}
}

// write puts a reading and its truth into folders.
func write(t *testing.T, read, truth string) (readings, truths string) {
	t.Helper()
	readings, truths = t.TempDir(), t.TempDir()
	var out bytes.Buffer
	doc, err := bind.NewJSON(&out, page.Reading{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := page.Page{Number: 1, Source: page.Recognized, Blocks: []page.Block{{Kind: page.BlockText, Lines: []page.Line{{Words: words(read)}}}}}
	if err := doc.Page(&p); err != nil {
		t.Fatal(err)
	}
	if _, err := doc.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{filepath.Join(readings, "a.json"): out.String(), filepath.Join(truths, "a.gt.txt"): truth} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return readings, truths
}

func TestRun(t *testing.T) {
	readings, truths := write(t, "sửa đổi, bồ|bổ sung ngày ó|6 tháng 7", "{hw:x} sửa đổi, bổ sung ngày 6 tháng 7")
	var out, errs bytes.Buffer
	if code := run([]string{"-v", readings, truths}, &out, &errs); code != 0 {
		t.Fatalf("status %d: %s", code, errs.String())
	}
	for _, want := range []string{"syllable error 25.00 %", "syllable error  0.00 %", "digit runs  50.00 % of 2", "digit runs 100.00 % of 2", "2 words changed for the better, 0 for the worse"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	readings, truths = write(t, "sửa đổi, bồ|bổ sung", "sửa đổi, bồ sung")
	out.Reset()
	if code := run([]string{"-v", readings, truths}, &out, &errs); code != 1 || !strings.Contains(out.String(), "worse: a: bồ → bổ (bồ)") {
		t.Errorf("a change for the worse: status %d, %s", code, out.String())
	}
	for _, args := range [][]string{nil, {"x"}, {"-v", "a", "b", "c"}} {
		if code := run(args, &out, &errs); code != 2 {
			t.Errorf("%q: status %d", args, code)
		}
	}
	if code := run([]string{t.TempDir(), truths}, &out, &errs); code != 1 {
		t.Errorf("no readings: status %d", code)
	}
}
