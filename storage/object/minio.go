package object

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/encrypt"
)

// remote is a bucket of a MinIO, or of another store that speaks S3, which may be away: what calls need of the store is met at
// the first of them that finds it there.
type remote struct {
	config  Config
	client  *minio.Client
	connect func(endpoint, region string) (*minio.Client, error)
	encrypt encrypt.ServerSide
	idle    func()

	turn   chan struct{} // held by who looks for the store
	met    atomic.Pointer[bucket]
	failed error // what the last look came to
	when   time.Time
}

// bucket keeps objects in a bucket that is there.
type bucket struct {
	client  *minio.Client
	links   *minio.Client // signs for the address that clients know
	name    string
	encrypt encrypt.ServerSide
}

// openMinIO looks at the configuration alone.
func openMinIO(c Config) (*remote, error) {
	transport, err := newTransport(c)
	if err != nil {
		return nil, err
	}
	r := &remote{config: c, idle: transport.CloseIdleConnections, turn: make(chan struct{}, 1)}
	r.connect = func(endpoint, region string) (*minio.Client, error) {
		client, err := minio.New(endpoint, &minio.Options{
			Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey.Reveal(), ""), Secure: c.TLS, Region: region,
			Transport: &patience{transport, stallWithin}, MaxRetries: attempts, TrailingHeaders: true,
		})
		if err != nil {
			return nil, fmt.Errorf("the endpoint %s: %w", endpoint, err)
		}
		return client, nil
	}
	if r.encrypt, err = encryption(c.Encryption); err != nil {
		return nil, err
	}
	r.client, err = r.connect(c.Endpoint, c.Region)
	return r, err
}

// bucket is the bucket once it was seen to be there. One caller looks for it; those who came meanwhile are content with what
// that one finds, so that a store which stands still costs each of them its patience once.
func (r *remote) bucket(ctx context.Context) (*bucket, error) {
	if b := r.met.Load(); b != nil {
		return b, nil
	}
	came := time.Now()
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if b := r.met.Load(); b != nil {
		return b, nil
	}
	if r.failed != nil && r.when.After(came) {
		return nil, r.failed
	}
	b, err := r.meet(patiently(ctx))
	if err == nil {
		r.met.Store(b)
		return b, nil
	}
	if ended := ctx.Err(); ended != nil { // which is this caller's alone
		return nil, err
	}
	if !errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrFull) {
		err = fmt.Errorf("%w: %w", ErrUnavailable, err) // a bucket or keys that cannot be are IT's to repair
	}
	r.failed, r.when = err, time.Now()
	return nil, err
}

// meet looks for the bucket, and makes it where it is missing.
func (r *remote) meet(ctx context.Context) (*bucket, error) {
	b := &bucket{client: r.client, name: r.config.Bucket, encrypt: r.encrypt}
	if err := b.ensure(ctx, r.config.Region); err != nil {
		return nil, err
	}
	// With a region signing asks nobody: the public endpoint may be out of reach from here.
	region, err := b.client.GetBucketLocation(ctx, b.name)
	if err != nil {
		return nil, fmt.Errorf("ask for the bucket's region: %w", remoteError(ctx, err))
	}
	if b.links, err = r.connect(r.config.PublicEndpoint, region); err != nil {
		return nil, err
	}
	if b.encrypt != nil {
		// A store without keys says so only when it is written to: now, not at the first paper.
		if err := b.check(ctx); err != nil {
			return nil, fmt.Errorf("write with %s: %w", r.config.Encryption, err)
		}
	}
	return b, nil
}

// The calls of a backend, each of the bucket.

func (r *remote) put(ctx context.Context, key Key, v *verifier) error {
	b, err := r.bucket(ctx)
	if err != nil {
		return err
	}
	return b.put(ctx, key, v)
}

func (r *remote) putFile(ctx context.Context, key Key, f *os.File, size int64, sum string) error {
	b, err := r.bucket(ctx)
	if err != nil {
		return err
	}
	return b.putFile(ctx, key, f, size, sum)
}

func (r *remote) get(ctx context.Context, key Key) (*Object, error) {
	b, err := r.bucket(ctx)
	if err != nil {
		return nil, err
	}
	return b.get(ctx, key)
}

func (r *remote) stat(ctx context.Context, key Key) (Info, error) {
	b, err := r.bucket(ctx)
	if err != nil {
		return Info{}, err
	}
	return b.stat(ctx, key)
}

func (r *remote) remove(ctx context.Context, key Key) error {
	b, err := r.bucket(ctx)
	if err != nil {
		return err
	}
	return b.removeVersions(ctx, string(key))
}

func (r *remote) list(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		b, err := r.bucket(ctx)
		if err != nil {
			yield(Info{}, err)
			return
		}
		b.list(ctx, prefix)(yield)
	}
}

func (r *remote) presign(ctx context.Context, key Key, ttl time.Duration, name, mediaType string) (string, error) {
	b, err := r.bucket(ctx)
	if err != nil {
		return "", err
	}
	return b.presign(ctx, key, ttl, name, mediaType)
}

func (r *remote) check(ctx context.Context) error {
	b, err := r.bucket(ctx)
	if err != nil {
		return err
	}
	return b.check(ctx)
}

func (*remote) path(Key) (string, bool) { return "", false }

func (r *remote) describe() string {
	return fmt.Sprintf("bucket %s at %s", r.config.Bucket, r.client.EndpointURL().Host)
}

