package catalogue

import (
	"context"
	"errors"
	"strings"
)

// Identity is who an OpenID Connect issuer says that somebody is: Subject is the issuer's own, unchanging name for them, Login what
// it vouches for and we know them by.
type Identity struct{ Issuer, Subject, Login string }

// SignInAs opens a session for whom an issuer vouches for. The first time the user with the identity's login is bound to its
// subject; from then on the subject alone counts, so that a name that is given to somebody else at the issuer does not give them
// the account. Nobody is made a user by it: ErrSignIn where there is none, the user is disabled, or is bound to another subject.
func (c *Catalogue) SignInAs(ctx context.Context, id Identity, from Origin) (s Session, err error) {
	login := strings.ToLower(tidy(id.Login))
	var who candidate
	err = c.write(ctx, "sign in by OpenID Connect", func(q querier) error {
		who = candidate{browser: hashSession(from.Browser)}
		err := q.row(ctx, "SELECT u.id, u.login FROM identities i JOIN users u ON u.id = i.user_id WHERE i.issuer = ? AND i.subject = ?",
			[]any{id.Issuer, id.Subject}, &who.user, &who.login)
		if isNotFound(err) {
			err = c.bind(ctx, q, id, login, &who)
		}
		if err != nil {
			return err
		}
		s, err = c.open(ctx, q, who, howOIDC, from)
		return err
	})
	if !errors.Is(err, ErrSignIn) {
		return s, err
	}
	refused := c.write(ctx, "refuse a sign-in", func(q querier) error { return c.recordRefusal(ctx, q, who, "oidc", from) })
	if refused != nil {
		return s, refused
	}
	return s, ErrSignIn
}

// bind ties a user to a subject of an issuer.
func (c *Catalogue) bind(ctx context.Context, q querier, id Identity, login string, who *candidate) error {
	err := q.row(ctx, "SELECT id, login FROM users WHERE login = ? AND disabled = 0", []any{login}, &who.user, &who.login)
	if isNotFound(err) {
		return ErrSignIn
	}
	if err != nil {
		return err
	}
	n, err := q.exec(ctx, "INSERT INTO identities (issuer, subject, user_id, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		id.Issuer, id.Subject, who.user, millis(c.now()))
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrSignIn
	}
	return c.As(Actor{Name: "user:" + who.login, Remote: c.actor.Remote}).record(ctx, q, "identity.bound", subject("user", who.user),
		map[string]any{"issuer": id.Issuer})
}

// UnbindIdentities frees a user within reach from the identities that they signed in with: the next one with their login is bound.
func (c *Catalogue) UnbindIdentities(ctx context.Context, reach Reach, login string) error {
	return c.write(ctx, "unbind identities", func(q querier) error {
		u, err := userWithin(ctx, q, reach, login)
		if err != nil {
			return err
		}
		if _, err := q.exec(ctx, "DELETE FROM identities WHERE user_id = ?", u.ID); err != nil {
			return err
		}
		return c.record(ctx, q, "identity.unbound", subject("user", u.ID), nil)
	})
}
