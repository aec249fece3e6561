package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// A reader reads page images. The readings stand in the order of the files; a page that the program refuses or fails at is
// a reading with a Failure. The error is for a measurement that cannot go on.
type reader interface {
	Name() string
	Read(ctx context.Context, files []string) ([]reading, error)
}

// pageTime ends a program that hangs on one page; none of them should take a tenth of it.
const pageTime = 5 * time.Minute

// sohoa reads with the binary under test and keeps the outputs, for other measurements look at them too.
type sohoa struct {
	binary  string
	model   string
	dir     string            // of the outputs
	outputs map[string]output // by scan
}

// output names what `sohoa read` made of a file.
type output struct {
	Event string `json:"event"`
	File  string `json:"file"`
	PDF   string `json:"pdf"`
	Text  string `json:"text"`
	Error string `json:"error"`
}

func (s *sohoa) Name() string { return "Sohoa" }

// args are those of every call.
func (s *sohoa) args(dir string, files ...string) []string {
	return append([]string{"read", "--json", "--model", s.model, "-o", dir}, files...)
}

// run reads the files that were not read yet, in one call as a user would.
func (s *sohoa) run(ctx context.Context, files []string) error {
	var due []string
	for _, f := range files {
		if _, done := s.outputs[f]; !done {
			due = append(due, f)
		}
	}
	if len(due) == 0 {
		return nil
	}
	// Outputs of different calls must not meet: two sets may have files of the same name.
	dir := filepath.Join(s.dir, strconv.Itoa(len(s.outputs)))
	ctx, cancel := context.WithTimeout(ctx, time.Duration(len(due))*pageTime)
	defer cancel()
	lines, _, err := execute(ctx, s.binary, s.args(dir, due...)...)
	if err != nil && exitStatus(err) != 1 { // 1: some files failed, and the lines say which
		return err
	}
	for d := json.NewDecoder(bytes.NewReader(lines)); d.More(); {
		var o output
		if err := d.Decode(&o); err != nil {
			return fmt.Errorf("read the report of sohoa: %w", err)
		}
		if o.Event == "file" {
			s.outputs[o.File] = o
		}
	}
	for _, f := range due {
		if _, done := s.outputs[f]; !done {
			return fmt.Errorf("sohoa did not say how it read %s", f)
		}
	}
	return nil
}

func (s *sohoa) Read(ctx context.Context, files []string) ([]reading, error) {
	if err := s.run(ctx, files); err != nil {
		return nil, err
	}
	readings := make([]reading, len(files))
	for i, f := range files {
		o := s.outputs[f]
		if o.Error != "" {
			readings[i].Failure = o.Error
			continue
		}
		text, err := os.ReadFile(o.Text)
		if err != nil {
			return nil, fmt.Errorf("read what sohoa made of %s: %w", f, err)
		}
		readings[i].Text = string(text)
	}
	return readings, nil
}

// exitStatus is the status a program ended with; -1 where it did not get so far.
func exitStatus(err error) int {
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return -1
}

// tesseract reads with the plain program, a process a page and a page a core.
type tesseract struct {
	version string
	tessdir string // with vie.traineddata; "" is where Debian puts it
	model   string // digest
	jobs    int
	cache   cache
}

func (t *tesseract) Name() string { return "tesseract" }

func (t *tesseract) args(file string) []string {
	args := []string{file, "-", "-l", "vie"}
	if t.tessdir != "" {
		args = append(args, "--tessdata-dir", t.tessdir)
	}
	return args
}

func (t *tesseract) Read(ctx context.Context, files []string) ([]reading, error) {
	return readEach(ctx, files, t.jobs, func(ctx context.Context, file string) (reading, error) {
		key, err := t.cache.key("tesseract", []string{t.version, t.model}, file)
		if err != nil {
			return reading{}, err
		}
		return remembered(ctx, t.cache, key, func(ctx context.Context) (string, error) {
			text, _, err := execute(ctx, "tesseract", t.args(file)...)
			return string(text), err
		})
	})
}

// ocrmypdf reads with Debian's OCRmyPDF and Debian's Vietnamese model, with the options that its users choose for scans.
type ocrmypdf struct {
	version string // and those of the programs under it
	jobs    int
	dir     string // of its PDFs, which are thrown away
	cache   cache
}

func (o *ocrmypdf) Name() string { return "OCRmyPDF" }

func (o *ocrmypdf) args(file, stem string) []string {
	return []string{
		"--rotate-pages", "--deskew", "-l", "vie", "--jobs", "2", "--sidecar", stem + ".txt", file, stem + ".pdf",
	}
}

func (o *ocrmypdf) Read(ctx context.Context, files []string) ([]reading, error) {
	if err := os.MkdirAll(o.dir, 0o750); err != nil {
		return nil, fmt.Errorf("make a folder for OCRmyPDF: %w", err)
	}
	return readEach(ctx, files, o.jobs, func(ctx context.Context, file string) (reading, error) {
		key, err := o.cache.key("ocrmypdf", append(o.args("", ""), o.version), file)
		if err != nil {
			return reading{}, err
		}
		return remembered(ctx, o.cache, key, func(ctx context.Context) (string, error) {
			return o.read(ctx, file, filepath.Join(o.dir, key))
		})
	})
}

// read lets it read one file. It refuses images that do not say their resolution or say one that it does not believe;
// its users then tell it one, and so do we: that of a sheet of A4.
func (o *ocrmypdf) read(ctx context.Context, file, stem string) (string, error) {
	_, _, err := execute(ctx, "ocrmypdf", o.args(file, stem)...)
	if err != nil && ctx.Err() == nil {
		dpi, sizeErr := dpiOfA4(file)
		if sizeErr != nil {
			return "", errors.Join(err, sizeErr)
		}
		_, _, err = execute(ctx, "ocrmypdf", append([]string{"--image-dpi", strconv.Itoa(dpi)}, o.args(file, stem)...)...)
	}
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(stem + ".txt")
	if err != nil {
		return "", fmt.Errorf("read OCRmyPDF's sidecar: %w", err)
	}
	return string(text), nil
}

// readEach reads the files, so many at once.
func readEach(
	ctx context.Context, files []string, jobs int, read func(context.Context, string) (reading, error),
) ([]reading, error) {
	readings := make([]reading, len(files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(jobs)
	for i, f := range files {
		group.Go(func() (err error) {
			readings[i], err = read(ctx, f)
			return err
		})
	}
	return readings, group.Wait()
}

// remembered gives the reading of an earlier run, or makes it now. A program's own failure is a reading too; one that was
// ended from outside is not.
func remembered(
	ctx context.Context, c cache, key string, read func(context.Context) (string, error),
) (reading, error) {
	if r, ok := c.recall(key); ok {
		return r, nil
	}
	pageCtx, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	text, err := read(pageCtx)
	r := reading{Text: text}
	var failed *failure
	switch {
	case ctx.Err() != nil:
		return r, ctx.Err()
	case errors.As(err, &failed):
		r = reading{Failure: err.Error()}
	case err != nil:
		return r, err
	}
	return r, c.keep(key, r)
}