func (r *remote) close() error {
	r.idle()
	return nil
}

// ensure makes the bucket where it is missing. Versioning keeps what was written over, should anybody ever do that to an
// original by hand.
func (b *bucket) ensure(ctx context.Context, region string) error {
	there, err := b.client.BucketExists(ctx, b.name)
	if err != nil {
		return fmt.Errorf("look for the bucket: %w", remoteError(ctx, err))
	}
	if !there {
		err := b.client.MakeBucket(ctx, b.name, minio.MakeBucketOptions{Region: region})
		if code := minio.ToErrorResponse(err).Code; err != nil && code != minio.BucketAlreadyOwnedByYou && code != minio.BucketAlreadyExists {
			return fmt.Errorf("make the bucket: %w", remoteError(ctx, err))
		}
	}
	// Also where it was there: whoever made it may have been killed before coming to this.
	versions, err := b.client.GetBucketVersioning(ctx, b.name)
	if err == nil && !versions.Enabled() {
		err = b.client.EnableVersioning(ctx, b.name)
	}
	if err != nil {
		return fmt.Errorf("turn on versioning: %w", remoteError(ctx, err))
	}
	return nil
}

func (b *bucket) get(ctx context.Context, key Key) (*Object, error) {
	ctx = patiently(ctx)
	info, err := b.client.StatObject(ctx, b.name, string(key), minio.StatObjectOptions{})
	if err != nil {
		return nil, remoteError(ctx, err)
	}
	// The version that was just seen: should the object be replaced meanwhile, nobody reads a mixture.
	options := minio.GetObjectOptions{VersionID: info.VersionID}
	if err := options.SetMatchETag(info.ETag); err != nil {
		return nil, err
	}
	o, err := b.client.GetObject(ctx, b.name, string(key), options)
	if err != nil {
		return nil, remoteError(ctx, err)
	}
	return &Object{body: remoteBody{o, ctx}, info: infoFrom(&info)}, nil
}

func infoFrom(o *minio.ObjectInfo) Info {
	return Info{Key: Key(o.Key), Size: o.Size, Modified: o.LastModified}
}

// remoteBody tells what errors mean that come while reading.
type remoteBody struct {
	*minio.Object
	ctx context.Context //nolint:containedctx // that of Get, under which the object is read
}

func (b remoteBody) Read(p []byte) (int, error) {
	n, err := b.Object.Read(p)
	return n, b.explain(err)
}

func (b remoteBody) ReadAt(p []byte, off int64) (int, error) {
	n, err := b.Object.ReadAt(p, off)
	return n, b.explain(err)
}

func (b remoteBody) explain(err error) error {
	if errors.Is(err, io.EOF) {
		return err
	}
	return remoteError(b.ctx, err)
}

func (b *bucket) stat(ctx context.Context, key Key) (Info, error) {
	ctx = patiently(ctx)
	info, err := b.client.StatObject(ctx, b.name, string(key), minio.StatObjectOptions{})
	if err != nil {
		return Info{}, remoteError(ctx, err)
	}
	return infoFrom(&info), nil
}

// removeVersions deletes all versions: what is collected frees its space.
func (b *bucket) removeVersions(ctx context.Context, key string) error {
	ctx = patiently(ctx)
	all := minio.ListObjectsOptions{Prefix: key, Recursive: true, WithVersions: true}
	for v := range b.client.ListObjectsIter(ctx, b.name, all) {
		if v.Err != nil {
			return remoteError(ctx, v.Err)
		}
		if v.Key != key {
			return nil // a longer name: those are listed after
		}
		err := b.client.RemoveObject(ctx, b.name, v.Key, minio.RemoveObjectOptions{VersionID: v.VersionID})
		if err = remoteError(ctx, err); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

func (b *bucket) list(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	ctx = patiently(ctx)
	return func(yield func(Info, error) bool) {
		for o := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
			if o.Err != nil {
				yield(Info{}, remoteError(ctx, o.Err))
				return
			}
			if !yield(infoFrom(&o), nil) {
				return
			}
		}
	}
}

func (b *bucket) presign(ctx context.Context, key Key, ttl time.Duration, name, mediaType string) (string, error) {
	// RFC 6266: the name with its accents; FormatMediaType encodes it as RFC 5987 asks. Without a name it is no less a
	// download: a browser must not show what somebody handed in as a page of the store.
	disposition := "attachment"
	if said := mime.FormatMediaType(disposition, map[string]string{"filename": name}); said != "" && name != "" {
		disposition = said
	}
	query := url.Values{"response-content-disposition": {disposition}}
	if mediaType != "" {
		query.Set("response-content-type", mediaType)
	}
	link, err := b.links.PresignedGetObject(patiently(ctx), b.name, string(key), ttl, query)
	if err != nil {
		return "", remoteError(ctx, err)
	}
	return link.String(), nil
}

// check writes a small object: a store whose disks are full answers questions all the same.
func (b *bucket) check(ctx context.Context) error {
	const key = "check"
	ctx = patiently(ctx)
	options := minio.PutObjectOptions{ServerSideEncryption: b.encrypt}
	_, err := b.client.PutObject(ctx, b.name, key, strings.NewReader("ok"), 2, options)
	if err != nil {
		return remoteError(ctx, err)
	}
	return b.removeVersions(ctx, key)
}
