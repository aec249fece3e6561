package web

import (
	"fmt"
	"html"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa/scripts/services"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// randomOffice has dossiers of a few days, some of no known one, with random papers, of which some were read and some approved.
func randomOffice(t *testing.T, url string, random *rand.Rand) *world {
	t.Helper()
	dir := t.TempDir()
	w := worldOver(t, dir, catalogue.Config{URL: url}, object.Config{Directory: filepath.Join(dir, "objects")}, func(c *Config) {
		c.TokenRate, c.TokenBurst, c.AddressRate, c.AddressBurst = 1e6, 1e6, 1e6, 1e6 // thousands of numbers are followed at once
	})
	ctx := t.Context()
	_, err := w.records.PutUser(ctx, catalogue.User{Login: "minh", Name: "Minh", Role: catalogue.RoleSupervisor, Agency: "H50"})
	must(t, err)
	_, err = w.records.PutAgency(ctx, "H50.13.1", "Phòng Vận tải", "H50.13")
	must(t, err)
	for n, field := range []string{"GT", "YT", ""} {
		must(t, w.records.PutProcedure(ctx, catalogue.Procedure{Code: fmt.Sprint("1.00100", n), Name: "Thủ tục", FieldCode: field, FieldName: "Lĩnh vực " + field, Result: n != 1}))
	}
	for n := range 130 { // more than one page of a list
		received := ""
		if random.IntN(5) > 0 {
			received = fmt.Sprintf("2026-0%d-%02d", 3+random.IntN(2), 1+random.IntN(3))
		}
		d, _, err := w.records.PutDossier(ctx, catalogue.Everywhere, catalogue.Dossier{
			Code:   fmt.Sprintf("H50.13-%s-%04d", []string{"260401", "000000"}[random.IntN(2)], n),
			Agency: []string{"H50", "H50.13", "H50.13.1", "H50.14"}[random.IntN(4)], State: catalogue.DossierState(1 + random.IntN(10)),
			Procedure: []string{"", "1.001000", "1.001001", "1.001002", "9.999999"}[random.IntN(5)], Received: received,
		})
		must(t, err)
		for range random.IntN(4) {
			w.randomPaper(t, d.ID, random)
		}
	}
	return w
}

func (w *world) randomPaper(t *testing.T, dossier catalogue.DossierID, random *rand.Rand) {
	t.Helper()
	kind := []catalogue.PaperKind{catalogue.ComponentPaper, catalogue.ResultPaper}[random.IntN(2)]
	sum := fmt.Sprintf("%064x", random.IntN(60)) // some are held already
	got, err := w.records.HandIn(t.Context(), catalogue.Everywhere, catalogue.HandIn{
		Dossier: dossier, Kind: kind, Scan: catalogue.Scan{SHA256: sum, Size: 1, MediaType: "image/png"}, Revision: "r1",
	})
	must(t, err)
	if got.Due && random.IntN(4) > 0 {
		w.read(t, paperJSON{ID: got.Paper.ID, SHA256: sum}, "đơn đề nghị")
	}
	if now, err := w.records.Paper(t.Context(), catalogue.Everywhere, got.Paper.ID); err == nil && now.Whole && random.IntN(3) > 0 {
		_, err := w.records.Approve(t.Context(), catalogue.Everywhere, now.ID, catalogue.AnyEdition)
		must(t, err)
	}
}

var (
	tableRow  = regexp.MustCompile(`(?s)<tr[^>]*><th scope="row">(.*?)</th>(.*?)</tr>`)
	tableCell = regexp.MustCompile(`(?s)<td class="n">(?:<a href="([^"]*)">)?([^<]*)`)
	oneListed = regexp.MustCompile(`<tr><th scope="row"><a href="/ho-so/(\d+)">`)
	counted   = regexp.MustCompile(`data-testid="count">([0-9.]+)<`)
	nextPage  = regexp.MustCompile(`rel="next" href="([^"]*)"`)
)

// behind tells how many dossiers a list says that it has, and goes through it to its end.
func behind(t *testing.T, v *visit, path string) (said, listed int) {
	t.Helper()
	seen := make(map[string]bool)
	for path != "" {
		text := shown(t, v, path)
		said = whole(t, counted.FindStringSubmatch(text)[1])
		for _, one := range oneListed.FindAllStringSubmatch(text, -1) {
			seen[one[1]] = true
		}
		path = ""
		if next := nextPage.FindStringSubmatch(text); next != nil {
			path = html.UnescapeString(next[1])
		}
	}
	return said, len(seen)
}

func whole(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(text), ".", ""))
	must(t, err)
	return n
}

// Whatever was done, on either engine: each number of the table, of each figure and division, leads to a list with as many dossiers, to
// the last unit; the lines add up to the last one; and what was not read or approved is in no list of what was.
func TestEveryCellLeadsToAsManyDossiers(t *testing.T) {
	t.Parallel()
	for engine, url := range map[string]func() string{
		"sqlite": func() string { return "sqlite:" + filepath.Join(t.TempDir(), "catalogue.db") },
		"postgres": func() string {
			url, err := services.Postgres(t).AddDatabase(t.Context())
			must(t, err)
			return url
		},
	} {
		t.Run(engine, func(t *testing.T) {
			seed := uint64(time.Now().UnixNano()) //nolint:gosec // a seed
			t.Logf("seed %d", seed)
			w := randomOffice(t, url(), rand.New(rand.NewPCG(seed, 1))) //nolint:gosec // a test
			boss := w.signedIn(t, "minh")
			links := 0
			for _, by := range catalogue.RateBys() {
				for _, figure := range catalogue.FigureNames() {
					for _, period := range []string{"ky=tat-ca", "ky=tuy-chon&tu=02/03/2026&den=02/04/2026&so-voi=nam-truoc-do"} {
						links += cellsLead(t, boss, fmt.Sprintf("/thong-ke?%s&theo=%s&chi-tieu=%s", period, by, figure))
					}
				}
			}
			if links < 500 {
				t.Errorf("only %d numbers lead anywhere", links)
			}
		})
	}
}

// cellsLead looks at all numbers of a page's table, and tells how many lead to dossiers.
func cellsLead(t *testing.T, v *visit, path string) (links int) {
	t.Helper()
	const of, filed, missing, read, checked = 0, 1, 2, 4, 5
	text := shown(t, v, path)
	at := strings.Index(text, `id="so-lieu"`)
	if at < 0 {
		t.Fatalf("%s has no table", path)
	}
	var sums, last [6]int
	rows := tableRow.FindAllStringSubmatch(text[at:], -1)
	for n, row := range rows {
		cells := tableCell.FindAllStringSubmatch(row[2], -1)
		for _, c := range []int{of, filed, missing, read, checked} {
			number := whole(t, cells[c][2])
			if n == len(rows)-1 {
				last[c] = number
			} else {
				sums[c] += number
			}
			if number == 0 {
				continue
			}
			if cells[c][1] == "" {
				t.Errorf("%s: %d in column %d of %q leads nowhere", path, number, c, row[1])
				continue
			}
			links++
			if said, listed := behind(t, v, html.UnescapeString(cells[c][1])); said != number || listed != number {
				t.Errorf("%s: %d in column %d of %q leads to %d dossiers, of which %d are listed: %s", path, number, c, row[1], said, listed, cells[c][1])
			}
		}
	}
	if sums != last {
		t.Errorf("%s: the lines add up to %v, the last one says %v", path, sums, last)
	}
	return links
}
