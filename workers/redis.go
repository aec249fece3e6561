package workers

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hibiken/asynq"
)

// Redis says where the queue's Redis is.
type Redis struct {
	// URL is one of
	//
	//	unix:/PATH                         a socket on this machine
	//	redis://HOST:PORT[/DB]             one server; rediss:// for TLS
	//	sentinel://MASTER@HOST:PORT,…[/DB] Sentinels that know the server's name
	//	cluster://HOST:PORT,…              nodes of a Cluster
	//
	// HOST:PORT alone is redis://.
	URL      string
	Username string
	Password string
	// SentinelPassword is the Sentinels' own.
	SentinelPassword string
}

// LogValue leaves out the passwords.
func (r Redis) LogValue() slog.Value { return slog.StringValue(r.URL) }

var errNoRedis = errors.New("where Redis is must be given: redis://HOST:PORT, sentinel://MASTER@HOST:PORT,… or cluster://HOST:PORT,…")

// Connection is the address as asynq takes it.
func (r Redis) Connection() (asynq.RedisConnOpt, error) {
	if r.URL == "" {
		return nil, errNoRedis
	}
	scheme, rest, found := strings.Cut(r.URL, ":")
	if !found || !strings.HasPrefix(rest, "/") {
		scheme, rest = "redis", "//"+r.URL
	}
	if scheme == "unix" {
		path := strings.TrimPrefix(rest, "//")
		if !filepath.IsAbs(path) {
			return nil, fmt.Errorf("the socket of Redis, %q, is no absolute path", path)
		}
		return asynq.RedisClientOpt{Network: "unix", Addr: path, Username: r.Username, Password: r.Password}, nil
	}
	hosts, path, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "/")
	db := 0
	if path != "" {
		n, err := strconv.Atoi(path)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("the number of the Redis database, %q, is none", path)
		}
		db = n
	}
	master, nodes, named := strings.Cut(hosts, "@")
	if !named {
		master, nodes = "", hosts
	}
	addresses := strings.Split(nodes, ",")
	for _, a := range addresses {
		if u, err := url.Parse("redis://" + a); err != nil || u.Port() == "" || u.Hostname() == "" {
			return nil, fmt.Errorf("%q is not like HOST:PORT", a)
		}
	}
	switch scheme {
	case "redis", "rediss":
		if len(addresses) != 1 || named {
			return nil, errors.New("redis:// names one server, and the password stands apart from it")
		}
		opt := asynq.RedisClientOpt{Addr: nodes, DB: db, Username: r.Username, Password: r.Password}
		if scheme == "rediss" {
			opt.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		return opt, nil
	case "sentinel":
		if master == "" {
			return nil, errors.New("sentinel:// needs the server's name: sentinel://MASTER@HOST:PORT,…")
		}
		return asynq.RedisFailoverClientOpt{
			MasterName: master, SentinelAddrs: addresses, DB: db, Username: r.Username, Password: r.Password,
			SentinelPassword: r.SentinelPassword,
		}, nil
	case "cluster":
		if db != 0 || named {
			return nil, errors.New("a Cluster has one database only, and no name")
		}
		return asynq.RedisClusterClientOpt{Addrs: addresses, Username: r.Username, Password: r.Password}, nil
	}
	return nil, fmt.Errorf("%q is no kind of Redis that we know: redis, rediss, unix, sentinel or cluster", scheme)
}
