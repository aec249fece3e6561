package pages

import (
	"net/http"
	"time"

	"sohoa/storage/catalogue"
)

// The session's cookie. Where the line is encrypted its name has the prefix that browsers refuse to take from anything but this
// very host over an encrypted line; on this machine's own loopback, where no line is, it goes without.
const (
	secureCookie   = "__Host-sohoa"
	loopbackCookie = "sohoa"
)

// SessionSecret is what a browser holds of its session; "" where it holds none.
func (p *Pages) SessionSecret(r *http.Request) string {
	name := secureCookie
	if !p.config.Secure(r) {
		name = loopbackCookie
	}
	c, err := r.Cookie(name)
	const longest = 256
	if err != nil || len(c.Value) > longest {
		return ""
	}
	return c.Value
}

// keepSession gives a browser its session, until the browser is closed: a desk's machine is shared. When it ends at the latest is
// the server's to say.
func (p *Pages) keepSession(w http.ResponseWriter, r *http.Request, s catalogue.Session) {
	c := p.cookie(r) //nolint:gosec // its attributes are set there
	c.Value = s.Secret
	http.SetCookie(w, c)
	if s.Browser != "" {
		const long = 400 * 24 * time.Hour // no browser keeps a cookie for longer
		c := p.browserCookie(r)           //nolint:gosec // its attributes are set there
		c.Value, c.Expires = s.Browser, time.Now().Add(long)
		http.SetCookie(w, c)
	}
}

// browserCookie is by which a browser is known in which somebody has signed in before: others' wrong passwords do not lock them out
// of it. It opens nothing, and stays when they sign out.
func (p *Pages) browserCookie(r *http.Request) *http.Cookie {
	c := p.cookie(r) //nolint:gosec // its attributes are set there
	c.Name += "-browser"
	return c
}

// dropSession takes it away.
func (p *Pages) dropSession(w http.ResponseWriter, r *http.Request) {
	c := p.cookie(r) //nolint:gosec // its attributes are set there
	c.MaxAge, c.Expires = -1, time.Unix(1, 0)
	http.SetCookie(w, c)
}

// cookie is the session's without its value. Lax, so that a link to a hit that a colleague sent opens it; what changes something is
// asked for by POST, which Lax keeps from other sites, as CrossOriginProtection does.
func (p *Pages) cookie(r *http.Request) *http.Cookie {
	c := &http.Cookie{Name: loopbackCookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if p.config.Secure(r) {
		c.Name, c.Secure = secureCookie, true
	}
	return c
}
