package object

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/minio/minio-go/v7"

	"sohoa/scripts/services"
)

// bucketOf is the bucket of a store that is there.
func bucketOf(t *testing.T, s *Store) *bucket {
	t.Helper()
	r, ok := s.backend.(*remote)
	if !ok {
		t.Fatal("it is no bucket")
	}
	b, err := r.bucket(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLinks(t *testing.T) {
	t.Parallel()
	s := open(t, onMinIO(services.MinIO(t)))
	k := reading(t, "paper.pdf")
	if err := s.Put(t.Context(), k, strings.NewReader("%PDF-1.4"), 8, ""); err != nil {
		t.Fatal(err)
	}
	get := func(link string) (int, http.Header, string) {
		resp, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, resp.Header, string(b)
	}
	link := func(life time.Duration) string {
		link, err := s.Presign(t.Context(), k, life, "Quyết định.pdf", "application/pdf")
		if err != nil {
			t.Fatal(err)
		}
		return link
	}
	old := link(time.Second)
	status, header, body := get(link(time.Minute))
	if status != http.StatusOK || body != "%PDF-1.4" || header.Get("Content-Type") != "application/pdf" ||
		!strings.Contains(header.Get("Content-Disposition"), "attachment; filename*=utf-8''Quy%E1%BA%BFt") {
		t.Errorf("%d %v %q", status, header, body)
	}
	time.Sleep(2100 * time.Millisecond)
	if status, _, _ := get(old); status != http.StatusForbidden {
		t.Errorf("an old link: %d", status)
	}
	d := open(t, Config{Directory: t.TempDir()})
	if _, err := d.Presign(t.Context(), k, time.Minute, "x", "y"); !errors.Is(err, ErrNoLinks) {
		t.Errorf("a directory's link: %v", err)
	}
}

// Links name the public address, and making them asks nobody there: it may be out of reach from here.
func TestLinksNameThePublicEndpoint(t *testing.T) {
	t.Parallel()
	c := onMinIO(services.MinIO(t))
	c.PublicEndpoint = "objects.example.invalid:9443"
	s := open(t, c)
	k := reading(t, "paper.pdf")
	for name, want := range map[string]string{
		`a"b` + "\r\nX-Odd: 1": "attachment; filename", "": "attachment", "Đơn.pdf": "attachment; filename*=utf-8''%C4%90%C6%A1n.pdf",
	} {
		link, err := s.Presign(t.Context(), k, time.Hour, name, "")
		if err != nil {
			t.Fatal(err)
		}
		at, err := url.Parse(link)
		if err != nil || at.Host != c.PublicEndpoint {
			t.Errorf("%s, %v", link, err)
		}
		query := at.Query()
		if got := query.Get("response-content-disposition"); !strings.HasPrefix(got, want) || strings.ContainsAny(got, "\r\n") {
			t.Errorf("%q: %q", name, got)
		}
		if query.Get("X-Amz-Expires") != "900" {
			t.Errorf("it lives %s s", query.Get("X-Amz-Expires"))
		}
	}
}

func TestVersionsAreKeptAndDeletedWithTheObject(t *testing.T) {
	t.Parallel()
	s := open(t, onMinIO(services.MinIO(t)))
	b := bucketOf(t, s)
	v, err := b.client.GetBucketVersioning(t.Context(), b.name)
	if err != nil || !v.Enabled() {
		t.Errorf("versioning %+v, %v", v, err)
	}
	versions := func() (n int) {
		for v := range b.client.ListObjectsIter(t.Context(), b.name, minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
			if v.Err != nil {
				t.Fatal(v.Err)
			}
			n++
		}
		return n
	}
	k, longer := reading(t, "paper"), reading(t, "paper.txt")
	for _, text := range []string{"một", "hai"} {
		put(t, s, k, []byte(text))
	}
	put(t, s, longer, []byte("x"))
	// Deleted by hand, as the console does: a marker.
	if err := b.client.RemoveObject(t.Context(), b.name, string(k), minio.RemoveObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), k); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted by hand: %v", err)
	}
	if n := versions(); n != 4 {
		t.Errorf("%d versions", n)
	}
	if err := s.Delete(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	if n := versions(); n != 1 {
		t.Errorf("%d versions are left, not that of the longer name alone", n)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if n := versions(); n != 1 {
		t.Errorf("checking left something: %d", n)
	}
}

func TestFailedUploadsAreAborted(t *testing.T) {
	t.Parallel()
	s := open(t, onMinIO(services.MinIO(t)))
	k := reading(t, "paper.pdf")
	ctx, cancel := context.WithCancel(t.Context())
	for name, err := range map[string]error{
		"broken": s.Put(t.Context(), k, io.MultiReader(bytes.NewReader(bytesOf(partSize+1)), iotest.ErrReader(io.ErrClosedPipe)), -1, ""),
		"cancelled": s.Put(ctx, k, &counting{neverEnding{}, func() {
			if unfinished(t, s, k) > 0 {
				cancel()
			}
		}, 0}, -1, ""),
	} {
		if err == nil {
			t.Errorf("%s: stored", name)
		}
	}
	if n := unfinished(t, s, k); n > 0 {
		t.Errorf("%d uploads are left", n)
	}
}

func TestWrongKeysAreITsToRepair(t *testing.T) {
	t.Parallel()
	c := onMinIO(services.MinIO(t))
	c.SecretKey = "not-the-secret"
	err := open(t, c).Check(t.Context())
	if !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "not-the-secret") {
		t.Errorf("%v", err)
	}
}

// A bucket that was taken away does not make everything look as if it had never been handed in.
func TestBucketIsGone(t *testing.T) {
	t.Parallel()
	s := open(t, onMinIO(services.MinIO(t)))
	b := bucketOf(t, s)
	if err := b.client.RemoveBucket(t.Context(), b.name); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stat(t.Context(), reading(t, "paper.txt")); !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrNotFound) {
		t.Errorf("stat: %v", err)
	}
	if err := s.Put(t.Context(), reading(t, "paper.txt"), strings.NewReader("x"), 1, ""); !errors.Is(err, ErrUnavailable) {
		t.Errorf("put: %v", err)
	}
}

