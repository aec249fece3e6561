package bind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"sohoa/pipeline/confine"
)

// convert makes NAME.pdf of these source pages, PDF/A-1 each, turned as asked, in the order given, and lists those that
// did not come through. All go through Ghostscript at once; where that fails, page by page, to find those to blame.
func (a *assembly) convert(ctx context.Context, name string, kept []Kept) (string, []*PageError, error) {
	if len(kept) == 0 {
		return "", nil, nil
	}
	file := filepath.Join(a.dir, name+".pdf")
	if err := a.ghostscript(ctx, file, kept); err != nil {
		if confine.MachineFault(err) || ctx.Err() != nil {
			return "", nil, err
		}
		bad, machine := a.blame(ctx, file, kept)
		if machine != nil {
			return "", nil, machine
		}
		if len(bad) == 0 { // each alone, but not together: the fault is in the file
			for _, k := range kept {
				bad = append(bad, &PageError{k.SourcePage, err})
			}
		}
		return "", bad, nil
	}
	bad, err := a.inspect(ctx, file, kept)
	if err != nil || len(bad) > 0 {
		return "", bad, err
	}
	file, err = a.turn(ctx, file, name, kept)
	return file, nil, err
}

// blame converts page by page to find those that do not come through. The error is no page's.
func (a *assembly) blame(ctx context.Context, file string, kept []Kept) (bad []*PageError, err error) {
	for _, k := range kept {
		if ended := confine.Ended(ctx); ended != nil {
			return nil, ended
		}
		one := []Kept{k}
		switch alone := a.ghostscript(ctx, file, one); {
		case confine.MachineFault(alone):
			return nil, alone
		case alone != nil:
			bad = append(bad, &PageError{k.SourcePage, alone})
		default:
			lost, err := a.inspect(ctx, file, one)
			if err != nil {
				return nil, err
			}
			bad = append(bad, lost...)
		}
	}
	// Those that the end of the context stopped are not to blame.
	return bad, confine.Ended(ctx)
}

// ghostscript converts pages to what PDF/A-1 allows: fonts embedded, one device colour space, transparency flattened,
// annotations drawn, everything else of the document gone.
func (a *assembly) ghostscript(ctx context.Context, file string, kept []Kept) error {
	args := []string{
		"-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", "-sDEVICE=pdfwrite", "-dPDFA=1", "-dPDFACompatibilityPolicy=1",
		"-sColorConversionStrategy=RGB", "-dAutoRotatePages=/None", "-dPreserveAnnots=false", "-dNOOUTERSAVE",
		"-dDownsampleColorImages=false", "-dDownsampleGrayImages=false", "-dDownsampleMonoImages=false",
		"-r300", // of what has to be flattened to a picture
		"-sPageList=" + ranges(kept),
	}
	if kept[0].DropText {
		// Letters that show become shapes; invisible ones vanish.
		args = append(args, "-dNoOutputFonts")
	}
	args = append(args, "-o", file, a.source)
	if _, err := a.run(ctx, len(kept), "gs", args...); err != nil {
		return err
	}
	n, err := a.pageCount(ctx, file)
	if err == nil && n != len(kept) {
		err = fmt.Errorf("%d pages instead of %d", n, len(kept))
	}
	return err
}

// ranges lists source pages as Ghostscript and qpdf do: 1-3,7.
func ranges(kept []Kept) string {
	var b strings.Builder
	for i := 0; i < len(kept); {
		from := i
		i++
		for i < len(kept) && kept[i].SourcePage == kept[i-1].SourcePage+1 {
			i++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%d-%d", kept[from].SourcePage, kept[i-1].SourcePage)
	}
	return b.String()
}

// turn turns the pages that stand wrong.
func (a *assembly) turn(ctx context.Context, file, name string, kept []Kept) (string, error) {
	var args []string
	for i, k := range kept {
		if q := quarters(k.Turned); q != 0 {
			args = append(args, fmt.Sprintf("--rotate=+%d:%d", 90*q, i+1))
		}
	}
	if args == nil {
		return file, nil
	}
	turned := filepath.Join(a.dir, name+"-turned.pdf")
	_, err := a.run(ctx, len(kept), "qpdf", append(args, "--warning-exit-0", file, turned)...)
	return turned, errors.Join(err, os.Remove(file))
}

// inspect finds the pages that did not come through: flattened to a picture and bereft of their text, looking different,
// or still not what PDF/A-1 allows.
func (a *assembly) inspect(ctx context.Context, file string, kept []Kept) ([]*PageError, error) {
	wrong, err := a.forbidden(ctx, file)
	if err != nil {
		return nil, err
	}
	var bad []*PageError
	for i, k := range kept {
		if ended := confine.Ended(ctx); ended != nil {
			return nil, ended
		}
		reason := wrong[i+1]
		if reason == nil && !k.DropText {
			reason = a.sameWords(ctx, file, i+1, k.SourcePage)
		}
		if reason == nil {
			reason = a.sameLook(ctx, file, i+1, k.SourcePage)
		}
		if confine.MachineFault(reason) {
			return nil, reason
		}
		if reason != nil {
			bad = append(bad, &PageError{k.SourcePage, reason})
		}
	}
	return bad, confine.Ended(ctx)
}

// sameWords tells whether a page kept its text.
func (a *assembly) sameWords(ctx context.Context, file string, n, sourcePage int) error {
	before, err := a.words(ctx, a.source, sourcePage)
	if err != nil {
		return err
	}
	after, err := a.words(ctx, file, n)
	if err != nil {
		return err
	}
	const kept = 0.9 // of the words; a converter may split one or join two
	if float64(after) < kept*float64(before) {
		return fmt.Errorf("%d of %d words left: %w", after, before, ErrFlattened)
	}
	return nil
}

// words counts a page's words.
func (a *assembly) words(ctx context.Context, file string, n int) (int, error) {
	number := strconv.Itoa(n)
	text, err := a.run(ctx, 1, "pdftotext", "-q", "-enc", "UTF-8", "-f", number, "-l", number, file, "-")
	return len(bytes.Fields(text)), err
}
