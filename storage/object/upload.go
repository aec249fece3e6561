package object

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
)

// partSize is how much of an object is sent, and held in memory, at once: a smaller one is sent whole. An upload has at most
// 10,000 parts, so nothing above 160 GB can be stored.
const partSize = 16 << 20

// put sends what fits in a part in one request, verified before, and the rest part by part: the store checks each part's
// checksum, the verifier that of the whole before the parts are made one object. An upload that ends with an error is aborted;
// the store itself clears away what a killed process has left of one.
func (b *bucket) put(ctx context.Context, key Key, v *verifier) error {
	ctx = patiently(ctx)
	if v.size > partSize {
		return b.putParts(ctx, key, v, v.size)
	}
	var first bytes.Buffer
	if v.size > 0 {
		first.Grow(int(v.size) + bytes.MinRead)
	}
	_, err := io.CopyN(&first, &cancelled{ctx, v}, partSize+1)
	if err == nil {
		return b.putParts(ctx, key, io.MultiReader(&first, v), -1)
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	sum := sha256.Sum256(first.Bytes())
	return b.putWhole(ctx, key, bytes.NewReader(first.Bytes()), int64(first.Len()), sum[:])
}

// putFile needs no memory for what fits in a part: it is read once to verify it, and once more to send it.
func (b *bucket) putFile(ctx context.Context, key Key, f *os.File, size int64, sum string) error {
	ctx = patiently(ctx)
	v := newVerifier(f, key, size, sum)
	if size > partSize {
		return v.blame(b.putParts(ctx, key, v, size))
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, &cancelled{ctx, v}); err != nil {
		return err
	}
	// The store refuses what does not have the checksum, should somebody write to the file between.
	return b.putWhole(ctx, key, io.NewSectionReader(f, 0, size), size, hash.Sum(nil))
}

// putWhole sends an object in one request, again where the connection breaks.
func (b *bucket) putWhole(ctx context.Context, key Key, r io.ReadSeeker, size int64, sum []byte) error {
	options := b.options(key)
	options.DisableMultipart = true
	options.UserMetadata = map[string]string{minio.ChecksumSHA256.Key(): base64.StdEncoding.EncodeToString(sum)}
	_, err := b.client.PutObject(ctx, b.name, string(key), r, size, options)
	return remoteError(ctx, err)
}

func (b *bucket) putParts(ctx context.Context, key Key, r io.Reader, size int64) error {
	options := b.options(key)
	options.PartSize = partSize
	options.Checksum = minio.ChecksumSHA256
	_, err := b.client.PutObject(ctx, b.name, string(key), &cancelled{ctx, r}, size, options)
	return remoteError(ctx, err)
}

func (b *bucket) options(key Key) minio.PutObjectOptions {
	return minio.PutObjectOptions{ContentType: mediaType(key), ServerSideEncryption: b.encrypt}
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
