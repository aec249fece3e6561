package object

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/encrypt"
	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// Config says where the objects are: in a Directory, or in a bucket at an Endpoint.
type Config struct {
	// Directory is the folder of all objects, made where it is missing.
	Directory string

	Endpoint  string // HOST:PORT
	AccessKey string
	SecretKey Secret
	// Bucket is made, with versioning, where it is missing. Defaults to "sohoa".
	Bucket string
	// Region defaults to the bucket's own; a bucket that is made without one is in the store's default region.
	Region string
	TLS    bool
	CAFile string // PEM, where the server's certificate is of an authority of one's own
	// Encryption is "" (as the bucket does), "SSE-S3", or "SSE-KMS:KEY".
	Encryption string
	// PublicEndpoint is the HOST:PORT that links name, where clients reach the store under another one. Defaults to Endpoint.
	PublicEndpoint string

	// Observe, if not nil, is told how long each call took: put, get, stat, delete, list, presign or check. It may be called by
	// several goroutines at once.
	Observe func(op string, took time.Duration, err error)
}

// WithDefaults fills in what was left out.
func (c Config) WithDefaults() Config {
	if c.Endpoint != "" {
		c.Bucket = cmp.Or(c.Bucket, "sohoa")
		c.PublicEndpoint = cmp.Or(c.PublicEndpoint, c.Endpoint)
	}
	if c.Observe == nil {
		c.Observe = func(string, time.Duration, error) {}
	}
	return c
}

// Validate says what of it cannot be meant.
func (c Config) Validate() error {
	switch {
	case c.Directory != "" && c.Endpoint != "":
		return errors.New("it is a directory or at an endpoint, not both")
	case c.Directory != "":
		return nil
	case c.Endpoint == "":
		return errors.New("a directory or an endpoint must be given")
	case strings.Contains(c.Endpoint+c.Bucket+c.PublicEndpoint, "@"):
		return errors.New("the address holds an @: keys stand apart from it")
	case c.AccessKey == "" || c.SecretKey == "":
		return errors.New("an endpoint needs an access key and a secret key")
	case c.CAFile != "" && !c.TLS:
		return errors.New("a certificate authority is given, but no TLS")
	}
	// What cannot be is not repeated: it may be a key in a wrong place.
	for name, endpoint := range map[string]string{"endpoint": c.Endpoint, "public endpoint": c.PublicEndpoint} {
		if at, err := url.Parse("http://" + endpoint); err != nil || at.Host != endpoint {
			return fmt.Errorf("the %s is not like HOST or HOST:PORT", name)
		}
	}
	if err := s3utils.CheckValidBucketNameStrict(c.Bucket); err != nil {
		return fmt.Errorf("%q cannot name a bucket: %w", c.Bucket, err)
	}
	_, err := encryption(c.Encryption)
	return err
}

func encryption(said string) (encrypt.ServerSide, error) {
	kind, key, _ := strings.Cut(said, ":")
	switch {
	case said == "":
		return nil, nil
	case said == "SSE-S3":
		return encrypt.NewSSE(), nil
	case kind == "SSE-KMS" && key != "":
		return encrypt.NewSSEKMS(key, nil)
	}
	return nil, fmt.Errorf("%q is no encryption: SSE-S3 or SSE-KMS:KEY", said)
}
