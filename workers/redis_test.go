package workers

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"github.com/hibiken/asynq"
)

func TestRedisAddresses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"localhost:6379":            "asynq.RedisClientOpt tcp localhost:6379 0",
		"redis://h:1/3":             "asynq.RedisClientOpt tcp h:1 3",
		"rediss://h:1":              "asynq.RedisClientOpt tls h:1 0",
		"unix:/run/redis.sock":      "asynq.RedisClientOpt unix /run/redis.sock 0",
		"unix:///run/redis.sock":    "asynq.RedisClientOpt unix /run/redis.sock 0",
		"sentinel://main@a:1,b:2/4": "asynq.RedisFailoverClientOpt main [a:1 b:2] 4",
		"cluster://a:1,b:2":         "asynq.RedisClusterClientOpt [a:1 b:2]",
		"":                          "",
		"redis://h":                 "",
		"redis://a:1,b:2":           "",
		"redis://user:secret@h:1":   "",
		"sentinel://a:1":            "",
		"cluster://a:1/2":           "",
		"http://h:1":                "",
		"unix:relative.sock":        "",
		"redis://h:1/x":             "",
	} {
		got := ""
		opt, err := Redis{URL: url}.Connection()
		switch o := opt.(type) {
		case asynq.RedisClientOpt:
			network := "tcp"
			if o.Network != "" {
				network = o.Network
			}
			if o.TLSConfig != nil {
				network = "tls"
			}
			got = fmt.Sprintf("%T %s %s %d", o, network, o.Addr, o.DB)
		case asynq.RedisFailoverClientOpt:
			got = fmt.Sprintf("%T %s %v %d", o, o.MasterName, o.SentinelAddrs, o.DB)
		case asynq.RedisClusterClientOpt:
			got = fmt.Sprintf("%T %v", o, o.Addrs)
		}
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", url, got, err, want)
		}
	}
}

func TestRedisByTLS(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"rediss://h:1": true, "sentinel+tls://main@a:1,b:2": true, "cluster+tls://a:1,b:2": true,
		"redis://h:1": false, "sentinel://main@a:1": false, "cluster://a:1": false, "unix:/run/redis.sock": false,
	} {
		opt, err := Redis{URL: url}.Connection()
		if err != nil {
			t.Errorf("%s: %v", url, err)
		}
		var c *tls.Config
		switch o := opt.(type) {
		case asynq.RedisClientOpt:
			c = o.TLSConfig
		case asynq.RedisFailoverClientOpt:
			c = o.TLSConfig
		case asynq.RedisClusterClientOpt:
			c = o.TLSConfig
		}
		if (c != nil) != want || c != nil && (c.MinVersion < tls.VersionTLS12 || c.InsecureSkipVerify) {
			t.Errorf("%s: TLS %+v", url, c)
		}
	}
}

// A password in the address is refused, and neither the refusal nor a log repeats it.
func TestRedisAddressIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"redis://an:geheim@h:1", "redis://:geheim@h:1", "redis://geheim@h:1", "redis://an:ge/heim@h:1", "redis://an:ge,heim@h:1",
		"redis://an:ge@heim@h:1", "an:geheim@h:1", "an:geheim", "geheim@h:1", "redis://h:geheim", "redis://h:1/geheim",
		"sentinel://an:geheim@h:1", "sentinel://an@geheim@h:1", "cluster://geheim@h:1", "unix:geheim", "geheim://h:1", "geheim",
	} {
		r := Redis{URL: url}
		_, err := r.Connection()
		if err == nil || strings.Contains(err.Error(), "heim") {
			t.Errorf("%s: %v", url, err)
		}
		if said := r.LogValue().String(); strings.Contains(said, "heim") {
			t.Errorf("%s is logged as %s", url, said)
		}
	}
	const good = "sentinel://main@h:1"
	if said := (Redis{URL: good, Password: "geheim"}).LogValue().String(); said != good {
		t.Errorf("logged as %s", said)
	}
}
