package catalogue

import (
	"errors"
	"sync"
	"testing"
)

func TestDossiersAreCompleted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		put := func(d Dossier) (Dossier, bool, error) { return c.PutDossier(t.Context(), Everywhere, d) }
		d, created, err := put(Dossier{Code: "H50.13-260331-0001", Agency: "H50.13", Owner: Owner{Name: " Nguyễn Văn An ", Kind: 1}, Received: "2026-03-31"})
		if err != nil || !created || d.Owner.Name != "Nguyễn Văn An" || d.State != StateAccepted {
			t.Errorf("created %v: %+v, %v", created, d, err)
		}
		d, created, err = put(Dossier{Code: "H50.13-260331-0001", Subject: "Đổi giấy phép lái xe", State: StateResolved})
		if err != nil || created || d.Owner.Name != "Nguyễn Văn An" || d.Subject == "" || d.State != StateResolved || d.Received != "2026-03-31" {
			t.Errorf("completed: %+v, %v", d, err)
		}
		for _, code := range []string{"", "H50.13", "H50.13-260331-1", "50.13-260331-0001", "H50.13-260331-0001 OR 1=1", "H50.13-260331-0001\n"} {
			var invalid *InvalidError
			if _, _, err := put(Dossier{Code: code, Agency: "H50.13"}); (code != "H50.13-260331-0001\n") && !errors.As(err, &invalid) {
				t.Errorf("code %q: %v", code, err)
			}
		}
	})
}

// A desk that finds a dossier by its code writes nothing; one that changes it does, and says so.
func TestFindingADossierWritesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		put := func(d Dossier) bool {
			d.Code = "H50.13-260331-0001"
			_, created, err := c.PutDossier(ctx, Everywhere, d)
			if err != nil {
				t.Fatal(err)
			}
			return created
		}
		acts := func() int { return len(must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "dossier.put"}))) }
		if !put(Dossier{Agency: "H50.13", Owner: Owner{Name: "Trần Thị Bưởi"}}) || acts() != 1 {
			t.Fatal("not created")
		}
		if put(Dossier{}) || put(Dossier{Agency: "H50.13", Owner: Owner{Name: "Trần Thị Bưởi"}, State: StateAccepted}) || acts() != 1 {
			t.Errorf("%d acts after it was found twice", acts())
		}
		if put(Dossier{State: StateResolved}) || acts() != 2 {
			t.Errorf("%d acts after it was changed", acts())
		}
	})
}

// Desks that type the same new code at once, each with what it knows: one dossier that knows all of it, made by one.
func TestManyDesksMakeTheSameDossier(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		given := []Dossier{{Owner: Owner{Name: "Trần Thị Bưởi"}}, {Owner: Owner{Number: "012345678901"}}, {Subject: "đổi giấy phép"}, {Received: "2026-03-31"}}
		var group sync.WaitGroup
		made := make(chan bool, len(given))
		for _, d := range given {
			group.Go(func() {
				d.Code, d.Agency = "H50.13-260331-0001", "H50.13"
				_, created, err := c.PutDossier(t.Context(), Everywhere, d)
				if err != nil {
					t.Error(err)
				}
				made <- created
			})
		}
		group.Wait()
		close(made)
		created := 0
		for one := range made {
			if one {
				created++
			}
		}
		d := must[Dossier](t)(c.DossierByCode(t.Context(), Everywhere, "H50.13-260331-0001"))
		if created != 1 || d.Owner.Name == "" || d.Owner.Number == "" || d.Subject == "" || d.Received == "" {
			t.Errorf("made %d times: %+v", created, d)
		}
	})
}

// Of desks that make the same dossier at once one makes it, and the others see it as that one did: nothing is replaced.
func TestAddingADossierReplacesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		tree := agencies(t, c)
		ctx := t.Context()
		var group sync.WaitGroup
		owners := make(chan string, 4)
		made := make(chan string, 4)
		for _, name := range []string{"Trần Thị Bưởi", "Lê Văn Cam", "Phạm Thị Đào", "Võ Văn Mận"} {
			group.Go(func() {
				d, created, err := c.AddDossier(ctx, Everywhere, Dossier{Code: "H50.13-260331-0001", Agency: "H50.13", Owner: Owner{Name: name}})
				if err != nil {
					t.Error(err)
				}
				if created {
					made <- name
				}
				owners <- d.Owner.Name
			})
		}
		group.Wait()
		close(owners)
		close(made)
		first := <-made
		for owner := range owners {
			if owner != first || first == "" {
				t.Errorf("a desk is shown %q's dossier, want %q's", owner, first)
			}
		}
		if second, more := <-made; more {
			t.Errorf("%s made it, too", second)
		}
		if acts := must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "dossier.put"})); len(acts) != 1 {
			t.Errorf("%d acts", len(acts))
		}
		var conflict *ConflictError
		if _, _, err := c.AddDossier(ctx, tree["H50.14"].Path, Dossier{Code: "H50.13-260331-0001", Agency: "H50.14"}); !errors.As(err, &conflict) {
			t.Errorf("another agency's: %v", err)
		}
	})
}
