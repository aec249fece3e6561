package catalogue

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

// TokenID numbers a token.
type TokenID int64

// Scope is one thing that a token allows.
type Scope string

// The scopes.
const (
	ScopeIntake  Scope = "intake"  // add dossiers and hand in papers
	ScopeRead    Scope = "read"    // see dossiers, papers and results, and search
	ScopeReview  Scope = "review"  // correct, approve and arrange papers that were read
	ScopeRates   Scope = "rates"   // see the digitization rates as the public does, and nothing else
	ScopeOperate Scope = "operate" // agencies, procedures, users, tokens, queues, retries
)

// Scopes are what a role may do at most.
func (r Role) Scopes() []Scope {
	switch r {
	case RoleDesk:
		return []Scope{ScopeIntake, ScopeRead, ScopeReview, ScopeRates}
	case RoleSupervisor:
		return []Scope{ScopeRead, ScopeRates}
	case RoleIT:
		return []Scope{ScopeIntake, ScopeRead, ScopeReview, ScopeRates, ScopeOperate}
	}
	return nil
}

// NewToken says whose token is to be made: a user's (Login), or a machine client's (Role and Agency).
type NewToken struct {
	Name    string // what it is for
	Login   string
	Role    Role
	Agency  string        // code
	Scopes  []Scope       // no more than the role's; none are all of the role's
	Expires time.Duration // 0: never
}

// Token is what is known of a token; the token itself is not kept.
type Token struct {
	ID       TokenID
	Name     string
	Login    string // of the user; "" for a machine client
	Role     Role
	Agency   string
	Path     Reach // the agency's: what its bearer may see
	Scopes   []Scope
	Created  time.Time
	Expires  time.Time // zero: never
	Revoked  time.Time // zero: not revoked
	LastUsed time.Time // to the minute; zero: never
}

// Actor is how the audit names the token's bearer. Names of clients are not unique, and may be chosen to look like others.
func (t *Token) Actor() string {
	if t.Login != "" {
		return "user:" + t.Login
	}
	return "client:" + t.Name + "#" + strconv.FormatInt(int64(t.ID), 10)
}

// Allows tells whether the token has a scope.
func (t *Token) Allows(s Scope) bool { return slices.Contains(t.Scopes, s) }

// tokenPrefix lets people and scanners for leaked secrets see what a string is.
const tokenPrefix = "sohoa_"

