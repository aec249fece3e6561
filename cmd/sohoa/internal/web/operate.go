package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"sohoa/storage/catalogue"
)

type agencyJSON struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Parent string `json:"parent,omitempty"`
}

type agenciesJSON struct {
	Agencies []agencyJSON `json:"agencies"`
}

func agencyOut(a *catalogue.Agency) agencyJSON {
	return agencyJSON{Code: a.Code, Name: a.Name, Parent: a.Parent}
}

func (s *Server) agencies(w http.ResponseWriter, r *http.Request, c *call) error {
	all, err := s.config.Catalogue.Agencies(r.Context(), c.token.Path)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, agenciesJSON{Agencies: each(all, agencyOut)})
	return nil
}

type agencyIn struct {
	Name   string `json:"name"`
	Parent string `json:"parent"`
}

// putAgency adds an agency below one within reach, or renames one within reach.
func (s *Server) putAgency(w http.ResponseWriter, r *http.Request, c *call) error {
	var in agencyIn
	if err := take(r, &in); err != nil {
		return err
	}
	ctx, code := r.Context(), r.PathValue("code")
	old, err := s.config.Catalogue.AgencyByCode(ctx, catalogue.Everywhere, code)
	switch {
	case err == nil && !c.token.Path.Covers(old.Path):
		return &catalogue.ConflictError{Kind: "agency", ID: code, Reason: "the code is taken, and the agency is not yours"}
	case err == nil && in.Parent == "":
		in.Parent = old.Parent
	case err == nil:
	case !errors.Is(err, catalogue.ErrNotFound):
		return err
	default:
		_, err := s.config.Catalogue.AgencyByCode(ctx, c.token.Path, in.Parent)
		if errors.Is(err, catalogue.ErrNotFound) {
			return invalid("parent", "there is no agency with this code, or it is not yours")
		}
		if err != nil {
			return err
		}
	}
	a, err := s.config.Catalogue.PutAgency(ctx, code, in.Name, in.Parent)
	if err != nil {
		return err
	}
	if err := s.record(ctx, c, "agency.put", subject("agency", a.ID), nil); err != nil {
		return err
	}
	answer(w, http.StatusOK, agencyOut(&a))
	return nil
}

type componentJSON struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Required bool   `json:"required"`
}

type procedureJSON struct {
	Code       string          `json:"code"`
	Name       string          `json:"name"`
	FieldCode  string          `json:"field_code,omitempty"`
	FieldName  string          `json:"field_name,omitempty"`
	Result     bool            `json:"result"`
	Components []componentJSON `json:"components"`
}

type proceduresJSON struct {
	Procedures []procedureJSON `json:"procedures"`
}

func procedureOut(p *catalogue.Procedure) procedureJSON {
	return procedureJSON{
		Code: p.Code, Name: p.Name, FieldCode: p.FieldCode, FieldName: p.FieldName, Result: p.Result,
		Components: each(p.Components, func(k *catalogue.Component) componentJSON { return componentJSON(*k) }),
	}
}

func (s *Server) procedures(w http.ResponseWriter, r *http.Request, _ *call) error {
	all, err := s.config.Catalogue.Procedures(r.Context())
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, proceduresJSON{Procedures: each(all, procedureOut)})
	return nil
}

type procedureIn struct {
	Name       string          `json:"name"`
	FieldCode  string          `json:"field_code"`
	FieldName  string          `json:"field_name"`
	Result     bool            `json:"result"`
	Components []componentJSON `json:"components"`
}

