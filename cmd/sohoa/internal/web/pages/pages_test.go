package pages

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sohoa/storage/catalogue"
)

func newPages(t *testing.T) *Pages {
	t.Helper()
	c, err := catalogue.Open(catalogue.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "catalogue.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	p, err := New(Config{Catalogue: c, Secure: func(*http.Request) bool { return false }, Service: nobody{}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The policy forbids them, so each would be a part that silently does nothing.
var inline = regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<style|<script(?:\s[^>]*)?>[^<]|javascript:|\shx-on|https?://`)

func TestTemplatesHaveNothingInline(t *testing.T) {
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d templates: %v", len(files), err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(templateFiles, file)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(text), "\n") {
			// SVG's name space is a name and no address.
			if found := inline.FindString(strings.ReplaceAll(line, "http://www.w3.org/2000/svg", "")); found != "" {
				t.Errorf("%s:%d: %q", file, n+1, found)
			}
		}
	}
	if !inline.MatchString(`<p style="x">`) || !inline.MatchString(`<a onclick=x>`) || !inline.MatchString(`<script>x`) || inline.MatchString(`<script src="{{asset "x"}}" type="module"></script>`) {
		t.Error("the pattern is wrong")
	}
}

// firstLoad is the most, compressed, that a first page may bring: here all assets of all pages together.
const firstLoad = 150_000

func TestAssetsAreSmallAndKept(t *testing.T) {
	p := newPages(t)
	all := 0
	for name := range p.assets.address {
		if strings.HasSuffix(name, ".LICENSE") {
			continue
		}
		address, err := p.assetAddress(name)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		r.SetPathValue("file", strings.TrimPrefix(address, "/assets/"))
		r.Header.Set("Accept-Encoding", "br, gzip")
		w := httptest.NewRecorder()
		if err := p.asset(w, r, &Visit{}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Security-Policy") != ContentPolicy {
			t.Errorf("%s: %v", name, w.Header())
		}
		all += w.Body.Len()
		body := io.Reader(w.Body)
		if w.Header().Get("Content-Encoding") == "gzip" {
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		got, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		want, err := fs.ReadFile(assetFiles, "assets/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s came out otherwise", name)
		}
	}
	t.Logf("all assets: %d bytes compressed", all)
	if all == 0 || all > firstLoad {
		t.Errorf("all assets together are %d bytes compressed, want at most %d", all, firstLoad)
	}
}

func TestProblemsAreText(t *testing.T) {
	p := newPages(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ho-so", nil)
	w := httptest.NewRecorder()
	err := p.Fail(w, r, &Visit{}, Problem{Status: 409, Message: "Không được <script>alert(1)</script>", Hint: "Sửa", Detail: `"><img src=x>`, Field: "code"})
	if err != nil {
		t.Fatal(err)
	}
	body := w.Body.String()
	if w.Code != 409 || strings.Contains(body, "<script>alert") || strings.Contains(body, "<img") || !strings.Contains(body, "&lt;script&gt;alert(1)") {
		t.Errorf("%d %s", w.Code, body)
	}
	if !strings.Contains(body, `lang="vi"`) || w.Header().Get("Content-Security-Policy") != ContentPolicy {
		t.Errorf("not a page of ours: %v %s", w.Header(), body)
	}

	r.Header.Set("HX-Request", "true")
	w = httptest.NewRecorder()
	if err := p.Fail(w, r, &Visit{}, Problem{Status: 503, Message: "Bận", Hint: "Chờ", Reference: "R1"}); err != nil {
		t.Fatal(err)
	}
	if body := w.Body.String(); w.Code != 503 || strings.Contains(body, "<html") || !strings.Contains(body, "R1") || w.Header().Get("HX-Retarget") != "#notices" {
		t.Errorf("%d %v %s", w.Code, w.Header(), body)
	}
}

func TestGzipIsSentOnlyWhereItIsTaken(t *testing.T) {
	for head, want := range map[string]bool{"": false, "gzip": true, "br;q=1, GZIP;q=0.5": true, "gzip;q=0": false, "gzip; q=0.0": false, "identity": false} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", head)
		if got := takesGzip(r); got != want {
			t.Errorf("%q: %v", head, got)
		}
	}
}

// nobody is a service of which nothing is asked.
type nobody struct{ Service }