func hashToken(secret string) string {
	// The token has 256 random bits: a plain hash cannot be tried through, and is fast enough for each request.
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

//nolint:gosec // a query
const tokenColumns = `SELECT t.id, t.name, coalesce(u.login, ''), coalesce(u.role, t.role), a.code, a.path, t.scopes, t.created_at,
	t.expires_at, t.revoked_at, t.last_used_at FROM tokens t LEFT JOIN users u ON u.id = t.user_id
	JOIN agencies a ON a.id = coalesce(u.agency_id, t.agency_id)`

func scanToken(scan func(dest ...any) error) (t Token, err error) {
	var scopes string
	var created int64
	var expires, revoked, used sql.NullInt64
	err = scan(&t.ID, &t.Name, &t.Login, &t.Role, &t.Agency, &t.Path, &scopes, &created, &expires, &revoked, &used)
	// A user whose role was lowered takes the token's scopes along.
	for _, s := range strings.Fields(scopes) {
		if slices.Contains(t.Role.Scopes(), Scope(s)) {
			t.Scopes = append(t.Scopes, Scope(s))
		}
	}
	t.Created, t.Expires, t.Revoked, t.LastUsed = instant(created), instantOf(expires), instantOf(revoked), instantOf(used)
	return t, err
}

// AddToken makes a token. secret is the token itself, which is told only now.
func (c *Catalogue) AddToken(ctx context.Context, n NewToken) (t Token, secret string, err error) {
	n.Name = tidy(n.Name)
	if err := checkCode("name", n.Name); err != nil {
		return t, "", err
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (Go 1.24)
	secret = tokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
	err = c.write(ctx, "add token", func(q querier) error {
		var user, agency sql.NullInt64
		role := n.Role
		if n.Login != "" {
			u, err := scanUser(func(dest ...any) error { return q.row(ctx, userColumns+" WHERE u.login = ?", []any{n.Login}, dest...) })
			if isNotFound(err) {
				return &InvalidError{Field: "login", Reason: "there is no user with this login"}
			}
			if err != nil {
				return err
			}
			role, user = u.Role, sql.NullInt64{Int64: int64(u.ID), Valid: true}
		} else {
			a, err := agencyByCode(ctx, q, n.Agency)
			if isNotFound(err) {
				return &InvalidError{Field: "agency", Reason: "there is no agency with this code"}
			}
			if err != nil {
				return err
			}
			agency = sql.NullInt64{Int64: int64(a.ID), Valid: true}
		}
		scopes, err := n.scopes(role)
		if err != nil {
			return err
		}
		var expires sql.NullInt64
		if n.Expires > 0 {
			expires = sql.NullInt64{Int64: millis(c.now().Add(n.Expires)), Valid: true}
		}
		err = q.row(ctx, `INSERT INTO tokens (name, hash, user_id, role, agency_id, scopes, created_at, created_by, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			[]any{n.Name, hashToken(secret), user, role, agency, scopes, millis(c.now()), c.actor.Name, expires}, &t.ID)
		if err != nil {
			return err
		}
		t, err = scanToken(func(dest ...any) error { return q.row(ctx, tokenColumns+" WHERE t.id = ?", []any{t.ID}, dest...) })
		if err != nil {
			return err
		}
		return c.record(ctx, q, "token.add", subject("token", t.ID), map[string]any{"role": t.Role, "agency": t.Agency, "scopes": t.Scopes})
	})
	return t, secret, err
}

// scopes are a new token's, as they are kept.
func (n *NewToken) scopes(role Role) (string, error) {
	if !slices.Contains(Roles(), role) {
		return "", &InvalidError{Field: "role", Reason: `it must be "desk", "supervisor" or "it"`}
	}
	wanted := n.Scopes
	if len(wanted) == 0 {
		wanted = role.Scopes()
	}
	var said []string
	for _, s := range wanted {
		if !slices.Contains(role.Scopes(), s) {
			return "", &InvalidError{Field: "scopes", Reason: "the role " + string(role) + " has no scope " + strings.ToValidUTF8(string(s), "")}
		}
		said = append(said, string(s))
	}
	return strings.Join(said, " "), nil
}

// Authenticate finds the token that a request bears; ErrNotFound where it is none, has expired, was revoked, or its user is
// disabled.
func (c *Catalogue) Authenticate(ctx context.Context, secret string) (t Token, err error) {
	now := c.now()
	err = c.view(ctx, "authenticate", func(q querier) error {
		t, err = scanToken(func(dest ...any) error {
			return q.row(ctx, tokenColumns+` WHERE t.hash = ? AND t.revoked_at IS NULL AND coalesce(t.expires_at, ?) > ?
				AND coalesce(u.disabled, 0) = 0`, []any{hashToken(secret), millis(now) + 1, millis(now)}, dest...)
		})
		return err
	})
	if err != nil || now.Sub(t.LastUsed) < time.Minute {
		return t, err
	}
	err = c.write(ctx, "note a token's use", func(q querier) error {
		_, err := q.exec(ctx, "UPDATE tokens SET last_used_at = ? WHERE id = ?", millis(now), t.ID)
		return err
	})
	if err != nil { // who only looks something up is let in also where nothing can be written
		c.log.WarnContext(ctx, "a token's use was not noted", "token", int64(t.ID), "error", err)
	}
	return t, nil
}

// Tokens are those of agencies within reach, also the revoked ones, in the order in which they were made.
func (c *Catalogue) Tokens(ctx context.Context, reach Reach) (all []Token, err error) {
	from, to := reach.bounds()
	err = c.view(ctx, "list tokens", func(q querier) error {
		all = nil
		return q.each(ctx, tokenColumns+" WHERE a.path >= ? AND a.path < ? ORDER BY t.id", []any{from, to}, func(scan func(...any) error) error {
			t, err := scanToken(scan)
			all = append(all, t)
			return err
		})
	})
	return all, err
}

// RevokeToken ends a token of an agency within reach; ErrNotFound otherwise.
func (c *Catalogue) RevokeToken(ctx context.Context, reach Reach, id TokenID) error {
	from, to := reach.bounds()
	return c.write(ctx, "revoke token", func(q querier) error {
		n, err := q.exec(ctx, `UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? AND EXISTS (SELECT 1 FROM agencies a
			WHERE a.id = coalesce((SELECT u.agency_id FROM users u WHERE u.id = tokens.user_id), tokens.agency_id) AND a.path >= ? AND a.path < ?)`,
			millis(c.now()), id, from, to)
		if err == nil && n == 0 {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		return c.record(ctx, q, "token.revoke", subject("token", id), nil)
	})
}
