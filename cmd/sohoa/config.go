package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/pipeline"
	"sohoa/storage/object"
	"sohoa/workers"
)

// config is what the service's verbs are told by their environment: each field names its variable. A file of KEY=VALUE lines
// (--config) gives those that the environment does not.
type config struct {
	Listen        string `env:"SOHOA_LISTEN" help:"address of the HTTP API"`
	MetricsListen string `env:"SOHOA_METRICS_LISTEN" help:"address on which work tells /healthz, /readyz and /metrics; empty: nowhere"`
	MetricsLocal  bool   `env:"SOHOA_METRICS_LOCAL" help:"whether /metrics of the API needs no token for this machine itself"`
	Data          string `env:"SOHOA_DATA" help:"folder for uploads, caches and outputs under way; of up, for everything"`

	Catalogue            string `env:"SOHOA_CATALOGUE" help:"postgres://… or sqlite:PATH" secret:"password"`
	CatalogueConnections int    `env:"SOHOA_CATALOGUE_CONNECTIONS" envDefault:"16" help:"most connections to the catalogue"`

	Redis            string `env:"SOHOA_REDIS" help:"redis://HOST:PORT, sentinel://MASTER@HOST:PORT,… or cluster://HOST:PORT,…; with TLS rediss://, sentinel+tls:// or cluster+tls://" secret:"password"`
	RedisUsername    string `env:"SOHOA_REDIS_USERNAME" help:"Redis user"`
	RedisPassword    string `env:"SOHOA_REDIS_PASSWORD" help:"Redis password" secret:"all"`
	RedisCA          string `env:"SOHOA_REDIS_CA_FILE" help:"certificate authority of Redis, where TLS is spoken"`
	SentinelPassword string `env:"SOHOA_SENTINEL_PASSWORD" help:"the Sentinels' own password" secret:"all"`

	Objects           string `env:"SOHOA_OBJECTS" help:"a folder, or s3://HOST:PORT/BUCKET (s3+https:// for TLS)" secret:"password"`
	ObjectsAccessKey  string `env:"SOHOA_OBJECTS_ACCESS_KEY" help:"access key of the object store"`
	ObjectsSecretKey  string `env:"SOHOA_OBJECTS_SECRET_KEY" help:"secret key of the object store" secret:"all"`
	ObjectsRegion     string `env:"SOHOA_OBJECTS_REGION" help:"region of the bucket"`
	ObjectsEncryption string `env:"SOHOA_OBJECTS_ENCRYPTION" help:"server-side encryption: SSE-S3 or SSE-KMS:KEY"`
	ObjectsCA         string `env:"SOHOA_OBJECTS_CA_FILE" help:"certificate authority of the object store"`
	ObjectsPublic     string `env:"SOHOA_OBJECTS_PUBLIC" help:"HOST:PORT under which clients reach the object store"`

	Jobs        int           `env:"SOHOA_JOBS" help:"pages read at once; the machine's processors unless said"`
	Model       string        `env:"SOHOA_MODEL" envDefault:"large" help:"recognition model: large or small"`
	PageTime    time.Duration `env:"SOHOA_PAGE_TIME" envDefault:"1m" help:"most time for one page"`
	PageMemory  int64         `env:"SOHOA_PAGE_MEMORY" envDefault:"1073741824" help:"most memory for one page, in bytes"`
	CacheBytes  int64         `env:"SOHOA_CACHE_BYTES" envDefault:"4294967296" help:"bytes of originals that a worker keeps on its disk; 0: those in use alone"`
	PictureJobs int           `env:"SOHOA_PICTURE_JOBS" envDefault:"2" help:"pictures of pages that the API makes at once"`
	PictureRoom int64         `env:"SOHOA_PICTURE_BYTES" envDefault:"536870912" help:"bytes of pictures that the API keeps on its disk, and of originals to make them from as many again"`
	Grace       time.Duration `env:"SOHOA_GRACE" envDefault:"25s" help:"how long work under way may go on at the end, 1s or more"`

	MaxPaper int64          `env:"SOHOA_MAX_PAPER" envDefault:"4294967296" help:"most bytes of one file"`
	Reserve  int64          `env:"SOHOA_RESERVE" envDefault:"1073741824" help:"bytes of the upload folder's disk that stay free; 0: none"`
	Proxies  []netip.Prefix `env:"SOHOA_PROXIES" help:"networks (10.0.0.0/8,…) of proxies whose X-Forwarded-For is believed"`
	Links    bool           `env:"SOHOA_LINKS" help:"whether downloads are answered with links into the object store"`

	Key          string        `env:"SOHOA_KEY" help:"key that the secrets of second factors are kept with, 32 characters or more (openssl rand -base64 32), the same for each serve; up makes one in its data folder; without it there are no second factors" secret:"all"`
	SecondFactor string        `env:"SOHOA_SECOND_FACTOR" help:"roles (it,supervisor,desk) that must have a second factor, or none; it unless said, where there is a key"`
	SessionIdle  time.Duration `env:"SOHOA_SESSION_IDLE" envDefault:"1h" help:"after which time without a request people have to sign in again, 1m or more"`
	SessionLife  time.Duration `env:"SOHOA_SESSION_LIFE" envDefault:"12h" help:"after which time they have to in any case"`

	OIDCIssuer   string `env:"SOHOA_OIDC_ISSUER" help:"https address of an OpenID Connect issuer that people may sign in with, into accounts that are here already"`
	OIDCClient   string `env:"SOHOA_OIDC_CLIENT_ID" help:"who we are to the issuer"`
	OIDCSecret   string `env:"SOHOA_OIDC_CLIENT_SECRET" help:"our secret at the issuer" secret:"all"`
	OIDCRedirect string `env:"SOHOA_OIDC_REDIRECT" help:"where the issuer sends people back: https://HOST/dang-nhap/oidc/ve"`
	OIDCClaim    string `env:"SOHOA_OIDC_CLAIM" envDefault:"email" help:"the claim that is somebody's login here; email has to be verified"`
	PublicRates  string `env:"SOHOA_PUBLIC_RATES" envDefault:"closed" help:"the digitization rates for the operation centre and the website: open, without a token, or closed: with a token of scope rates"`

	LogLevel  string `env:"SOHOA_LOG_LEVEL" envDefault:"info" help:"debug, info, warn or error"`
	LogFormat string `env:"SOHOA_LOG_FORMAT" envDefault:"text" help:"text or json"`
}

