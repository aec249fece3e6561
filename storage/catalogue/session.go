package catalogue

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Sessions are rows of our own and not those of a session library (alexedwards/scs): all that one keeps is who signed in, which
// has to be joined with the user at each request anyway (a role that was taken away, a user who was disabled), listed and ended
// by user, and written at most once a minute; such a library keeps a blob by key, and writes at each request to know who is idle.

// SessionID numbers a session; it opens nothing.
type SessionID int64

// Due is what is to be done before a session opens anything but the page where that is done.
type Due string

// What may be due, in this order.
const (
	DueNothing  Due = ""
	DueCode     Due = "code"     // the second factor: EnterCode
	DuePassword Due = "password" // a password of one's own: ChangePassword
	DueFactor   Due = "factor"   // a second factor, which the role must have: BeginFactor, ConfirmFactor
)

// Session is one user signed in at one browser.
type Session struct {
	ID SessionID
	// Secret is what the browser holds. It is told when the session is made or renewed, and not kept.
	Secret string
	// Browser is what the browser is to hold besides, for long, and to send with the next sign-in (Origin); "" where it keeps
	// what it has.
	Browser string
	User    UserID
	Due     Due
	How     string // password or oidc, with the second factor where there was one: password+totp, password+recovery
	Remote  string
	Agent   string
	Created time.Time
	Seen    time.Time // to the minute
	Ends    time.Time // at the latest

	browser string // the hash of what the browser holds
}

const (
	howPassword = "password"
	howOIDC     = "oidc"

	// codePatience is how long a session lasts whose second factor is still due.
	codePatience = 10 * time.Minute
	// longestAgent is how much of a browser's name is kept.
	longestAgent = 200
)

// newSecret makes what a browser holds: 256 random bits, and the hash by which it is known.
func newSecret() (secret, hash string) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (Go 1.24)
	secret = base64.RawURLEncoding.EncodeToString(raw)
	return secret, hashSession(secret)
}

func hashSession(secret string) string {
	sum := sha256.Sum256([]byte(secret)) // as for tokens: it cannot be tried through
	return hex.EncodeToString(sum[:])
}

