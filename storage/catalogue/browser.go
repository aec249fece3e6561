package catalogue

import (
	"context"
	"time"
)

// A login is locked after too many sign-ins that failed, and whoever knows it could keep its owner out that way. So a browser in
// which somebody has signed in holds a secret of its own (as OWASP's device cookies do), and what is tried with it for that user
// is counted apart: strangers lock out strangers. The secret opens nothing, and is as good as none for another user.

// browserLife is for how long a browser is known after its last sign-in.
const browserLife = 400 * 24 * time.Hour

// knownBrowser tells whether a user has signed in in a browser.
func (c *Catalogue) knownBrowser(ctx context.Context, q querier, user UserID, hash string) (known bool, err error) {
	err = q.row(ctx, "SELECT count(*) FROM known_browsers WHERE hash = ? AND user_id = ? AND seen_at > ?",
		[]any{hash, user, millis(c.now().Add(-browserLife))}, &known)
	return known, err
}

// nameFailures is what failures of an account are kept under: those in a browser that is known apart.
func (c *Catalogue) nameFailures(ctx context.Context, q querier, who *candidate) error {
	who.account = failureName(who.login)
	who.failures = who.account
	known, err := c.knownBrowser(ctx, q, who.user, who.browser)
	if known {
		who.failures = failureName(who.login + " " + who.browser)
	}
	return err
}

// ownBrowser gives a browser that is known to nobody a secret: one that we have not made is not taken. secret is "" where it keeps
// the one that it has.
func (c *Catalogue) ownBrowser(ctx context.Context, q querier, hash string) (own, secret string, err error) {
	var made bool
	err = q.row(ctx, "SELECT count(*) FROM (SELECT 1 FROM known_browsers WHERE hash = ? LIMIT 1) AS known", []any{hash}, &made)
	if err != nil || made {
		return hash, "", err
	}
	secret, own = newSecret()
	return own, secret, nil
}

// rememberBrowser knows a browser from now on.
func (c *Catalogue) rememberBrowser(ctx context.Context, q querier, user UserID, hash string) error {
	if hash == "" { // a session that began before browsers were known
		return nil
	}
	_, err := q.exec(ctx, "DELETE FROM known_browsers WHERE user_id = ? AND seen_at <= ?", user, millis(c.now().Add(-browserLife)))
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, `INSERT INTO known_browsers (hash, user_id, seen_at) VALUES (?, ?, ?)
		ON CONFLICT (hash, user_id) DO UPDATE SET seen_at = excluded.seen_at`, hash, user, millis(c.now()))
	return err
}

// forgetBrowsers knows none of a user's browsers any more, and no failures.
func forgetBrowsers(ctx context.Context, q querier, u User) error {
	if _, err := q.exec(ctx, "DELETE FROM known_browsers WHERE user_id = ?", u.ID); err != nil {
		return err
	}
	return forgiveAll(ctx, q, u.Login)
}
