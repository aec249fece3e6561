package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHidePassword(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"postgres://an:geheim@db/sohoa":                 "postgres://an:[hidden]@db/sohoa",
		"postgres://an:geheim@db/sohoa?password=geheim": "postgres://an:[hidden]@db/sohoa?[hidden]",
		"postgres://an@db:5432/sohoa":                   "postgres://an@db:5432/sohoa",
		"postgres://an:ge@heim@db/sohoa":                "postgres://an:[hidden]@db/sohoa",
		"postgres://an:ge/heim@db/sohoa":                "postgres://an:[hidden]@db/sohoa",
		"postgres://an:ge?heim@db/sohoa":                "postgres://[hidden]",
		"postgres://db/sohoa?password=ge@heim":          "postgres://[hidden]",
		"postgres://an:geheim@a:1,b:2/sohoa":            "postgres://an:[hidden]@a:1,b:2/sohoa",
		"host=db user=an password=geheim":               "[hidden]",
		"an:geheim@db":                                  "[hidden]",
		"geheim":                                        "[hidden]",
		"sqlite:/srv/sohoa/catalogue.db":                "sqlite:/srv/sohoa/catalogue.db",
		"sqlite:c.db":                                   "sqlite:c.db",
		"redis://redis:6379":                            "redis://redis:6379",
		"redis://an:geheim@redis:6379/1":                "redis://[hidden]@redis:6379/1",
		"redis://geheim@redis:6379":                     "redis://[hidden]@redis:6379",
		"redis://redis:geheim":                          "redis://[hidden]",
		"redis:6379":                                    "redis:6379",
		"[::1]:6379":                                    "[::1]:6379",
		"geheim@redis:6379":                             "[hidden]",
		"unix:/run/redis.sock":                          "unix:/run/redis.sock",
		"sentinel://main@a:1,b:2/4":                     "sentinel://main@a:1,b:2/4",
		"sentinel+tls://main:geheim@a:1":                "sentinel+tls://main:[hidden]@a:1",
		"cluster://a:1,b:2":                             "cluster://a:1,b:2",
		"s3://minio:9000/sohoa":                         "s3://minio:9000/sohoa",
		"s3+https://sohoa:geheim@minio:9000/sohoa":      "s3+https://[hidden]@minio:9000/sohoa",
		"/srv/objects":                                  "/srv/objects",
		"./a@b":                                         "./a@b",
		"data/objects":                                  "data/objects",
	} {
		if got := hidePassword(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// settings are read from an environment of these alone, and from a file.
func settings(t *testing.T, file string, environment map[string]string) (config, error) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "SOHOA_") && !strings.HasPrefix(name, "SOHOA_TEST_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range environment {
		t.Setenv(name, value)
	}
	path := ""
	if file != "" {
		path = filepath.Join(t.TempDir(), "settings")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return loadConfig(path)
}

func TestAddressesArePrintedWithoutPasswords(t *testing.T) {
	c, err := settings(t, "", map[string]string{
		"SOHOA_REDIS": "redis://an:geheim@redis:6379", "SOHOA_OBJECTS": "s3://an:geheim@minio:9000/sohoa", "SOHOA_CATALOGUE": "geheim",
	})
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if err := c.print(&said); err != nil || strings.Contains(said.String(), "geheim") {
		t.Errorf("%v: %s", err, said.String())
	}
	if _, err := c.objects(); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("the object store: %v", err)
	}
}

// The environment goes before the file, whichever of them names a file for the value.
func TestSettingsOfTwoSources(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const name = "SOHOA_REDIS_PASSWORD"
	for what, c := range map[string]struct {
		file        string
		environment map[string]string
		want        string
	}{
		"the file alone":                {name + "=plain", nil, "plain"},
		"a file that the file names":    {name + "_FILE=" + secret, nil, "from a file"},
		"the environment over it":       {name + "_FILE=" + secret, map[string]string{name: "mine"}, "mine"},
		"the environment's over plain":  {name + "=plain", map[string]string{name + "_FILE": secret}, "from a file"},
		"an empty one says nothing":     {name + "=plain", map[string]string{name: "", name + "_FILE": ""}, "plain"},
		"an empty one and the other":    {"", map[string]string{name: "", name + "_FILE": secret}, "from a file"},
		"the file's is not even looked": {name + "=plain", map[string]string{name: "mine"}, "mine"},
	} {
		t.Run(what, func(t *testing.T) {
			got, err := settings(t, c.file, c.environment)
			if err != nil || got.RedisPassword != c.want {
				t.Errorf("%q, %v; want %q", got.RedisPassword, err, c.want)
			}
		})
	}
	t.Run("both at once", func(t *testing.T) {
		var usage *usageError
		if _, err := settings(t, "", map[string]string{name: "mine", name + "_FILE": secret}); !errors.As(err, &usage) {
			t.Errorf("%v", err)
		}
	})
}

func TestSettingsThatCannotBe(t *testing.T) {
	for _, said := range []string{
		"SOHOA_JOBS=0", "SOHOA_JOBS=-1", "SOHOA_JOBS=many", "SOHOA_CATALOGUE_CONNECTIONS=0", "SOHOA_MODEL=huge", "SOHOA_PAGE_TIME=0s",
		"SOHOA_PAGE_TIME=900ms", "SOHOA_PAGE_MEMORY=0",
		"SOHOA_CACHE_BYTES=-1", "SOHOA_GRACE=0s", "SOHOA_GRACE=-5s", "SOHOA_MAX_PAPER=0", "SOHOA_RESERVE=-2", "SOHOA_LOG_LEVEL=loud",
		"SOHOA_LOG_FORMAT=xml",
	} {
		name, value, _ := strings.Cut(said, "=")
		t.Run(said, func(t *testing.T) {
			var usage *usageError
			if _, err := settings(t, "", map[string]string{name: value}); !errors.As(err, &usage) {
				t.Errorf("taken: %v", err)
			}
		})
	}
	if c, err := settings(t, "", nil); err != nil || c.Jobs < 1 || c.reserve() != 1<<30 {
		t.Errorf("nothing is set: %+v, %v", c, err)
	}
}

// A zero is not what nobody has set: to those who have defaults it is said in their way.
func TestZeroMeansNone(t *testing.T) {
	c, err := settings(t, "", map[string]string{"SOHOA_CACHE_BYTES": "0", "SOHOA_RESERVE": "0"})
	if err != nil {
		t.Fatal(err)
	}
	if c.cacheBytes() > 1 || c.cacheBytes() == 0 || c.reserve() != -1 {
		t.Errorf("cache of %d, reserve of %d", c.cacheBytes(), c.reserve())
	}
}
