package catalogue

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// Officers who type at once, into fields and the record, while the paper is bound: all of it is found in the end.
func TestWhatIsTypedWhilePapersAreBoundIsFound(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		for round := range 6 {
			r := handIn(t, c, "H50.13", round, nil)
			must[Reading](t)(c.Split(ctx, r.Work, "tiff", 1, time.Minute))
			if _, _, err := c.EndPage(ctx, r.Work, PageRecord{Number: 1, State: "read"}, time.Minute); err != nil {
				t.Fatal(err)
			}
			var group sync.WaitGroup
			do := func(what string, act func() error) {
				group.Go(func() {
					if err := act(); err != nil {
						t.Errorf("%s: %v", what, err)
					}
				})
			}
			do("bound", func() error { return c.Bound(ctx, r.Work, Summary{Confidence: 90}, []PageText{boxed(1, "nội dung")}) })
			for n, name := range []FieldName{FieldNumber, FieldIssuer, FieldSubject, FieldTitle} {
				do("fields", func() error {
					return c.PutFields(ctx, Everywhere, r.Paper.ID, map[FieldName]string{name: fmt.Sprintf("gõ%dvòng%d", n, round)})
				})
			}
			do("dossier", func() error {
				_, _, err := c.PutDossier(ctx, Everywhere, Dossier{Code: r.Paper.DossierCode, Owner: Owner{Name: fmt.Sprintf("chủvòng%d", round)}})
				return err
			})
			do("handed in again", func() error {
				_, err := c.HandIn(ctx, Everywhere, HandIn{Dossier: r.Paper.Dossier, Scan: Scan{SHA256: r.Paper.SHA256, Size: 100}, Component: "DON", Revision: "1"})
				return err
			})
			group.Wait()
			want := fmt.Sprintf("%d/1!", round)
			if round == 0 {
				want = "/1!"
			}
			for n := range 4 {
				if got := foundAs(t, c, Everywhere, Query{Text: fmt.Sprintf("gõ%dvòng%d", n, round)}); got != want {
					t.Errorf("round %d: field %d finds %q, want %q", round, n, got, want)
				}
			}
			if got := foundAs(t, c, Everywhere, Query{Text: fmt.Sprintf("chủvòng%d nội dung", round)}); got != want+" "+want {
				t.Errorf("round %d: the owner finds %q", round, got)
			}
		}
	})
}

// A sheet with more different words than PostgreSQL takes is found by its place and by words all the same.
func TestAVeryDensePageIsKept(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		must[Reading](t)(c.Split(ctx, r.Work, "pdf", 1, time.Minute))
		if _, _, err := c.EndPage(ctx, r.Work, PageRecord{Number: 1, State: "read"}, time.Minute); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for n := range 50_000 {
			fmt.Fprintf(&b, "%d ", 10_000_000+n*1777)
		}
		if err := c.Bound(ctx, r.Work, Summary{Confidence: 90}, []PageText{{Number: 1, Text: b.String(), Width: 10, Height: 10}}); err != nil {
			t.Fatal(err)
		}
		for _, q := range []Query{{Text: "10000000"}, {Dossier: r.Paper.DossierCode}, {Text: "10001777 10003554"}} {
			if got := foundAs(t, c, Everywhere, q); !strings.HasPrefix(got, "1/1") {
				t.Errorf("%+v finds %q", q, got)
			}
		}
	})
}
