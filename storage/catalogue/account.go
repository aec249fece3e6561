package catalogue

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sohoa/storage/catalogue/password"
)

// Account is a user with how they sign in.
type Account struct {
	User
	HasPassword bool
	MustChange  bool      // the password was made by somebody else
	HasFactor   bool      // a second factor
	SignedIn    time.Time // last; zero: never
	Changed     time.Time // the password; zero: there is none
	LockedUntil time.Time // zero: not locked
	Failures    int       // since the last success
	Sessions    int       // not ended
	External    bool      // bound to an identity of an OpenID Connect issuer
}

// account is what is kept of one.
type account struct {
	user       User
	password   string
	mustChange bool
	factor     []byte
	factorKey  string
	step       int64
	pending    []byte
}

// account reads a user's, also where there is no row of it yet.
func (c *Catalogue) account(ctx context.Context, q querier, user UserID) (a account, err error) {
	a.user, err = scanUser(func(dest ...any) error { return q.row(ctx, userColumns+" WHERE u.id = ?", []any{user}, dest...) })
	if err != nil {
		return a, err
	}
	err = q.row(ctx, "SELECT password, must_change, factor, factor_key, factor_step, pending_factor FROM accounts WHERE user_id = ?",
		[]any{user}, &a.password, &a.mustChange, &a.factor, &a.factorKey, &a.step, &a.pending)
	if isNotFound(err) {
		err = nil
	}
	return a, err
}

// lockUser has whoever opens a session and whoever ends all of a user's wait for each other: none is opened with what has just been
// changed.
func lockUser(ctx context.Context, q querier, user UserID) error {
	return q.row(ctx, "SELECT id FROM users WHERE id = ? FOR UPDATE", []any{user}, &user)
}

// keepAccount sees to it that a user has a row.
func (c *Catalogue) keepAccount(ctx context.Context, q querier, user UserID) error {
	_, err := q.exec(ctx, `INSERT INTO accounts (user_id, password, must_change, changed_at, factor_key, factor_step) VALUES (?, '', 0, 0, '', 0)
		ON CONFLICT (user_id) DO NOTHING`, user)
	return err
}

// userWithin finds a user of an agency within reach by their login.
func userWithin(ctx context.Context, q querier, reach Reach, login string) (u User, err error) {
	u, err = scanUser(func(dest ...any) error { return q.row(ctx, userColumns+" WHERE u.login = ?", []any{login}, dest...) })
	if err == nil && !reach.Covers(u.Path) {
		return User{}, ErrNotFound
	}
	return u, err
}

// SetPassword gives a user within reach a password that somebody else knows: they must change it when they first sign in with it,
// unless keep says otherwise. Their sessions end, and a
// lock; browsers are strangers again.
func (c *Catalogue) SetPassword(ctx context.Context, reach Reach, login, plain string, keep bool) error {
	if err := judgePassword(plain, login); err != nil {
		return err
	}
	hash, err := c.hashes.Hash(ctx, plain)
	if err != nil {
		return err
	}
	return c.write(ctx, "set a password", func(q querier) error {
		u, err := userWithin(ctx, q, reach, login)
		if err != nil {
			return err
		}
		if err := c.putPassword(ctx, q, u.ID, hash, !keep); err != nil {
			return err
		}
		if err := endSessions(ctx, q, u.ID, 0); err != nil {
			return err
		}
		if err := forgetBrowsers(ctx, q, u); err != nil {
			return err
		}
		return c.record(ctx, q, "password.set", subject("user", u.ID), map[string]any{"must_change": !keep})
	})
}

func (c *Catalogue) putPassword(ctx context.Context, q querier, user UserID, hash string, mustChange bool) error {
	if err := lockUser(ctx, q, user); err != nil {
		return err
	}
	if err := c.keepAccount(ctx, q, user); err != nil {
		return err
	}
	_, err := q.exec(ctx, "UPDATE accounts SET password = ?, must_change = ?, changed_at = ? WHERE user_id = ?",
		hash, flag(mustChange), millis(c.now()), user)
	return err
}

// ResetPassword makes a password for a user within reach, which is told now and has to be changed at the first sign-in.
func (c *Catalogue) ResetPassword(ctx context.Context, reach Reach, login string) (plain string, err error) {
	plain = password.Random()
	return plain, c.SetPassword(ctx, reach, login, plain, false)
}

// ChangePassword gives the user of a session another password, which only they know. All their sessions end but this one, which
// gets another secret. A wrong old one is ErrSignIn, and counts as a sign-in that failed.
func (c *Catalogue) ChangePassword(ctx context.Context, secret, old, plain string) (s Session, err error) {
	u, s, err := c.SessionUser(ctx, secret)
	if err != nil {
		return s, err
	}
	if s.Due == DueCode {
		return s, ErrNotFound
	}
	if err := judgePassword(plain, u.Login); err != nil {
		return s, err
	}
	who, err := c.knowsPassword(ctx, u.Login, s.browser, old)
	if err != nil {
		return s, err
	}
	if old == plain {
		err := c.write(ctx, "change a password", func(q querier) error { return uncount(ctx, q, who.failures) })
		if err != nil {
			return s, err
		}
		return s, &PasswordError{Reason: ErrSamePassword}
	}
	hash, err := c.hashes.Hash(ctx, plain)
	if err != nil {
		return s, err
	}
	err = c.write(ctx, "change a password", func(q querier) error {
		var a account
		if s, a, err = c.session(ctx, q, secret); err != nil {
			return err
		}
		if a.password != who.password {
			return ErrSignIn
		}
		if err := c.putPassword(ctx, q, u.ID, hash, false); err != nil {
			return err
		}
		if err := endSessions(ctx, q, u.ID, s.ID); err != nil {
			return err
		}
		if err := forgive(ctx, q, who.failures); err != nil {
			return err
		}
		if err := renew(ctx, q, &s); err != nil {
			return err
		}
		a.mustChange = false
		s.Due = c.due(&a, s.How, false)
		return c.record(ctx, q, "password.changed", subject("user", u.ID), nil)
	})
	return s, err
}

