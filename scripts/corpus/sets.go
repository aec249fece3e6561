package corpus

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Set names a collection of files.
type Set string

// The sets.
const (
	Sample Set = "sample" // one dossier: what README's first command reads
	Bench  Set = "bench"  // 4 papers × 11 faults, what the accuracy table is measured on
	Speed  Set = "speed"  // 24 clean colour pages, one by one and as one PDF
	Dev    Set = "dev"    // 4 papers × 15 faults of other texts and all typefaces, to try things on without spoiling Bench
)

// Sets are all of them.
func Sets() []Set { return []Set{Sample, Bench, Speed, Dev} }

// ErrNoSet says that there is no set of the name.
var ErrNoSet = errors.New("no such set")

// recipe says how one page of a file is made.
type recipe struct {
	kind    Kind
	seed    uint64
	opt     Options
	fault   Fault
	turn    int
	quality int     // of the JPEG; 0 leaves what the fault gives
	dpi     float64 // of the clean page; 0 is 300
}

// job is one file: its name without ending, its pages, and whether it is a PDF.
type job struct {
	name  string
	pages []recipe
	pdf   bool
}

// WriteSet makes a set in a folder: NAME.jpg, .tif or .pdf, NAME.gt.txt with the true text and NAME.words.json with the
// boxes, {"pages": [Truth …]}, and NAME.fields.json with what its first page says as data. It returns the files' names in order. The same seed gives the same bytes.
func WriteSet(ctx context.Context, dir string, set Set, seed uint64, fonts *Fonts) ([]string, error) {
	var jobs []job
	switch set {
	case Sample:
		jobs = sampleJobs(seed)
	case Bench:
		jobs = benchJobs(seed)
	case Speed:
		jobs = speedJobs(seed)
	case Dev:
		jobs = devJobs(seed)
	default:
		return nil, fmt.Errorf("make set %q: %w", set, ErrNoSet)
	}
	return writeJobs(ctx, dir, jobs, fonts)
}

// writeJobs makes files, as many at a time as there are processors, and returns their names in order.
func writeJobs(ctx context.Context, dir string, jobs []job, fonts *Fonts) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // made papers are no secret
		return nil, fmt.Errorf("make folder for made papers: %w", err)
	}
	names := make([]string, len(jobs))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, j := range jobs {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("make %s: %w", j.name, err)
			}
			name, err := j.write(dir, fonts)
			if err != nil {
				return fmt.Errorf("make %s: %w", j.name, err)
			}
			names[i] = name
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return names, nil
}

// benchFamilies are the typefaces of the benchmark's four papers.
func benchFamilies() map[Kind]Family {
	return map[Kind]Family{Decision: LiberationSerif, Letter: Termes, Form: LiberationSans, List: Tinos}
}

func benchJobs(seed uint64) []job {
	var jobs []job
	for i, kind := range Kinds() {
		for _, fault := range BenchFaults() {
			jobs = append(jobs, job{name: fmt.Sprintf("%s-%s", kind, fault), pages: []recipe{{
				kind: kind, seed: seed, opt: Options{Family: benchFamilies()[kind], Stamp: kind == Letter},
				fault: fault, turn: []int{90, 180, 270, 90}[i],
			}}})
		}
	}
	return jobs
}

func devJobs(seed uint64) []job {
	var jobs []job
	for f, fault := range Faults() {
		for i, kind := range Kinds() {
			jobs = append(jobs, job{name: fmt.Sprintf("%s-%s", kind, fault), pages: []recipe{{
				kind: kind, seed: mix(seed) + uint64(100*f+i), fault: fault, //nolint:gosec // small numbers
				opt: Options{Family: Families()[(f+i)%len(Families())]},
			}}})
		}
	}
	return jobs
}

func speedJobs(seed uint64) []job {
	all := job{name: "speed-24", pdf: true}
	var jobs []job
	for i := range uint64(24) {
		r := recipe{kind: Kinds()[i%4], seed: mix(seed+1) + i, fault: Clean, quality: 85}
		jobs = append(jobs, job{name: fmt.Sprintf("speed-%02d", i+1), pages: []recipe{r}})
		all.pages = append(all.pages, r)
	}
	return append(jobs, all)
}

