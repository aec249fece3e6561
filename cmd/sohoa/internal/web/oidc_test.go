package web

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/storage/catalogue"
)

// issuer is an OpenID Connect issuer: discovery, keys, and a token endpoint that holds clients to what they promised (the secret,
// the redirect, PKCE), each code once. Its authorization endpoint is the test itself, which is the person in front of it.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey

	mu    sync.Mutex
	codes map[string]url.Values // what the client asked for
	spoil func(claims map[string]any)
	away  bool
	other *rsa.PrivateKey // signs instead
}

const (
	clientID     = "sohoa"
	clientSecret = "bí mật của client"
	redirect     = "https://sohoa.example/dang-nhap/oidc/ve"
)

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	i := &issuer{key: key, codes: make(map[string]url.Values)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		if i.away {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		answer(w, 200, map[string]any{
			"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", i.token)
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

// authorize is the person's word that they want to sign in: the address that they come back to.
func (i *issuer) authorize(t *testing.T, asked string) string {
	t.Helper()
	u, err := url.Parse(asked)
	must(t, err)
	q := u.Query()
	if !strings.HasPrefix(asked, i.URL+"/authorize?") || q.Get("client_id") != clientID || q.Get("response_type") != "code" || q.Get("redirect_uri") != redirect ||
		!strings.Contains(q.Get("scope"), "openid") || q.Get("code_challenge_method") != "S256" || len(q.Get("state")) < 20 || len(q.Get("nonce")) < 20 {
		t.Fatalf("the client asks for %s", asked)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	code := rand.Text()
	i.codes[code] = q
	return "/dang-nhap/oidc/ve?" + url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	if plain, err := url.QueryUnescape(secret); err == nil {
		secret = plain
	}
	asked, known := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || id != clientID || secret != clientSecret || r.PostFormValue("redirect_uri") != redirect ||
		base64.RawURLEncoding.EncodeToString(challenge[:]) != asked.Get("code_challenge") {
		answer(w, 400, map[string]string{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{
		"iss": i.URL, "aud": clientID, "sub": "s-1", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(),
		"nonce": asked.Get("nonce"), "email": "lan", "email_verified": true, "preferred_username": "lan",
	}
	if i.spoil != nil {
		i.spoil(claims)
	}
	key := i.key
	if i.other != nil {
		key = i.other
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		panic(err)
	}
	word, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		panic(err)
	}
	answer(w, 200, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": word})
}

// oidcOffice is an office whose people may sign in at an issuer.
func oidcOffice(t *testing.T, claim string, signIns catalogue.SignIns) (*world, *issuer) {
	t.Helper()
	at := newIssuer(t)
	ours, err := pages.NewIssuer(pages.IssuerConfig{URL: at.URL, ClientID: clientID, ClientSecret: clientSecret, Redirect: redirect, Claim: claim})
	must(t, err)
	w, _ := newOffice(t, signIns, func(c *Config) { c.Issuer, c.SignInBurst = ours, 1000 })
	return w, at
}

// come goes to the issuer and gives the address to come back to.
func come(t *testing.T, v *visit, at *issuer, to string) string {
	t.Helper()
	r := v.ask(t, "GET", "/dang-nhap/oidc?"+url.Values{"den": {to}}.Encode(), nil)
	if r.StatusCode != 303 {
		t.Fatalf("%d %s", r.StatusCode, r.text)
	}
	return at.authorize(t, r.Header.Get("Location"))
}

func TestSigningInByOpenIDConnect(t *testing.T) {
	t.Parallel()
	w, at := oidcOffice(t, "", catalogue.SignIns{})
	shows(t, w.browser().ask(t, "GET", "/dang-nhap", nil), `href="/dang-nhap/oidc"`)
	v := w.browser()
	back := come(t, v, at, "/tai-khoan")
	goes(t, v.ask(t, "GET", back, nil), "/dang-nhap?den=%2Ftai-khoan&vao=1")
	shows(t, v.ask(t, "GET", "/tai-khoan", nil), "Lan", "Phiên này")
	if len(v.cookies) != 2 || v.cookies["sohoa"] == nil || v.cookies["sohoa-browser"] == nil {
		t.Errorf("the browser keeps %v", v.cookies)
	}
	if r := v.ask(t, "GET", back, nil); r.StatusCode != 422 {
		t.Errorf("the same answer again: %d", r.StatusCode)
	}
	acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Actor: "user:lan"})
	must(t, err)
	if len(acts) != 2 || acts[0].Action != "sign_in" || acts[0].Detail["how"] != "oidc" || acts[1].Action != "identity.bound" {
		t.Errorf("the audit has %+v", acts)
	}
	none := w.browser()
	none.ask(t, "GET", "/dang-nhap/oidc", nil)
	if r := none.ask(t, "GET", "/dang-nhap/oidc/ve?error=access_denied&state=x", nil); r.StatusCode != 422 {
		t.Errorf("who does not want to: %d", r.StatusCode)
	}
}

// Whatever the issuer, or somebody in its place, says that is not right opens nothing, and makes nobody a user.
func TestOpenIDConnectIsHeldToItsWord(t *testing.T) {
	t.Parallel()
	w, at := oidcOffice(t, "", catalogue.SignIns{})
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	set := func(more map[string]any) func() {
		return func() { at.spoil = func(claims map[string]any) { maps.Copy(claims, more) } }
	}
	for name, c := range map[string]struct {
		spoil  func()
		status int
	}{
		"somebody else's signature":      {func() { at.other = stranger }, 502},
		"for another client":             {set(map[string]any{"aud": "khac"}), 502},
		"of another issuer":              {set(map[string]any{"iss": "https://ac.example"}), 502},
		"too old":                        {set(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), 502},
		"for another sign-in":            {set(map[string]any{"nonce": "khac"}), 502},
		"an address nobody has verified": {set(map[string]any{"email_verified": false}), 422},
		"not said whether":               {set(map[string]any{"email_verified": nil}), 422},
		"nobody of ours":                 {set(map[string]any{"email": "la@ac.example"}), 422},
		"a user who is disabled":         {set(map[string]any{"email": "khoa"}), 422},
		"no name":                        {set(map[string]any{"email": 7}), 422},
	} {
		at.spoil, at.other = nil, nil
		v := w.browser()
		back := come(t, v, at, "")
		c.spoil()
		if r := v.ask(t, "GET", back, nil); r.StatusCode != c.status {
			t.Errorf("%s: %d %s", name, r.StatusCode, r.text)
		}
		if len(v.cookies) != 0 {
			t.Errorf("%s: the browser has %v", name, v.cookies)
		}
	}
	at.spoil, at.other = nil, nil
	users, err := w.records.Users(t.Context(), catalogue.Everywhere)
	must(t, err)
	if len(users) != 5 {
		t.Errorf("somebody was made a user: %+v", users)
	}

	// Somebody else's answer, put into this browser, signs nobody in; nor does this browser's, elsewhere.
	attacker, victim := w.browser(), w.browser()
	theirs := come(t, attacker, at, "")
	if r := victim.ask(t, "GET", theirs, nil); r.StatusCode != 422 {
		t.Errorf("an answer that this browser did not ask for: %d", r.StatusCode)
	}
	come(t, victim, at, "")
	if r := victim.ask(t, "GET", theirs, nil); r.StatusCode != 422 || len(victim.cookies) != 0 {
		t.Errorf("another's answer: %d, %v", r.StatusCode, victim.cookies)
	}
	// A code that was stolen is of no use without the verifier, which the browser that began has.
	victim = w.browser()
	stolen, err := url.Parse(come(t, victim, at, ""))
	must(t, err)
	own, err := url.Parse(come(t, attacker, at, ""))
	must(t, err)
	q := own.Query()
	q.Set("code", stolen.Query().Get("code"))
	if r := attacker.ask(t, "GET", "/dang-nhap/oidc/ve?"+q.Encode(), nil); r.StatusCode != 502 {
		t.Errorf("a stolen code: %d", r.StatusCode)
	}
	// What the browser keeps may have been changed: it leads to a page of ours in any case.
	v := w.browser()
	back := come(t, v, at, "")
	text, err := base64.RawURLEncoding.DecodeString(v.cookies["sohoa-oidc"].Value)
	must(t, err)
	var kept map[string]string
	must(t, json.Unmarshal(text, &kept))
	kept["d"] = "//ac.example/"
	text, err = json.Marshal(kept)
	must(t, err)
	v.cookies["sohoa-oidc"].Value = base64.RawURLEncoding.EncodeToString(text)
	if r := v.ask(t, "GET", back, nil); r.StatusCode != 422 {
		t.Errorf("with another host in it: %d to %s", r.StatusCode, r.Header.Get("Location"))
	}
}

func TestAnIssuerThatIsAwayIsMetLater(t *testing.T) {
	t.Parallel()
	w, at := oidcOffice(t, "preferred_username", catalogue.SignIns{Key: []byte("0123456789abcdef0123456789abcdef"), Factor: []catalogue.Role{catalogue.RoleDesk}})
	at.away = true
	v := w.browser()
	if r := v.ask(t, "GET", "/dang-nhap/oidc", nil); r.StatusCode != 502 || !strings.Contains(string(r.text), "Không đăng nhập được qua hệ thống của cơ quan") {
		t.Errorf("%d %s", r.StatusCode, r.text)
	}
	at.away = false
	goes(t, v.ask(t, "GET", come(t, v, at, ""), nil), "/dang-nhap?vao=1")
	goes(t, v.ask(t, "GET", "/", nil), "/tai-khoan/hai-lop") // a second factor is ours to demand
}

func TestAnIssuersAddressesAreSafe(t *testing.T) {
	t.Parallel()
	good := pages.IssuerConfig{URL: "https://id.example", ClientID: "x", Redirect: redirect}
	if _, err := pages.NewIssuer(good); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*pages.IssuerConfig){
		"no encryption":      func(c *pages.IssuerConfig) { c.URL = "http://id.example" },
		"none to come back":  func(c *pages.IssuerConfig) { c.Redirect = "http://sohoa.example/dang-nhap/oidc/ve" },
		"another page":       func(c *pages.IssuerConfig) { c.Redirect = "https://sohoa.example/" },
		"no client":          func(c *pages.IssuerConfig) { c.ClientID = "" },
		"no address":         func(c *pages.IssuerConfig) { c.URL = "" },
		"none that is known": func(c *pages.IssuerConfig) { c.URL = "://" },
	} {
		bad := good
		change(&bad)
		if _, err := pages.NewIssuer(bad); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
