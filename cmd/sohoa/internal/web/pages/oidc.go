package pages

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sohoa/storage/catalogue"
)

// IssuerConfig says where people may sign in by OpenID Connect, and who we are there.
type IssuerConfig struct {
	URL, ClientID, ClientSecret string
	// Redirect is where the issuer sends people back: the address of this service, with /dang-nhap/oidc/ve.
	Redirect string
	// Claim is what the issuer calls somebody, which is their login here. Defaults to email, which the issuer must have verified.
	Claim string
}

// returnPath is where the issuer sends people back.
const returnPath = "/dang-nhap/oidc/ve"

// Issuer is an OpenID Connect issuer. It is asked about itself when somebody first signs in with it, so it may be away before.
type Issuer struct {
	config IssuerConfig
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
}

// NewIssuer looks whether the configuration can be.
func NewIssuer(c IssuerConfig) (*Issuer, error) {
	if c.Claim == "" {
		c.Claim = "email"
	}
	for name, address := range map[string]string{"issuer": c.URL, "redirect": c.Redirect} {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			return nil, fmt.Errorf("the %s of OpenID Connect must be an https address", name)
		}
		if name == "redirect" && u.Path != returnPath {
			return nil, fmt.Errorf("the redirect of OpenID Connect must end with %s", returnPath)
		}
	}
	if c.ClientID == "" {
		return nil, errors.New("OpenID Connect needs a client's id")
	}
	const patience = 10 * time.Second
	return &Issuer{config: c, client: &http.Client{Timeout: patience}}, nil
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// ErrIssuer is the answer where the issuer does not do what it should.
var ErrIssuer = errors.New("the OpenID Connect issuer does not answer as it should")

// known is what the issuer tells of itself, which is asked once.
func (i *Issuer) known(ctx context.Context) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider != nil {
		return i.provider, nil
	}
	p, err := oidc.NewProvider(i.through(ctx), i.config.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: ask it about itself: %w", ErrIssuer, err)
	}
	i.provider = p
	return p, nil
}

// through is a context in which the issuer is asked with our patience.
func (i *Issuer) through(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, i.client)
}

func (i *Issuer) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: i.config.ClientID, ClientSecret: i.config.ClientSecret, Endpoint: p.Endpoint(), RedirectURL: i.config.Redirect,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// pending is a sign-in that began here and goes on at the issuer. The browser keeps it: state shows that it is the same browser
// that comes back, nonce that the issuer's word is for this sign-in, verifier (PKCE) that the code is of use to nobody else.
type pending struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	To       string `json:"d,omitempty"`
}

// begin makes a sign-in and the address at the issuer where it goes on.
func (i *Issuer) begin(ctx context.Context, to string) (p pending, address string, err error) {
	provider, err := i.known(ctx)
	if err != nil {
		return p, "", err
	}
	p = pending{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: to}
	return p, i.oauth(provider).AuthCodeURL(p.State, oidc.Nonce(p.Nonce), oauth2.S256ChallengeOption(p.Verifier)), nil
}

