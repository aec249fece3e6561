package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"sohoa/pipeline/confine"
)

const (
	// mostStructure is the most bytes of a document's structure as JSON, on disk. 2,000 pages of a tagged document have
	// some 100 MB.
	mostStructure = 512 << 20
	// mostStream is the most bytes of one content stream, decoded.
	mostStream = 64 << 20
	// mostImage is the most bytes of one image stream, as stored.
	mostImage = 256 << 20
	// mostText is the most bytes that the text extractor may write in one call.
	mostText = 48 << 20
	mostInfo = 4 << 20
)

// qpdfWarned is qpdf's exit status for a job that was done although the file has faults.
const qpdfWarned = 3

// Tools are the programs that a Document needs.
func Tools() []string { return []string{"pdfinfo", "pdftoppm", "pdftotext", "qpdf"} }

// tools runs poppler's and qpdf's programs on one file, confined.
type tools struct {
	dir    string // the only place where they write
	memory int64
	time   time.Duration // of one call
	nice   int
}

// stream runs a tool; what it writes goes to w.
func (t *tools) stream(ctx context.Context, w io.Writer, most, fileSize int64, name string, args ...string) error {
	ctx, cancel := confine.WithLimit(ctx, t.time)
	defer cancel()
	limits := confine.Limits{
		Memory: t.memory, CPU: time.Duration(math.Ceil(t.time.Seconds())+1) * time.Second, Files: 64, FileSize: fileSize,
		Nice: t.nice,
	}
	cmd := confine.Command(ctx, limits, []string{t.dir}, name, args...)
	err := confine.Stream(ctx, cmd, w, most)
	var ce *confine.Error
	if name == "qpdf" && errors.As(err, &ce) && ce.Status == qpdfWarned && !ce.Overflow && !ce.Late && !ce.Full {
		return nil
	}
	return err
}

func (t *tools) run(ctx context.Context, most, fileSize int64, name string, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := t.stream(ctx, &out, most, fileSize, name, args...)
	return out.Bytes(), err
}

// needsPassword tells whether qpdf says that path does not open without a password. The error is the machine's.
func (t *tools) needsPassword(ctx context.Context, path string) (bool, error) {
	_, err := t.run(ctx, mostInfo, mostInfo, "qpdf", "--requires-password", path)
	if confine.MachineFault(err) {
		return false, err
	}
	return err == nil, nil // 0: a password is needed; 2: not encrypted, or broken; 3: opens without
}

// structure writes the document's objects, without the streams' bytes, as JSON into a file and gives its name.
func (t *tools) structure(ctx context.Context, path string) (name string, err error) {
	f, err := os.CreateTemp(t.dir, "structure-*.json")
	if err != nil {
		return "", fmt.Errorf("make room for the structure: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Name(), t.stream(ctx, f, mostStructure, mostStructure, "qpdf", "--no-warn", "--json=2", "--json-key=qpdf",
		"--json-key=encrypt", "--json-stream-data=none", path)
}

// repair writes the document anew, its page tree and cross references in order, and gives the copy's name.
func (t *tools) repair(ctx context.Context, path string) (string, error) {
	out := t.dir + "/repaired.pdf"
	_, err := t.run(ctx, mostInfo, 2<<30, "qpdf", "--no-warn", "--decode-level=none", "--stream-data=preserve", path, out)
	return out, err
}
