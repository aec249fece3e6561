package catalogue

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// The second factor is a code by time (TOTP, RFC 6238), as all authenticator apps make them: SHA-1, 6 digits, 30 seconds. A code
// holds in its own step and in the ones before and after it, and once: who looked over a shoulder cannot use it again.
const (
	codeStep   = 30 // seconds
	codeSkew   = 1  // steps
	secretSize = 20 // bytes, as long as SHA-1's output (RFC 4226, 4)

	// recoveryCodes are given with a second factor, each for one sign-in without it.
	recoveryCodes = 10
)

var codeForm = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

var base32NoPadding = base32.StdEncoding.WithPadding(base32.NoPadding)

// matchCode finds the step of which a code is, after the one that was used last; 0: it is none.
func matchCode(secret []byte, code string, now time.Time, last int64) (step int64, err error) {
	text := base32NoPadding.EncodeToString(secret)
	present := now.Unix() / codeStep
	for s := present - codeSkew; s <= present+codeSkew; s++ {
		want, err := hotp.GenerateCodeCustom(text, uint64(s), codeForm) //nolint:gosec // after 1970
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && s > last {
			step = s
		}
	}
	return step, nil
}

// FactorSetup is a second factor that is being set up.
type FactorSetup struct {
	Secret string // in base32, for who types it
	URL    string // otpauth://…, for the QR code
}

func setupOf(login string, secret []byte) FactorSetup {
	const issuer = "Sohoa"
	text := base32NoPadding.EncodeToString(secret)
	query := url.Values{"secret": {text}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + login, RawQuery: query.Encode()}
	return FactorSetup{Secret: text, URL: u.String()}
}

// factorTaken is the answer to who has a second factor and would set up another: it is taken away first, with a code of it.
func factorTaken(login string) error {
	return &ConflictError{Kind: "user", ID: login, Reason: "there is a second factor already"}
}

// BeginFactor makes the secret of a second factor for a session's user, or tells again the one that is being set up. It holds from
// ConfirmFactor on.
func (c *Catalogue) BeginFactor(ctx context.Context, secret string) (f FactorSetup, err error) {
	err = c.write(ctx, "begin a second factor", func(q querier) error {
		s, a, err := c.session(ctx, q, secret)
		if err != nil {
			return err
		}
		if s.Due == DueCode || s.Due == DuePassword {
			return ErrNotFound
		}
		if len(a.factor) > 0 {
			return factorTaken(a.user.Login)
		}
		if len(a.pending) > 0 {
			if raw, err := c.unseal(s.User, a.pending); err == nil {
				f = setupOf(a.user.Login, raw)
				return nil
			}
		}
		raw := make([]byte, secretSize)
		_, _ = rand.Read(raw) // never fails (Go 1.24)
		sealed, err := c.seal(s.User, raw)
		if err != nil {
			return err
		}
		if err := c.keepAccount(ctx, q, s.User); err != nil {
			return err
		}
		f = setupOf(a.user.Login, raw)
		_, err = q.exec(ctx, "UPDATE accounts SET pending_factor = ? WHERE user_id = ?", sealed, s.User)
		return err
	})
	return f, err
}

// ConfirmFactor begins to ask a session's user for the second factor that was set up, of which they show a code: ErrSignIn where
// it is wrong. Their other sessions end. recovery are codes for when it is lost, which are told now alone.
func (c *Catalogue) ConfirmFactor(ctx context.Context, secret, code string) (s Session, recovery []string, err error) {
	err = c.write(ctx, "confirm a second factor", func(q querier) error {
		var a account
		if s, a, err = c.session(ctx, q, secret); err != nil {
			return err
		}
		if err := lockUser(ctx, q, s.User); err != nil {
			return err
		}
		switch {
		case s.Due == DueCode || s.Due == DuePassword:
			return ErrNotFound
		case len(a.factor) > 0:
			return factorTaken(a.user.Login)
		case len(a.pending) == 0:
			return ErrSignIn
		}
		raw, err := c.unseal(s.User, a.pending)
		if err != nil {
			return err
		}
		step, err := matchCode(raw, bareCode(code), c.now(), 0)
		if err != nil {
			return err
		}
		if step == 0 {
			return ErrSignIn
		}
		n, err := q.exec(ctx, `UPDATE accounts SET factor = pending_factor, factor_key = ?, factor_since = ?, factor_step = ?, pending_factor = NULL
			WHERE user_id = ? AND factor IS NULL AND pending_factor IS NOT NULL`, c.keyName(), millis(c.now()), step, s.User)
		if err != nil {
			return err
		}
		if n == 0 { // sent twice at once
			return factorTaken(a.user.Login)
		}
		if recovery, err = putRecovery(ctx, q, s.User); err != nil {
			return err
		}
		if err := endSessions(ctx, q, s.User, s.ID); err != nil {
			return err
		}
		if err := renew(ctx, q, &s); err != nil {
			return err
		}
		s.Due = DueNothing
		return c.record(ctx, q, "factor.set", subject("user", s.User), nil)
	})
	return s, recovery, err
}

