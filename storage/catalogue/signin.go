package catalogue

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sohoa/storage/catalogue/password"
)

// SignIns says how people sign in.
type SignIns struct {
	// Key seals the secrets of second factors; the same KeySize bytes in each process on one database. Without it nobody can set
	// one up.
	Key []byte
	// Factor are the roles that must have a second factor; others may.
	Factor []Role
	// Idle is after which time without a request a session ends. Defaults to an hour.
	Idle time.Duration
	// Life is after which time a session ends in any case. Defaults to 12 hours.
	Life time.Duration
	// Hashes is how many passwords are hashed at once, each with 19 MiB. Defaults to the number of processors.
	Hashes int
}

func (s SignIns) withDefaults() SignIns {
	if s.Idle == 0 {
		s.Idle = time.Hour
	}
	if s.Life == 0 {
		s.Life = 12 * time.Hour
	}
	return s
}

func (s SignIns) validate() error {
	switch {
	case len(s.Key) != 0 && len(s.Key) != KeySize:
		return fmt.Errorf("a key has %d bytes", KeySize)
	case len(s.Key) == 0 && len(s.Factor) > 0:
		return fmt.Errorf("roles must have a second factor: %w", ErrNoKey)
	case s.Idle < time.Minute || s.Life < s.Idle:
		return errors.New("a session lasts a minute at least, and as long as it may be idle")
	}
	for _, r := range s.Factor {
		if !slices.Contains(Roles(), r) {
			return &InvalidError{Field: "role", Reason: `it must be "desk", "supervisor" or "it"`}
		}
	}
	return nil
}

// ErrSignIn is the answer to a login and password, or a code, that do not open an account: whether there is such an account is
// nobody's business, so it is the same, and takes the same work, for a login that is not there, for a user who is disabled or has
// no password, and for a wrong password.
var ErrSignIn = errors.New("the login, the password or the code is wrong")

// LockedError is the answer while a login is not looked at, because too many sign-ins failed. A login that is not there locks
// like one that is.
type LockedError struct{ Until time.Time }

func (e *LockedError) Error() string {
	return "too many sign-ins failed; the next is looked at from " + e.Until.Format(time.RFC3339)
}

// The pauses after failures. The first few cost nothing: people mistype. Then each doubles the pause, up to one that leaves an
// attacker about a hundred tries a day and the owner's day nearly whole.
const (
	freeFailures = 4
	firstPause   = 30 * time.Second
	longestPause = 15 * time.Minute
	// forgiven is after which time without a failure they are forgotten.
	forgiven = 24 * time.Hour
)

// pause is for how long a login is locked after so many failures.
func pause(failures int) time.Duration {
	if failures <= freeFailures {
		return 0
	}
	return min(firstPause<<min(failures-freeFailures-1, 10), longestPause)
}

// Origin is where a sign-in comes from: an address, the browser as it names itself, and what it holds of an earlier
// Session.Browser.
type Origin struct{ Remote, Agent, Browser string }

// candidate is the account that a login names; without a user it names none.
type candidate struct {
	user     UserID
	login    string // as it was typed
	password string
	browser  string // the hash of what the browser holds
	account  string // what failures of the login are kept under, whatever the browser
	failures string // and those of this browser
}

// dummy is what is hashed against where there is nothing to hash against: its password is nobody's.
const dummy = "$argon2id$v=19$m=19456,t=2,p=1$c29ob2Ega2hvbmcgYWk$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// SignIn opens a session for who knows a user's password: ErrSignIn or a *LockedError otherwise. Session.Secret is what the
// browser is given, and Session.Due what is still to be done before it opens anything.
func (c *Catalogue) SignIn(ctx context.Context, login, plain string, from Origin) (s Session, err error) {
	login = strings.ToLower(tidy(login))
	who, err := c.attempt(ctx, login, hashSession(from.Browser))
	if err != nil {
		return s, err
	}
	phc := who.password
	if phc == "" {
		phc = dummy
	}
	same, stale, err := c.hashes.Check(ctx, phc, plain)
	if err != nil {
		return s, fmt.Errorf("sign in: %w", err)
	}
	if !same || who.password == "" {
		return s, c.refuse(ctx, who, "password", from)
	}
	var fresh string
	if stale {
		if fresh, err = c.hashes.Hash(ctx, plain); err != nil {
			return s, fmt.Errorf("sign in: %w", err)
		}
	}
	err = c.write(ctx, "sign in", func(q querier) error {
		s, err = c.open(ctx, q, who, howPassword, from)
		if err == nil && fresh != "" {
			_, err = q.exec(ctx, "UPDATE accounts SET password = ? WHERE user_id = ?", fresh, who.user)
		}
		return err
	})
	if errors.Is(err, ErrSignIn) { // disabled, or another password, since it was looked at
		return s, c.refuse(ctx, who, "password", from)
	}
	return s, err
}

// attempt counts one sign-in as failed before it is looked at, so that many at once are no more tries than one after another,
// and finds whose it is.
func (c *Catalogue) attempt(ctx context.Context, login, browser string) (who candidate, err error) {
	var locked *LockedError
	err = c.write(ctx, "begin a sign-in", func(q querier) error {
		who = candidate{login: login, browser: browser}
		err := q.row(ctx, `SELECT u.id, coalesce(a.password, '') FROM users u LEFT JOIN accounts a ON a.user_id = u.id
			WHERE u.login = ? AND u.disabled = 0`, []any{login}, &who.user, &who.password)
		if err != nil && !isNotFound(err) {
			return err
		}
		if err := c.nameFailures(ctx, q, &who); err != nil {
			return err
		}
		locked, err = c.count(ctx, q, &who)
		return err
	})
	if err == nil && locked != nil {
		err = locked
	}
	return who, err
}