// finish finds who it is that came back with a code.
func (i *Issuer) finish(ctx context.Context, p pending, code string) (id catalogue.Identity, err error) {
	provider, err := i.known(ctx)
	if err != nil {
		return id, err
	}
	token, err := i.oauth(provider).Exchange(i.through(ctx), code, oauth2.VerifierOption(p.Verifier))
	if err != nil {
		return id, fmt.Errorf("%w: exchange the code: %w", ErrIssuer, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return id, fmt.Errorf("%w: it gave no id_token", ErrIssuer)
	}
	said, err := provider.Verifier(&oidc.Config{ClientID: i.config.ClientID}).Verify(i.through(ctx), raw)
	if err != nil {
		return id, fmt.Errorf("%w: verify its word: %w", ErrIssuer, err)
	}
	if subtle.ConstantTimeCompare([]byte(said.Nonce), []byte(p.Nonce)) != 1 {
		return id, fmt.Errorf("%w: its word is for another sign-in", ErrIssuer)
	}
	var claims map[string]any
	if err := said.Claims(&claims); err != nil {
		return id, fmt.Errorf("%w: read its word: %w", ErrIssuer, err)
	}
	login, _ := claims[i.config.Claim].(string)
	if i.config.Claim == "email" && !verified(claims["email_verified"]) {
		login = "" // anybody can call themselves by an address that nobody has looked at
	}
	return catalogue.Identity{Issuer: said.Issuer, Subject: said.Subject, Login: login}, nil
}

// verified reads a claim that some issuers send as a text.
func verified(claim any) bool {
	text, _ := claim.(string)
	flag, _ := claim.(bool)
	return flag || strings.EqualFold(text, "true")
}

// issuerRoutes are signing in by OpenID Connect.
func (p *Pages) issuerRoutes() []Route {
	return []Route{
		{Pattern: "GET /dang-nhap/oidc", Open: true, Costly: true, Do: p.toIssuer},
		{Pattern: "GET " + returnPath, Open: true, Costly: true, Do: p.fromIssuer},
	}
}

const pendingLife = 10 * time.Minute

// pendingCookie keeps a sign-in that is under way.
func (p *Pages) pendingCookie(r *http.Request) *http.Cookie {
	c := p.cookie(r) //nolint:gosec // its attributes are set there
	c.Name += "-oidc"
	return c
}

// toIssuer sends somebody to the issuer. It is a link and no form: the policy lets forms lead to ourselves alone.
func (p *Pages) toIssuer(w http.ResponseWriter, r *http.Request, _ *Visit) error {
	if p.config.Issuer == nil {
		return catalogue.ErrNotFound
	}
	pending, address, err := p.config.Issuer.begin(r.Context(), whereTo(r))
	if err != nil {
		return err
	}
	text, err := json.Marshal(pending)
	if err != nil {
		return err
	}
	c := p.pendingCookie(r) //nolint:gosec // its attributes are set there
	c.Value, c.Expires = base64.RawURLEncoding.EncodeToString(text), time.Now().Add(pendingLife)
	http.SetCookie(w, c)
	http.Redirect(w, r, address, http.StatusSeeOther) //nolint:gosec // to the issuer that is configured
	return nil
}

// fromIssuer signs in who comes back from the issuer.
func (p *Pages) fromIssuer(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if p.config.Issuer == nil {
		return catalogue.ErrNotFound
	}
	began, ok := p.takePending(w, r)
	query := r.URL.Query()
	data := signInData{To: began.To, Issuer: true}
	switch {
	case !ok || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(began.State)) != 1:
		data.Problem, data.Hint = "Lần đăng nhập này đã hết hạn hoặc không bắt đầu từ trình duyệt này.", "Hãy đăng nhập lại."
	case query.Get("code") == "": // they did not want to, or may not
		data.Problem, data.Hint = "Hệ thống của cơ quan không cho đăng nhập.", "Hãy thử lại, hoặc dùng tên đăng nhập và mật khẩu."
	}
	if data.Problem != "" {
		return p.renderBlock(w, r, v, http.StatusUnprocessableEntity, "dang-nhap", "layout.html", data)
	}
	id, err := p.config.Issuer.finish(r.Context(), began, query.Get("code"))
	if err != nil {
		return err
	}
	s, err := v.Records.SignInAs(r.Context(), id, p.origin(r, v))
	if errors.Is(err, catalogue.ErrSignIn) {
		data.Problem = "Tài khoản của cơ quan chưa được dùng ở đây."
		data.Hint = "Nhờ bộ phận quản trị lập tài khoản cho bạn, hoặc kiểm tra liên kết OpenID Connect của tài khoản."
		return p.renderBlock(w, r, v, http.StatusUnprocessableEntity, "dang-nhap", "layout.html", data)
	}
	if err != nil {
		return err
	}
	return p.enter(w, r, v, s, began.To)
}

// takePending is the sign-in that this browser began, which is over with it.
func (p *Pages) takePending(w http.ResponseWriter, r *http.Request) (began pending, ok bool) {
	gone := p.pendingCookie(r) //nolint:gosec // its attributes are set there
	gone.MaxAge, gone.Expires = -1, time.Unix(1, 0)
	http.SetCookie(w, gone)
	c, err := r.Cookie(gone.Name)
	if err != nil {
		return began, false
	}
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || json.Unmarshal(text, &began) != nil || began.State == "" || began.Nonce == "" || began.Verifier == "" || !ours(began.To) {
		return pending{}, false
	}
	return began, true
}
