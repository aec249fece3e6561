package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sohoa/scripts/corpus"
)

// held is the memory that sohoa held for one paper of so many pages.
type held struct {
	Pages int
	Jobs  int // children
	footprint
}

// perChild is the tree's peak shared out over the children, in MiB: the limit that IT plans a machine with.
func (h held) perChild() float64 { return float64(h.Tree) / float64(h.Jobs) / (1 << 20) }

// measureMemory reads papers of the given lengths and watches the process tree.
func measureMemory(ctx context.Context, m *machine, s *sohoa, lengths []int, log io.Writer) ([]held, error) {
	dir := filepath.Join(m.work, "speed")
	if err := makeSet(ctx, dir, corpus.Speed, m.seed); err != nil {
		return nil, err
	}
	papers, err := filesIn(dir, ".pdf")
	if err != nil {
		return nil, err
	}
	if len(papers) != 1 {
		return nil, fmt.Errorf("the speed set has %d PDFs, not one", len(papers))
	}
	var all []held
	for _, pages := range lengths {
		long := filepath.Join(m.work, fmt.Sprintf("memory-%d.pdf", pages))
		if err := repeatPages(ctx, papers[0], pages, long); err != nil {
			return nil, err
		}
		f, err := watch(ctx, s.binary, s.args(filepath.Join(m.work, "memory-out"), long)...)
		if err != nil {
			return nil, fmt.Errorf("watch sohoa read %d pages: %w", pages, err)
		}
		h := held{Pages: pages, Jobs: m.cores, footprint: f}
		fmt.Fprintf(log, "memory: %d pages: %d MiB at most, the largest process %d MiB\n", pages, f.Tree>>20, f.Process>>20)
		all = append(all, h)
		if err := os.Remove(long); err != nil {
			return nil, fmt.Errorf("remove the long paper: %w", err)
		}
	}
	return all, nil
}

// repeatPages writes a paper of so many pages, a short one's again and again. Each repetition comes from a file of its own
// name: from one file qpdf would take every picture once, and the paper would be small.
func repeatPages(ctx context.Context, short string, pages int, long string) error {
	count, err := countPages(ctx, short)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(long), "repeat-")
	if err != nil {
		return fmt.Errorf("make a long paper: %w", err)
	}
	defer os.RemoveAll(dir)
	args := []string{"--empty", "--pages"}
	for i := 0; i*count < pages; i++ {
		copied := filepath.Join(dir, fmt.Sprintf("%d.pdf", i))
		if err := os.Link(short, copied); err != nil {
			return fmt.Errorf("make a long paper: %w", err)
		}
		args = append(args, copied, fmt.Sprintf("1-%d", min(count, pages-i*count)))
	}
	if _, _, err := execute(ctx, "qpdf", append(args, "--", long)...); err != nil {
		return fmt.Errorf("make a long paper: %w", err)
	}
	return nil
}

func countPages(ctx context.Context, file string) (int, error) {
	out, _, err := execute(ctx, "qpdf", "--show-npages", file)
	if err != nil {
		return 0, fmt.Errorf("count pages: %w", err)
	}
	var n int
	if _, err := fmt.Sscan(string(out), &n); err != nil || n < 1 {
		return 0, fmt.Errorf("count pages of %s: qpdf said %q", file, out)
	}
	return n, nil
}