// putRecovery gives a user new recovery codes in the place of those they have.
func putRecovery(ctx context.Context, q querier, user UserID) (codes []string, err error) {
	if _, err := q.exec(ctx, "DELETE FROM recovery_codes WHERE user_id = ?", user); err != nil {
		return nil, err
	}
	for range recoveryCodes {
		const group, groups = 4, 4 // of 5 bits each: 80 in all
		text := strings.ToLower(rand.Text())
		said := make([]string, groups)
		for i := range said {
			said[i] = text[i*group : (i+1)*group]
		}
		code := strings.Join(said, "-")
		codes = append(codes, code)
		if _, err := q.exec(ctx, "INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?)", user, hashRecovery(code)); err != nil {
			return nil, err
		}
	}
	return codes, nil
}

func hashRecovery(code string) string {
	sum := sha256.Sum256([]byte(bareCode(code))) // 80 random bits: it cannot be tried through
	return hex.EncodeToString(sum[:])
}

// bareCode is a code without what people type or copy around it.
func bareCode(code string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, code))
}

// candidateOf is the account of a session, as failures are counted for it.
func (c *Catalogue) candidateOf(ctx context.Context, q querier, a *account, s *Session) (who candidate, err error) {
	who = candidate{user: a.user.ID, login: a.user.Login, password: a.password, browser: s.browser}
	return who, c.nameFailures(ctx, q, &who)
}

// EnterCode gives the second factor to a session whose Due is DueCode: a code of the app, or a recovery code. The session gets
// another secret. A wrong code is ErrSignIn and counts as a sign-in that failed; too many are a *LockedError.
func (c *Catalogue) EnterCode(ctx context.Context, secret, code string) (s Session, err error) {
	var wrong error
	err = c.write(ctx, "enter a code", func(q querier) error {
		wrong = nil
		var a account
		if s, a, err = c.session(ctx, q, secret); err != nil {
			return err
		}
		if s.Due != DueCode {
			return ErrNotFound
		}
		who, err := c.candidateOf(ctx, q, &a, &s)
		if err != nil {
			return err
		}
		how, err := c.useCode(ctx, q, &a, &who, code, Origin{Remote: s.Remote}, &wrong)
		if err != nil || wrong != nil {
			return err
		}
		s.Ends = c.now().Add(c.signIns.Life)
		if err := renew(ctx, q, &s); err != nil {
			return err
		}
		s.Due = c.due(&a, s.How, false)
		s.How += "+" + how
		if _, err := q.exec(ctx, "UPDATE sessions SET how = ? WHERE id = ?", s.How, s.ID); err != nil {
			return err
		}
		return c.opened(ctx, q, &who, &a, &s)
	})
	if err == nil {
		err = wrong
	}
	return s, err
}

// useCode looks at a code of the second factor, and uses it up. A wrong one is told in wrong, since the transaction is to be kept:
// it counts a failure.
func (c *Catalogue) useCode(
	ctx context.Context, q querier, a *account, who *candidate, code string, from Origin, wrong *error,
) (how string, err error) {
	locked, err := c.count(ctx, q, who)
	if err != nil {
		return "", err
	}
	if locked != nil {
		*wrong = locked
		return "", nil //nolint:nilerr // locked is no error of this transaction: wrong tells it
	}
	code = bareCode(code)
	raw, err := c.unseal(a.user.ID, a.factor)
	if err != nil {
		return "", err
	}
	step, err := matchCode(raw, code, c.now(), a.step)
	if err != nil {
		return "", err
	}
	if step > 0 {
		// Two that enter one code at once: the row is locked by the first, and the second finds it used.
		n, err := q.exec(ctx, "UPDATE accounts SET factor_step = ? WHERE user_id = ? AND factor_step < ?", step, a.user.ID, step)
		if err != nil || n == 1 {
			return "totp", err
		}
	}
	n, err := q.exec(ctx, "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND hash = ? AND used_at IS NULL",
		millis(c.now()), a.user.ID, hashRecovery(code))
	if err != nil {
		return "", err
	}
	if n == 1 {
		theirs := c.As(Actor{Name: "user:" + a.user.Login, Remote: from.Remote})
		return "recovery", theirs.record(ctx, q, "recovery.used", subject("user", a.user.ID), nil)
	}
	*wrong = ErrSignIn
	return "", c.recordRefusal(ctx, q, *who, "code", from)
}

