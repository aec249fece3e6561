package main

import (
	"bytes"
	"encoding/json"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/pipeline/decode"
	"sohoa/scripts/services"
)

// Each measurement, as small as it can be: real processes, real servers, a page or two.
func TestMeasurements(t *testing.T) {
	temporary := t.TempDir()
	services.Need(t, missing())
	binary := filepath.Join(t.TempDir(), "sohoa")
	if out, err := exec.Command("go", "build", "-tags", "sqlite_fts5", "-o", binary, "../../cmd/sohoa").CombinedOutput(); err != nil {
		t.Fatalf("build sohoa: %v: %s", err, out)
	}
	openPath(t, temporary)
	t.Setenv("TMPDIR", temporary)
	file := filepath.Join(t.TempDir(), "report.json")
	var out, log bytes.Buffer
	status := start(t.Context(), []string{
		"-sohoa", binary, "-json", file, "-papers", "2", "-n", "1", "-calm", "0", "-again", "0",
		"-waiting", "4", "-samples", "1", "-every", "10ms", "-desks", "3", "-minutes", "0.03",
	}, &out, &log)
	if status != 0 && status != 3 { // how fast this machine is, is no matter of a test
		t.Fatalf("status %d: %s", status, log.String())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	checkReport(t, &r)
	for _, said := range []string{"sohoa up / sohoa read", "two workers / one", "busy: acknowledged", "Intake on serve + work", "target"} {
		if !strings.Contains(out.String(), said) {
			t.Errorf("the table does not say %q:\n%s", said, out.String())
		}
	}
	left, err := os.ReadDir(temporary)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	checkNobodyIsLeft(t, temporary)
}

// openPath lets other users, as PostgreSQL is, go into a folder of the test.
func openPath(t *testing.T, dir string) {
	t.Helper()
	for ; strings.HasPrefix(dir, os.TempDir()+"/"); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// missing tells whether a server's program is not on this machine.
func missing() error {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return &services.MissingError{Program: "redis-server"}
	}
	return nil
}

func checkReport(t *testing.T, r *report) {
	t.Helper()
	var who []string
	for _, one := range append(slices.Clone(r.Throughput.Runs), r.Scaling.Runs...) {
		who = append(who, one.Who)
		if one.Papers != 2 || one.Seconds <= 0 || one.CPU[roleWorkers] <= 0 {
			t.Errorf("%s: %d papers in %f s, %v", one.Who, one.Papers, one.Seconds, one.CPU)
		}
	}
	want := []string{nameRead, nameUp, nameMany, nameOneRead, nameOneWork, nameTwoRead, nameTwoWork}
	if !slices.Equal(who, want) {
		t.Errorf("%v ran, not %v", who, want)
	}
	if r.Throughput.Up <= 0 || r.Throughput.Many <= 0 || r.Scaling.Ratio <= 0 || r.Scaling.Machine <= 0 {
		t.Errorf("no ratios: %+v, %+v", r.Throughput, r.Scaling)
	}
	if l := r.Latency; l.Busy.Read.N != 1 || l.Alone.Read.N != 1 || l.Busy.Read.P95 <= 0 || l.Busy.Acknowledged.P95 <= 0 {
		t.Errorf("latency: %+v", l)
	}
	if len(r.Intake) != 2 {
		t.Fatalf("%d intakes", len(r.Intake))
	}
	for _, i := range r.Intake {
		if i.Errors != 0 || i.Acks.N == 0 || i.Acks.P95 <= 0 || len(i.Memory) == 0 || i.Memory[0].Median <= 0 || i.Memory[0].Go <= 0 {
			t.Errorf("intake on %s: %+v", i.Who, i)
		}
		if !slices.ContainsFunc(i.Stages, func(s timing) bool { return s.What == "intake_acknowledgement" && int(s.Count) == i.Acks.N }) {
			t.Errorf("%s does not count the acknowledgements as we do: %+v", i.Who, i.Stages)
		}
	}
}

// checkNobodyIsLeft looks for processes whose command names a folder.
func checkNobodyIsLeft(t *testing.T, dir string) {
	t.Helper()
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range commands {
		if said, err := os.ReadFile(path); err == nil && bytes.Contains(said, []byte(dir)) {
			t.Errorf("%s is left: %q", path, said)
		}
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{
		{"-only", "beauty"},
		{"-on", "down"},
		{"-papers", "0"},
		{"-minutes", "0"},
		{"-think", "-1s"},
		{"-paper", "clay"},
		{"more"},
		{"-unknown"},
	} {
		var out, errs bytes.Buffer
		if status := start(t.Context(), args, &out, &errs); status != 2 {
			t.Errorf("%v: status %d, want 2", args, status)
		}
		if errs.Len() == 0 {
			t.Errorf("%v: nothing was said", args)
		}
	}
}

// What is handed in again and again has other bytes each time, and is still the scan that it was.
func TestScansOfOtherBytes(t *testing.T) {
	d, err := draw(t.Context(), 1, 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		scan  scan
		pages int
	}{{d.jpegs[0], 1}, {d.tiffs[0], 1}, {d.tiffs5, 5}, {d.pdf5, 5}} {
		first, second := bytesOf(t, one.scan, 1), bytesOf(t, one.scan, 2)
		if bytes.Equal(first, second) || !bytes.Equal(first, bytesOf(t, one.scan, 1)) {
			t.Errorf("%s: the number does not tell the bytes", one.scan.ending)
		}
		if decode.Sniff(first) != decode.Sniff(one.scan.data) {
			t.Errorf("%s: it is %s now", one.scan.ending, decode.Sniff(first))
		}
		file := filepath.Join(t.TempDir(), "scan"+one.scan.ending)
		if err := os.WriteFile(file, second, 0o600); err != nil {
			t.Fatal(err)
		}
		counter, line := "tiffinfo", "TIFF Directory"
		if one.scan.ending == ".pdf" {
			counter, line = "pdftotext", "\f"
		}
		if one.scan.ending != ".jpg" {
			if got := strings.Count(told(t, counter, file), line); got != one.pages {
				t.Errorf("%s: %d pages, want %d", one.scan.ending, got, one.pages)
			}
			continue
		}
		if _, err := jpeg.Decode(bytes.NewReader(second)); err != nil {
			t.Error(err)
		}
	}
}

// told is what a program says of a file.
func told(t *testing.T, program, file string) string {
	t.Helper()
	args := []string{file}
	if program == "pdftotext" {
		args = append(args, "-")
	}
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return string(out)
}

func bytesOf(t *testing.T, s scan, n uint64) []byte {
	t.Helper()
	r, size := s.body(n)
	data, err := io.ReadAll(r)
	if err != nil || int64(len(data)) != size {
		t.Fatalf("%d bytes, not %d; %v", len(data), size, err)
	}
	return data
}

func TestSpread(t *testing.T) {
	var values []float64
	for i := range 100 {
		values = append(values, float64((i*37)%100+1)) // 1 to 100 in disorder
	}
	if got, want := spreadOf(values), (spread{N: 100, P50: 50, P95: 95, Max: 100}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := spreadOf([]float64{3}), (spread{N: 1, P50: 3, P95: 3, Max: 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := spreadOf(nil); got != (spread{}) {
		t.Errorf("of nothing: %+v", got)
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("median %v", got)
	}
}

func TestGrowthIsBetweenThirds(t *testing.T) {
	s := summarize("p", []float64{10, 100, 100, 120, 120, 120, 130, 130, 130}, []float64{1, 1, 1, 1, 1, 1, 7, 8, 9})
	if s.First != 100 || s.Middle != 120 || s.Last != 130 || s.Heap != 8 || s.Min != 10 || s.Max != 130 {
		t.Errorf("%+v", s)
	}
	if g := s.growth(); g < 0.299 || g > 0.301 {
		t.Errorf("growth %v", g)
	}
}

func TestHistogramsAreAddedUp(t *testing.T) {
	into := make(map[string]*timing)
	const said = `# HELP sohoa_http_request_seconds How long.
sohoa_http_request_seconds_bucket{route="GET /x",le="0.005"} 1
sohoa_http_request_seconds_sum{route="GET /x"} 1.5
sohoa_http_request_seconds_count{route="GET /x"} 3
sohoa_page_confidence_sum 99
sohoa_intake_acknowledgement_seconds_sum 2
sohoa_intake_acknowledgement_seconds_count 4
go_gc_duration_seconds_sum 8
`
	addHistograms(said, into)
	addHistograms(said, into)
	if len(into) != 2 {
		t.Fatalf("%d histograms: %v", len(into), into)
	}
	if h := into[`http_request{route="GET /x"}`]; h == nil || h.Total != 3 || h.Count != 6 {
		t.Errorf("%+v", h)
	}
	if h := into["intake_acknowledgement"]; h == nil || h.Total != 4 || h.Count != 8 {
		t.Errorf("%+v", h)
	}
}

func TestMeterSeesAProcessAndItsEndedChildren(t *testing.T) {
	// A child works and ends, and its parent lives on.
	cmd := exec.Command("sh", "-c", "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; echo done; exec sleep 60")
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	m := startMeter(func() map[string][]int {
		if cmd.Process == nil {
			return nil
		}
		return map[string][]int{roleWorkers: {cmd.Process.Pid}}
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if _, err := io.ReadFull(said, make([]byte, len("done"))); err != nil {
		t.Fatal(err)
	}
	u := m.read()
	if took := u.CPU[roleWorkers]; took < 0.05 || took > u.Seconds+0.1 {
		t.Errorf("the child took %.2f s of %.2f s", took, u.Seconds)
	}
}

func TestCalmComesOrPatienceEnds(t *testing.T) {
	start := time.Now()
	if err := waitForCalm(t.Context(), nobody, 1, 0); err != nil {
		t.Error(err)
	}
	if time.Since(start) > time.Second {
		t.Error("it waited without patience")
	}
}