// knowsPassword tells whether somebody who is signed in knows the password: ErrSignIn otherwise, which counts as a sign-in that failed.
func (c *Catalogue) knowsPassword(ctx context.Context, login, browser, plain string) (who candidate, err error) {
	if who, err = c.attempt(ctx, login, browser); err != nil {
		return who, err
	}
	phc := who.password
	if phc == "" {
		phc = dummy
	}
	same, _, err := c.hashes.Check(ctx, phc, plain)
	if err != nil {
		return who, err
	}
	if !same || who.password == "" {
		return who, c.refuse(ctx, who, "old password", Origin{Remote: c.actor.Remote})
	}
	return who, nil
}

// AccountOf is the account of one user.
func (c *Catalogue) AccountOf(ctx context.Context, user UserID) (a Account, err error) {
	all, err := c.accounts(ctx, " WHERE u.id = ?", user)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("find an account: %w", ErrNotFound)
	}
	if err != nil {
		return a, err
	}
	return all[0], nil
}

// Accounts are those of agencies within reach, in the order of their logins.
func (c *Catalogue) Accounts(ctx context.Context, reach Reach) (all []Account, err error) {
	from, to := reach.bounds()
	return c.accounts(ctx, " WHERE a.path >= ? AND a.path < ? ORDER BY u.login", from, to)
}

func (c *Catalogue) accounts(ctx context.Context, where string, args ...any) (all []Account, err error) {
	now := c.now()
	err = c.view(ctx, "list accounts", func(q querier) error {
		all = nil
		err := q.each(ctx, `SELECT u.id, u.login, u.name, u.role, a.code, a.path, u.disabled, u.created_at,
			coalesce(k.password, ''), coalesce(k.must_change, 0), k.factor_since, k.signed_in_at, k.changed_at,
			(SELECT count(*) FROM identities i WHERE i.user_id = u.id),
			(SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND s.ends_at > ? AND s.seen_at > ?)
			FROM users u JOIN agencies a ON a.id = u.agency_id LEFT JOIN accounts k ON k.user_id = u.id`+where,
			append([]any{millis(now), millis(now.Add(-c.signIns.Idle))}, args...), func(scan func(...any) error) error {
				a, err := scanAccount(scan)
				all = append(all, a)
				return err
			})
		if err != nil {
			return err
		}
		return c.addFailures(ctx, q, all)
	})
	return all, err
}

func scanAccount(scan func(...any) error) (a Account, err error) {
	var created int64
	var factor, signedIn, changed sql.NullInt64
	var hash string
	var external int
	err = scan(&a.ID, &a.Login, &a.Name, &a.Role, &a.Agency, &a.Path, &a.Disabled, &created, &hash, &a.MustChange, &factor, &signedIn, &changed,
		&external, &a.Sessions)
	a.Created, a.SignedIn, a.HasPassword, a.HasFactor, a.External = instant(created), instantOf(signedIn), hash != "", factor.Valid, external > 0
	if a.HasPassword {
		a.Changed = instantOf(changed)
	}
	return a, err
}

// addFailures tells which accounts are locked: failures are kept by what was typed, and are few.
func (c *Catalogue) addFailures(ctx context.Context, q querier, all []Account) error {
	by := make(map[string]*Account, len(all))
	for i := range all {
		by[failureName(all[i].Login)] = &all[i]
	}
	now := c.now()
	return q.each(ctx, "SELECT account, max(failures), max(locked_until) FROM sign_in_failures WHERE failed_at >= ? GROUP BY account", []any{millis(now.Add(-forgiven))},
		func(scan func(...any) error) error {
			var name string
			var failures int
			var until int64
			if err := scan(&name, &failures, &until); err != nil {
				return err
			}
			if a := by[name]; a != nil {
				if a.Failures = failures; until > millis(now) {
					a.LockedUntil = instant(until)
				}
			}
			return nil
		})
}

// EndSessions ends all sessions of a user within reach.
func (c *Catalogue) EndSessions(ctx context.Context, reach Reach, login string) error {
	return c.write(ctx, "end a user's sessions", func(q querier) error {
		u, err := userWithin(ctx, q, reach, login)
		if err != nil {
			return err
		}
		if err := endSessions(ctx, q, u.ID, 0); err != nil {
			return err
		}
		return c.record(ctx, q, "session.ended", subject("user", u.ID), nil)
	})
}

// AccountByLogin is the account of a user within reach; ErrNotFound otherwise.
func (c *Catalogue) AccountByLogin(ctx context.Context, reach Reach, login string) (a Account, err error) {
	all, err := c.accounts(ctx, " WHERE u.login = ?", login)
	if err == nil && (len(all) == 0 || !reach.Covers(all[0].Path)) {
		err = fmt.Errorf("find an account: %w", ErrNotFound)
	}
	if err != nil {
		return a, err
	}
	return all[0], nil
}
