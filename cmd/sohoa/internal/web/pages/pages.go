package pages

import (
	"errors"
	"html/template"
	"net/http"

	"sohoa/storage/catalogue"
)

// ContentPolicy is the Content-Security-Policy of every page. Images may be blobs and data, since a page shows a file before it
// is sent.
const ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Config says what the pages stand on.
type Config struct {
	Catalogue *catalogue.Catalogue
	// Secure tells whether a browser's line to us is encrypted: then the session's cookie goes over nothing else.
	Secure func(r *http.Request) bool
	// Service is what runs beneath the pages.
	Service Service
	// PublicRates shows the digitization rates to everybody.
	PublicRates bool
	// Issuer is the OpenID Connect issuer that people may sign in with; nil: none.
	Issuer *Issuer
	// Sheets is a folder of ours for sheets that were looked at and not imported yet.
	Sheets string
}

// Pages makes the pages. It is safe for concurrent use.
type Pages struct {
	config    Config
	templates map[string]*template.Template
	assets    *assets
	sheets    *keptSheets
	reading   chan struct{} // a place for each sheet that is read at once
}

// New reads the templates and the assets.
func New(c Config) (*Pages, error) {
	if c.Catalogue == nil || c.Secure == nil || c.Service == nil {
		return nil, errors.New("pages: catalogue, Secure and Service are needed")
	}
	const sheetsAtOnce = 2
	p := &Pages{config: c, sheets: &keptSheets{folder: c.Sheets, all: make(map[string]keptSheet)}, reading: make(chan struct{}, sheetsAtOnce)}
	var err error
	if p.assets, err = readAssets(); err != nil {
		return nil, err
	}
	if p.templates, err = p.readTemplates(); err != nil {
		return nil, err
	}
	return p, nil
}

// Route is one page, or one thing that a page asks for.
type Route struct {
	Pattern string           // "GET /ho-so/{id}"
	Roles   []catalogue.Role // who may; nil: whoever is signed in
	Open    bool             // needs no session
	Due     []catalogue.Due  // what may be due in a session that opens it: nothing, or these
	Costly  bool             // it looks at a password or a code: an address may ask for few
	Do      func(w http.ResponseWriter, r *http.Request, v *Visit) error
}

// Visit is who asks. On an open page the zero user: nobody is signed in, or it does not matter who.
type Visit struct {
	User      catalogue.User       // whose session it is
	Reach     catalogue.Reach      // what they may see
	Records   *catalogue.Catalogue // the catalogue in their hands: what they change is told to the audit
	Reference string               // the request's id, which people tell IT
	Remote    string               // the address that they come from

	Session string        // the secret that the browser holds
	Due     catalogue.Due // what is to be done before the session opens anything else
}

// SignedIn tells whether somebody is, with nothing left to do first.
func (v *Visit) SignedIn() bool { return v.User.Login != "" && v.Due == catalogue.DueNothing }

// Is tells whether the visitor has one of the roles.
func (v *Visit) Is(roles ...catalogue.Role) bool {
	for _, role := range roles {
		if v.User.Role == role {
			return true
		}
	}
	return false
}

// DuePath is the page where something that is due is done.
func (p *Pages) DuePath(due catalogue.Due) string {
	switch due {
	case catalogue.DueCode:
		return "/dang-nhap/ma"
	case catalogue.DueFactor:
		return "/tai-khoan/hai-lop"
	}
	return "/tai-khoan"
}

// Routes are all pages: the table of contents.
func (p *Pages) Routes() []Route {
	all := []Route{
		{Pattern: "GET /assets/{file...}", Open: true, Do: p.asset},
		{Pattern: "GET /{$}", Do: p.begin},
	}
	all = append(all, p.signInRoutes()...)
	all = append(all, p.issuerRoutes()...)
	all = append(all, p.accountRoutes()...)
	all = append(all, p.operationsRoutes()...)
	all = append(all, p.ratesRoutes()...)
	all = append(all, p.listImportRoutes()...)
	all = append(all, p.dossierRoutes()...)
	all = append(all, p.paperRoutes()...)
	all = append(all, p.intakeRoutes()...)
	all = append(all, p.coverRoutes()...)
	all = append(all, p.lookupRoutes()...)
	return all
}
