package web

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/page"
	"sohoa/scripts/pdfa"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// readJSON is the JSON of a paper.
type readJSON struct{ Pages []*page.Page }

func (w *world) readJSON(t *testing.T, paper, token string) (said readJSON) {
	t.Helper()
	got := w.do(t, ask{"GET", paper + "/json", token, nil, nil})
	wantStatus(t, got, 200)
	_, _, err := bind.ReadJSON(bytes.NewReader(got.text), func(pg *page.Page) error {
		said.Pages = append(said.Pages, pg)
		return nil
	})
	must(t, err)
	return said
}

func (r *readJSON) words() (all []string) {
	for i := range r.Pages {
		for w := range r.Pages[i].Words {
			all = append(all, w.Text)
		}
	}
	return all
}

// tool is what a program says.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return string(out)
}

// agreed downloads a paper and sees that its text, its JSON and its PDF have the same words; it gives the PDF as a file.
func (w *world) agreed(t *testing.T, paper, token string) (pdf string, said readJSON, text string) {
	t.Helper()
	got := w.do(t, ask{"GET", paper + "/text", token, nil, nil})
	wantStatus(t, got, 200)
	text = string(got.text)
	said = w.readJSON(t, paper, token)
	whole := w.do(t, ask{"GET", paper + "/pdf", token, nil, nil})
	wantStatus(t, whole, 200)
	pdf = filepath.Join(t.TempDir(), "paper.pdf")
	must(t, os.WriteFile(pdf, whole.text, 0o600))
	tool(t, "qpdf", "--check", pdf)
	words := strings.Join(strings.Fields(text), " ")
	if in := strings.Join(said.words(), " "); in != words {
		t.Errorf("the JSON has %q, the text %q", in, words)
	}
	if in := strings.Join(strings.Fields(tool(t, "pdftotext", "-raw", pdf, "-")), " "); in != words {
		t.Errorf("the PDF has %q, the text %q", in, words)
	}
	return pdf, said, text
}

func (w *world) correct(t *testing.T, paper string, n, at, count int, text string) {
	t.Helper()
	seen := want[wordsJSON](t, w.do(t, ask{"GET", fmt.Sprintf("%s/pages/%d/words", paper, n), w.desk, nil, nil}), 200)
	body := map[string]any{"version": seen.Version, "at": at, "count": count, "text": text}
	want[wordsJSON](t, w.do(t, ask{"POST", fmt.Sprintf("%s/pages/%d/corrections", paper, n), w.desk, body, nil}), 200)
}

// What officers correct and arrange is in all that is downloaded, at its place; what was read stays stored, and beside the words.
func TestDownloadsFollowCorrections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	p := w.twoPages(t, path, "Sờ Giao\nvận tải cũ", "trang hai", "trang ba")
	paper := at(p)
	w.agreed(t, paper, w.desk)
	w.correct(t, paper, 1, 0, 1, "Sở")
	w.correct(t, paper, 1, 4, 1, "")
	w.correct(t, paper, 3, 1, 1, "thứ bốn")
	pdf, said, text := w.agreed(t, paper, w.desk)
	if text != "Sở Giao\n\nvận tải\n\ftrang hai\n\ftrang thứ bốn\n\f" {
		t.Errorf("%q", text)
	}
	pdfa.Check(t, pdf)
	first := said.Pages[0].Blocks[0].Lines[0].Words[0]
	if len(first.Read) != 1 || first.Read[0].Text != "Sờ" || first.Read[0].Confidence != 50 || first.Confidence != 100 || said.Pages[0].Origin != nil {
		t.Errorf("%+v", first)
	}
	if gone := said.Pages[0].Blocks[1].Lines[0].Removed; len(gone) != 1 || gone[0].Text != "cũ" {
		t.Errorf("taken away: %+v", gone)
	}
	// On the page, that stands upright in the PDF, it stands where the word stood that was read.
	var bbox struct {
		Words []struct {
			XMin float64 `xml:"xMin,attr"`
			YMax float64 `xml:"yMax,attr"`
			Text string  `xml:",chardata"`
		} `xml:"body>doc>page>word"`
	}
	must(t, xml.Unmarshal([]byte(tool(t, "pdftotext", "-bbox", pdf, "-")), &bbox))
	if at := bbox.Words[0]; at.Text != "Sở" || at.XMin > 3 || at.YMax < 40 || at.YMax > 60 {
		t.Errorf("%+v", at)
	}
	key, err := object.Reading(p.SHA256, "r1", "paper.txt")
	must(t, err)
	kept, err := w.store.Get(t.Context(), key)
	must(t, err)
	defer kept.Close()
	var was bytes.Buffer
	if _, err := was.ReadFrom(kept); err != nil || !strings.HasPrefix(was.String(), "Sờ Giao") {
		t.Errorf("what was read is %q now (%v)", was.String(), err)
	}

	order := want[arrangementJSON](t, w.do(t, ask{"GET", paper + "/arrangement", w.desk, nil, nil}), 200)
	order.Pages = []leafJSON{{order.Pages[2].SHA256, 3, 180}, order.Pages[0]}
	want[arrangementJSON](t, w.do(t, ask{"PUT", paper + "/arrangement", w.desk, order, nil}), 200)
	pdf, said, _ = w.agreed(t, paper, w.desk)
	pdfa.Check(t, pdf)
	if at := said.Pages[0]; at.Number != 1 || at.Turned != 270 || at.Origin == nil || at.Origin.Number != 3 || at.Origin.Turn != 180 {
		t.Errorf("%+v", at)
	}
	if info := tool(t, "pdfinfo", "-f", "1", "-l", "2", pdf); !strings.Contains(info, "Page    1 rot:   180") || !strings.Contains(info, "Page    2 rot:   0") {
		t.Errorf("%s", info)
	}
	part := want[paperJSON](t, w.do(t, ask{"POST", paper + "/split", w.desk, map[string]any{"arranged": 1, "positions": []int{2}, "kind": "result"}, nil}), 201)
	if _, _, text := w.agreed(t, at(part), w.desk); text != "Sở Giao\n\nvận tải\n\f" {
		t.Errorf("the part is %q", text)
	}
}

