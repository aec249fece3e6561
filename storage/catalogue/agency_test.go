package catalogue

import (
	"errors"
	"testing"
	"time"
)

func TestReachBoundsWhatIsSeen(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		tree := agencies(t, c)
		ctx := t.Context()
		ours := handIn(t, c, "H50.13.1", 1, nil)
		for _, see := range []struct {
			reach Reach
			yes   bool
		}{
			{Everywhere, true},
			{tree["H50"].Path, true},
			{tree["H50.13"].Path, true},
			{tree["H50.13.1"].Path, true},
			{tree["H50.14"].Path, false},
			{"", false},
		} {
			want := func(what string, err error) {
				t.Helper()
				if see.yes && err != nil || !see.yes && !errors.Is(err, ErrNotFound) {
					t.Errorf("%s with reach %q: %v", what, see.reach, err)
				}
			}
			_, err := c.Paper(ctx, see.reach, ours.Paper.ID)
			want("paper", err)
			_, err = c.Dossier(ctx, see.reach, ours.Paper.Dossier)
			want("dossier", err)
			_, err = c.DossierByCode(ctx, see.reach, ours.Paper.DossierCode)
			want("dossier by code", err)
			_, err = c.HandIn(ctx, see.reach, HandIn{Dossier: ours.Paper.Dossier, Scan: Scan{SHA256: sum(7)}, Revision: "1"})
			want("hand in", err)
			want("fields", c.PutFields(ctx, see.reach, ours.Paper.ID, map[FieldName]string{FieldNumber: "12"}))
			papers := must[[]Paper](t)(c.PapersChanged(ctx, see.reach, time.Time{}, 0, 10))
			dossiers := must[[]Dossier](t)(c.Dossiers(ctx, see.reach, DossierFilter{}))
			if (len(papers) > 0) != see.yes || (len(dossiers) > 0) != see.yes {
				t.Errorf("reach %q sees %d papers and %d dossiers", see.reach, len(papers), len(dossiers))
			}
		}
		var conflict *ConflictError
		if _, _, err := c.PutDossier(ctx, tree["H50.14"].Path, Dossier{Code: ours.Paper.DossierCode, Agency: "H50.14"}); !errors.As(err, &conflict) {
			t.Errorf("another agency's code: %v", err)
		}
		var invalid *InvalidError
		if _, _, err := c.PutDossier(ctx, tree["H50.14"].Path, Dossier{Code: "H50.14-260331-0001", Agency: "H50.13"}); !errors.As(err, &invalid) {
			t.Errorf("a dossier for another agency: %v", err)
		}
	})
}

// A tree has one root.
func TestThereIsOneRoot(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		tree := agencies(t, c)
		var invalid *InvalidError
		if _, err := c.PutAgency(t.Context(), "H51", "Một tỉnh khác", ""); !errors.As(err, &invalid) || invalid.Field != "parent" {
			t.Errorf("a second root: %v", err)
		}
		if _, err := c.PutAgency(t.Context(), "H50", "Tên mới", ""); err != nil {
			t.Errorf("the root's own name: %v", err)
		}
		for code, root := range map[string]bool{"H50": true, "H50.13": false, "H50.13.1": false} {
			if tree[code].Path.Root() != root {
				t.Errorf("%s is the root: %v", code, !root)
			}
		}
		if !Everywhere.Root() || Reach("").Root() {
			t.Error("Everywhere is the root's, nothing is not")
		}
	})
}

// Many agencies are put in one go: all or none, each told to the audit, none deeper than the tree may be.
func TestAgenciesArePutTogether(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		many := []Agency{{Code: "H50.13", Name: "Sở mới ", Parent: "H50"}, {Code: "H50.15", Name: "Sở Tư pháp", Parent: "H50"}, {Code: "H50.15.1", Name: "Phòng", Parent: "H50.15"}}
		var invalid *InvalidError
		if err := c.PutAgencies(ctx, append(many[:3:3], Agency{Code: "H51", Name: "x", Parent: "H52"})); !errors.As(err, &invalid) {
			t.Errorf("an unknown parent: %v", err)
		}
		before := must[[]Agency](t)(c.Agencies(ctx, Everywhere))
		if len(before) != 4 || before[1].Name != "Sở Xây dựng" {
			t.Errorf("some were put: %+v", before)
		}
		acts := len(must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "agency.put", Limit: 100})))
		if err := c.PutAgencies(ctx, many); err != nil {
			t.Fatal(err)
		}
		unit := must[Agency](t)(c.AgencyByCode(ctx, Everywhere, "H50.15.1"))
		department := must[Agency](t)(c.AgencyByCode(ctx, Everywhere, "H50.15"))
		renamed := must[Agency](t)(c.AgencyByCode(ctx, Everywhere, "H50.13"))
		if !department.Path.Covers(unit.Path) || unit.Path == department.Path || renamed.Name != "Sở mới" {
			t.Errorf("%+v, %+v, %+v", department, unit, renamed)
		}
		if told := len(must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "agency.put", Limit: 100}))) - acts; told != 3 {
			t.Errorf("the audit was told %d times", told)
		}
		above := "H50.15.1"
		for n := 3; n < mostTiers; n++ {
			a := must[Agency](t)(c.PutAgency(ctx, above+".1", "x", above))
			above = a.Code
		}
		if _, err := c.PutAgency(ctx, above+".1", "x", above); !errors.As(err, &invalid) || invalid.Field != "parent" {
			t.Errorf("deeper than the tree may be: %v", err)
		}
	})
}
