package web

import (
	"errors"
	"net/http"
	"slices"

	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/storage/catalogue"
)

// secure tells whether a browser's line to us is encrypted, or has to be taken for it: a cookie that opens a session goes
// unencrypted within this machine alone.
func (s *Server) secure(r *http.Request) bool {
	if r.TLS != nil || !local(r) {
		return true
	}
	return false
}

// byItself is the head by which a page says that it asks by itself, again and again: whoever has gone home has gone, and their
// session ends as if the page were closed.
const byItself = "X-By-Itself"

// authenticateSession finds whose browser it is, and fills c and v.
func (s *Server) authenticateSession(r *http.Request, c *call, v *pages.Visit) error {
	secret := s.html.SessionSecret(r)
	if secret == "" {
		return refuse(CodeUnauthorized)
	}
	find := s.config.Catalogue.SessionUser
	if r.Header.Get(byItself) != "" {
		find = s.config.Catalogue.SessionHolds
	}
	user, session, err := find(r.Context(), secret)
	if errors.Is(err, catalogue.ErrNotFound) {
		return refuse(CodeUnauthorized)
	}
	if err != nil {
		return err
	}
	c.token, c.secret, c.session = session.Token(&user), secret, true
	c.actor = c.token.Actor()
	v.User, v.Reach, v.Session, v.Due = user, user.Path, secret, session.Due
	return nil
}

// due says where somebody goes first whose session opens nothing yet.
func (s *Server) due(page pages.Route, v *pages.Visit) (to string, first bool) {
	if v.Due == catalogue.DueNothing || page.Open || slices.Contains(page.Due, v.Due) {
		return "", false
	}
	return s.html.DuePath(v.Due), true
}
