package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/confine"
	"sohoa/pipeline/decode/pdf"
	"sohoa/pipeline/page"
	"sohoa/scripts/corpus"
	"sohoa/scripts/services"
)

// digital makes a born-digital PDF of so many pages, as an office program does.
func digital(tb testing.TB, path string, pages int) {
	tb.Helper()
	one := "/Helvetica findfont 14 scalefont setfont 50 700 moveto (Born digital page with words) show showpage "
	cmd := exec.CommandContext(tb.Context(), "gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", "-o", path, "-c", strings.Repeat(one, pages))
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("make a PDF: %v: %s", err, out)
	}
}

// split splits a file; the test closes the paper.
func split(tb testing.TB, r *Reader, path string) *Paper {
	tb.Helper()
	paper, err := r.Split(tb.Context(), path)
	if err != nil {
		tb.Fatalf("split: %v", err)
	}
	tb.Cleanup(func() {
		if err := paper.Close(); err != nil {
			tb.Errorf("close the paper: %v", err)
		}
	})
	return paper
}

// bindAll reads a paper's pages and binds them.
func bindAll(ctx context.Context, r *Reader, paper *Paper, stem string) (Bound, error) {
	return r.Bind(ctx, paper, stem, func(ctx context.Context, take func(*PageResult) error) error {
		return r.inOrder(ctx, paper, take)
	})
}

func checkFault(t *testing.T, what string, err error, want Fault) {
	t.Helper()
	if f, again := FaultOf(err); err == nil || f != want || !again {
		t.Errorf("%s: %s, again %v: %v", what, f, again, err)
	}
}

// A tool that is too slow is the paper's fault, however its error is wrapped, and never looks like the end of the task.
func TestOwnLimitsAreToldFromTheTasks(t *testing.T) {
	t.Parallel()
	ctx, cancel := confine.WithLimit(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, late := confine.Run(ctx, confine.Command(ctx, confine.Limits{}, nil, "sleep", "60"), 1)
	path := filepath.Join(t.TempDir(), "a.pdf")
	digital(t, path, 1)
	_, opened := pdf.Open(t.Context(), path, pdf.Options{Limits: pdf.Limits{Time: time.Millisecond}, WorkDir: t.TempDir()})
	r := newReader(t, nil)
	paper := split(t, r, path)
	hasty := *r
	hasty.opt.PageTime = 10 * time.Millisecond
	wait := func(ctx context.Context, _ func(*PageResult) error) error {
		<-ctx.Done()
		return ctx.Err()
	}
	_, bound := hasty.Bind(t.Context(), paper, filepath.Join(t.TempDir(), "out"), wait)
	for what, err := range map[string]error{
		"a tool": late, "a PDF that does not open": opened, "binding": bound,
		"a broken PDF":         &pdf.BrokenError{Err: errors.Join(errors.New("no pages"), late)},
		"a page that is kept":  fmt.Errorf("assemble: %w", &bind.KeepError{Pages: []*bind.PageError{{SourcePage: 1, Err: late}}}),
		"a paper of such ones": &NothingReadError{Pages: 2, First: "late", cause: late},
	} {
		checkFault(t, what, err, FaultTooSlow)
		if errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s looks like the end of the task: %v", what, err)
		}
	}
	task, end := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer end()
	if _, err := r.Bind(task, paper, filepath.Join(t.TempDir(), "out"), wait); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, confine.ErrTooLong) {
		t.Errorf("the end of the task: %v", err)
	}
}

// The limits of steps are for whoever gives tasks limits above them.
func TestLimitsOfSteps(t *testing.T) {
	t.Parallel()
	opt := Options{PageTime: 10 * time.Second}
	for _, c := range []struct {
		name        string
		limit, want time.Duration
	}{
		{"split a letter", opt.SplitTime(1 << 20), 80 * time.Second},
		{"split 1 GiB", opt.SplitTime(1 << 30), 182 * time.Second},
		{"read", opt.ReadTime(), 190 * time.Second},
		{"bind one page", opt.BindTime(1), 80 * time.Second},
		{"bind 100 pages", opt.BindTime(100), 4040 * time.Second},
		{"bind one page by default", Options{}.BindTime(1), 8 * time.Minute},
	} {
		if c.limit != c.want {
			t.Errorf("%s: %v instead of %v", c.name, c.limit, c.want)
		}
	}
}

