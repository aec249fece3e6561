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

	"github.com/pquerna/otp/hotp"

	"sohoa/scripts/services"
	"sohoa/storage/catalogue/password"
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
		idle, used := signIn(t, c, "an"), signIn(t, c, "an")
		seen.take()
		for range 100 { // a page with all its parts
			there(used)
		}
		if did := seen.take(); strings.Contains(did, "note") {
			t.Errorf("within a minute %s", did)
		}
		for range 5 { // 1:55 in all
			clock.pass(23 * time.Minute)
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

func TestPasswords(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		ctx := t.Context()
		users := people(t, c)
		one, other := signIn(t, c, "an"), signIn(t, c, "an")
		if _, err := c.ChangePassword(ctx, one.Secret, "sai rồi", fresh); !errors.Is(err, ErrSignIn) {
			t.Errorf("without the old one: %v", err)
		}
		for plain, want := range map[string]error{"ngắn": password.ErrShort, "Password@123": password.ErrCommon, anPassword: ErrSamePassword} {
			var bad *PasswordError
			if _, err := c.ChangePassword(ctx, one.Secret, anPassword, plain); !errors.As(err, &bad) || !errors.Is(err, want) {
				t.Errorf("%s: %v", plain, err)
			}
		}
		changed, err := c.ChangePassword(ctx, one.Secret, anPassword, fresh)
		if err != nil || changed.Due != DueNothing || changed.ID != one.ID || changed.Secret == one.Secret {
			t.Fatalf("%+v, %v", changed, err)
		}
		for name, secret := range map[string]string{"the other": other.Secret, "the old name of this one": one.Secret} {
			if _, _, err := c.SessionUser(ctx, secret); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s goes on: %v", name, err)
			}
		}
		if u, _, err := c.SessionUser(ctx, changed.Secret); err != nil || u.Login != "an" {
			t.Errorf("%+v, %v", u, err)
		}
		if _, err := c.SignIn(ctx, "an", anPassword, here); !errors.Is(err, ErrSignIn) {
			t.Errorf("the old password: %v", err)
		}

		if _, err := c.ResetPassword(ctx, users["khong"].Path, "an"); !errors.Is(err, ErrNotFound) {
			t.Errorf("by IT of elsewhere: %v", err)
		}
		once := must[string](t)(c.ResetPassword(ctx, users["an"].Path, "an"))
		if _, _, err := c.SessionUser(ctx, changed.Secret); !errors.Is(err, ErrNotFound) {
			t.Errorf("a session goes on after a reset: %v", err)
		}
		s := must[Session](t)(c.SignIn(ctx, "an", once, here))
		u, found, err := c.SessionUser(ctx, s.Secret)
		if token := found.Token(&u); err != nil || s.Due != DuePassword || found.Due != DuePassword || len(token.Scopes) > 0 {
			t.Errorf("%+v, %+v, %v", s, token, err)
		}
		if _, err := c.BeginFactor(ctx, s.Secret); !errors.Is(err, ErrNotFound) {
			t.Errorf("another thing before the password: %v", err)
		}
		done, err := c.ChangePassword(ctx, s.Secret, once, fresh)
		if err != nil || done.Due != DueNothing {
			t.Errorf("%+v, %v", done, err)
		}
		disabled := users["an"]
		disabled.Disabled = true
		must[User](t)(c.PutUser(ctx, disabled))
		if _, _, err := c.SessionUser(ctx, done.Secret); !errors.Is(err, ErrNotFound) {
			t.Errorf("a disabled user's session: %v", err)
		}
		must[User](t)(c.PutUser(ctx, users["an"]))
		if _, _, err := c.SessionUser(ctx, done.Secret); !errors.Is(err, ErrNotFound) {
			t.Errorf("it comes back: %v", err)
		}
	})
}

