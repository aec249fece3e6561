package object

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("0f", 32)
	if k, err := Original(sum); err != nil || string(k) != "originals/"+sum {
		t.Errorf("%q, %v", k, err)
	}
	for _, odd := range []string{"", sum[1:], sum + "0", strings.ToUpper(sum), sum[:63] + "\n", sum + "\n", strings.Repeat("../", 21) + "x"} {
		var refused *KeyError
		if k, err := Original(odd); !errors.As(err, &refused) {
			t.Errorf("original %q: %q, %v", odd, k, err)
		}
	}
	for _, good := range []string{"paper.pdf", "pages/12.json", "parts/1.gob", "a-b_c.d"} {
		k, err := Reading(sum, revision, good)
		if err != nil || string(k) != "readings/"+sum+"/"+revision+"/"+good {
			t.Errorf("%q, %v", k, err)
		}
		if err := k.check(); err != nil {
			t.Error(err)
		}
	}
	for _, odd := range []string{
		"", "/", "a/", "/a", "a//b", "..", "../a", "a/..", "a/../b", ".a", "a/.b", "a b", "đơn.pdf", "a\x00", "a\n", "a\\b", "a:b", "a*",
		"1/2/3/4/5/6", strings.Repeat("a", 65),
	} {
		var refused *KeyError
		if k, err := Reading(sum, revision, odd); !errors.As(err, &refused) {
			t.Errorf("reading %q: %q, %v", odd, k, err)
		}
	}
	for _, odd := range []string{"", "..", ".x", "a/b", "a b", "é", strings.Repeat("a", 65)} {
		if p, err := ReadingPrefix(sum, odd); err == nil {
			t.Errorf("revision %q: %q", odd, p)
		}
	}
}

// Whatever is accepted stays inside, is what it is made of, and is accepted again.
func FuzzKey(f *testing.F) {
	sum := strings.Repeat("0f", 32)
	for _, seed := range []string{"paper.pdf", "pages/1.json", "../x", "a/../../b", "", "/etc/passwd", ".hidden", "a//b", "a\x00b", "đơn.pdf", "a/./b", "a/b/c/d/e/f"} {
		f.Add(sum, revision, seed)
	}
	f.Add("../"+sum, revision, "paper.pdf")
	f.Add(sum, "..", "paper.pdf")
	f.Add(sum+"/..", "x", "paper.pdf")
	f.Fuzz(func(t *testing.T, sum, revision, name string) {
		inside := func(k Key, want string) {
			t.Helper()
			if clean := filepath.Clean("/root/" + string(k)); clean != "/root/"+want || string(k) != want {
				t.Errorf("%q becomes %q", k, clean)
			}
			if strings.ContainsFunc(string(k), func(r rune) bool { return r < '-' || r > 'z' }) {
				t.Errorf("%q has odd characters", k)
			}
			if err := k.check(); err != nil {
				t.Errorf("%q is refused: %v", k, err)
			}
		}
		if k, err := Original(sum); err == nil {
			inside(k, "originals/"+sum)
		}
		if k, err := Reading(sum, revision, name); err == nil {
			inside(k, "readings/"+sum+"/"+revision+"/"+name)
		}
		// Strings that were never parsed are held to the same.
		for _, raw := range []Key{Key(name), Key(OriginalsPrefix + name), Key(ReadingsPrefix + name)} {
			if raw.check() == nil {
				inside(raw, string(raw))
			}
		}
	})
}

func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	c := Config{SecretKey: "geheim"}
	encoded, err := json.Marshal(struct{ Key Secret }{c.SecretKey})
	if err != nil || string(encoded) != `{"Key":"[hidden]"}` {
		t.Errorf("JSON: %s, %v", encoded, err)
	}
	text, err := c.SecretKey.MarshalText()
	if err != nil {
		t.Error(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("opened", "key", c.SecretKey, "config", c)
	for _, said := range []string{
		fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%s %q %v", c.SecretKey, c.SecretKey, c.SecretKey),
		string(text), log.String(),
	} {
		if strings.Contains(said, "geheim") || !strings.Contains(said, hidden) {
			t.Errorf("told: %s", said)
		}
	}
	if c.SecretKey.Reveal() != "geheim" {
		t.Error("it is lost")
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := Config{Endpoint: "minio:9000", AccessKey: "a", SecretKey: "s"}.WithDefaults()
	if good.Bucket != "sohoa" || good.PublicEndpoint != "minio:9000" || good.Observe == nil {
		t.Errorf("%+v", good)
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(c *Config){
		"both":             func(c *Config) { c.Directory = "/x" },
		"neither":          func(c *Config) { c.Endpoint = "" },
		"no key":           func(c *Config) { c.SecretKey = "" },
		"a URL":            func(c *Config) { c.Endpoint = "http://minio:9000" },
		"a path":           func(c *Config) { c.PublicEndpoint = "minio:9000/x" },
		"an odd bucket":    func(c *Config) { c.Bucket = "Số hóa" },
		"odd encryption":   func(c *Config) { c.Encryption = "rot13" },
		"no KMS key":       func(c *Config) { c.Encryption = "SSE-KMS:" },
		"CA without TLS":   func(c *Config) { c.CAFile = "/ca.pem" },
		"a bucket of dots": func(c *Config) { c.Bucket = ".." },
		"keys in it":       func(c *Config) { c.Endpoint = "a:geheim@minio:9000" },
		"half a key in it": func(c *Config) { c.Endpoint, c.Bucket = "a:ge", "heim@minio:9000/sohoa" },
		"a key alone":      func(c *Config) { c.Endpoint = "a:geheim" },
	} {
		c := good
		spoil(&c)
		if err := c.Validate(); err == nil || strings.Contains(err.Error(), "heim") {
			t.Errorf("%s: %v", name, err)
		}
		if s, err := Open(t.Context(), c); err == nil || errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: opened %v, %v", name, s, err)
		}
	}
}
