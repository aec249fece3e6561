package workers

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
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
	//	sentinel://MASTER@HOST:PORT,…[/DB] Sentinels that know the server's name; sentinel+tls:// for TLS
	//	cluster://HOST:PORT,…              nodes of a Cluster; cluster+tls:// for TLS
	//
	// HOST:PORT alone is redis://. TLS is to all of them.
	URL string
	// CAFile holds the certificate of the authority that vouches for the servers (PEM); "" for one that this machine knows.
	CAFile   string
	Username string
	Password string
	// SentinelPassword is the Sentinels' own.
	SentinelPassword string
}

// LogValue leaves out the passwords; an address that cannot be may hold one in a wrong place.
func (r Redis) LogValue() slog.Value {
	if _, err := r.Connection(); err != nil {
		return slog.StringValue("[hidden]")
	}
	return slog.StringValue(r.URL)
}

var errNoRedis = errors.New("where Redis is must be given: redis://HOST:PORT, sentinel://MASTER@HOST:PORT,… or cluster://HOST:PORT,…")

// Connection is the address as asynq takes it. Its errors repeat nothing of the address: it may hold a password, put where
// none belongs.
func (r Redis) Connection() (asynq.RedisConnOpt, error) {
	if r.URL == "" {
		return nil, errNoRedis
	}
	scheme, rest, found := strings.Cut(r.URL, ":")
	if !found || !strings.HasPrefix(rest, "/") {
		scheme, rest = "redis", "//"+r.URL
	}
	rest = strings.TrimPrefix(rest, "//")
	security, err := r.security(scheme)
	if err != nil {
		return nil, err
	}
	if scheme == "unix" {
		if !filepath.IsAbs(rest) {
			return nil, errors.New("the socket of Redis is no absolute path")
		}
		return asynq.RedisClientOpt{Network: "unix", Addr: rest, Username: r.Username, Password: r.Password}, nil
	}
	at, err := parseRedisNodes(rest)
	if err != nil {
		return nil, err
	}
	switch scheme {
	case "redis", "rediss":
		if len(at.addresses) != 1 || at.name != "" {
			return nil, errors.New("redis:// names one server, and the password stands apart from it")
		}
		return asynq.RedisClientOpt{Addr: at.addresses[0], DB: at.db, Username: r.Username, Password: r.Password, TLSConfig: security}, nil
	case "sentinel", "sentinel+tls":
		if at.name == "" {
			return nil, errors.New("sentinel:// needs the server's name: sentinel://MASTER@HOST:PORT,…")
		}
		return asynq.RedisFailoverClientOpt{
			MasterName: at.name, SentinelAddrs: at.addresses, DB: at.db, Username: r.Username, Password: r.Password,
			SentinelPassword: r.SentinelPassword, TLSConfig: security,
		}, nil
	case "cluster", "cluster+tls":
		if at.db != 0 || at.name != "" {
			return nil, errors.New("a Cluster has one database only, and no name; the password stands apart from it")
		}
		return asynq.RedisClusterClientOpt{Addrs: at.addresses, Username: r.Username, Password: r.Password, TLSConfig: security}, nil
	}
	return nil, errors.New("Redis is at redis, rediss, unix, sentinel, sentinel+tls, cluster or cluster+tls: the address begins otherwise")
}

// security is how the servers are to be known; nil without TLS.
func (r Redis) security(scheme string) (*tls.Config, error) {
	switch scheme {
	case "rediss", "sentinel+tls", "cluster+tls":
	default:
		if r.CAFile != "" {
			return nil, errors.New("a certificate authority of Redis is given, but no TLS: rediss://, sentinel+tls:// or cluster+tls://")
		}
		return nil, nil //nolint:nilnil // asynq's way to say none
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if r.CAFile == "" {
		return c, nil
	}
	pem, err := os.ReadFile(r.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority of Redis: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", r.CAFile)
	}
	return c, nil
}

// redisNodes are what stands behind the scheme of an address.
type redisNodes struct {
	name      string // before the @
	addresses []string
	db        int
}

func parseRedisNodes(said string) (at redisNodes, err error) {
	if name, nodes, named := strings.Cut(said, "@"); named {
		// A name is no more than that: a user's with a password is refused with what follows it.
		if name == "" || strings.ContainsAny(name, ":/,") || strings.Contains(nodes, "@") {
			return at, errors.New("the address of Redis holds more than a name before its @: the password stands apart from it")
		}
		at.name, said = name, nodes
	}
	nodes, path, _ := strings.Cut(said, "/")
	if path != "" {
		if at.db, err = strconv.Atoi(path); err != nil || at.db < 0 {
			return at, errors.New("the number of the Redis database is none")
		}
	}
	at.addresses = strings.Split(nodes, ",")
	for _, a := range at.addresses {
		if u, err := url.Parse("redis://" + a); err != nil || u.Port() == "" || u.Hostname() == "" {
			return at, errors.New("the address of Redis is not like HOST:PORT")
		}
	}
	return at, nil
}