func TestAnOlderHashIsMadeAnew(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		ctx := t.Context()
		users := people(t, c)
		const old = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc" // password
		err := c.write(ctx, "age", func(q querier) error { return c.putPassword(ctx, q, users["an"].ID, old, false) })
		if err != nil {
			t.Fatal(err)
		}
		must[Session](t)(c.SignIn(ctx, "an", "password", here))
		var now string
		err = c.view(ctx, "look", func(q querier) error {
			return q.row(ctx, "SELECT password FROM accounts WHERE user_id = ?", []any{users["an"].ID}, &now)
		})
		if err != nil || !strings.HasPrefix(now, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("%s, %v", now, err)
		}
		must[Session](t)(c.SignIn(ctx, "an", "password", here))
	})
}

// The vectors of RFC 6238, appendix B, for SHA-1, cut to six digits.
func TestCodesAreThoseOfTheRFC(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		for _, c := range []struct {
			after time.Duration
			last  int64
			want  int64
		}{
			{0, 0, at / 30},
			{30 * time.Second, 0, at / 30},
			{-30 * time.Second, 0, at / 30},
			{60 * time.Second, 0, 0},
			{-60 * time.Second, 0, 0},
			{0, at / 30, 0},
			{0, at/30 + 1, 0},
			{0, at/30 - 1, at / 30},
		} {
			if at+int64(c.after.Seconds()) < 0 {
				continue
			}
			step, err := matchCode(secret, code, time.Unix(at, 0).Add(c.after), c.last)
			if step != c.want || err != nil {
				t.Errorf("%d, %v later, %d used: %d, %v", at, c.after, c.last, step, err)
			}
		}
	}
	for _, code := range []string{"", "28708", "2870822", "000000", "x"} {
		if step, _ := matchCode(secret, code, time.Unix(59, 0), 0); step != 0 {
			t.Errorf("%q is taken for one", code)
		}
	}
}

