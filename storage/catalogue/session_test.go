package catalogue

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	onBothWith(t, SignIns{Idle: 30 * time.Minute, Life: 2 * time.Hour}, func(t *testing.T, c *Catalogue, clock *clock, seen *seen) {
		ctx := t.Context()
		people(t, c)
		there := func(s Session) bool {
			t.Helper()
			_, _, err := c.SessionUser(ctx, s.Secret)
			if err != nil && !errors.Is(err, ErrNotFound) {
				t.Fatal(err)
			}
			return err == nil
		}
		idle, used, left := signIn(t, c, "an"), signIn(t, c, "an"), signIn(t, c, "an")
		seen.take()
		for range 100 { // a page with all its parts
			there(used)
		}
		if did := seen.take(); strings.Contains(did, "note") {
			t.Errorf("within a minute %s", did)
		}
		for n := range 5 { // 1:55 in all
			clock.pass(23 * time.Minute)
			// A page that somebody left open asks on by itself, and keeps nothing alive.
			if _, _, err := c.SessionHolds(ctx, left.Secret); errors.Is(err, ErrNotFound) != (n > 0) {
				t.Errorf("after %d times 23 minutes a page that was left: %v", n+1, err)
			}
			if !there(used) {
				t.Fatalf("%v: it ended although it was used", clock.now())
			}
		}
		if did := seen.take(); !strings.Contains(did, "note a session's use:5") {
			t.Errorf("%s", did)
		}
		if there(idle) {
			t.Error("a session that nobody used goes on")
		}
		clock.pass(5 * time.Minute)
		if there(used) {
			t.Error("a session goes on for ever")
		}
		signIn(t, c, "an")
		var n int
		if err := c.view(ctx, "count", func(q querier) error { return q.row(ctx, "SELECT count(*) FROM sessions", nil, &n) }); err != nil || n != 1 {
			t.Errorf("%d rows are kept, %v", n, err)
		}
	})
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		ctx := t.Context()
		users := people(t, c)
		const issuer = "https://id.example"
		s := must[Session](t)(c.SignInAs(ctx, Identity{issuer, "s-1", "An"}, here))
		if s.User != users["an"].ID || s.Due != DueNothing || s.How != "oidc" {
			t.Errorf("%+v", s)
		}
		again := must[Session](t)(c.SignInAs(ctx, Identity{issuer, "s-1", "another name"}, here))
		if again.User != users["an"].ID {
			t.Errorf("the subject counts: %+v", again)
		}
		for name, id := range map[string]Identity{
			"the name was given to somebody else": {issuer, "s-2", "an"},
			"a user who is disabled":              {issuer, "s-3", "khoa"},
			"nobody of ours":                      {issuer, "s-4", "la"},
			"no name":                             {issuer, "s-5", ""},
		} {
			if _, err := c.SignInAs(ctx, id, here); !errors.Is(err, ErrSignIn) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if all := must[[]User](t)(c.Users(ctx, Everywhere)); len(all) != 4 {
			t.Errorf("somebody was made a user: %+v", all)
		}
		if err := c.UnbindIdentities(ctx, Everywhere, "an"); err != nil {
			t.Fatal(err)
		}
		must[Session](t)(c.SignInAs(ctx, Identity{issuer, "s-2", "an"}, here))
		if _, err := c.SignInAs(ctx, Identity{issuer, "s-1", "an"}, here); !errors.Is(err, ErrSignIn) {
			t.Errorf("the old subject: %v", err)
		}
	})
}

func BenchmarkSessionUser(b *testing.B) {
	c, err := Open(Config{URL: "sqlite:" + filepath.Join(b.TempDir(), "catalogue.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	if _, err := c.PutAgency(b.Context(), "H50", "UBND tỉnh", ""); err != nil {
		b.Fatal(err)
	}
	if _, err := c.PutUser(b.Context(), User{Login: "an", Name: "x", Role: RoleDesk, Agency: "H50"}); err != nil {
		b.Fatal(err)
	}
	s, err := c.SignInAs(b.Context(), Identity{"i", "s", "an"}, here)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := c.SessionUser(b.Context(), s.Secret); err != nil {
			b.Fatal(err)
		}
	}
}

// No session outlives the reset that ends all of them, however close a sign-in comes.
func TestNoSessionOutlivesAReset(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		ctx := t.Context()
		users := people(t, c)
		plain := anPassword
		for range 8 {
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					if _, err := c.SignIn(ctx, "an", plain, here); err != nil && !errors.Is(err, ErrSignIn) {
						t.Error(err)
					}
				})
			}
			next := must[string](t)(c.ResetPassword(ctx, Everywhere, "an"))
			all.Wait()
			if left := must[[]Session](t)(c.Sessions(ctx, users["an"].ID)); len(left) > 0 {
				t.Fatalf("%+v", left)
			}
			if err := c.Unlock(ctx, Everywhere, "an"); err != nil {
				t.Fatal(err)
			}
			plain = next
		}
	})
}