// A signed PDF is downloaded to the byte, whatever is corrected: what was corrected is in the text and the JSON.
func TestASignedPDFIsNotRewritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	p := w.twoPages(t, path, "Sờ Giao")
	original := w.do(t, ask{"GET", at(p) + "/original", w.desk, nil, nil}).text
	key, err := object.Reading(p.SHA256, "r1", "paper.pdf") // a signed one's reading has it so
	must(t, err)
	must(t, w.store.Put(t.Context(), key, bytes.NewReader(original), int64(len(original)), ""))
	w.correct(t, at(p), 1, 0, 1, "Sở")
	if got := w.do(t, ask{"GET", at(p) + "/pdf", w.desk, nil, nil}); !bytes.Equal(got.text, original) {
		t.Errorf("%d bytes came, of %d", len(got.text), len(original))
	}
	said := w.readJSON(t, at(p), w.desk)
	if text := w.do(t, ask{"GET", at(p) + "/text", w.desk, nil, nil}); string(text.text) != "Sở Giao\n\f" || strings.Join(said.words(), " ") != "Sở Giao" {
		t.Errorf("%q, %q", text.text, said.words())
	}
}

// What is downloaded while corrections go on is the paper at one moment, and one name always means the same.
func TestDownloadsAreOfOneMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.TokenBurst, c.AddressBurst = 1e6, 1e6 })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	p := w.twoPages(t, path, "lần 0", "lần 0")
	w.correct(t, at(p), 1, 1, 1, "1")
	const times = 12
	var group sync.WaitGroup
	done := make(chan struct{})
	var mu sync.Mutex
	seen := make(map[string]string) // what came, by its name
	for _, ending := range []string{"/text", "/json", "/pdf"} {
		group.Go(func() {
			for last := false; !last; {
				select {
				case <-done:
					last = true
				default:
				}
				got := w.do(t, ask{"GET", at(p) + ending, w.desk, nil, nil})
				name := ending + got.Header.Get("ETag")
				mu.Lock()
				if was, there := seen[name]; got.StatusCode != 200 || there && was != string(got.text) {
					t.Errorf("%s is %d, %q and %q", name, got.StatusCode, was, got.text)
				}
				seen[name] = string(got.text)
				mu.Unlock()
			}
		})
	}
	for n := 1; n < times; n++ { // the second page is never before the first, nor far behind it
		w.correct(t, at(p), 2, 1, 1, fmt.Sprint(n))
		w.correct(t, at(p), 1, 1, 1, fmt.Sprint(n+1))
	}
	close(done)
	group.Wait()
	texts := 0
	for name, text := range seen {
		if !strings.HasPrefix(name, "/text") {
			continue
		}
		texts++
		var one, two int
		if _, err := fmt.Sscanf(text, "lần %d\n\flần %d\n\f", &one, &two); err != nil || one < two || one > two+1 {
			t.Errorf("%q is of no moment (%v)", text, err)
		}
	}
	if _, _, text := w.agreed(t, at(p), w.desk); texts < 2 || text != fmt.Sprintf("lần %d\n\flần %d\n\f", times, times-1) {
		t.Errorf("%d texts; at the end %q", texts, text)
	}
	if _, _, err := w.records.ShownWords(t.Context(), catalogue.Everywhere, p.ID); err != nil {
		t.Error(err)
	}
}