// code is what a user's app shows.
func code(t *testing.T, f FactorSetup, clock *clock) string {
	t.Helper()
	return must[string](t)(hotp.GenerateCodeCustom(f.Secret, uint64(clock.now().Unix()/codeStep), codeForm))
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	onBothWith(t, SignIns{Key: testKey, Factor: []Role{RoleIT}}, func(t *testing.T, c *Catalogue, clock *clock, _ *seen) {
		ctx := t.Context()
		users := people(t, c)
		if s := signIn(t, c, "an"); s.Due != DueNothing {
			t.Errorf("an officer: %+v", s)
		}
		s := signIn(t, c, "binh")
		if s.Due != DueFactor {
			t.Fatalf("IT: %+v", s)
		}
		setup := must[FactorSetup](t)(c.BeginFactor(ctx, s.Secret))
		if again := must[FactorSetup](t)(c.BeginFactor(ctx, s.Secret)); again != setup || !strings.HasPrefix(setup.URL, "otpauth://totp/Sohoa:binh?") {
			t.Errorf("%+v, %+v", setup, again)
		}
		if _, _, err := c.ConfirmFactor(ctx, s.Secret, "000000"); !errors.Is(err, ErrSignIn) {
			t.Errorf("a wrong code: %v", err)
		}
		other := signIn(t, c, "binh")
		set, recovery, err := c.ConfirmFactor(ctx, s.Secret, code(t, setup, clock))
		if err != nil || set.Due != DueNothing || len(recovery) != 10 || set.Secret == s.Secret {
			t.Fatalf("%+v, %v, %v", set, recovery, err)
		}
		if _, _, err := c.SessionUser(ctx, other.Secret); !errors.Is(err, ErrNotFound) {
			t.Errorf("another session goes on without the factor: %v", err)
		}
		if _, err := c.BeginFactor(ctx, set.Secret); !errors.As(err, new(*ConflictError)) {
			t.Errorf("another factor without a code of the first: %v", err)
		}
		var kept []byte
		err = c.view(ctx, "look", func(q querier) error {
			return q.row(ctx, "SELECT factor FROM accounts WHERE user_id = ?", []any{users["binh"].ID}, &kept)
		})
		raw, _ := base32NoPadding.DecodeString(setup.Secret)
		if err != nil || strings.Contains(string(kept), string(raw)) || len(kept) < 40 {
			t.Errorf("%x is kept, %v", kept, err)
		}

		due := signIn(t, c, "binh")
		if u, found, err := c.SessionUser(ctx, due.Secret); err != nil || due.Due != DueCode || found.Due != DueCode || len(found.Token(&u).Scopes) > 0 {
			t.Errorf("%+v, %+v, %v", due, found, err)
		}
		if _, err := c.EnterCode(ctx, due.Secret, code(t, setup, clock)); !errors.Is(err, ErrSignIn) {
			t.Errorf("the code that was used to set up is used again: %v", err)
		}
		clock.pass(30 * time.Second)
		shown := code(t, setup, clock)
		whole := must[Session](t)(c.EnterCode(ctx, due.Secret, " "+shown[:3]+" "+shown[3:]))
		if whole.Due != DueNothing || whole.Secret == due.Secret || whole.How != "password+totp" {
			t.Errorf("%+v", whole)
		}
		if _, _, err := c.SessionUser(ctx, due.Secret); !errors.Is(err, ErrNotFound) {
			t.Errorf("the session before the code is still known by its old name: %v", err)
		}
		if _, err := c.EnterCode(ctx, signIn(t, c, "binh").Secret, shown); !errors.Is(err, ErrSignIn) {
			t.Errorf("a code is used twice: %v", err)
		}
		clock.pass(11 * time.Minute)

		lost := must[Session](t)(c.EnterCode(ctx, signIn(t, c, "binh").Secret, strings.ToUpper(recovery[3])))
		if lost.How != "password+recovery" || must[int](t)(c.RecoveryLeft(ctx, users["binh"].ID)) != 9 {
			t.Errorf("%+v", lost)
		}
		if _, err := c.EnterCode(ctx, signIn(t, c, "binh").Secret, recovery[3]); !errors.Is(err, ErrSignIn) {
			t.Errorf("a recovery code is used twice: %v", err)
		}
		if _, err := c.RenewRecovery(ctx, lost.Secret, "000000"); !errors.Is(err, ErrSignIn) {
			t.Errorf("new recovery codes for nothing: %v", err)
		}
		renewed := must[[]string](t)(c.RenewRecovery(ctx, lost.Secret, code(t, setup, clock)))
		if _, err := c.EnterCode(ctx, signIn(t, c, "binh").Secret, recovery[4]); !errors.Is(err, ErrSignIn) {
			t.Errorf("an old recovery code: %v", err)
		}
		if err := c.RemoveFactor(ctx, lost.Secret, renewed[0]); err != nil {
			t.Error(err)
		}
		if s := signIn(t, c, "binh"); s.Due != DueFactor {
			t.Errorf("after it was removed: %+v", s)
		}
	})
}

// Codes are guessed no faster than passwords, and the right password in between is no help.
func TestCodesAreNotGuessed(t *testing.T) {
	t.Parallel()
	onBothWith(t, SignIns{Key: testKey}, func(t *testing.T, c *Catalogue, clock *clock, _ *seen) {
		ctx := t.Context()
		people(t, c)
		s := signIn(t, c, "an")
		setup := must[FactorSetup](t)(c.BeginFactor(ctx, s.Secret))
		if _, _, err := c.ConfirmFactor(ctx, s.Secret, code(t, setup, clock)); err != nil {
			t.Fatal(err)
		}
		tries := 0
		for range 10 {
			s, err := c.SignIn(ctx, "an", anPassword, here)
			if errors.As(err, new(*LockedError)) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.EnterCode(ctx, s.Secret, "000000"); !errors.Is(err, ErrSignIn) {
				t.Fatal(err)
			}
			tries++
		}
		if tries != freeFailures+1 {
			t.Errorf("%d codes were tried", tries)
		}
		if acts := must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "sign_in.refused"})); len(acts) != tries || acts[0].Actor != "user:an" || acts[0].Detail["reason"] != "code" || acts[0].Detail["locked_until"] == nil {
			t.Errorf("%+v", acts)
		}
	})
}