func sampleJobs(seed uint64) []job {
	seed = mix(seed + 2)
	one := func(name string, r recipe) job { return job{name: name, pages: []recipe{r}} }
	return []job{
		one("01-don-de-nghi", recipe{kind: Form, seed: seed, fault: Clean, opt: Options{Stamp: true}}),
		one("02-quyet-dinh", recipe{kind: Decision, seed: seed, fault: Skew, opt: Options{Family: LiberationSerif}}),
		{name: "03-cong-van-fax", pages: []recipe{
			{kind: Letter, seed: seed, fault: Fax, opt: Options{Family: LiberationSerif}},
			{kind: Decision, seed: seed + 1, fault: Fax, opt: Options{Family: LiberationSerif}},
		}},
		{name: "04-danh-sach", pdf: true, pages: []recipe{
			{kind: List, seed: seed, fault: Clean}, {kind: List, seed: seed + 1, fault: Bleed},
		}},
		one("05-anh-chup", recipe{kind: Letter, seed: seed + 2, fault: Photo}),
		one("06-quet-nguoc", recipe{kind: Form, seed: seed + 3, fault: Turned, turn: 180}),
	}
}

// scan makes one page.
func (r recipe) scan(fonts *Fonts) (Scan, Truth, error) {
	dpi := cmp.Or(r.dpi, 300)
	clean, truth, err := Compose(r.kind, r.seed, r.opt).Draw(fonts, dpi)
	if err != nil {
		return Scan{}, Truth{}, err
	}
	sheet := Sheet{Image: clean, DPI: dpi, Turn: r.turn}
	if r.fault == Bleed || r.fault == Blank {
		// What shines through is another text in the same typeface.
		behind := Compose(Kinds()[(r.seed+1)%4], r.seed^0xBACC, Options{Family: r.opt.Family})
		if sheet.Behind, _, err = behind.Draw(fonts, dpi); err != nil {
			return Scan{}, Truth{}, err
		}
	}
	s, err := Apply(sheet, r.fault, r.seed)
	if err != nil {
		return Scan{}, Truth{}, err
	}
	s.Quality = cmp.Or(r.quality, s.Quality)
	if s.NoText {
		truth.Lines = nil
	}
	return s, truth.Through(s.Transform, s.Image.Bounds().Dx(), s.Image.Bounds().Dy(), s.DPI), nil
}

// write makes a file and the truth beside it.
func (j job) write(dir string, fonts *Fonts) (string, error) {
	var (
		scans  []Scan
		truths []Truth
		text   string
	)
	for _, r := range j.pages {
		s, t, err := r.scan(fonts)
		if err != nil {
			return "", err
		}
		scans, truths, text = append(scans, s), append(truths, t), text+t.Text()
	}
	name := j.name + "." + string(scans[0].Format)
	if j.pdf {
		name = j.name + ".pdf"
	}
	if err := writeFile(filepath.Join(dir, name), func(w io.Writer) error { return j.encode(w, scans) }); err != nil {
		return "", err
	}
	if err := writeFile(filepath.Join(dir, j.name+".gt.txt"), func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err //nolint:wrapcheck // writeFile names the file
	}); err != nil {
		return "", err
	}
	err := writeFile(filepath.Join(dir, j.name+".words.json"), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(map[string][]Truth{"pages": truths})
	})
	if err != nil || scans[0].NoText {
		return name, err
	}
	first := j.pages[0]
	err = writeFile(filepath.Join(dir, j.name+".fields.json"), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(Compose(first.kind, first.seed, first.opt).Fields())
	})
	return name, err
}

// encode packs a file's pages.
func (j job) encode(w io.Writer, scans []Scan) error {
	switch {
	case j.pdf:
		return EncodePDF(w, scans)
	case len(scans) == 1:
		return Encode(w, scans[0])
	}
	return EncodeTIFF(w, scans)
}

// writeFile creates a file.
func writeFile(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path) //nolint:gosec // the folder is the caller's
	if err != nil {
		return fmt.Errorf("create %s: %w", filepath.Base(path), err)
	}
	if err := errors.Join(fill(f), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
