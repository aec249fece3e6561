package object

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/encrypt"
)

// bucket keeps objects in a bucket of a MinIO, or of another store that speaks S3.
type bucket struct {
	client  *minio.Client
	links   *minio.Client // signs for the address that clients know
	name    string
	encrypt encrypt.ServerSide
	idle    func()
}

const (
	// partSize is how much of an object of unknown or great size is sent at once, and held in memory.
	partSize = 16 << 20
	// answerWithin is how long the store may take to begin an answer; a dead one is noticed then.
	answerWithin = 30 * time.Second
	// connectWithin is how long a connection may take.
	connectWithin = 3 * time.Second
	// attempts is how often minio-go sends a request that failed on the way.
	attempts = 3
)

func openMinIO(ctx context.Context, c Config) (*bucket, error) {
	transport, err := transportFor(c)
	if err != nil {
		return nil, err
	}
	connect := func(endpoint string) (*minio.Client, error) {
		return minio.New(endpoint, &minio.Options{
			Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey.Reveal(), ""), Secure: c.TLS, Region: c.Region,
			Transport: transport, MaxRetries: attempts, TrailingHeaders: true,
		})
	}
	b := &bucket{name: c.Bucket, idle: transport.CloseIdleConnections}
	if b.client, err = connect(c.Endpoint); err != nil {
		return nil, fmt.Errorf("the endpoint %s: %w", c.Endpoint, err)
	}
	b.links = b.client
	if c.PublicEndpoint != "" {
		if b.links, err = connect(c.PublicEndpoint); err != nil {
			return nil, fmt.Errorf("the public endpoint %s: %w", c.PublicEndpoint, err)
		}
	}
	if b.encrypt, err = encryption(c.Encryption); err != nil {
		return nil, err
	}
	return b, b.ensure(ctx, c.Region)
}

func transportFor(c Config) (*http.Transport, error) {
	dialer := &net.Dialer{Timeout: connectWithin, KeepAlive: 15 * time.Second}
	t := &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: connectWithin, ResponseHeaderTimeout: answerWithin,
		MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, DisableCompression: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if c.CAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", c.CAFile)
	}
	t.TLSClientConfig.RootCAs = roots
	return t, nil
}

func encryption(said string) (encrypt.ServerSide, error) {
	kind, key, _ := strings.Cut(said, ":")
	switch {
	case said == "":
		return nil, nil
	case kind == "SSE-S3" && key == "":
		return encrypt.NewSSE(), nil
	case kind == "SSE-KMS" && key != "":
		return encrypt.NewSSEKMS(key, nil)
	}
	return nil, fmt.Errorf("%q is no encryption: SSE-S3 or SSE-KMS:KEY", said)
}

// ensure makes the bucket where it is missing. Versioning keeps what was written over, should anybody ever do that to an
// original by hand.
func (b *bucket) ensure(ctx context.Context, region string) error {
	there, err := b.client.BucketExists(ctx, b.name)
	if err != nil {
		return remoteError(err)
	}
	if !there {
		err := b.client.MakeBucket(ctx, b.name, minio.MakeBucketOptions{Region: region})
		if code := minio.ToErrorResponse(err).Code; err != nil && code != minio.BucketAlreadyOwnedByYou && code != minio.BucketAlreadyExists {
			return fmt.Errorf("make the bucket: %w", remoteError(err))
		}
	}
	versions, err := b.client.GetBucketVersioning(ctx, b.name)
	if err == nil && !versions.Enabled() {
		err = b.client.EnableVersioning(ctx, b.name)
	}
	if err != nil {
		return fmt.Errorf("turn on versioning: %w", remoteError(err))
	}
	return nil
}

// put streams: of an object of unknown or great size a part at a time is in memory. The store checks each part's checksum,
// the verifier behind r that of the whole; an upload that ends with an error is aborted.
func (b *bucket) put(ctx context.Context, key Key, r io.Reader, size int64) error {
	options := minio.PutObjectOptions{
		ContentType: mediaType(key), ServerSideEncryption: b.encrypt, PartSize: partSize, Checksum: minio.ChecksumSHA256,
		ConcurrentStreamParts: false,
	}
	source := &remember{r: r}
	_, err := b.client.PutObject(ctx, b.name, string(key), source, size, options)
	if source.err != nil { // what went wrong was ours to read, whatever minio-go makes of it
		return source.err
	}
	if err == nil && !source.ended {
		// minio-go reads no further than size: look whether there is more, or another checksum.
		var more [1]byte
		if _, end := io.ReadFull(r, more[:]); !errors.Is(end, io.EOF) {
			return errors.Join(end, b.remove(ctx, key))
		}
	}
	return remoteError(err)
}

