package object

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/url"
	"strings"
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

func openMinIO(ctx context.Context, c Config) (*bucket, error) {
	transport, err := newTransport(c)
	if err != nil {
		return nil, err
	}
	connect := func(endpoint, region string) (*minio.Client, error) {
		client, err := minio.New(endpoint, &minio.Options{
			Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey.Reveal(), ""), Secure: c.TLS, Region: region,
			Transport: &patience{transport, stallWithin}, MaxRetries: attempts, TrailingHeaders: true,
		})
		if err != nil {
			return nil, fmt.Errorf("the endpoint %s: %w", endpoint, err)
		}
		return client, nil
	}
	b := &bucket{name: c.Bucket, idle: transport.CloseIdleConnections}
	if b.encrypt, err = encryption(c.Encryption); err != nil {
		return nil, err
	}
	if b.client, err = connect(c.Endpoint, c.Region); err != nil {
		return nil, err
	}
	ctx = patiently(ctx)
	if err := b.ensure(ctx, c.Region); err != nil {
		return nil, err
	}
	// With a region signing asks nobody: the public endpoint may be out of reach from here.
	region, err := b.client.GetBucketLocation(ctx, c.Bucket)
	if err != nil {
		return nil, fmt.Errorf("ask for the bucket's region: %w", remoteError(ctx, err))
	}
	if b.links, err = connect(c.PublicEndpoint, region); err != nil {
		return nil, err
	}
	if b.encrypt != nil {
		// A store without keys says so only when it is written to: now, not at the first paper.
		if err := b.check(ctx); err != nil {
			return nil, fmt.Errorf("write with %s: %w", c.Encryption, err)
		}
	}
	return b, nil
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

func (b *bucket) remove(ctx context.Context, key Key) error {
	return b.removeVersions(patiently(ctx), string(key))
}

// removeVersions deletes all versions: what is collected frees its space.
func (b *bucket) removeVersions(ctx context.Context, key string) error {
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

func (*bucket) path(Key) (string, bool) { return "", false }

func (b *bucket) describe() string {
	return fmt.Sprintf("bucket %s at %s", b.name, b.client.EndpointURL().Host)
}

func (b *bucket) close() error {
	b.idle()
	return nil
}