// open makes a session for who has shown to be a user; what else they must show is Due. ErrSignIn where the user is disabled or
// the password was changed meanwhile.
func (c *Catalogue) open(ctx context.Context, q querier, who candidate, how string, from Origin) (s Session, err error) {
	now := c.now()
	if err := lockUser(ctx, q, who.user); err != nil {
		return s, err
	}
	a, err := c.account(ctx, q, who.user)
	if err != nil {
		return s, err
	}
	if a.user.Disabled || how == howPassword && a.password != who.password { // another one, since it was looked at
		return s, ErrSignIn
	}
	if _, err := q.exec(ctx, "DELETE FROM sessions WHERE ends_at <= ? OR seen_at <= ?", millis(now), millis(now.Add(-c.signIns.Idle))); err != nil {
		return s, err
	}
	code := len(a.factor) > 0
	s = Session{
		User: who.user, How: how, Remote: from.Remote, Agent: shorten(from.Agent, longestAgent), Created: now, Seen: now, Ends: now.Add(c.signIns.Life),
	}
	if code {
		s.Ends = now.Add(codePatience)
	}
	if s.browser, s.Browser, err = c.ownBrowser(ctx, q, who.browser); err != nil {
		return s, err
	}
	var hash string
	s.Secret, hash = newSecret()
	err = q.row(ctx, `INSERT INTO sessions (hash, user_id, how, code_due, remote, agent, browser, created_at, seen_at, ends_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		[]any{hash, s.User, how, flag(code), s.Remote, s.Agent, s.browser, millis(now), millis(now), millis(s.Ends)}, &s.ID)
	if err != nil {
		return s, err
	}
	s.Due = c.due(&a, how, code)
	switch {
	case !code:
		return s, c.opened(ctx, q, &who, &a, &s)
	case how == howPassword:
		return s, uncount(ctx, q, who.failures)
	}
	return s, nil
}

// opened notes a sign-in that is whole.
func (c *Catalogue) opened(ctx context.Context, q querier, who *candidate, a *account, s *Session) error {
	if err := forgive(ctx, q, who.failures); err != nil {
		return err
	}
	if err := c.rememberBrowser(ctx, q, a.user.ID, s.browser); err != nil {
		return err
	}
	if err := c.keepAccount(ctx, q, a.user.ID); err != nil {
		return err
	}
	if _, err := q.exec(ctx, "UPDATE accounts SET signed_in_at = ? WHERE user_id = ?", millis(c.now()), a.user.ID); err != nil {
		return err
	}
	theirs := c.As(Actor{Name: "user:" + a.user.Login, Remote: s.Remote})
	return theirs.record(ctx, q, "sign_in", subject("user", a.user.ID), map[string]any{"how": s.How, "session": s.ID})
}

// due is what is left to do.
func (c *Catalogue) due(a *account, how string, code bool) Due {
	switch {
	case code:
		return DueCode
	case a.mustChange && strings.HasPrefix(how, howPassword):
		return DuePassword
	case len(a.factor) == 0 && slices.Contains(c.signIns.Factor, a.user.Role):
		return DueFactor
	}
	return DueNothing
}

const sessionColumns = `SELECT s.id, s.user_id, s.how, s.code_due, s.remote, s.agent, s.browser, s.created_at, s.seen_at, s.ends_at FROM sessions s`

func scanSession(scan func(dest ...any) error) (s Session, code bool, err error) {
	var created, seen, ends int64
	err = scan(&s.ID, &s.User, &s.How, &code, &s.Remote, &s.Agent, &s.browser, &created, &seen, &ends)
	s.Created, s.Seen, s.Ends = instant(created), instant(seen), instant(ends)
	return s, code, err
}

// session finds the session that a browser holds, with its account; ErrNotFound where it is none, has ended, or the user is
// disabled.
func (c *Catalogue) session(ctx context.Context, q querier, secret string) (s Session, a account, err error) {
	now := c.now()
	var code bool
	s, code, err = scanSession(func(dest ...any) error {
		return q.row(ctx, sessionColumns+" WHERE s.hash = ? AND s.ends_at > ? AND s.seen_at > ?",
			[]any{hashSession(secret), millis(now), millis(now.Add(-c.signIns.Idle))}, dest...)
	})
	if err != nil {
		return s, a, err
	}
	if a, err = c.account(ctx, q, s.User); err != nil {
		return s, a, err
	}
	if a.user.Disabled {
		return s, a, ErrNotFound
	}
	s.Due = c.due(&a, s.How, code)
	return s, a, nil
}

// SessionHolds is SessionUser for what a page asks by itself while nobody may be there: it is no use that keeps the session.
func (c *Catalogue) SessionHolds(ctx context.Context, secret string) (u User, s Session, err error) {
	err = c.view(ctx, "find a session", func(q querier) error {
		var a account
		s, a, err = c.session(ctx, q, secret)
		u = a.user
		return err
	})
	return u, s, err
}

// SessionUser finds whose session a browser holds, at each of its requests; ErrNotFound where it is none, has ended, or the
// user is disabled. While s.Due is not DueNothing it opens nothing but the page where that is done: see Session.Token.
func (c *Catalogue) SessionUser(ctx context.Context, secret string) (u User, s Session, err error) {
	now := c.now()
	u, s, err = c.SessionHolds(ctx, secret)
	if err != nil || now.Sub(s.Seen) < time.Minute {
		return u, s, err
	}
	err = c.write(ctx, "note a session's use", func(q querier) error {
		_, err := q.exec(ctx, "UPDATE sessions SET seen_at = ? WHERE id = ?", millis(now), s.ID)
		return err
	})
	if err != nil { // as for tokens: who only looks is let in also where nothing can be written
		c.log.WarnContext(ctx, "a session's use was not noted", "session", int64(s.ID), "error", err)
	}
	return u, s, nil
}

// Token is what a session allows, in the shape of a token's: all scopes of the user's role, and none while something is due. Its
// ID is the user's, below zero (where no token's is): what somebody began in one session, an upload, goes on in the next.
func (s *Session) Token(u *User) Token {
	t := Token{ID: -TokenID(u.ID), Name: "session", Login: u.Login, Role: u.Role, Agency: u.Agency, Path: u.Path, Created: s.Created, Expires: s.Ends, LastUsed: s.Seen}
	if s.Due == DueNothing {
		t.Scopes = u.Role.Scopes()
	}
	return t
}

// EndSession signs out: the session that a browser holds is no more. Where it is none, all is well.
func (c *Catalogue) EndSession(ctx context.Context, secret string) error {
	return c.write(ctx, "sign out", func(q querier) error {
		var id SessionID
		var user UserID
		err := q.row(ctx, "DELETE FROM sessions WHERE hash = ? RETURNING id, user_id", []any{hashSession(secret)}, &id, &user)
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return c.record(ctx, q, "sign_out", subject("user", user), map[string]any{"session": id})
	})
}

// Sessions are a user's that have not ended, the last seen first.
func (c *Catalogue) Sessions(ctx context.Context, user UserID) (all []Session, err error) {
	now := c.now()
	err = c.view(ctx, "list sessions", func(q querier) error {
		all = nil
		return q.each(ctx, sessionColumns+" WHERE s.user_id = ? AND s.ends_at > ? AND s.seen_at > ? ORDER BY s.seen_at DESC, s.id DESC",
			[]any{user, millis(now), millis(now.Add(-c.signIns.Idle))}, func(scan func(...any) error) error {
				s, code, err := scanSession(scan)
				if code {
					s.Due = DueCode
				}
				all = append(all, s)
				return err
			})
	})
	return all, err
}

// EndSessionOf ends one of a user's sessions; ErrNotFound where it is none of theirs.
func (c *Catalogue) EndSessionOf(ctx context.Context, user UserID, id SessionID) error {
	return c.write(ctx, "end a session", func(q querier) error {
		n, err := q.exec(ctx, "DELETE FROM sessions WHERE id = ? AND user_id = ?", id, user)
		if err == nil && n == 0 {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		return c.record(ctx, q, "session.ended", subject("user", user), map[string]any{"session": id})
	})
}

// endSessions ends all sessions of a user but one (0: all).
func endSessions(ctx context.Context, q querier, user UserID, but SessionID) error {
	_, err := q.exec(ctx, "DELETE FROM sessions WHERE user_id = ? AND id <> ?", user, but)
	return err
}

// renew gives a session another secret: who knew the old one, because they put it into the browser, has nothing.
func renew(ctx context.Context, q querier, s *Session) error {
	var hash string
	s.Secret, hash = newSecret()
	_, err := q.exec(ctx, "UPDATE sessions SET hash = ?, ends_at = ?, code_due = 0 WHERE id = ?", hash, millis(s.Ends), s.ID)
	return err
}

// shorten is the text's beginning, of so many bytes, and without what cannot be kept.
func shorten(text string, most int) string {
	text = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text), "")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}
