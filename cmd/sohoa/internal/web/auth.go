package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/storage/catalogue"
)

// call is a request whose sender is known.
type call struct {
	*exchange
	token   catalogue.Token
	secret  string
	session bool   // secret is a session's
	remote  string // the address it came from
}

// serve is a route with all that comes before and after its own work: cross-origin requests, the token, its rate, its scopes,
// and errors.
func (s *Server) serve(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r.Context())
		c := &call{exchange: x, remote: s.remote(r)}
		err := s.admit(route, c, r)
		if err == nil {
			err = route.do(w, r, c)
		}
		if err != nil {
			if codeOf(err) == CodeUnauthorized {
				challenge(w, route)
			}
			s.fail(w, x, err)
		}
	})
}

// admit says whether a request may go on.
func (s *Server) admit(route route, c *call, r *http.Request) error {
	if err := s.foreign.Check(r); err != nil {
		return &refusal{code: CodeCrossOrigin, err: err}
	}
	if route.open != nil && route.open(s, r) {
		return nil
	}
	err := s.authenticate(r.Context(), route, c, r)
	if err != nil {
		return err
	}
	if !s.tokens.allow(c.token.ID) {
		return refuse(CodeTooMany)
	}
	if !slices.ContainsFunc(route.scopes, c.token.Allows) {
		s.refused(r.Context(), c, "scope")
		return refuse(CodeForbidden)
	}
	if route.root && !c.token.Path.Root() {
		s.refused(r.Context(), c, "agency")
		return refuse(CodeForbidden)
	}
	return nil
}

// authenticate finds whose request it is.
func (s *Server) authenticate(ctx context.Context, route route, c *call, r *http.Request) error {
	c.secret = bearer(r)
	if _, password, ok := r.BasicAuth(); ok && route.browser {
		c.secret = password
	}
	if c.secret == "" {
		// A page's module asks with its browser's session.
		return s.authenticateSession(r, c, &pages.Visit{})
	}
	token, err := s.holds(ctx, c)
	if errors.Is(err, catalogue.ErrNotFound) {
		s.refused(ctx, c, "token")
		return refuse(CodeUnauthorized)
	}
	if err != nil {
		return err
	}
	c.token, c.actor = token, token.Actor()
	return nil
}

// holds is what the secret that a request came with allows now.
func (s *Server) holds(ctx context.Context, c *call) (catalogue.Token, error) {
	if !c.session {
		return s.config.Catalogue.Authenticate(ctx, c.secret)
	}
	user, session, err := s.config.Catalogue.SessionHolds(ctx, c.secret)
	return session.Token(&user), err
}

// bearer is the token of a request's Authorization header; "" without.
func bearer(r *http.Request) string {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || len(secret) > 256 {
		return ""
	}
	return strings.TrimSpace(secret)
}

func challenge(w http.ResponseWriter, route route) {
	if route.browser {
		w.Header().Add("WWW-Authenticate", `Basic realm="sohoa", charset="UTF-8"`)
	}
	w.Header().Add("WWW-Authenticate", `Bearer realm="sohoa"`)
}

// refused tells the audit of a sign-in that was refused, once a minute for each address: whoever tries must not fill the
// disk.
func (s *Server) refused(ctx context.Context, c *call, why string) {
	actor := c.actor
	if actor == "" {
		actor = "unknown"
	}
	if !s.noted.first("refused " + why + " " + actor + " " + c.remote) {
		return
	}
	who := catalogue.Actor{Name: actor, Remote: c.remote}
	err := s.config.Catalogue.As(who).Record(ctx, "sign_in.refused", why, nil)
	if err != nil {
		s.log.WarnContext(ctx, "a refused sign-in was not told to the audit", "id", c.id, "error", err)
	}
}

// remote is the address that a request came from: the nearest one that is no proxy of ours.
func (s *Server) remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return "unknown"
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.ours(addr); i-- {
		before, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = before
	}
	return addr.Unmap().WithZone("").String()
}

func (s *Server) ours(addr netip.Addr) bool {
	return slices.ContainsFunc(s.config.Proxies, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// local tells whether a request comes from this machine itself, and not through a proxy on it.
func local(r *http.Request) bool {
	if r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
		return false
	}
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

// records is the catalogue in the hands of who sent the request: what they change is told to the audit with it.
func (s *Server) records(c *call) *catalogue.Catalogue {
	return s.config.Catalogue.As(catalogue.Actor{Name: c.actor, Remote: c.remote})
}

// number is an id in a path. What is none names nothing.
func number[T ~int64](r *http.Request, name string) (T, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || n < 1 {
		return 0, refuse(CodeNotFound)
	}
	return T(n), nil
}

func subject[T ~int64](kind string, id T) string {
	return kind + ":" + strconv.FormatInt(int64(id), 10)
}
