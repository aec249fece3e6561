package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"sohoa/storage/catalogue"
)

type userJSON struct {
	Login    string         `json:"login"`
	Name     string         `json:"name"`
	Role     catalogue.Role `json:"role"`
	Agency   string         `json:"agency"`
	Disabled bool           `json:"disabled"`
	Created  time.Time      `json:"created"`
}

type usersJSON struct {
	Users []userJSON `json:"users"`
}

func userOut(u *catalogue.User) userJSON {
	return userJSON{Login: u.Login, Name: u.Name, Role: u.Role, Agency: u.Agency, Disabled: u.Disabled, Created: u.Created}
}

func (s *Server) users(w http.ResponseWriter, r *http.Request, c *call) error {
	all, err := s.config.Catalogue.Users(r.Context(), c.token.Path)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, usersJSON{Users: each(all, userOut)})
	return nil
}

type userIn struct {
	Name     string         `json:"name"`
	Role     catalogue.Role `json:"role"`
	Agency   string         `json:"agency"`
	Disabled bool           `json:"disabled"`
}

// putUser adds a user of an agency within reach, or changes one, with no more than the caller's own rights.
func (s *Server) putUser(w http.ResponseWriter, r *http.Request, c *call) error {
	var in userIn
	if err := take(r, &in); err != nil {
		return err
	}
	ctx, login := r.Context(), r.PathValue("login")
	if err := c.mayGive(in.Role.Scopes()); err != nil {
		return err
	}
	if err := s.within(ctx, c, in.Agency); err != nil {
		return err
	}
	old, known, err := s.userByLogin(ctx, login)
	if err != nil {
		return err
	}
	if known && !c.token.Path.Covers(old.Path) {
		return &catalogue.ConflictError{Kind: "user", ID: login, Reason: "the login is taken, and the user is not yours"}
	}
	u, err := s.records(c).PutUser(ctx, catalogue.User{
		Login: login, Name: in.Name, Role: in.Role, Agency: in.Agency, Disabled: in.Disabled,
	})
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, userOut(&u))
	return nil
}

func (s *Server) userByLogin(ctx context.Context, login string) (u catalogue.User, known bool, err error) {
	all, err := s.config.Catalogue.Users(ctx, catalogue.Everywhere)
	for i := range all {
		if all[i].Login == login {
			return all[i], true, err
		}
	}
	return u, false, err
}

// within refuses an agency that the caller does not reach.
func (s *Server) within(ctx context.Context, c *call, agency string) error {
	_, err := s.config.Catalogue.AgencyByCode(ctx, c.token.Path, agency)
	if errors.Is(err, catalogue.ErrNotFound) {
		return invalid("agency", "there is no agency with this code, or it is not yours")
	}
	return err
}

// mayGive refuses scopes that the caller has not: nobody gives more than they have.
func (c *call) mayGive(scopes []catalogue.Scope) error {
	for _, scope := range scopes {
		if !c.token.Allows(scope) {
			return &refusal{code: CodeBeyondYours, field: "scopes", detail: "your own token has no scope " + string(scope)}
		}
	}
	return nil
}

type tokenJSON struct {
	ID       catalogue.TokenID `json:"id"`
	Name     string            `json:"name"`
	Login    string            `json:"login,omitempty"`
	Role     catalogue.Role    `json:"role"`
	Agency   string            `json:"agency"`
	Scopes   []catalogue.Scope `json:"scopes"`
	Created  time.Time         `json:"created"`
	Expires  *time.Time        `json:"expires,omitempty"`
	Revoked  *time.Time        `json:"revoked,omitempty"`
	LastUsed *time.Time        `json:"last_used,omitempty"`
	// Secret is the token itself; told once, when it is made.
	Secret string `json:"secret,omitempty"`
}

type tokensJSON struct {
	Tokens []tokenJSON `json:"tokens"`
}

func tokenOut(t *catalogue.Token) tokenJSON {
	scopes := t.Scopes
	if scopes == nil {
		scopes = []catalogue.Scope{}
	}
	return tokenJSON{
		ID: t.ID, Name: t.Name, Login: t.Login, Role: t.Role, Agency: t.Agency, Scopes: scopes, Created: t.Created,
		Expires: whenSet(t.Expires), Revoked: whenSet(t.Revoked), LastUsed: whenSet(t.LastUsed),
	}
}

func (s *Server) listTokens(w http.ResponseWriter, r *http.Request, c *call) error {
	all, err := s.config.Catalogue.Tokens(r.Context(), c.token.Path)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, tokensJSON{Tokens: each(all, tokenOut)})
	return nil
}

type tokenIn struct {
	Name   string            `json:"name"`
	Login  string            `json:"login"`  // of the user whose it is; or
	Role   catalogue.Role    `json:"role"`   // a machine client's role
	Agency string            `json:"agency"` // and agency
	Scopes []catalogue.Scope `json:"scopes"`
	Days   int               `json:"days"` // until it expires; 0: never
}

const mostDays = 3650

// addToken makes a token with no more reach and rights than the caller's own.
func (s *Server) addToken(w http.ResponseWriter, r *http.Request, c *call) error {
	var in tokenIn
	if err := take(r, &in); err != nil {
		return err
	}
	ctx := r.Context()
	if in.Days < 0 || in.Days > mostDays {
		return invalid("days", "it must be 0 to 3650")
	}
	role, err := s.roleFor(ctx, c, &in)
	if err != nil {
		return err
	}
	scopes := in.Scopes
	if len(scopes) == 0 {
		scopes = role.Scopes()
	}
	if err := c.mayGive(scopes); err != nil {
		return err
	}
	t, secret, err := s.records(c).AddToken(ctx, catalogue.NewToken{
		Name: in.Name, Login: in.Login, Role: in.Role, Agency: in.Agency, Scopes: scopes,
		Expires: time.Duration(in.Days) * 24 * time.Hour,
	})
	if err != nil {
		return err
	}
	out := tokenOut(&t)
	out.Secret = secret
	answer(w, http.StatusCreated, out)
	return nil
}

// roleFor is the role that a new token is to have; its user or agency must be within reach.
func (s *Server) roleFor(ctx context.Context, c *call, in *tokenIn) (catalogue.Role, error) {
	if in.Login == "" {
		return in.Role, s.within(ctx, c, in.Agency)
	}
	u, known, err := s.userByLogin(ctx, in.Login)
	if err != nil {
		return "", err
	}
	if !known || !c.token.Path.Covers(u.Path) {
		return "", invalid("login", "there is no user with this login, or they are not yours")
	}
	return u.Role, nil
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.TokenID](r, "id")
	if err != nil {
		return err
	}
	if err := s.records(c).RevokeToken(r.Context(), c.token.Path, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
