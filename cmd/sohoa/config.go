package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

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

	Redis            string `env:"SOHOA_REDIS" help:"redis://HOST:PORT, sentinel://MASTER@HOST:PORT,… or cluster://HOST:PORT,…"`
	RedisUsername    string `env:"SOHOA_REDIS_USERNAME" help:"Redis user"`
	RedisPassword    string `env:"SOHOA_REDIS_PASSWORD" help:"Redis password" secret:"all"`
	SentinelPassword string `env:"SOHOA_SENTINEL_PASSWORD" help:"the Sentinels' own password" secret:"all"`

	Objects           string `env:"SOHOA_OBJECTS" help:"a folder, or s3://HOST:PORT/BUCKET (s3+https:// for TLS)"`
	ObjectsAccessKey  string `env:"SOHOA_OBJECTS_ACCESS_KEY" help:"access key of the object store"`
	ObjectsSecretKey  string `env:"SOHOA_OBJECTS_SECRET_KEY" help:"secret key of the object store" secret:"all"`
	ObjectsRegion     string `env:"SOHOA_OBJECTS_REGION" help:"region of the bucket"`
	ObjectsEncryption string `env:"SOHOA_OBJECTS_ENCRYPTION" help:"server-side encryption: SSE-S3 or SSE-KMS:KEY"`
	ObjectsCA         string `env:"SOHOA_OBJECTS_CA_FILE" help:"certificate authority of the object store"`
	ObjectsPublic     string `env:"SOHOA_OBJECTS_PUBLIC" help:"HOST:PORT under which clients reach the object store"`

	Jobs        int           `env:"SOHOA_JOBS" help:"pages read at once"`
	Model       string        `env:"SOHOA_MODEL" envDefault:"large" help:"recognition model: large or small"`
	PageTime    time.Duration `env:"SOHOA_PAGE_TIME" envDefault:"1m" help:"most time for one page"`
	PageMemory  int64         `env:"SOHOA_PAGE_MEMORY" envDefault:"1073741824" help:"most memory for one page, in bytes"`
	ReviewBelow float64       `env:"SOHOA_REVIEW_BELOW" envDefault:"80" help:"confidence (0 to 100) under which a paper is to be looked at"`
	CacheBytes  int64         `env:"SOHOA_CACHE_BYTES" envDefault:"4294967296" help:"how much of originals a worker keeps on its disk"`
	Grace       time.Duration `env:"SOHOA_GRACE" envDefault:"25s" help:"how long work under way may go on at the end"`

	MaxPaper int64          `env:"SOHOA_MAX_PAPER" envDefault:"4294967296" help:"most bytes of one file"`
	Reserve  int64          `env:"SOHOA_RESERVE" envDefault:"1073741824" help:"bytes of the upload folder's disk that stay free; -1: none"`
	Proxies  []netip.Prefix `env:"SOHOA_PROXIES" help:"networks (10.0.0.0/8,…) of proxies whose X-Forwarded-For is believed"`
	Links    bool           `env:"SOHOA_LINKS" help:"whether downloads are answered with links into the object store"`

	LogLevel  string `env:"SOHOA_LOG_LEVEL" envDefault:"info" help:"debug, info, warn or error"`
	LogFormat string `env:"SOHOA_LOG_FORMAT" envDefault:"text" help:"text or json"`
}

// loadConfig reads the environment and, if named, a file of KEY=VALUE lines. A variable NAME_FILE names a file that holds
// NAME's value, as containers are given secrets.
func loadConfig(file string) (config, error) {
	values := make(map[string]string)
	if file != "" {
		if err := readValues(file, values); err != nil {
			return config{}, err
		}
	}
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok {
			values[name] = value
		}
	}
	known := make(map[string]bool)
	for f := range configFields() {
		known[f.Tag.Get("env")] = true
	}
	maps.DeleteFunc(values, func(_, value string) bool { return value == "" }) // as good as not set
	for name := range values {
		plain := strings.TrimSuffix(name, "_FILE")
		switch {
		case !strings.HasPrefix(name, "SOHOA_") || strings.HasPrefix(name, "SOHOA_TEST_"):
		case known[name]:
		case known[plain]:
			said, err := os.ReadFile(values[name])
			if err != nil {
				return config{}, &usageError{fmt.Errorf("read the file that %s names: %w", name, err)}
			}
			values[plain] = strings.TrimRight(string(said), "\r\n")
		default:
			return config{}, &usageError{fmt.Errorf(`%s is no setting of ours; "sohoa config" lists them`, name)}
		}
	}
	var c config
	if err := env.ParseWithOptions(&c, env.Options{Environment: values}); err != nil {
		return c, &usageError{fmt.Errorf("understand the environment: %w", err)}
	}
	if c.Jobs == 0 {
		c.Jobs = runtime.NumCPU()
	}
	return c, nil
}

func readValues(file string, into map[string]string) (err error) {
	f, err := os.Open(file) //nolint:gosec // the file that the user named
	if err != nil {
		return &usageError{fmt.Errorf("open the configuration: %w", err)}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || !strings.HasPrefix(name, "SOHOA_") {
			return &usageError{fmt.Errorf("%s, line %d: it is not like SOHOA_NAME=VALUE", file, n)}
		}
		into[strings.TrimSpace(name)] = strings.Trim(strings.TrimSpace(value), `"`)
	}
	return lines.Err()
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

// hidePassword hides the password of a URL; what is no URL is hidden whole, lest it be one that was mistyped.
func hidePassword(address string) string {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return "sqlite:" + path
	}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return "[hidden]"
	}
	rest, query, _ := strings.Cut(rest, "?")
	if query != "" { // may hold a password, too
		query = "?[hidden]"
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		user, _, _ := strings.Cut(rest[:at], ":")
		rest = user + ":[hidden]" + rest[at:]
	}
	return scheme + "://" + rest + query
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

func (c config) redis() workers.Redis {
	return workers.Redis{
		URL: c.Redis, Username: c.RedisUsername, Password: c.RedisPassword, SentinelPassword: c.SentinelPassword,
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
	return object.Config{
		Endpoint: host, Bucket: bucket, TLS: scheme == "s3+https", Region: c.ObjectsRegion, AccessKey: c.ObjectsAccessKey,
		SecretKey: object.Secret(c.ObjectsSecretKey), CAFile: c.ObjectsCA, Encryption: c.ObjectsEncryption, PublicEndpoint: c.ObjectsPublic,
	}, nil
}

func (c config) reading(log *slog.Logger) pipeline.Options {
	return pipeline.Options{
		Model: c.Model, Jobs: c.Jobs, PageTime: c.PageTime, PageMemory: c.PageMemory, CacheDir: filepath.Join(c.Data, "cache"), Log: log,
	}
}
