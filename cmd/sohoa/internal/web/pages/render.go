package pages

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

// view is what a template is given.
type view struct {
	Visit *Visit
	Menu  []entry
	Path  string
	Data  any // the page's own
}

// readTemplates reads each page inside the layout.
func (p *Pages) readTemplates() (map[string]*template.Template, error) {
	layout, err := template.New("layout.html").Funcs(p.functions()).ParseFS(templateFiles, "templates/layout.html")
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	all := make(map[string]*template.Template)
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "layout" {
			continue
		}
		page, err := template.Must(layout.Clone()).ParseFS(templateFiles, file)
		if err != nil {
			return nil, fmt.Errorf("read templates: %w", err)
		}
		all[name] = page
	}
	return all, nil
}

// render answers with a page: templates/<name>.html defines "title" and "main", the layout is around them. A part of a page that
// htmx asks for is "main" alone.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, v *Visit, name string, data any) error {
	block := "layout.html"
	if r.Header.Get("HX-Request-Type") == "partial" {
		block = "main"
	}
	return p.renderBlock(w, r, v, http.StatusOK, name, block, data)
}

// renderBlock answers with one block of templates/<name>.html and a status.
func (p *Pages) renderBlock(w http.ResponseWriter, r *http.Request, v *Visit, status int, name, block string, data any) error {
	page := p.templates[name]
	if page == nil {
		return fmt.Errorf("there is no template %q", name)
	}
	// Rendered whole before the head is sent: an error in the middle must not leave half a page.
	var b bytes.Buffer
	err := page.ExecuteTemplate(&b, block, view{Visit: v, Menu: p.menuFor(v, r.URL.Path), Path: r.URL.Path, Data: data})
	if err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	secure(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Add("Vary", "HX-Request-Type")
	return send(w, r, status, b.Bytes())
}

// secure sets what every page tells the browser to forbid.
func secure(head http.Header) {
	head.Set("Content-Security-Policy", ContentPolicy)
	head.Set("Referrer-Policy", "same-origin")
	head.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// send writes a body, packed where that is worth it and understood. Pages hold no secret that a length could tell (forms carry no
// tokens: CrossOriginProtection looks at where a request comes from).
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	w.Header().Add("Vary", "Accept-Encoding")
	const worth = 1 << 10
	if len(body) >= worth && takesGzip(r) {
		var packed bytes.Buffer
		z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
		if err != nil {
			return fmt.Errorf("pack a page: %w", err)
		}
		if _, err := z.Write(body); err != nil {
			return fmt.Errorf("pack a page: %w", err)
		}
		if err := z.Close(); err != nil {
			return fmt.Errorf("pack a page: %w", err)
		}
		body = packed.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a browser that has gone sees nothing
	return nil
}

func takesGzip(r *http.Request) bool {
	for _, one := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000"
		}
	}
	return false
}

// Problem is why a page cannot be shown or a change not be made, in words for people.
type Problem struct {
	Status    int
	Message   string
	Hint      string
	Detail    string // in English, of what was sent; may be empty
	Field     string // whose value it is; may be empty
	Reference string
}

// Fail answers with a problem: a page, or for htmx the notice that takes the place of what it asked for.
func (p *Pages) Fail(w http.ResponseWriter, r *http.Request, v *Visit, problem Problem) error {
	block := "layout.html"
	if r.Header.Get("HX-Request") == "true" {
		block = "notice"
		// The notice does not replace what the person has typed: it is shown above the page.
		w.Header().Set("HX-Retarget", "#notices")
		w.Header().Set("HX-Reswap", "innerHTML")
	}
	return p.renderBlock(w, r, v, problem.Status, "problem", block, problem)
}