// loadConfig reads the environment and, if named, a file of KEY=VALUE lines, over which the environment goes. A variable
// NAME_FILE names a file that holds NAME's value, as containers are given secrets. An empty one is as good as not set.
func loadConfig(file string) (config, error) {
	values := make(map[string]string)
	if file != "" {
		said, err := readValues(file)
		if err != nil {
			return config{}, err
		}
		if err := settle(said, values); err != nil {
			return config{}, fmt.Errorf("in %s: %w", file, err)
		}
	}
	environment := make(map[string]string)
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok {
			environment[name] = value
		}
	}
	if err := settle(environment, values); err != nil {
		return config{}, err
	}
	c := config{Jobs: runtime.NumCPU()}
	if err := env.ParseWithOptions(&c, env.Options{Environment: values}); err != nil {
		return c, &usageError{fmt.Errorf("understand the environment: %w", err)}
	}
	return c, c.validate()
}

// settle puts the settings of one source over those that are there, and reads the files that it names for some.
func settle(said, into map[string]string) error {
	known := make(map[string]bool)
	for f := range configFields() {
		known[f.Tag.Get("env")] = true
	}
	for name, value := range said {
		plain := strings.TrimSuffix(name, "_FILE")
		switch {
		case value == "" || !strings.HasPrefix(name, "SOHOA_") || strings.HasPrefix(name, "SOHOA_TEST_"):
		case known[name]:
			into[name] = value
		case known[plain] && said[plain] != "":
			return &usageError{fmt.Errorf("%s and %s are both set", plain, name)}
		case known[plain]:
			content, err := os.ReadFile(value) //nolint:gosec // the file that the user named
			if err != nil {
				return &usageError{fmt.Errorf("read the file that %s names: %w", name, err)}
			}
			into[plain] = strings.TrimRight(string(content), "\r\n")
		default:
			return &usageError{fmt.Errorf(`%s is no setting of ours; "sohoa config" lists them`, name)}
		}
	}
	return nil
}

