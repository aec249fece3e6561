package catalogue

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/scripts/services"
)

const (
	anPassword = "cá kho tộ và canh chua"
	fresh      = "một bát bún bò thật cay"
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

// people adds users: an and binh of a department, each with a password of their own, khoa who is disabled, khong who has none.
func people(t *testing.T, c *Catalogue) map[string]User {
	t.Helper()
	agencies(t, c)
	all := make(map[string]User)
	for _, u := range []User{
		{Login: "an", Name: "An", Role: RoleDesk, Agency: "H50.13"},
		{Login: "binh", Name: "Bình", Role: RoleIT, Agency: "H50.13"},
		{Login: "khoa", Name: "Khóa", Role: RoleDesk, Agency: "H50.13"},
		{Login: "khong", Name: "Không", Role: RoleDesk, Agency: "H50.14"},
	} {
		all[u.Login] = must[User](t)(c.PutUser(t.Context(), u))
	}
	for _, login := range []string{"an", "binh", "khoa"} {
		if err := c.SetPassword(t.Context(), Everywhere, login, anPassword, true); err != nil {
			t.Fatal(err)
		}
	}
	khoa := all["khoa"]
	khoa.Disabled = true
	must[User](t)(c.PutUser(t.Context(), khoa))
	return all
}

// onBothWith is onBoth with settings of one's own, and what was observed.
func onBothWith(t *testing.T, s SignIns, test func(t *testing.T, c *Catalogue, clock *clock, seen *seen)) {
	t.Helper()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "catalogue.db") },
		"postgres": func(t *testing.T) string { return services.Postgres(t).NewDatabase(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := &clock{at: time.Date(2026, 3, 31, 8, 0, 0, 0, time.UTC)}
			seen := &seen{acts: make(map[string]int)}
			c, err := Open(Config{URL: url(t), Now: clock.now, SignIns: s, Observe: seen.observe})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			if _, err := c.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			test(t, c, clock, seen)
		})
	}
}

// seen counts what the catalogue did.
type seen struct {
	mu   sync.Mutex
	acts map[string]int
}

func (s *seen) observe(act string, _ time.Duration, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acts[act]++
}

// take gives what was done since the last time.
func (s *seen) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	said := fmt.Sprint(s.acts) // in the order of its keys
	s.acts = make(map[string]int)
	return said
}

var here = Origin{Remote: "192.0.2.7", Agent: "Trình duyệt"}

func signIn(t *testing.T, c *Catalogue, login string) Session {
	t.Helper()
	return must[Session](t)(c.SignIn(t.Context(), login, anPassword, here))
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		ctx := t.Context()
		users := people(t, c)
		s := must[Session](t)(c.SignIn(ctx, "  An ", anPassword, here))
		if s.Due != DueNothing || s.User != users["an"].ID || len(s.Secret) < 40 {
			t.Errorf("%+v", s)
		}
		u, found, err := c.SessionUser(ctx, s.Secret)
		if err != nil || u != users["an"] || found.ID != s.ID || found.Remote != here.Remote || found.Agent != here.Agent || found.Secret != "" {
			t.Errorf("%+v, %+v, %v", u, found, err)
		}
		if token := found.Token(&u); token.ID != -TokenID(u.ID) || token.Actor() != "user:an" || !token.Allows(ScopeIntake) || token.Allows(ScopeOperate) || token.Path != u.Path {
			t.Errorf("%+v", token)
		}
		var kept string
		if err := c.view(ctx, "look", func(q querier) error { return q.row(ctx, "SELECT hash FROM sessions", nil, &kept) }); err != nil || kept == s.Secret || kept != hashSession(s.Secret) {
			t.Errorf("%q is kept, %v", kept, err)
		}
		again := signIn(t, c, "an")
		if again.Secret == s.Secret || again.ID == s.ID {
			t.Error("two sign-ins have one session")
		}
		if all := must[[]Session](t)(c.Sessions(ctx, users["an"].ID)); len(all) != 2 || all[0].ID != again.ID {
			t.Errorf("%+v", all)
		}
		if err := c.EndSession(ctx, s.Secret); err != nil {
			t.Fatal(err)
		}
		if err := c.EndSession(ctx, s.Secret); err != nil {
			t.Errorf("signing out twice: %v", err)
		}
		if _, _, err := c.SessionUser(ctx, s.Secret); !errors.Is(err, ErrNotFound) {
			t.Errorf("a session that was ended: %v", err)
		}
		if err := c.EndSessionOf(ctx, users["binh"].ID, again.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("another's session: %v", err)
		}
		if err := c.EndSessionOf(ctx, users["an"].ID, again.ID); err != nil {
			t.Error(err)
		}
		acts := must[[]Act](t)(c.Acts(ctx, ActFilter{Subject: subject("user", users["an"].ID)}))
		var said []string
		for _, a := range acts {
			said = append(said, a.Action+" "+a.Actor+" "+a.Remote)
		}
		want := "session.ended system ,sign_in user:an 192.0.2.7,sign_out system ,sign_in user:an 192.0.2.7,password.set system ,user.put system "
		if got := strings.Join(said, ","); len(acts) != 6 || got != want && got != strings.Replace(want, "sign_in user:an 192.0.2.7,sign_out system ", "sign_out system ,sign_in user:an 192.0.2.7", 1) {
			t.Errorf("the audit has %s", got)
		}
	})
}

