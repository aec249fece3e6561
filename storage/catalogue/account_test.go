package catalogue

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestAccountsAsITSeesThem(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		ctx := t.Context()
		users := people(t, c)
		if err := c.SetPassword(ctx, Everywhere, "binh", fresh, false); err != nil {
			t.Fatal(err)
		}
		signIn(t, c, "an")
		must[Session](t)(c.SignInAs(ctx, Identity{"i", "s", "an"}, here))
		for range 5 {
			if _, err := c.SignIn(ctx, "binh", "sai rồi", here); !errors.Is(err, ErrSignIn) {
				t.Fatal(err)
			}
		}
		all := must[[]Account](t)(c.Accounts(ctx, Everywhere))
		var said []string
		for _, a := range all {
			said = append(said, fmt.Sprintf("%s password %v change %v in %v locked %v failures %d sessions %d external %v disabled %v",
				a.Login, a.HasPassword, a.MustChange, !a.SignedIn.IsZero(), !a.LockedUntil.IsZero(), a.Failures, a.Sessions, a.External, a.Disabled))
		}
		want := []string{
			"an password true change false in true locked false failures 0 sessions 2 external true disabled false",
			"binh password true change true in false locked true failures 5 sessions 0 external false disabled false",
			"khoa password true change false in false locked false failures 0 sessions 0 external false disabled true",
			"khong password false change false in false locked false failures 0 sessions 0 external false disabled false",
		}
		if !slices.Equal(said, want) {
			t.Errorf("%q", said)
		}
		if there := must[[]Account](t)(c.Accounts(ctx, users["khong"].Path)); len(there) != 1 || there[0].Login != "khong" {
			t.Errorf("%+v", there)
		}
		if _, err := c.AccountByLogin(ctx, users["khong"].Path, "an"); !errors.Is(err, ErrNotFound) {
			t.Errorf("from elsewhere: %v", err)
		}
		if a := must[Account](t)(c.AccountByLogin(ctx, users["an"].Path, "an")); a.User != users["an"] || !a.SignedIn.Equal(clock.now()) {
			t.Errorf("%+v", a)
		}
		if a := must[Account](t)(c.AccountOf(ctx, users["an"].ID)); a.Login != "an" {
			t.Errorf("%+v", a)
		}
		if err := c.EndSessions(ctx, users["khong"].Path, "an"); !errors.Is(err, ErrNotFound) {
			t.Errorf("ended from elsewhere: %v", err)
		}
		if err := c.EndSessions(ctx, Everywhere, "an"); err != nil {
			t.Fatal(err)
		}
		if left := must[[]Session](t)(c.Sessions(ctx, users["an"].ID)); len(left) != 0 {
			t.Errorf("%+v", left)
		}
	})
}

func TestHoldings(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		if h := must[Holdings](t)(c.Holdings(t.Context())); h != (Holdings{}) {
			t.Errorf("of nothing: %+v", h)
		}
		agencies(t, c)
		r := handIn(t, c, "H50.13", 1, nil)
		read(t, c, r.Work, 3, "chữ")
		handIn(t, c, "H50.13", 2, nil)
		if h := must[Holdings](t)(c.Holdings(t.Context())); h != (Holdings{Dossiers: 2, Papers: 2, Scans: 2, Bytes: 200, Pages: 3}) {
			t.Errorf("%+v", h)
		}
	})
}

// Pages of the audit neither leave out nor repeat an act, also where many are of one instant.
func TestTheAuditIsReadInPages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		ctx := t.Context()
		begin := clock.now()
		for n := range 30 {
			if n%7 == 0 {
				clock.pass(time.Second)
			}
			if err := c.As(Actor{Name: "user:an"}).Record(ctx, "a", fmt.Sprintf("b:%d", n), nil); err != nil {
				t.Fatal(err)
			}
		}
		var seen []string
		f := ActFilter{Actor: "user:an", Limit: 4}
		for {
			part := must[[]Act](t)(c.Acts(ctx, f))
			if len(part) == 0 {
				break
			}
			for _, a := range part {
				seen = append(seen, a.Subject)
			}
			f.Behind = part[len(part)-1]
		}
		for n, s := range seen {
			if s != fmt.Sprintf("b:%d", 29-n) {
				t.Fatalf("%v", seen)
			}
		}
		if len(seen) != 30 {
			t.Errorf("%d acts", len(seen))
		}
		second := ActFilter{Since: begin.Add(2 * time.Second), Until: begin.Add(3 * time.Second), Limit: 100}
		if part := must[[]Act](t)(c.Acts(ctx, second)); len(part) != 7 || part[0].Subject != "b:13" {
			t.Errorf("%+v", part)
		}
	})
}