// A machine without tools, room, or what a child needs says so, and calls no paper damaged.
func TestCheckNamesWhatIsMissing(t *testing.T) { // not parallel: it changes PATH
	r := newReader(t, func(o *Options) { o.WorkDir = filepath.Join(t.TempDir(), "made", "by", "itself") })
	if err := r.Check(t.Context()); err != nil {
		t.Fatalf("a machine in order: %v", err)
	}
	if left, err := os.ReadDir(r.opt.WorkDir); err != nil || len(left) > 0 {
		t.Errorf("left %v behind (%v)", left, err)
	}
	path := filepath.Join(t.TempDir(), "a.pdf")
	digital(t, path, 1)
	paper := split(t, r, path)

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Check(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	broken := *r
	broken.model.Dir = t.TempDir()
	checkFault(t, "no model", broken.Check(t.Context()), FaultMachine)

	t.Setenv("PATH", t.TempDir())
	err := r.Check(t.Context())
	checkFault(t, "no tools", err, FaultMachine)
	for _, tool := range []string{"gs", "pdfinfo", "pdftoppm", "pdftotext", "qpdf"} {
		if err == nil || !strings.Contains(err.Error(), tool+" is not installed") {
			t.Errorf("%s is not named: %v", tool, err)
		}
	}
	_, err = r.Split(t.Context(), path)
	checkFault(t, "split without tools", err, FaultMachine)
	result, err := r.ReadPage(t.Context(), paper, 0)
	if err != nil {
		t.Fatal(err)
	}
	checkFault(t, "read without tools", result.Cause(), FaultMachine)
}

// A child that cannot be made ready costs no page a plainer reading: the page waits for the machine.
func TestNoChildIsTheMachinesFault(t *testing.T) {
	t.Parallel()
	path, _, _ := made(t, t.TempDir(), corpus.Form, corpus.Clean, 0)
	r := newReader(t, func(o *Options) { o.Jobs = 1 })
	paper := split(t, r, path)
	if err := os.Remove(filepath.Join(r.model.Dir, r.model.Language+".traineddata")); err != nil {
		t.Fatal(err)
	}
	result, err := r.ReadPage(t.Context(), paper, 0)
	if err != nil || result.Picture != nil {
		t.Fatalf("%v, %+v", err, result)
	}
	checkFault(t, "no model", result.Cause(), FaultMachine)
}

// Where there is no room for temporary files nothing is called damaged or read worse, and all goes on when there is.
func TestNoRoomIsTheMachinesFault(t *testing.T) {
	t.Parallel()
	work, out := t.TempDir(), t.TempDir()
	services.SmallDisk(t, work, "size=40m")
	path, stem := filepath.Join(out, "a.pdf"), filepath.Join(out, "bound")
	digital(t, path, 2)
	r := newReader(t, func(o *Options) { o.WorkDir = work })
	filler := filepath.Join(work, "filler")
	fill := func() {
		if err := os.WriteFile(filler, make([]byte, 39<<20), 0o600); err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	free := func() {
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
	}
	full := func(what string, err error) {
		t.Helper()
		checkFault(t, what, err, FaultMachine)
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: %v is not said to be for want of room", what, err)
		}
	}
	fill()
	full("check", r.Check(t.Context()))
	_, err := r.Split(t.Context(), path)
	full("split", err)
	free()
	paper := split(t, r, path)
	fill()
	result, err := r.ReadPage(t.Context(), paper, 0)
	if err != nil {
		t.Fatal(err)
	}
	full("read", result.Cause())
	free()
	var results []*PageResult
	for n := range paper.Pages {
		result, err := r.ReadPage(t.Context(), paper, n)
		if err != nil || result.Cause() != nil || !result.Keep {
			t.Fatalf("read page %d with room: %v, %+v", n+1, err, result)
		}
		results = append(results, result)
	}
	pages := func(_ context.Context, take func(*PageResult) error) error {
		return errors.Join(take(results[0]), take(results[1]))
	}
	fill()
	_, err = r.Bind(t.Context(), paper, stem, pages)
	full("bind", err)
	free()
	if left, _ := filepath.Glob(stem + "*"); len(left) > 0 {
		t.Errorf("left %v behind", left)
	}
	if sum, err := r.Bind(t.Context(), paper, stem, pages); err != nil || sum.Failed > 0 || len(paper.redraw) > 0 {
		t.Errorf("bind with room: %v, %+v, %v", err, sum, paper.redraw)
	}
}

// All temporary files lie in WorkDir, those of tools, too: the system's folder for them need not even exist.
func TestTemporaryFilesLieInWorkDir(t *testing.T) { // not parallel: it changes TMPDIR
	in, out := t.TempDir(), t.TempDir()
	work := filepath.Join(t.TempDir(), "work")
	r := newReader(t, func(o *Options) { o.WorkDir = work })
	digital(t, filepath.Join(in, "digital.pdf"), 2)
	_, _, scan := made(t, in, corpus.Form, corpus.Clean, 0)
	f, err := os.Create(filepath.Join(in, "scan.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(corpus.EncodePDF(f, []corpus.Scan{scan}), f.Close()); err != nil {
		t.Fatal(err)
	}
	made(t, in, corpus.Form, corpus.Fax, 0)
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	for _, name := range []string{"digital.pdf", "scan.pdf", "scan.tif"} {
		paper, err := r.Split(t.Context(), filepath.Join(in, name))
		if err != nil {
			t.Fatalf("%s: split: %v", name, err)
		}
		if filepath.Dir(paper.work) != work {
			t.Errorf("%s: temporary files in %s", name, paper.work)
		}
		sum, err := bindAll(t.Context(), r, paper, filepath.Join(out, name))
		if err != nil || sum.Failed > 0 {
			t.Errorf("%s: %+v, %v", name, sum, err)
		}
		if err := paper.Close(); err != nil {
			t.Error(err)
		}
		for _, dir := range []string{work, os.TempDir()} {
			if left, err := os.ReadDir(dir); len(left) > 0 || dir == work && err != nil {
				t.Errorf("%s: left %v in %s (%v)", name, left, dir, err)
			}
		}
	}
}

// The outputs of a paper without a name are those of the scan alone, whatever the file is called and wherever it lies: they
// are shared by all who hand the same scan in.
func TestOutputsWithoutANameDependOnTheScanAlone(t *testing.T) {
	t.Parallel()
	r := newReader(t, nil)
	scan := filepath.Join(t.TempDir(), "digital.pdf")
	digital(t, scan, 1)
	data, err := os.ReadFile(scan)
	if err != nil {
		t.Fatal(err)
	}
	var outputs []string
	for _, name := range []string{"Nguyễn Văn A.pdf", "0123abcd"} {
		path := filepath.Join(t.TempDir(), name)
		write(t, path, data)
		paper := split(t, r, path)
		paper.Name = ""
		stem := filepath.Join(t.TempDir(), "paper")
		if _, err := bindAll(t.Context(), r, paper, stem); err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, ending := range OutputEndings() {
			said, err := os.ReadFile(stem + ending)
			if err != nil {
				t.Fatal(err)
			}
			if ending == ".json" {
				said = withoutSeconds(t, said)
			}
			all.Write(said)
		}
		outputs = append(outputs, all.String())
		if info, err := exec.CommandContext(t.Context(), "pdfinfo", stem+".pdf").Output(); err != nil || !strings.Contains(string(info), "Giấy tờ đã số hóa") {
			t.Errorf("the title is not neutral: %v: %s", err, info)
		}
	}
	if outputs[0] != outputs[1] {
		t.Error("the outputs differ")
	}
	if strings.Contains(outputs[0], `"file"`) {
		t.Error("the JSON names a file")
	}
}

// withoutSeconds takes out how long reading took.
func withoutSeconds(t *testing.T, said []byte) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(said, &doc); err != nil {
		t.Fatal(err)
	}
	delete(doc["summary"].(map[string]any), "seconds")
	for _, p := range doc["pages"].([]any) {
		delete(p.(map[string]any), "seconds")
	}
	said, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// What a tool says names the file that it was given; the outputs do not.
func TestReasonsHoldNoPaths(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Nguyễn Văn A.pdf")
	digital(t, path, 1)
	r := newReader(t, nil)
	paper := split(t, r, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	result, err := r.ReadPage(t.Context(), paper, 0)
	if err != nil {
		t.Fatal(err)
	}
	if e := result.Page.Error; e == "" || strings.Contains(e, filepath.Dir(path)) || strings.Contains(e, "Nguyễn") || strings.Contains(e, paper.work) {
		t.Errorf("%q", e)
	}
}

// A page that was given up is written as every other page is.
func TestFailedPageIsWritten(t *testing.T) {
	t.Parallel()
	result := FailedPage(7, "machine: no room")
	said, err := json.Marshal(&result.Page)
	if err != nil {
		t.Fatal(err)
	}
	var back page.Page
	if err := json.Unmarshal(said, &back); err != nil || back.Number != 7 || back.Source != page.Failed || back.Error != "machine: no room" {
		t.Errorf("%v: %s", err, said)
	}
	if !strings.Contains(string(said), `"blocks":[]`) {
		t.Errorf("no list of blocks: %s", said)
	}
}