// validate names the first setting that cannot be. What the engines' addresses may be, those who open them know.
func (c config) validate() error {
	const leastMemory = 256 << 20 // the model and an ordinary page need that much
	var problem string
	switch {
	case c.CatalogueConnections < 1:
		problem = "SOHOA_CATALOGUE_CONNECTIONS must be at least 1"
	case c.Jobs < 1:
		problem = "SOHOA_JOBS must be at least 1"
	case c.Model != "large" && c.Model != "small":
		problem = "SOHOA_MODEL must be large or small"
	case c.PageTime < time.Second:
		problem = "SOHOA_PAGE_TIME must be at least 1s"
	case c.PageMemory < leastMemory:
		problem = fmt.Sprintf("SOHOA_PAGE_MEMORY must be at least %d (256 MiB)", leastMemory)
	case c.CacheBytes < 0:
		problem = "SOHOA_CACHE_BYTES must be 0 or more"
	case c.Grace < time.Second:
		problem = "SOHOA_GRACE must be at least 1s"
	case c.Key != "" && len(c.Key) < leastKey:
		problem = fmt.Sprintf("SOHOA_KEY must have at least %d characters", leastKey)
	case c.SessionIdle < time.Minute || c.SessionLife < c.SessionIdle:
		problem = "SOHOA_SESSION_IDLE must be at least 1m, and SOHOA_SESSION_LIFE no less"
	case c.MaxPaper < 1:
		problem = "SOHOA_MAX_PAPER must be at least 1"
	case c.Reserve < -1: // -1 once said what 0 says now
		problem = "SOHOA_RESERVE must be 0 or more"
	case c.PublicRates != "open" && c.PublicRates != "closed":
		problem = "SOHOA_PUBLIC_RATES must be open or closed"
	default:
		_, err := c.logger()
		return err
	}
	return &usageError{errors.New(problem)}
}

func readValues(file string) (values map[string]string, err error) {
	f, err := os.Open(file) //nolint:gosec // the file that the user named
	if err != nil {
		return nil, &usageError{fmt.Errorf("open the configuration: %w", err)}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	values = make(map[string]string)
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || !strings.HasPrefix(name, "SOHOA_") {
			return nil, &usageError{fmt.Errorf("%s, line %d: it is not like SOHOA_NAME=VALUE", file, n)}
		}
		values[strings.TrimSpace(name)] = strings.Trim(strings.TrimSpace(value), `"`)
	}
	return values, lines.Err()
}

// configFields calls yield for each field of config.
func configFields() func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		t := reflect.TypeFor[config]()
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// print writes the settings with what they are for; secrets are hidden.
func (c config) print(w io.Writer) error {
	v := reflect.ValueOf(c)
	for f := range configFields() {
		value := fmt.Sprint(v.FieldByIndex(f.Index).Interface())
		switch {
		case value == "":
		case f.Tag.Get("secret") == "all":
			value = "[hidden]"
		case f.Tag.Get("secret") == "password":
			value = hidePassword(value)
		}
		if _, err := fmt.Fprintf(w, "# %s\n%s=%s\n", f.Tag.Get("help"), f.Tag.Get("env"), value); err != nil {
			return err
		}
	}
	return nil
}

// hosts are one HOST or HOST:PORT or several, and a path.
var hosts = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[\w.-]+)?(:\d+)?(,(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d+)?)*(/.*)?$`)

// hostPort is an address without a scheme.
var hostPort = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[\w.-]+):\d+$`)

// userName is a name before a host, and nothing besides.
var userName = regexp.MustCompile(`^[\w.-]+$`)

