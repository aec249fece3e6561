package catalogue

import (
	"errors"
	"testing"
	"time"
)

func TestABrowserIsKnown(t *testing.T) {
	t.Parallel()
	onBothWith(t, SignIns{Key: testKey}, func(t *testing.T, c *Catalogue, clock *clock, _ *seen) {
		ctx := t.Context()
		people(t, c)
		s := signIn(t, c, "an")
		if s.Browser == "" {
			t.Fatal("the browser is given nothing")
		}
		own := Origin{Remote: here.Remote, Agent: here.Agent, Browser: s.Browser}
		if again := must[Session](t)(c.SignIn(ctx, "an", anPassword, own)); again.Browser != "" {
			t.Error("it is given another secret")
		}
		wrong := func(from Origin) error {
			t.Helper()
			_, err := c.SignIn(ctx, "an", "sai rồi", from)
			return err
		}
		locked := func(err error) bool { return errors.As(err, new(*LockedError)) }
		for range 5 {
			if err := wrong(here); !errors.Is(err, ErrSignIn) {
				t.Fatal(err)
			}
		}
		if err := wrong(here); !locked(err) {
			t.Errorf("a stranger: %v", err)
		}
		if a := must[Account](t)(c.AccountByLogin(ctx, Everywhere, "an")); a.LockedUntil.IsZero() || a.Failures != 5 {
			t.Errorf("IT is not told: %+v", a)
		}
		must[Session](t)(c.SignIn(ctx, "an", anPassword, own))
		if err := wrong(here); !locked(err) {
			t.Errorf("the owner's success lets strangers in: %v", err)
		}
		// The codes of a second factor are counted with the browser's, too.
		setup := must[FactorSetup](t)(c.BeginFactor(ctx, must[Session](t)(c.SignIn(ctx, "an", anPassword, own)).Secret))
		session := must[Session](t)(c.SignIn(ctx, "an", anPassword, own))
		if _, _, err := c.ConfirmFactor(ctx, session.Secret, code(t, setup, clock)); err != nil {
			t.Fatal(err)
		}
		clock.pass(30 * time.Second)
		due := must[Session](t)(c.SignIn(ctx, "an", anPassword, own))
		if done, err := c.EnterCode(ctx, due.Secret, code(t, setup, clock)); err != nil || done.Due != DueNothing {
			t.Errorf("%+v, %v", done, err)
		}
		for range 5 {
			if err := wrong(own); !errors.Is(err, ErrSignIn) {
				t.Fatal(err)
			}
		}
		if err := wrong(own); !locked(err) {
			t.Errorf("its own failures: %v", err)
		}
		if err := c.Unlock(ctx, Everywhere, "an"); err != nil {
			t.Fatal(err)
		}
		for name, from := range map[string]Origin{"a stranger": here, "the owner": own} {
			if err := wrong(from); !errors.Is(err, ErrSignIn) {
				t.Errorf("%s after it was unlocked: %v", name, err)
			}
		}
		once := must[string](t)(c.ResetPassword(ctx, Everywhere, "an"))
		for range 5 {
			if err := wrong(here); !errors.Is(err, ErrSignIn) {
				t.Fatal(err)
			}
		}
		if _, err := c.SignIn(ctx, "an", once, own); !locked(err) {
			t.Errorf("after a reset a browser is still known: %v", err)
		}
	})
}