// What stands between us and the store may answer for it, in its own words.
func TestAnswersOfOthers(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{
		http.StatusBadGateway: ErrUnavailable, http.StatusServiceUnavailable: ErrUnavailable, http.StatusTooManyRequests: ErrUnavailable,
		http.StatusInsufficientStorage: ErrFull,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			m := services.MinIO(t)
			broken := false
			proxy := httptest.NewServer(through(t, m, func(w http.ResponseWriter) bool {
				if broken {
					http.Error(w, "<html>no</html>", status)
				}
				return broken
			}))
			t.Cleanup(proxy.Close)
			c := onMinIO(m)
			c.Endpoint = strings.TrimPrefix(proxy.URL, "http://")
			s := open(t, c)
			broken = true
			if err := s.Put(t.Context(), reading(t, "a"), strings.NewReader("x"), 1, ""); !errors.Is(err, want) {
				t.Errorf("put: %v", err)
			}
			if _, err := s.Stat(t.Context(), reading(t, "a")); !errors.Is(err, want) {
				t.Errorf("stat: %v", err)
			}
		})
	}
}

// through passes requests on to a MinIO, but for those that before answers.
func through(t *testing.T, m *services.MinIOServer, before func(w http.ResponseWriter) bool) http.Handler {
	t.Helper()
	to := &url.URL{Scheme: "http", Host: m.Endpoint}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is signed
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !before(w) {
			proxy.ServeHTTP(w, r)
		}
	})
}

