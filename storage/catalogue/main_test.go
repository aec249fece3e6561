package catalogue

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sohoa/scripts/services"
)

// onBoth runs a test on SQLite and on a real PostgreSQL, each with fresh tables and a clock that stands.
func onBoth(t *testing.T, test func(t *testing.T, c *Catalogue, clock *clock)) {
	t.Helper()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "catalogue.db") },
		"postgres": func(t *testing.T) string { return services.Postgres(t).NewDatabase(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := &clock{at: time.Date(2026, 3, 31, 8, 0, 0, 0, time.UTC)}
			c, err := Open(Config{URL: url(t), Now: clock.now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := c.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			if _, err := c.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			test(t, c, clock)
		})
	}
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func must[T any](t *testing.T) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// The agencies of the tests: a province, two departments below it, a unit below the first.
func agencies(t *testing.T, c *Catalogue) map[string]Agency {
	t.Helper()
	all := make(map[string]Agency)
	for _, a := range []struct{ code, name, parent string }{
		{"H50", "UBND tỉnh Quảng Trị", ""}, {"H50.13", "Sở Xây dựng", "H50"}, {"H50.14", "Sở Y tế", "H50"}, {"H50.13.1", "Phòng Vận tải", "H50.13"},
	} {
		all[a.code] = must[Agency](t)(c.PutAgency(t.Context(), a.code, a.name, a.parent))
	}
	return all
}

func sum(n int) string { return fmt.Sprintf("%064x", n) }

// handIn puts a scan into a new dossier.
func handIn(t *testing.T, c *Catalogue, agency string, n int, change func(*HandIn)) Receipt {
	t.Helper()
	d, _, err := c.PutDossier(t.Context(), Everywhere, Dossier{Code: fmt.Sprintf("H50.13-260331-%04d", n), Agency: agency})
	if err != nil {
		t.Fatal(err)
	}
	h := HandIn{Dossier: d.ID, Scan: Scan{SHA256: sum(n), Size: 100, MediaType: "image/tiff"}, Name: "đơn.tif", Revision: "1"}
	if change != nil {
		change(&h)
	}
	return must[Receipt](t)(c.HandIn(t.Context(), Everywhere, h))
}

// read does all the work on a reading whose scan has so many pages.
func read(t *testing.T, c *Catalogue, r Reading, pages int, text string) {
	t.Helper()
	ctx := t.Context()
	must[Reading](t)(c.Begin(ctx, r.ID, r.Revision, StepSplit, time.Minute))
	must[Reading](t)(c.Split(ctx, r, "tiff", pages, time.Minute))
	var texts []PageText
	for n := 1; n <= pages; n++ {
		must[Reading](t)(c.BeginPage(ctx, r.ID, r.Revision, n, time.Minute))
		if _, _, err := c.EndPage(ctx, r, PageRecord{Number: n, State: "read", Source: "recognized", Confidence: 90, Words: 3}, time.Minute); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, PageText{Number: n, Text: text, Width: 100, Height: 100})
	}
	must[Reading](t)(c.Begin(ctx, r.ID, r.Revision, StepBind, time.Minute))
	if err := c.Bound(ctx, r, Summary{Words: 3 * pages, Confidence: 90}, texts); err != nil {
		t.Fatal(err)
	}
}
