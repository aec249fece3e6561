package catalogue

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"
)

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
