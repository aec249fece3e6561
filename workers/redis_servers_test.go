package workers

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/pipeline"
	"sohoa/scripts/services"
	"sohoa/storage/catalogue"
)

// A paper is read as well where Redis stands behind a Sentinel, or is a Cluster.
func TestPaperIsReadThroughEveryKindOfRedis(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) (url string){"sentinel": behindSentinel, "cluster": inCluster} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			var err error
			if s.queue, err = OpenQueue(Redis{URL: start(t)}, LimitsFor(s.reading()), slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.queue.Close() })
			if err := s.queue.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			stop := s.server(nil)
			r := s.handIn(scan(t, 3, 2), catalogue.Desk, true)
			p := s.await(r.Paper.ID, patience, catalogue.PaperRead, catalogue.PaperReview, catalogue.PaperFailed)
			if p.State == catalogue.PaperFailed || !strings.Contains(string(s.output(p, "paper.txt")), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") {
				t.Errorf("it is %s: %s", p.State, p.Reason)
			}
			stop() // a task is under way for a moment after its paper is read
			all, err := s.queue.Counts(t.Context())
			if err != nil {
				t.Error(err)
			}
			for _, c := range all {
				if c.Pending+c.Active+c.Scheduled+c.Retry+c.Archived > 0 {
					t.Errorf("left in the queue: %+v", c)
				}
			}
		})
	}
}

func behindSentinel(t *testing.T) (url string) {
	t.Helper()
	s, err := services.StartSentinel(t.Context(), filepath.Join(t.TempDir(), "sentinel"))
	services.Need(t, err)
	t.Cleanup(func() { _ = s.Kill() })
	return "sentinel://" + s.Name + "@" + s.Addr
}

func inCluster(t *testing.T) (url string) {
	t.Helper()
	c, err := services.StartCluster(t.Context(), filepath.Join(t.TempDir(), "cluster"))
	services.Need(t, err)
	t.Cleanup(func() { _ = c.Kill() })
	return "cluster://" + strings.Join(c.Addrs(), ",")
}

// A Redis whose certificate is of an authority of one's own is believed where that authority is named, and only there.
func TestRedisWithAnAuthorityOfOnesOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	issuer := httptest.NewTLSServer(nil)
	defer issuer.Close()
	key, err := x509.MarshalPKCS8PrivateKey(issuer.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	authority := file("ca.pem", "CERTIFICATE", issuer.Certificate().Raw)
	server, at, err := services.StartRedisTLS(t.Context(), filepath.Join(dir, "redis"), authority, file("key.pem", "PRIVATE KEY", key))
	services.Need(t, err)
	t.Cleanup(func() { _ = server.Kill() })
	ask := func(r Redis) error {
		q, err := OpenQueue(r, LimitsFor(pipeline.Options{Jobs: 1, PageTime: pageTime}), slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		defer q.Close()
		return q.Check(t.Context())
	}
	if err := ask(Redis{URL: "rediss://" + at, CAFile: authority}); err != nil {
		t.Errorf("with its authority: %v", err)
	}
	var unknown x509.UnknownAuthorityError
	if err := ask(Redis{URL: "rediss://" + at}); !errors.As(err, &unknown) {
		t.Errorf("without: %v", err)
	}
	for name, r := range map[string]Redis{
		"no TLS":         {URL: "redis://" + server.Addr, CAFile: authority},
		"a socket":       {URL: "unix:/run/redis.sock", CAFile: authority},
		"no such file":   {URL: "rediss://" + at, CAFile: filepath.Join(dir, "none.pem")},
		"no certificate": {URL: "rediss://" + at, CAFile: filepath.Join(dir, "key.pem")},
	} {
		if _, err := r.Connection(); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}