// putFile sends the whole file's checksum along: the store refuses what does not have it.
func (b *bucket) putFile(ctx context.Context, key Key, f *os.File, size int64, sum string) error {
	if size > partSize || sum == "" {
		return b.putLarge(ctx, key, f, size, sum)
	}
	raw, err := hex.DecodeString(sum)
	if err != nil {
		return &KeyError{sum, "it is not a SHA-256 in hex"}
	}
	options := minio.PutObjectOptions{
		ContentType: mediaType(key), ServerSideEncryption: b.encrypt, DisableMultipart: true,
		UserMetadata: map[string]string{"x-amz-checksum-sha256": base64.StdEncoding.EncodeToString(raw)},
	}
	source := &remember{r: newVerifier(f, key, size, sum)}
	_, err = b.client.PutObject(ctx, b.name, string(key), source, size, options)
	if source.err != nil {
		return source.err
	}
	return remoteError(err)
}

// putLarge verifies the file before a byte is sent: a multipart upload has no checksum of the whole, and once it is complete
// it is seen by all.
func (b *bucket) putLarge(ctx context.Context, key Key, f *os.File, size int64, sum string) error {
	if _, err := io.Copy(io.Discard, &cancelled{ctx, newVerifier(f, key, size, sum)}); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return b.put(ctx, key, newVerifier(f, key, size, sum), size)
}

// mediaType is what the store says of an object to whoever follows a link without one.
func mediaType(key Key) string {
	if i := strings.LastIndexByte(string(key), '.'); i > strings.LastIndexByte(string(key), '/') {
		if t := mime.TypeByExtension(string(key)[i:]); t != "" {
			return t
		}
	}
	return "application/octet-stream"
}

// remember keeps the error with which reading ended.
type remember struct {
	r     io.Reader
	err   error
	ended bool
}

func (r *remember) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if errors.Is(err, io.EOF) {
		r.ended = true
	} else if err != nil {
		r.err = err
	}
	return n, err
}

func (b *bucket) get(ctx context.Context, key Key) (*Object, error) {
	info, err := b.client.StatObject(ctx, b.name, string(key), minio.StatObjectOptions{})
	if err != nil {
		return nil, remoteError(err)
	}
	// The version that was just seen: should the object be replaced meanwhile, nobody reads a mixture.
	o, err := b.client.GetObject(ctx, b.name, string(key), minio.GetObjectOptions{VersionID: info.VersionID})
	if err != nil {
		return nil, remoteError(err)
	}
	return &Object{body: remoteBody{o}, info: Info{Key: key, Size: info.Size, Modified: info.LastModified}}, nil
}

// remoteBody tells what errors mean that come while reading.
type remoteBody struct{ *minio.Object }

func (b remoteBody) Read(p []byte) (int, error) {
	n, err := b.Object.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = remoteError(err)
	}
	return n, err
}

func (b remoteBody) ReadAt(p []byte, off int64) (int, error) {
	n, err := b.Object.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		err = remoteError(err)
	}
	return n, err
}

func (b *bucket) stat(ctx context.Context, key Key) (Info, error) {
	info, err := b.client.StatObject(ctx, b.name, string(key), minio.StatObjectOptions{})
	if err != nil {
		return Info{}, remoteError(err)
	}
	return Info{Key: key, Size: info.Size, Modified: info.LastModified}, nil
}

// remove deletes all versions: what is collected frees its space.
func (b *bucket) remove(ctx context.Context, key Key) error {
	for v := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: string(key), Recursive: true, WithVersions: true}) {
		if v.Err != nil {
			return remoteError(v.Err)
		}
		if v.Key != string(key) {
			continue // a longer name
		}
		err := b.client.RemoveObject(ctx, b.name, v.Key, minio.RemoveObjectOptions{VersionID: v.VersionID})
		if err = remoteError(err); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

func (b *bucket) list(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for o := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
			if o.Err != nil {
				yield(Info{}, remoteError(o.Err))
				return
			}
			if !yield(Info{Key: Key(o.Key), Size: o.Size, Modified: o.LastModified}, nil) {
				return
			}
		}
	}
}

func (b *bucket) presign(ctx context.Context, key Key, ttl time.Duration, name, mediaType string) (string, error) {
	query := url.Values{"response-content-type": {mediaType}}
	// RFC 6266: the name with its accents; FormatMediaType encodes it as RFC 5987 asks.
	if said := mime.FormatMediaType("attachment", map[string]string{"filename": name}); said != "" {
		query.Set("response-content-disposition", said)
	}
	link, err := b.links.PresignedGetObject(ctx, b.name, string(key), ttl, query)
	if err != nil {
		return "", remoteError(err)
	}
	return link.String(), nil
}

// check asks for the bucket, and writes a small object: a store whose disks are full answers questions.
func (b *bucket) check(ctx context.Context) error {
	const key = "check"
	_, err := b.client.PutObject(ctx, b.name, key, strings.NewReader("ok"), 2, minio.PutObjectOptions{})
	if err == nil {
		err = b.remove(ctx, key)
	}
	return remoteError(err)
}

func (*bucket) path(Key) (string, bool) { return "", false }

func (b *bucket) describe() string {
	return fmt.Sprintf("bucket %s at %s", b.name, b.client.EndpointURL().Host)
}

func (b *bucket) close() error {
	b.idle()
	return nil
}

// isBrokenConnection tells whether the other side went away in the middle.
func isBrokenConnection(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}
