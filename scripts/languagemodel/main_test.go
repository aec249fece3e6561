package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/pipeline/language/ngram"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const counted = `### one
sửa đổi, bổ sung một số điều
sửa đổi, bổ sung Nghị định số 92/2017/NĐ-CP ngày 07/8/2017
được sửa đổi, bổ sung
### two
công bố thủ tục hành chính theo quy định của Chính phủ về kiểm soát
`

func build(t *testing.T, args ...string) (model []byte, told string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "model")
	var out, errs bytes.Buffer
	if code := run(append([]string{"-o", file, "-least", "1"}, args...), &out, &errs); code != 0 {
		t.Fatalf("status %d: %s", code, errs.String())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data, out.String()
}

func TestModel(t *testing.T) {
	dir := folder(t, map[string]string{"a.txt": counted})
	data, _ := build(t, "-texts", dir)
	if again, _ := build(t, "-texts", dir); !bytes.Equal(data, again) {
		t.Error("the same texts gave another model")
	}
	m, err := ngram.Open(string(data))
	if err != nil {
		t.Fatal(err)
	}
	log := func(a, b, c string) float64 {
		x, _ := m.ID(a)
		y, _ := m.ID(b)
		z, _ := m.ID(c)
		return m.Log(x, y, z)
	}
	if right, wrong := log("đổi", ngram.Break, "bổ"), log("đổi", ngram.Break, "bố"); right < wrong+1 {
		t.Errorf("bổ %.2f, bố %.2f", right, wrong)
	}
	if likely := log(ngram.Year, "nđ", "cp"); likely < -1 {
		t.Errorf("NĐ-CP: %.2f", likely)
	}
	sum := 0.0
	for key := range wordsOf(counted) {
		sum += math.Exp(log("sửa", "đổi", key))
	}
	sum += math.Exp(log("sửa", "đổi", ngram.Unknown)) + math.Exp(log("sửa", "đổi", ngram.Mixed)) + math.Exp(log("sửa", "đổi", ngram.Number))
	if math.Abs(sum-1) > 0.05 {
		t.Errorf("the probabilities sum to %.3f", sum)
	}
}

func wordsOf(text string) map[string]bool {
	set := map[string]bool{ngram.Break: true}
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "###") {
			for _, key := range keys(line) {
				set[key] = true
			}
		}
	}
	return set
}

// A document that is a true text is not counted; what merely begins alike is.
func TestLeftOut(t *testing.T) {
	dir := folder(t, map[string]string{"a.txt": counted})
	truths := folder(t, map[string]string{"x.gt.txt": "công bố thủ tục hành chính theo quy định\ncủa Chính phủ {hw:12} về kiểm soát"})
	data, told := build(t, "-texts", dir, "-without", truths)
	if !strings.Contains(told, "left out: two") || strings.Contains(told, "left out: one") {
		t.Errorf("told: %s", told)
	}
	m, err := ngram.Open(string(data))
	if err != nil {
		t.Fatal(err)
	}
	if _, known := m.ID("kiểm"); known {
		t.Error("a word of the document that was left out is known")
	}
}

func TestPairs(t *testing.T) {
	dir := folder(t, map[string]string{"a.txt": counted})
	pairs := folder(t, map[string]string{"pairs": "cử tri\n?? ??\nWindows 95\nđổi mới\n"})
	data, _ := build(t, "-texts", dir, "-pairs", filepath.Join(pairs, "pairs"))
	m, err := ngram.Open(string(data))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := m.ID("cử")
	b, _ := m.ID("tri")
	c, _ := m.ID("mới")
	if near, far := m.Log(a, a, b), m.Log(a, a, c); near < far+1 {
		t.Errorf("cử tri %.2f, cử mới %.2f", near, far)
	}
	if _, known := m.ID("windows"); known {
		t.Error("English is known")
	}
}

func TestWrongUse(t *testing.T) {
	var out, errs bytes.Buffer
	for _, args := range [][]string{nil, {"-texts", "x", "more"}, {"-texts", "x", "-least", "0"}, {"-y"}} {
		if code := run(args, &out, &errs); code != 2 {
			t.Errorf("%q: status %d", args, code)
		}
	}
	if code := run([]string{"-texts", t.TempDir()}, &out, &errs); code != 1 {
		t.Errorf("an empty folder: status %d", code)
	}
}
