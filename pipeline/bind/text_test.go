package bind

import (
	"errors"
	"strings"
	"testing"

	"sohoa/pipeline/page"
)

func textLine(cell int, words ...string) page.Line {
	l := page.Line{Cell: cell}
	for _, w := range words {
		l.Words = append(l.Words, page.Word{Text: w})
	}
	return l
}

func TestWriteText(t *testing.T) {
	cases := []struct {
		name   string
		blocks []page.Block
		want   string
	}{
		{"blank", nil, "\f"},
		{"empty blocks", []page.Block{{}, {Lines: []page.Line{textLine(0)}}}, "\f"},
		{
			"blocks",
			[]page.Block{
				{Lines: []page.Line{textLine(0, "ỦY", "BAN"), textLine(0, "TỈNH")}},
				{},
				{Lines: []page.Line{textLine(0, "Số:", "1")}},
			},
			"ỦY BAN\nTỈNH\n\nSố: 1\n\f",
		},
		{
			"table",
			[]page.Block{{Kind: page.BlockTable, Lines: []page.Line{
				textLine(0, "1"), textLine(1, "Công", "ty"), textLine(2, "74B"),
				textLine(0, "2"), textLine(2, "74C"), // the middle cell is empty
				textLine(0), textLine(1, "x"), textLine(1, "y"), // so is the first
				textLine(2, "a"), textLine(1, "b"), // going back begins a row
			}}},
			"1 | Công ty | 74B\n2 | | 74C\n | x y | a\n| b\n\f",
		},
		{
			"forms and rubbish",
			[]page.Block{{Lines: []page.Line{textLine(0, "Tô\u0309 chu\u031b\u0301c", "\x00", "a\xffb\f")}}},
			"Tổ chức ab\n\f",
		},
	}
	for _, c := range cases {
		var b strings.Builder
		if err := WriteText(&b, &page.Page{Blocks: c.blocks}); err != nil {
			t.Fatal(err)
		}
		if b.String() != c.want {
			t.Errorf("%s: got %q, want %q", c.name, b.String(), c.want)
		}
	}
	if err := WriteText(&full{}, &page.Page{}); !errors.Is(err, errFull) {
		t.Errorf("full disk: %v", err)
	}
}