// failureName is what failures of a login are kept under.
func failureName(login string) string {
	sum := sha256.Sum256([]byte(login))
	return hex.EncodeToString(sum[:])
}

// count counts one more failure, and locks the login where there are too many; locked tells that it was locked before, and
// nothing is counted then.
func (c *Catalogue) count(ctx context.Context, q querier, who *candidate) (locked *LockedError, err error) {
	now := c.now()
	if _, err := q.exec(ctx, "DELETE FROM sign_in_failures WHERE failed_at < ?", millis(now.Add(-forgiven))); err != nil {
		return nil, err
	}
	// An update that changes nothing locks the row, and makes it anew where a sign-in that succeeded takes it away meanwhile.
	var failures int
	var until int64
	err = q.row(ctx, `INSERT INTO sign_in_failures (login, account, failures, failed_at, locked_until) VALUES (?, ?, 0, ?, 0)
		ON CONFLICT (login) DO UPDATE SET failures = sign_in_failures.failures RETURNING failures, locked_until`,
		[]any{who.failures, who.account, millis(now)}, &failures, &until)
	if err != nil {
		return nil, err
	}
	if until > millis(now) {
		return &LockedError{Until: instant(until)}, nil
	}
	failures++
	_, err = q.exec(ctx, "UPDATE sign_in_failures SET failures = ?, failed_at = ?, locked_until = ? WHERE login = ?",
		failures, millis(now), millis(now.Add(pause(failures))), who.failures)
	return nil, err
}

// uncount takes back what count counted: what was given was right, but does not open the account alone.
func uncount(ctx context.Context, q querier, name string) error {
	_, err := q.exec(ctx, "UPDATE sign_in_failures SET failures = failures - 1, locked_until = 0 WHERE login = ? AND failures > 0", name)
	return err
}

// forgive forgets the failures that are kept under a name.
func forgive(ctx context.Context, q querier, name string) error {
	_, err := q.exec(ctx, "DELETE FROM sign_in_failures WHERE login = ?", name)
	return err
}

// forgiveAll forgets them for all browsers.
func forgiveAll(ctx context.Context, q querier, login string) error {
	_, err := q.exec(ctx, "DELETE FROM sign_in_failures WHERE account = ?", failureName(login))
	return err
}

// refuse tells the audit of a sign-in that failed and answers it. It writes as much for a login that is not there.
func (c *Catalogue) refuse(ctx context.Context, who candidate, reason string, from Origin) error {
	err := c.write(ctx, "refuse a sign-in", func(q querier) error {
		_, err := q.exec(ctx, "UPDATE sign_in_failures SET failed_at = ? WHERE login = ?", millis(c.now()), who.failures)
		if err != nil {
			return err
		}
		return c.recordRefusal(ctx, q, who, reason, from)
	})
	if err != nil {
		return err
	}
	return ErrSignIn
}

// mostRefusals bounds what whoever tries can write into the audit in a minute under one name. All logins that are not there
// have one, and what was typed is not kept: it may be a password.
const mostRefusals = 60

func (c *Catalogue) recordRefusal(ctx context.Context, q querier, who candidate, reason string, from Origin) error {
	actor, of := "unknown", "user:unknown"
	if who.user != 0 {
		actor, of = "user:"+who.login, subject("user", who.user)
	}
	var lately int
	err := q.row(ctx, "SELECT count(*) FROM audit WHERE actor = ? AND at > ? AND action = ?",
		[]any{actor, millis(c.now().Add(-time.Minute)), "sign_in.refused"}, &lately)
	if err != nil || lately >= mostRefusals {
		return err
	}
	detail := map[string]any{"reason": reason}
	var until sql.NullInt64
	err = q.row(ctx, "SELECT locked_until FROM sign_in_failures WHERE login = ?", []any{who.failures}, &until)
	if err != nil && !isNotFound(err) {
		return err
	}
	if until.Int64 > millis(c.now()) {
		detail["locked_until"] = instant(until.Int64)
	}
	return c.As(Actor{Name: actor, Remote: from.Remote}).record(ctx, q, "sign_in.refused", of, detail)
}

// Unlock lets a user within reach sign in at once again; ErrNotFound otherwise.
func (c *Catalogue) Unlock(ctx context.Context, reach Reach, login string) error {
	return c.write(ctx, "unlock an account", func(q querier) error {
		u, err := userWithin(ctx, q, reach, login)
		if err != nil {
			return err
		}
		if err := forgiveAll(ctx, q, u.Login); err != nil {
			return err
		}
		return c.record(ctx, q, "user.unlocked", subject("user", u.ID), nil)
	})
}

// judgePassword says of a new password that it cannot be.
func judgePassword(plain, login string) error {
	if err := password.Judge(plain, login); err != nil {
		return &PasswordError{Reason: err}
	}
	return nil
}

// PasswordError says why a password cannot be a user's new one: Reason is one of package password's errors, or ErrSamePassword.
type PasswordError struct{ Reason error }

func (e *PasswordError) Error() string { return e.Reason.Error() }
func (e *PasswordError) Unwrap() error { return e.Reason }

// ErrSamePassword is the answer for a new password that is the old one.
var ErrSamePassword = errors.New("the new password is the old one")