// Nothing tells whether there is an account: the same answer, the same work.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	onBothWith(t, SignIns{}, func(t *testing.T, c *Catalogue, clock *clock, seen *seen) {
		people(t, c)
		first := ""
		for _, login := range []string{"an", "khong", "khoa", "khong-co", "", "không thể là tên", strings.Repeat("x", 5000)} {
			for try := range 12 {
				seen.take()
				_, err := c.SignIn(t.Context(), login, "sai rồi", here)
				did := seen.take()
				var locked *LockedError
				switch {
				case errors.As(err, &locked):
					if want := clock.now().Add(pause(freeFailures + 1)); try != freeFailures+1 || !locked.Until.Equal(want) {
						t.Errorf("%.9s, try %d: locked until %v, want %v", login, try, locked.Until, want)
					}
				case !errors.Is(err, ErrSignIn):
					t.Fatalf("%.9s: %v", login, err)
				case first == "":
					first = did
				case did != first:
					t.Errorf("%.9s, try %d: %s, and before %s", login, try, did, first)
				}
				if locked != nil {
					if strings.Contains(did, "hash") {
						t.Errorf("%.9s: a locked login is hashed: %s", login, did)
					}
					break
				}
			}
		}
		if !strings.Contains(first, "hash a password:1") {
			t.Errorf("each is hashed once: %s", first)
		}
	})
}

func TestALoginLocks(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		ctx := t.Context()
		people(t, c)
		wrong := func() time.Duration {
			t.Helper()
			_, err := c.SignIn(ctx, "an", "sai rồi", here)
			var locked *LockedError
			if errors.As(err, &locked) {
				return locked.Until.Sub(clock.now())
			}
			if !errors.Is(err, ErrSignIn) {
				t.Fatal(err)
			}
			return 0
		}
		for range 5 {
			if d := wrong(); d != 0 {
				t.Fatalf("locked for %v", d)
			}
		}
		for _, want := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
			if d := wrong(); d != want {
				t.Errorf("locked for %v, want %v", d, want)
			}
			if _, err := c.SignIn(ctx, "an", anPassword, here); !errors.As(err, new(*LockedError)) {
				t.Errorf("the right password opens a locked login: %v", err)
			}
			clock.pass(want)
			if d := wrong(); d != 0 {
				t.Errorf("locked for %v more", d)
			}
		}
		if a := must[[]Account](t)(c.Accounts(ctx, Everywhere)); a[0].Login != "an" || a[0].Failures != 12 || a[0].LockedUntil.IsZero() || !a[1].LockedUntil.IsZero() {
			t.Errorf("%+v", a)
		}
		signIn(t, c, "binh") // another's is another's
		if err := c.Unlock(ctx, Reach("/999/"), "an"); !errors.Is(err, ErrNotFound) {
			t.Errorf("unlocked from elsewhere: %v", err)
		}
		if err := c.Unlock(ctx, Everywhere, "an"); err != nil {
			t.Fatal(err)
		}
		signIn(t, c, "an")
		for range 5 {
			wrong()
		}
		clock.pass(time.Minute)
		signIn(t, c, "an") // which is forgiven
		for range 4 {
			if d := wrong(); d != 0 {
				t.Errorf("locked for %v after a success", d)
			}
		}
		clock.pass(25 * time.Hour)
		for range 5 {
			if d := wrong(); d != 0 {
				t.Errorf("locked for %v: failures of yesterday count", d)
			}
		}
	})
}

// Many tries at once are no more tries than one after another.
func TestTriesAtOnceAreCounted(t *testing.T) {
	t.Parallel()
	onBothWith(t, SignIns{}, func(t *testing.T, c *Catalogue, _ *clock, seen *seen) {
		people(t, c)
		seen.take()
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				if _, err := c.SignIn(context.WithoutCancel(t.Context()), "an", "sai rồi", here); !errors.Is(err, ErrSignIn) && !errors.As(err, new(*LockedError)) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if did := seen.take(); !strings.Contains(did, "hash a password:5 ") {
			t.Errorf("%s", did)
		}
	})
}

// A rush at the beginning of the day: fifty people at once.
func BenchmarkSignIns(b *testing.B) {
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
	const people = 50
	for n := range people {
		login := fmt.Sprintf("can-bo-%d", n)
		if _, err := c.PutUser(b.Context(), User{Login: login, Name: "x", Role: RoleDesk, Agency: "H50"}); err != nil {
			b.Fatal(err)
		}
		if err := c.SetPassword(b.Context(), Everywhere, login, anPassword, true); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		var all sync.WaitGroup
		for n := range people {
			all.Go(func() {
				if _, err := c.SignIn(b.Context(), fmt.Sprintf("can-bo-%d", n), anPassword, here); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
	}
}

// Somebody who presses the button again and again is signed in as often.
func TestSigningInAtOnceWithTheRightPassword(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		people(t, c)
		var all sync.WaitGroup
		for range freeFailures {
			all.Go(func() {
				for range 12 {
					if _, err := c.SignIn(t.Context(), "an", anPassword, here); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
	})
}