// withCode does what the user of a session may do with a code of their second factor.
func (c *Catalogue) withCode(ctx context.Context, act, secret, code string, do func(q querier, a *account) error) error {
	var wrong error
	err := c.write(ctx, act, func(q querier) error {
		wrong = nil
		s, a, err := c.session(ctx, q, secret)
		if err != nil {
			return err
		}
		if s.Due != DueNothing || len(a.factor) == 0 {
			return ErrNotFound
		}
		who, err := c.candidateOf(ctx, q, &a, &s)
		if err != nil {
			return err
		}
		if _, err = c.useCode(ctx, q, &a, &who, code, Origin{Remote: c.actor.Remote}, &wrong); err != nil || wrong != nil {
			return err
		}
		if err := forgive(ctx, q, who.failures); err != nil {
			return err
		}
		return do(q, &a)
	})
	if err == nil {
		err = wrong
	}
	return err
}

// RenewRecovery gives a session's user, who shows a code of their second factor, new recovery codes; the old ones hold no more.
func (c *Catalogue) RenewRecovery(ctx context.Context, secret, code string) (codes []string, err error) {
	err = c.withCode(ctx, "renew recovery codes", secret, code, func(q querier, a *account) error {
		if codes, err = putRecovery(ctx, q, a.user.ID); err != nil {
			return err
		}
		return c.record(ctx, q, "recovery.renewed", subject("user", a.user.ID), nil)
	})
	return codes, err
}

// RemoveFactor takes a second factor from a session's user, who shows a code of it. Whose role must have one sets up another
// before anything else.
func (c *Catalogue) RemoveFactor(ctx context.Context, secret, code string) error {
	return c.withCode(ctx, "remove a second factor", secret, code, func(q querier, a *account) error {
		return c.dropFactor(ctx, q, a.user.ID)
	})
}

// ResetFactor takes a second factor from a user within reach who has lost it. Their sessions end.
func (c *Catalogue) ResetFactor(ctx context.Context, reach Reach, login string) error {
	return c.write(ctx, "reset a second factor", func(q querier) error {
		u, err := userWithin(ctx, q, reach, login)
		if err != nil {
			return err
		}
		if err := lockUser(ctx, q, u.ID); err != nil {
			return err
		}
		if err := endSessions(ctx, q, u.ID, 0); err != nil {
			return err
		}
		return c.dropFactor(ctx, q, u.ID)
	})
}

func (c *Catalogue) dropFactor(ctx context.Context, q querier, user UserID) error {
	_, err := q.exec(ctx, `UPDATE accounts SET factor = NULL, factor_key = '', factor_since = NULL, factor_step = 0, pending_factor = NULL
		WHERE user_id = ?`, user)
	if err != nil {
		return err
	}
	if _, err := q.exec(ctx, "DELETE FROM recovery_codes WHERE user_id = ?", user); err != nil {
		return err
	}
	return c.record(ctx, q, "factor.removed", subject("user", user), nil)
}

// RecoveryLeft is how many recovery codes of a user are not used.
func (c *Catalogue) RecoveryLeft(ctx context.Context, user UserID) (n int, err error) {
	err = c.view(ctx, "count recovery codes", func(q querier) error {
		return q.row(ctx, "SELECT count(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL", []any{user}, &n)
	})
	return n, err
}

// FactorsOfOtherKeys is how many second factors are sealed with other keys than ours: their users cannot sign in here.
func (c *Catalogue) FactorsOfOtherKeys(ctx context.Context) (n int, err error) {
	err = c.view(ctx, "look at second factors", func(q querier) error {
		return q.row(ctx, "SELECT count(*) FROM accounts WHERE factor IS NOT NULL AND factor_key <> ?", []any{c.keyName()}, &n)
	})
	return n, err
}
