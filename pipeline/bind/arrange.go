package bind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Leaf is one page of a PDF that is put together of pages of others.
type Leaf struct {
	File string
	Page int // in the file, from 1
	Turn int // degrees clockwise, besides how the page is shown there
}

// Arrange writes pages of PDFs, in this order, to out. Catalog, metadata and output intent are those of the first one's file;
// pages keep their text. out must be none of the files.
func Arrange(ctx context.Context, opt Options, leaves []Leaf, out string) error {
	if len(leaves) == 0 {
		return errors.New("arrange a PDF: no pages")
	}
	out, err := filepath.Abs(out)
	if err != nil {
		return fmt.Errorf("arrange %s: %w", out, err)
	}
	if opt.Scratch == "" {
		opt.Scratch = filepath.Dir(out)
	}
	dir, err := os.MkdirTemp(opt.Scratch, ".arrange-")
	if err != nil {
		return fmt.Errorf("arrange %s: %w", out, err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // scratch; what stays is reported by nobody
	a := assembly{opt: opt.withDefaults(), dir: dir}
	whole := filepath.Join(dir, "whole.pdf")
	args, err := arranging(leaves)
	if err != nil {
		return fmt.Errorf("arrange %s: %w", out, err)
	}
	args = append(slices.Concat(args, archival()), whole)
	if _, err := a.run(ctx, len(leaves), "qpdf", args...); err != nil {
		return fmt.Errorf("arrange %s: %w", filepath.Base(out), err)
	}
	if err := os.Rename(whole, out); err != nil {
		return fmt.Errorf("arrange %s: %w", filepath.Base(out), err)
	}
	return nil
}

// arranging is what qpdf is told.
func arranging(leaves []Leaf) ([]string, error) {
	var args []string
	turned := make(map[int][]string) // places by how they are turned
	for i, l := range leaves {
		file, err := filepath.Abs(l.File)
		if err != nil {
			return nil, err
		}
		number := strconv.Itoa(l.Page)
		switch {
		case i == 0:
			args = append(args, file, "--pages", file, number)
		case args[len(args)-2] == file:
			args[len(args)-1] += "," + number
		default:
			args = append(args, file, number)
		}
		if l.Turn != 0 {
			turned[l.Turn] = append(turned[l.Turn], strconv.Itoa(i+1))
		}
	}
	args = append(args, "--")
	for _, turn := range []int{90, 180, 270} {
		if places := turned[turn]; places != nil {
			args = append(args, fmt.Sprintf("--rotate=+%d:%s", turn, strings.Join(places, ",")))
		}
	}
	return args, nil
}
