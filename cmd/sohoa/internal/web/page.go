package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/cmd/sohoa/internal/web/pages"
)

// servePage is a page's route with all that comes before and after its own work: cross-origin requests, the session, its rate,
// roles, and errors, which people see as a page or as a notice on theirs.
func (s *Server) servePage(page pages.Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{exchange: exchangeOf(r.Context()), remote: s.remote(r)}
		v := &pages.Visit{Reference: c.id, Remote: c.remote}
		err := s.admitPage(page, c, v, r)
		v.Records = s.records(c)
		if err == nil {
			err = page.Do(w, r, v)
		}
		if err != nil {
			s.failPage(w, r, c, v, err)
		}
	})
}

// admitPage says whether a page may be shown, and tells v who asks. An open page knows who asks where somebody is signed in.
func (s *Server) admitPage(page pages.Route, c *call, v *pages.Visit, r *http.Request) error {
	if err := s.foreign.Check(r); err != nil {
		return &refusal{code: CodeCrossOrigin, err: err}
	}
	if page.Open && strings.HasPrefix(page.Pattern, "GET /assets/") {
		return nil // the same for everybody: no need to look who it is
	}
	if page.Costly && !s.signIns.allow(c.remote) {
		return refuse(CodeTooMany)
	}
	err := s.authenticateSession(r, c, v)
	if err != nil && codeOf(err) == CodeUnauthorized && page.Open {
		return nil
	}
	if err != nil {
		return err
	}
	if !s.tokens.allow(c.token.ID) {
		return refuse(CodeTooMany)
	}
	if to, first := s.due(page, v); first {
		return &detour{to}
	}
	if page.Roles != nil && !slices.Contains(page.Roles, v.User.Role) {
		s.refused(r.Context(), c, "role")
		return refuse(CodeForbidden)
	}
	return nil
}

// detour is where a request goes instead.
type detour struct{ to string }

func (e *detour) Error() string { return "first to " + e.to }

// signInPage is where somebody goes who is not signed in.
const signInPage = "/dang-nhap"

// failPage answers a page's request with an error. Whoever is not signed in is sent to do so, and comes back after.
func (s *Server) failPage(w http.ResponseWriter, r *http.Request, c *call, v *pages.Visit, err error) {
	if elsewhere := (&detour{}); errors.As(err, &elsewhere) {
		s.redirect(w, r, elsewhere.to, http.StatusForbidden)
		return
	}
	f, said := failure(err, c.id)
	c.failed(f.Code, err)
	if c.begun() {
		panic(http.ErrAbortHandler) // half a page is out: it must not look whole
	}
	if f.Code == CodeUnauthorized {
		to := signInPage
		if r.Method == http.MethodGet && r.URL.Path != "/" && r.Header.Get("HX-Request") == "" {
			to += "?" + url.Values{"den": {r.URL.RequestURI()}}.Encode()
		}
		s.redirect(w, r, to, http.StatusUnauthorized)
		return
	}
	if said.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(said.retry/time.Second)))
	}
	problem := pages.Problem{
		Status: said.status, Message: f.Message, Hint: f.Hint, Detail: f.Detail, Field: f.Field, Reference: f.Reference,
	}
	if err := s.html.Fail(w, r, v, problem); err != nil {
		s.fail(w, c.exchange, err)
	}
}

// redirect sends a browser to another page; htmx, which would put that page into the middle of this one, is told so by a head.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, to string, status int) {
	if r.Header.Get("HX-Request") == "true" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(status)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
