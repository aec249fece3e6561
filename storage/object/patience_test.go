package object

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// everyCall makes each call to a store once.
func everyCall(t *testing.T, s *Store) map[string]func(ctx context.Context) error {
	t.Helper()
	k := reading(t, "paper.txt")
	path := file(t, t.TempDir(), []byte("x"))
	return map[string]func(ctx context.Context) error{
		"get":    func(ctx context.Context) error { _, err := s.Get(ctx, k); return err },
		"stat":   func(ctx context.Context) error { _, err := s.Stat(ctx, k); return err },
		"delete": func(ctx context.Context) error { return s.Delete(ctx, k) },
		"put":    func(ctx context.Context) error { return s.Put(ctx, k, strings.NewReader("x"), 1, "") },
		"parts": func(ctx context.Context) error {
			return s.Put(ctx, k, io.LimitReader(neverEnding{}, 2*partSize), -1, "")
		},
		"file": func(ctx context.Context) error {
			_, err := s.PutFile(ctx, original(t, []byte("x")), path, 1, digest([]byte("x")), 0)
			return err
		},
		"list": func(ctx context.Context) error {
			for _, err := range s.List(ctx, "") {
				return err
			}
			return nil
		},
		"check": s.Check,
	}
}

// within makes all calls at once, each of which must say that the store is away before so long.
func within(t *testing.T, limit time.Duration, calls map[string]func(ctx context.Context) error) {
	t.Helper()
	type answer struct {
		name string
		took time.Duration
		err  error
	}
	answers := make(chan answer)
	for name, call := range calls {
		go func() {
			start := time.Now()
			err := call(t.Context())
			answers <- answer{name, time.Since(start), err}
		}()
	}
	for range calls {
		if a := <-answers; !errors.Is(a.err, ErrUnavailable) || a.took > limit {
			t.Errorf("%s: after %v: %v", a.name, a.took, a.err)
		}
	}
}

// A store that is away says so soon, and works again when it is back.
func TestAwayAndBack(t *testing.T) {
	t.Parallel()
	m := private(t, t.TempDir())
	s := open(t, onMinIO(m))
	k := reading(t, "paper.txt")
	put(t, s, k, []byte("còn"))
	large := reading(t, "paper.pdf")
	put(t, s, large, bytesOf(12<<20))
	reader, err := s.Get(t.Context(), large)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}

	if err := m.Kill(); err != nil {
		t.Fatal(err)
	}
	calls := everyCall(t, s)
	calls["read on"] = func(context.Context) error { _, err := io.Copy(io.Discard, reader); return err }
	within(t, 10*time.Second, calls)
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s, k); string(got) != "còn" {
		t.Errorf("%q", got)
	}
	put(t, s, k, []byte("nữa"))

	// It stands still: connections are taken, and nothing is answered.
	reader, err = s.Get(t.Context(), large)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := m.Pause(); err != nil {
		t.Fatal(err)
	}
	calls = everyCall(t, s)
	calls["read"] = func(context.Context) error { _, err := io.Copy(io.Discard, reader); return err }
	within(t, 15*time.Second, calls) // it says 11; twice its patience would be 16, and the machine may be busy
	if err := m.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	content(t, s, large)
}

// An address from which nothing ever comes back.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	c := Config{Endpoint: "192.0.2.1:9000", AccessKey: "a", SecretKey: "s3cret"} // RFC 5737: nobody is there
	start := time.Now()
	err := open(t, c).Check(t.Context())
	if took := time.Since(start); !errors.Is(err, ErrUnavailable) || took > 13*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
	if strings.Contains(err.Error(), "s3cr") {
		t.Error("it tells the secret")
	}
}

// The patience of a transport, with a shorter one.
func TestPatience(t *testing.T) {
	t.Parallel()
	const stall = 300 * time.Millisecond
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/upload":
			_, _ = io.Copy(io.Discard, r.Body)
		case "/halfway":
			_, _ = w.Write([]byte("half"))
			_ = http.NewResponseController(w).Flush()
			<-hold
		case "/never":
			<-hold
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hold) })
	client := &http.Client{Transport: &patience{&http.Transport{DialContext: (&net.Dialer{}).DialContext}, stall}}
	ask := func(ctx context.Context, path string, body io.Reader) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, server.URL+path, body)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		time.Sleep(2 * stall) // a slow reader is not the store's fault either
		_, err = io.ReadAll(resp.Body)
		return err
	}
	slow := io.MultiReader(strings.NewReader("a"), sleepy{2 * stall}, strings.NewReader("b"))
	if err := ask(patiently(t.Context()), "/upload", slow); err != nil {
		t.Errorf("a slow client: %v", err)
	}
	var stalled *stalledError
	for _, path := range []string{"/never", "/halfway"} {
		ctx := patiently(t.Context())
		if err := ask(ctx, path, nil); !errors.As(err, &stalled) {
			t.Errorf("%s: %v", path, err)
		}
		start := time.Now()
		if err := ask(ctx, "/never", nil); !errors.As(err, &stalled) || time.Since(start) > stall/2 {
			t.Errorf("%s: again, after %v: %v", path, time.Since(start), err)
		}
	}
}

// sleepy gives nothing, slowly.
type sleepy struct{ time.Duration }

func (s sleepy) Read([]byte) (int, error) {
	time.Sleep(s.Duration)
	return 0, io.EOF
}