func TestTLSWithAnAuthorityOfOnesOwn(t *testing.T) {
	t.Parallel()
	m := services.MinIO(t)
	proxy := httptest.NewTLSServer(through(t, m, func(http.ResponseWriter) bool { return false }))
	t.Cleanup(proxy.Close)
	c := onMinIO(m)
	c.Endpoint, c.TLS = strings.TrimPrefix(proxy.URL, "https://"), true
	if err := open(t, c).Check(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a certificate of nobody known: %v", err)
	}
	c.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})
	if err := os.WriteFile(c.CAFile, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, c)
	b := bytesOf(partSize + 1000)
	put(t, s, original(t, b), b)
	if !bytes.Equal(content(t, s, original(t, b)), b) {
		t.Error("other bytes")
	}
	small := []byte("nhỏ")
	put(t, s, original(t, small), small)
	link, err := s.Presign(t.Context(), original(t, small), time.Minute, "x", "")
	if err != nil || !strings.HasPrefix(link, "https://") {
		t.Errorf("%s, %v", link, err)
	}
	if err := os.WriteFile(c.CAFile, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), c); err == nil {
		t.Error("a file without a certificate was taken")
	}
}

// Not parallel: the server is told its key by the environment.
func TestEncryption(t *testing.T) {
	plain := onMinIO(services.MinIO(t))
	plain.Encryption = "SSE-S3"
	keyless := open(t, plain)
	for range 2 {
		if err := keyless.Put(t.Context(), reading(t, "a"), strings.NewReader("x"), 1, ""); !errors.Is(err, ErrUnavailable) {
			t.Errorf("a store without keys: %v", err)
		}
	}
	t.Setenv("MINIO_KMS_SECRET_KEY", "papers:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
	m := private(t, t.TempDir())
	for encryption, header := range map[string]string{"SSE-S3": "AES256", "SSE-KMS:papers": "aws:kms"} {
		c := onMinIO(m)
		c.Encryption = encryption
		s := open(t, c)
		b := bucketOf(t, s)
		for _, data := range [][]byte{bytesOf(1000), bytesOf(partSize + 1000)} {
			k := original(t, data)
			put(t, s, k, data)
			if !bytes.Equal(content(t, s, k), data) {
				t.Errorf("%s: other bytes", encryption)
			}
			info, err := b.client.StatObject(t.Context(), b.name, string(k), minio.StatObjectOptions{})
			if got := info.Metadata.Get("X-Amz-Server-Side-Encryption"); err != nil || got != header {
				t.Errorf("%s: stored as %q, %v", encryption, got, err)
			}
		}
	}
}

// A store may be opened while the server is away: it is unavailable until it is met, and its bucket is made then, by one of
// those who ask at once.
func TestOpenWhileAway(t *testing.T) {
	t.Parallel()
	m := private(t, t.TempDir())
	if err := m.Kill(); err != nil {
		t.Fatal(err)
	}
	c := onMinIO(m)
	s := open(t, c)
	b := bytesOf(3000)
	k := original(t, b)
	within(t, 10*time.Second, everyCall(t, s))
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.Pause(); err != nil { // it takes connections, and answers none
		t.Fatal(err)
	}
	within(t, 15*time.Second, everyCall(t, s))
	ended, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Stat(ended, k); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUnavailable) {
		t.Errorf("the caller's end: %v", err)
	}
	if err := m.Resume(); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := s.Put(t.Context(), k, bytes.NewReader(b), int64(len(b)), digest(b)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if !bytes.Equal(content(t, s, k), b) {
		t.Error("other bytes")
	}
	v, err := bucketOf(t, s).client.GetBucketVersioning(t.Context(), c.Bucket)
	if err != nil || !v.Enabled() {
		t.Errorf("versioning %+v, %v", v, err)
	}
}

// The real server's full disk.
func TestFullStore(t *testing.T) {
	t.Parallel()
	m := private(t, smallDisk(t, "64m"))
	s := open(t, onMinIO(m))
	small := bytesOf(1000)
	put(t, s, original(t, small), small)
	large := bytesOf(96 << 20)
	for _, size := range []int64{int64(len(large)), -1} {
		if err := s.Put(t.Context(), original(t, large), bytes.NewReader(large), size, ""); !errors.Is(err, ErrFull) {
			t.Errorf("told %d: %v", size, err)
		}
	}
	if _, err := s.Stat(t.Context(), original(t, large)); !errors.Is(err, ErrNotFound) {
		t.Errorf("half of it is there: %v", err)
	}
	if !bytes.Equal(content(t, s, original(t, small)), small) {
		t.Error("what was there is spoiled")
	}
	more := bytesOf(2000)
	put(t, s, original(t, more), more)
}