// hidePassword hides the password of an address. What is neither a URL nor a file nor HOST:PORT is hidden whole, lest it be
// one that was mistyped.
func hidePassword(address string) string {
	scheme, rest, isURL := strings.Cut(address, "://")
	if !isURL {
		path := strings.TrimPrefix(strings.TrimPrefix(address, "sqlite:"), "unix:")
		isPath := strings.HasPrefix(path, "/") || strings.HasPrefix(path, ".") || !strings.ContainsAny(path, "@=: ") &&
			(path != address || strings.Contains(path, "/"))
		if !isPath && !hostPort.MatchString(address) {
			return "[hidden]"
		}
		return address
	}
	host, query, _ := strings.Cut(rest, "?")
	if query != "" { // may hold a password, too
		if strings.Contains(query, "@") { // or be the end of one with a ? in it
			return scheme + "://[hidden]"
		}
		query = "?[hidden]"
	}
	at := strings.LastIndex(host, "@")
	if !hosts.MatchString(host[at+1:]) { // a password that was put in a wrong place, maybe
		return scheme + "://[hidden]"
	}
	if at < 0 {
		return scheme + "://" + host + query
	}
	user, _, password := strings.Cut(host[:at], ":")
	named := strings.HasPrefix(scheme, "postgres") || strings.HasPrefix(scheme, "sentinel") // where others have keys
	switch {
	case !named || !userName.MatchString(user):
		user = "[hidden]"
	case password:
		user += ":[hidden]"
	}
	return scheme + "://" + user + host[at:] + query
}

// logger is what the service says to IT, on standard error.
func (c config) logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return nil, &usageError{fmt.Errorf("SOHOA_LOG_LEVEL: %w", err)}
	}
	options := &slog.HandlerOptions{Level: level}
	switch c.LogFormat {
	case "text":
		return slog.New(slog.NewTextHandler(os.Stderr, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(os.Stderr, options)), nil
	}
	return nil, &usageError{errors.New("SOHOA_LOG_FORMAT must be text or json")}
}

// issuer is the OpenID Connect issuer; nil where none is named.
func (c config) issuer() (*pages.Issuer, error) {
	if c.OIDCIssuer == "" {
		return nil, nil //nolint:nilnil // there is none, and that is no error
	}
	i, err := pages.NewIssuer(pages.IssuerConfig{
		URL: c.OIDCIssuer, ClientID: c.OIDCClient, ClientSecret: c.OIDCSecret, Redirect: c.OIDCRedirect, Claim: c.OIDCClaim,
	})
	if err != nil {
		return nil, &usageError{fmt.Errorf("SOHOA_OIDC_…: %w", err)}
	}
	return i, nil
}

func (c config) redis() workers.Redis {
	return workers.Redis{
		URL: c.Redis, CAFile: c.RedisCA, Username: c.RedisUsername, Password: c.RedisPassword, SentinelPassword: c.SentinelPassword,
	}
}

// objects tells a folder from an address.
func (c config) objects() (object.Config, error) {
	scheme, rest, isURL := strings.Cut(c.Objects, "://")
	if !isURL {
		if c.Objects == "" {
			return object.Config{}, &usageError{errors.New("SOHOA_OBJECTS must be given: a folder, or s3://HOST:PORT/BUCKET")}
		}
		return object.Config{Directory: c.Objects}, nil
	}
	host, bucket, ok := strings.Cut(rest, "/")
	if scheme != "s3" && scheme != "s3+https" || !ok || host == "" || bucket == "" {
		return object.Config{}, &usageError{errors.New("SOHOA_OBJECTS is neither a folder nor like s3://HOST:PORT/BUCKET")}
	}
	o := object.Config{
		Endpoint: host, Bucket: bucket, TLS: scheme == "s3+https", Region: c.ObjectsRegion, AccessKey: c.ObjectsAccessKey,
		SecretKey: object.Secret(c.ObjectsSecretKey), CAFile: c.ObjectsCA, Encryption: c.ObjectsEncryption, PublicEndpoint: c.ObjectsPublic,
	}
	if err := o.WithDefaults().Validate(); err != nil {
		return object.Config{}, &usageError{fmt.Errorf("SOHOA_OBJECTS: %w", err)}
	}
	return o, nil
}

// To web and workers a zero is a limit that nobody has set. Where it can be meant, what these give says the same otherwise.

func (c config) reserve() int64 {
	if c.Reserve == 0 {
		return -1
	}
	return c.Reserve
}

// cacheBytes has no room for an original that is not in use.
func (c config) cacheBytes() int64 { return max(c.CacheBytes, 1) }

func (c config) reading(log *slog.Logger) pipeline.Options {
	return pipeline.Options{
		Model: c.Model, Jobs: c.Jobs, PageTime: c.PageTime, PageMemory: c.PageMemory, CacheDir: filepath.Join(c.Data, "cache"), Log: log,
	}
}
