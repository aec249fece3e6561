package catalogue

import (
	"errors"
	"strings"
	"testing"

	"sohoa/storage/catalogue/password"
)

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