func TestASecretOfAnotherKeyIsNotOpened(t *testing.T) {
	t.Parallel()
	c := &Catalogue{signIns: SignIns{Key: testKey}}
	sealed, err := c.seal(7, []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.unseal(7, sealed); err != nil || string(got) != "secret" {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := c.unseal(8, sealed); !errors.Is(err, ErrOtherKey) {
		t.Errorf("another user's: %v", err)
	}
	for n := range sealed {
		bad := append([]byte(nil), sealed...)
		bad[n] ^= 1
		if _, err := c.unseal(7, bad); !errors.Is(err, ErrOtherKey) {
			t.Errorf("byte %d changed: %v", n, err)
		}
	}
	if _, err := c.unseal(7, nil); !errors.Is(err, ErrOtherKey) {
		t.Errorf("nothing: %v", err)
	}
	other := &Catalogue{signIns: SignIns{Key: append([]byte("x"), testKey[1:]...)}}
	if _, err := other.unseal(7, sealed); !errors.Is(err, ErrOtherKey) || other.keyName() == c.keyName() {
		t.Errorf("another key: %v", err)
	}
	if _, err := (&Catalogue{}).seal(7, []byte("secret")); !errors.Is(err, ErrNoKey) {
		t.Errorf("no key: %v", err)
	}
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

// The database itself refuses to change the audit.
func TestTheAuditIsOnlyAddedTo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		ctx := t.Context()
		if err := c.Record(ctx, "a", "b:1", nil); err != nil {
			t.Fatal(err)
		}
		changes := []string{"UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"}
		if c.Engine() == "postgres" {
			changes = append(changes, "TRUNCATE audit")
		} else {
			changes = append(changes, "INSERT OR REPLACE INTO audit (id, at, actor, action, subject, remote, detail) VALUES (1, 0, '', '', '', '', '{}')")
		}
		for _, change := range changes {
			err := c.write(ctx, "change the audit", func(q querier) error { _, err := q.exec(ctx, change); return err })
			if err == nil {
				t.Errorf("%s: it was done", change)
			}
		}
		if acts := must[[]Act](t)(c.Acts(ctx, ActFilter{})); len(acts) != 1 || acts[0].Action != "a" {
			t.Errorf("%+v", acts)
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

// A form that is sent twice at once sets one second factor, whose recovery codes hold.
func TestASecondFactorIsSetOnce(t *testing.T) {
	t.Parallel()
	onBothWith(t, SignIns{Key: testKey}, func(t *testing.T, c *Catalogue, clock *clock, _ *seen) {
		ctx := t.Context()
		people(t, c)
		s := signIn(t, c, "an")
		setup := must[FactorSetup](t)(c.BeginFactor(ctx, s.Secret))
		shown := code(t, setup, clock)
		var mu sync.Mutex
		var all sync.WaitGroup
		var given []string
		for range 6 {
			all.Go(func() {
				_, recovery, err := c.ConfirmFactor(ctx, s.Secret, shown)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && given == nil:
					given = recovery
				case err == nil:
					t.Error("it was set twice")
				case !errors.As(err, new(*ConflictError)) && !errors.Is(err, ErrNotFound): // its session has another secret by now
					t.Error(err)
				}
			})
		}
		all.Wait()
		due := signIn(t, c, "an")
		if due.Due != DueCode || len(given) == 0 {
			t.Fatalf("%+v, %v", due, given)
		}
		must[Session](t)(c.EnterCode(ctx, due.Secret, given[0]))
	})
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
