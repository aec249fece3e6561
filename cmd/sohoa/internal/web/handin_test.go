package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"os"
	"strings"
	"testing"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// sum is the SHA-256 in hex.
func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// piece is one part of a form: a field, or a file where its name is given.
type piece struct {
	field, name string
	value       []byte
}

func form(t *testing.T, pieces ...piece) (io.Reader, map[string]string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range pieces {
		head := textproto.MIMEHeader{}
		says := fmt.Sprintf("form-data; name=%q", p.field)
		if p.name != "" {
			says += fmt.Sprintf("; filename=%q", p.name)
			head.Set("Content-Type", "text/html") // a lie
		}
		head.Set("Content-Disposition", says)
		part, err := w.CreatePart(head)
		must(t, err)
		_, err = part.Write(p.value)
		must(t, err)
	}
	must(t, w.Close())
	return &b, map[string]string{"Content-Type": w.FormDataContentType()}
}

func TestAPaperThatWasHandedInIsInStoreCatalogueAndQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	dossier, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	first, second := scan(t, 1), scan(t, 2)
	body, head := form(
		t, piece{"component", "", []byte("TP1")}, piece{"sha256", "", []byte(sum(first))}, piece{"file", "Đơn đề nghị.png", first},
		piece{"kind", "", []byte("result")}, piece{"queue", "", []byte("batch")}, piece{"file", "b.png", second},
	)
	got := want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, body, head}), 201)
	if len(got.Results) != 2 {
		t.Fatalf("%d results", len(got.Results))
	}
	for i, file := range [][]byte{first, second} {
		r := got.Results[i]
		if r.SHA256 != sum(file) || r.Held || r.Again || r.Paper.State != catalogue.PaperReceived || r.Paper.MediaType != "image/png" {
			t.Errorf("result %d: %+v", i, r)
		}
		key, err := object.Original(r.SHA256)
		must(t, err)
		o, err := w.store.Get(t.Context(), key)
		must(t, err)
		kept, err := io.ReadAll(o)
		must(t, err)
		must(t, o.Close())
		if !bytes.Equal(kept, file) {
			t.Errorf("the store has %d other bytes", len(kept))
		}
	}
	if p := got.Results[0].Paper; p.Component != "TP1" || p.Kind != "component" || p.Name != "Đơn đề nghị.png" || p.Dossier != dossier {
		t.Errorf("the first paper is %+v", p)
	}
	if p := got.Results[1].Paper; p.Kind != "result" || !strings.HasPrefix(p.HandedInBy, "client:desk#") {
		t.Errorf("the second paper is %+v", p)
	}
	tasks := w.queue.has()
	if len(tasks) != 2 || tasks[0].Queue != catalogue.Desk || tasks[1].Queue != catalogue.Batch || tasks[0].Step != catalogue.StepSplit {
		t.Errorf("the queue has %+v", tasks)
	}
	full := want[dossierJSON](t, w.do(t, ask{"GET", path, w.desk, nil, nil}), 200)
	if len(full.Papers) != 2 {
		t.Errorf("the dossier has %d papers", len(full.Papers))
	}
	w.spoolIsEmpty(t)
	acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Action: "paper.hand_in"})
	must(t, err)
	if len(acts) != 2 || !strings.HasPrefix(acts[0].Actor, "client:desk#") || acts[0].Remote != "127.0.0.1" {
		t.Errorf("the audit has %+v", acts)
	}
}

// spoolIsEmpty checks that nothing of plain requests is left.
func (w *world) spoolIsEmpty(tb testing.TB) {
	tb.Helper()
	left, err := os.ReadDir(w.spool.plain())
	must(tb, err)
	if len(left) > 0 {
		tb.Errorf("%d files are left in the spool", len(left))
	}
}

func TestTheSameBytesAgainAreToldSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, here := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	_, there := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0002")
	_, elsewhere := w.newDossier(t, w.other, "H50.14", "H50.14-220331-0001")
	file := scan(t, 1)
	hand := func(path, token string, status int) handed {
		return want[handedJSON](t, w.do(t, ask{"POST", path + "/papers?name=a.png", token, file, nil}), status).Results[0]
	}
	first := hand(here, w.desk, 201)
	if again := hand(here, w.desk, 200); !again.Again || again.Paper.ID != first.Paper.ID {
		t.Errorf("again: %+v", again)
	}
	if other := hand(there, w.desk, 201); !other.Held || other.Again || len(other.HeldIn) != 1 || other.HeldIn[0].Paper != first.Paper.ID {
		t.Errorf("in another dossier: %+v", other)
	}
	if foreign := hand(elsewhere, w.other, 201); !foreign.Held || len(foreign.HeldIn) != 0 {
		t.Errorf("in another agency: %+v", foreign)
	}
	if n := len(w.queue.has()); n != 1 {
		t.Errorf("%d readings were enqueued", n)
	}
}