func (s *Server) putProcedure(w http.ResponseWriter, r *http.Request, c *call) error {
	var in procedureIn
	if err := take(r, &in); err != nil {
		return err
	}
	p := catalogue.Procedure{
		Code: r.PathValue("code"), Name: in.Name, FieldCode: in.FieldCode, FieldName: in.FieldName, Result: in.Result,
		Components: each(in.Components, func(k *componentJSON) catalogue.Component { return catalogue.Component(*k) }),
	}
	if err := s.config.Catalogue.PutProcedure(r.Context(), p); err != nil {
		return err
	}
	if err := s.record(r.Context(), c, "procedure.put", "procedure:"+p.Code, nil); err != nil {
		return err
	}
	answer(w, http.StatusOK, procedureOut(&p))
	return nil
}

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
	u, err := s.config.Catalogue.PutUser(ctx, catalogue.User{
		Login: login, Name: in.Name, Role: in.Role, Agency: in.Agency, Disabled: in.Disabled,
	})
	if err != nil {
		return err
	}
	detail := map[string]any{"role": u.Role, "agency": u.Agency, "disabled": u.Disabled}
	if err := s.record(ctx, c, "user.put", subject("user", u.ID), detail); err != nil {
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
	t, secret, err := s.config.Catalogue.AddToken(ctx, catalogue.NewToken{
		Name: in.Name, Login: in.Login, Role: in.Role, Agency: in.Agency, Scopes: scopes,
		Expires: time.Duration(in.Days) * 24 * time.Hour, By: c.actor,
	})
	if err != nil {
		return err
	}
	err = s.record(ctx, c, "token.add", subject("token", t.ID), map[string]any{"role": t.Role, "agency": t.Agency, "scopes": t.Scopes})
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
	ctx := r.Context()
	if err := s.config.Catalogue.RevokeToken(ctx, c.token.Path, id); err != nil {
		return err
	}
	if err := s.record(ctx, c, "token.revoke", subject("token", id), nil); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type actJSON struct {
	At      time.Time      `json:"at"`
	Actor   string         `json:"actor"`
	Action  string         `json:"action"`
	Subject string         `json:"subject"`
	Remote  string         `json:"remote"`
	Detail  map[string]any `json:"detail,omitempty"`
}

type actsJSON struct {
	Acts []actJSON `json:"acts"`
}

// audit lists who did what. It is of the whole tree of agencies, so it is for the IT of its root.
func (s *Server) audit(w http.ResponseWriter, r *http.Request, c *call) error {
	if c.token.Path != catalogue.Everywhere && strings.Count(string(c.token.Path), "/") > 2 {
		return refuse(CodeForbidden)
	}
	q := queryOf(r)
	f := catalogue.ActFilter{
		Actor: q.text("actor"), Action: q.text("action"), Subject: q.text("subject"), Limit: q.count("limit", 1, 1000, 100),
	}
	if text := q.text("since"); text != "" {
		since, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return invalid("since", "it is not an instant like 2026-03-31T08:00:00+07:00")
		}
		f.Since = since
	}
	if q.err != nil {
		return q.err
	}
	all, err := s.config.Catalogue.Acts(r.Context(), f)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, actsJSON{Acts: each(all, func(a *catalogue.Act) actJSON { return actJSON(*a) })})
	return nil
}

type backlogJSON struct {
	Queue  catalogue.Queue `json:"queue"`
	Papers int             `json:"papers"`
	Pages  int             `json:"pages"`
	Oldest float64         `json:"oldest_seconds"`
}

type statusJSON struct {
	Ready    bool          `json:"ready"`
	Problems []Problem     `json:"problems"`
	Revision string        `json:"revision"`
	Backlogs []backlogJSON `json:"backlogs"`
	Uploads  int           `json:"uploads_under_way"`
	Streams  int           `json:"listeners"`
}

// status is what IT looks at first.
func (s *Server) status(w http.ResponseWriter, r *http.Request, _ *call) error {
	backlogs, err := s.config.Catalogue.Backlogs(r.Context())
	if err != nil {
		return err
	}
	problems := s.problems(r.Context())
	answer(w, http.StatusOK, statusJSON{
		Ready: len(problems) == 0, Problems: problems, Revision: s.config.Revision,
		Backlogs: each(backlogs, func(b *catalogue.Backlog) backlogJSON {
			return backlogJSON{Queue: b.Queue, Papers: b.Papers, Pages: b.Pages, Oldest: b.Oldest.Seconds()}
		}),
		Uploads: len(s.uploads), Streams: s.hub.listening(),
	})
	return nil
}

type papersJSON struct {
	Papers []paperJSON `json:"papers"`
}

// failedPapers are those that could not be read.
func (s *Server) failedPapers(w http.ResponseWriter, r *http.Request, c *call) error {
	q := queryOf(r)
	limit := q.count("limit", 1, 1000, 100)
	if q.err != nil {
		return q.err
	}
	all, err := s.config.Catalogue.FailedPapers(r.Context(), c.token.Path, limit)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, papersJSON{Papers: papersOut(all)})
	return nil
}

// inspect hands a request to the queue's own pages. What changes something there is told to the audit before.
func (s *Server) inspect(w http.ResponseWriter, r *http.Request, c *call) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if err := s.record(r.Context(), c, "queue.inspect", "queue:"+knownMethod(r.Method), nil); err != nil {
			return err
		}
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostJSON)
	r.Header.Del("Authorization") // the token is ours alone
	s.config.Inspect.ServeHTTP(w, r)
	return nil
}