func TestAKnownScanIsHandedInByItsChecksum(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, here := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	_, there := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0002")
	_, elsewhere := w.newDossier(t, w.other, "H50.14", "H50.14-220331-0001")
	file := scan(t, 1)
	w.do(t, ask{"POST", here + "/papers?name=a.png", w.desk, file, nil})
	known := map[string]any{"sha256": sum(file), "component": "TP2"}
	got := want[handedJSON](t, w.do(t, ask{"POST", there + "/papers/known", w.desk, known, nil}), 201).Results[0]
	if !got.Held || got.Paper.Name != "a.png" || got.Paper.Component != "TP2" || got.Paper.Size != int64(len(file)) {
		t.Errorf("known: %+v", got)
	}
	wantCode(t, w.do(t, ask{"POST", elsewhere + "/papers/known", w.other, known, nil}), 404, CodeNotFound)
	wantCode(t, w.do(t, ask{"POST", there + "/papers/known", w.desk, map[string]any{"sha256": "x"}, nil}), 400, CodeInvalid)
	wantCode(t, w.do(t, ask{"POST", there + "/papers/known", w.desk, map[string]any{}, nil}), 400, CodeInvalid)
}

func TestAFileThatIsRefusedDoesNotSpoilTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.MaxPaper = 4 << 10; c.MaxRequest = 1 << 20 })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	good := scan(t, 1)
	large := append(scan(t, 2), make([]byte, 8<<10)...)
	body, head := form(
		t, piece{"f", "empty.png", nil}, piece{"f", "page.html", []byte("<html>")}, piece{"f", "large.png", large},
		piece{"sha256", "", []byte(sum(large))}, piece{"f", "other.png", scan(t, 3)}, piece{"f", "good.png", good},
	)
	r := w.do(t, ask{"POST", path + "/papers", w.desk, body, head})
	wantCode(t, r, 422, CodeSomeRefused)
	got := want[failed](t, r, 422)
	codes := []Code{CodePaperEmpty, CodePaperUnknown, CodePaperTooLarge, CodeChecksum, ""}
	if len(got.Results) != len(codes) {
		t.Fatalf("%d results", len(got.Results))
	}
	for i, code := range codes {
		switch e := got.Results[i].Error; {
		case code == "" && (e != nil || got.Results[i].Paper == nil):
			t.Errorf("file %d: %+v", i, got.Results[i])
		case code != "" && (e == nil || e.Code != code):
			t.Errorf("file %d: %+v, want %s", i, e, code)
		}
	}
	d := want[dossierJSON](t, w.do(t, ask{"GET", path, w.desk, nil, nil}), 200)
	if len(d.Papers) != 1 || d.Papers[0].SHA256 != sum(good) {
		t.Errorf("the dossier has %+v", d.Papers)
	}
	w.spoolIsEmpty(t)
}

func TestOneRefusedFileSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.MaxPaper = 4 << 10; c.MaxFiles = 2 })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	file := scan(t, 1)
	digest := func(b []byte) string {
		s := sha256.Sum256(b)
		return "sha-256=:" + base64.StdEncoding.EncodeToString(s[:]) + ":"
	}
	raw := func(body []byte, head map[string]string) ask {
		return ask{"POST", path + "/papers", w.desk, body, head}
	}
	multi := func(pieces ...piece) ask {
		body, head := form(t, pieces...)
		return ask{"POST", path + "/papers", w.desk, body, head}
	}
	for name, c := range map[string]struct {
		ask    ask
		status int
		code   Code
	}{
		"empty":             {raw(nil, nil), 422, CodePaperEmpty},
		"text":              {raw([]byte("hello"), map[string]string{"Content-Type": "image/png"}), 415, CodePaperUnknown},
		"too large":         {raw(make([]byte, 5<<10), nil), 413, CodePaperTooLarge},
		"packed":            {raw(file, map[string]string{"Content-Encoding": "gzip"}), 415, CodeEncoding},
		"other digest":      {raw(file, map[string]string{"Repr-Digest": digest(nil)}), 422, CodeChecksum},
		"digests differ":    {raw(file, map[string]string{"Repr-Digest": digest(file), "Content-Digest": digest(nil)}), 400, CodeInvalid},
		"digest is none":    {raw(file, map[string]string{"Content-Digest": "sha-256=:x:"}), 400, CodeInvalid},
		"form, text":        {multi(piece{"f", "a.png", []byte("hello")}), 415, CodePaperUnknown},
		"form, no file":     {multi(piece{"kind", "", []byte("result")}), 422, CodeNoFile},
		"form, kind":        {multi(piece{"kind", "", []byte("other")}, piece{"f", "a.png", file}), 400, CodeInvalid},
		"form, field":       {multi(piece{"nonsense", "", []byte("x")}), 400, CodeInvalid},
		"form, long field":  {multi(piece{"component", "", bytes.Repeat([]byte("x"), 5000)}), 400, CodeInvalid},
		"form, a digest":    {withHead(multi(piece{"f", "a.png", file}), "Repr-Digest", digest(file)), 400, CodeInvalid},
		"form, its digest":  {withHead(multi(piece{"f", "a.png", file}), "Content-Digest", digest(file)), 400, CodeInvalid},
		"form, many files":  {multi(piece{"f", "1", file}, piece{"f", "2", file}, piece{"f", "3", file}), 413, CodeTooManyFiles},
		"form, many fields": {multi(bytesOf(20, piece{"kind", "", nil})...), 413, CodeTooManyFiles},
		"no form":           {ask{"POST", path + "/papers", w.desk, []byte("x"), map[string]string{"Content-Type": "multipart/form-data"}}, 400, CodeBadRequest},
		"half a form":       {ask{"POST", path + "/papers", w.desk, []byte("--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nxx"), map[string]string{"Content-Type": "multipart/form-data; boundary=b"}}, 400, CodeCutOff},
		"no dossier":        {ask{"POST", "/api/v1/dossiers/999/papers", w.desk, file, nil}, 404, CodeNotFound},
		"another's dossier": {ask{"POST", path + "/papers", w.other, file, nil}, 404, CodeNotFound},
		"kind":              {ask{"POST", path + "/papers?kind=x", w.desk, file, nil}, 400, CodeInvalid},
		"queue":             {ask{"POST", path + "/papers?queue=reread", w.desk, file, nil}, 400, CodeInvalid},
		"component":         {ask{"POST", path + "/papers?component=%00", w.desk, file, nil}, 400, CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, w.do(t, c.ask), c.status, c.code) })
	}
	whole := scan(t, 9)
	ok := want[handedJSON](t, w.do(t, raw(whole, map[string]string{"Repr-Digest": "md5=:xx:, " + digest(whole) + ";q=1"})), 201)
	if ok.Results[0].SHA256 != sum(whole) {
		t.Errorf("with its digest: %+v", ok)
	}
	w.spoolIsEmpty(t)
}

func withHead(a ask, name, value string) ask {
	a.head[name] = value
	return a
}

func bytesOf(n int, p piece) []piece {
	all := make([]piece, n)
	for i := range all {
		all[i] = p
	}
	return all
}

func TestAQueueThatIsAwayDoesNotKeepAPaperOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.queue.away = true
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	got := want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 1), nil}), 201).Results[0]
	p := want[paperJSON](t, w.do(t, ask{"GET", "/api/v1/papers/" + subject("", got.Paper.ID)[1:], w.desk, nil, nil}), 200)
	if p.State != catalogue.PaperReceived {
		t.Errorf("the paper is %s", p.State)
	}
	due, err := w.records.Due(t.Context(), 10)
	must(t, err)
	if len(due) != 1 {
		t.Errorf("the sweeper would find %+v", due)
	}
}

func FuzzCleanName(f *testing.F) {
	for _, seed := range []string{
		"", "a.tif", "../../etc/passwd", `C:\Users\x\Đơn.pdf`, "a\x00b.png", "\u202egpj.exe", "..", ". .", "a\r\nSet-Cookie: x",
		strings.Repeat("ế", 300) + ".pdf", "a" + strings.Repeat(".x", 200), "\xff\xfe", "con\u0301g.png", "/", `"quoted"; x=y`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean := cleanName(name)
		if strings.ContainsAny(clean, "/\\\r\n\x00") || len([]rune(clean)) > mostName || clean == "." || clean == ".." {
			t.Errorf("%q became %q", name, clean)
		}
		if again := cleanName(clean); again != clean {
			t.Errorf("%q became %q, then %q", name, clean, again)
		}
		if says := disposition(clean); strings.ContainsFunc(says, func(r rune) bool { return r < ' ' || r > '~' }) || strings.Count(says, `"`) != 2 {
			t.Errorf("%q is offered as %s", clean, says)
		}
	})
}
