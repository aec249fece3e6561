package object

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"syscall"

	"github.com/minio/minio-go/v7"
)

var (
	// ErrNotFound is the answer for an object that is not there.
	ErrNotFound = errors.New("no such object")
	// ErrUnavailable is the answer while the store cannot be reached, or refuses for reasons of its own: later it may work.
	ErrUnavailable = errors.New("the object store is not available")
	// ErrFull is the answer where the store's disk or quota is full: once there is room it works again.
	ErrFull = errors.New("the object store is full")
	// ErrNoLinks is the answer of a directory, which cannot be reached by a link.
	ErrNoLinks = errors.New("this object store gives no links")
)

// KeyError says which name cannot be an object's.
type KeyError struct{ Name, Reason string }

func (e *KeyError) Error() string {
	return fmt.Sprintf("%q cannot name an object: %s", e.Name, e.Reason)
}

// ChecksumError says that bytes are not those that were announced; nothing was stored.
type ChecksumError struct {
	Key       Key
	Want, Got string // SHA-256, hex
}

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("the bytes of %s have the checksum %s, not %s", e.Key, e.Got, e.Want)
}

// SizeError says that there were more or fewer bytes than announced; nothing was stored.
type SizeError struct {
	Key       Key
	Want, Got int64
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%s has %d bytes, not %d", e.Key, e.Got, e.Want)
}

// localError tells what an error of the file system means.
func localError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	// What disks, network file systems and a kernel out of resources say: IT's to repair, and nobody's paper is at fault.
	for _, errno := range []syscall.Errno{
		syscall.EIO, syscall.EROFS, syscall.ESTALE, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENODEV, syscall.ENXIO,
		syscall.ETIMEDOUT, syscall.ENOTCONN, syscall.EHOSTDOWN, syscall.EUCLEAN,
	} {
		if errors.Is(err, errno) {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	return err
}

// writeError is localError for writing: what is missing then is no object but the folder, as when a disk was unmounted.
func writeError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return localError(err)
}

// remoteError tells what an error of minio-go means. The caller's own end, as ctx has it, is passed on; whatever is no answer
// in the words of S3 is taken for a store that cannot be reached.
func remoteError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%w: %w", ended, err)
	}
	var said minio.ErrorResponse
	if !errors.As(err, &said) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	// MinIO has no code of its own for a disk that fills up while an object is written.
	if said.Code == "InternalError" && strings.Contains(said.Message, syscall.ENOSPC.Error()) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	switch said.Code {
	case minio.NoSuchKey, minio.NoSuchVersion:
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientStorage":
		return fmt.Errorf("%w: %w", ErrFull, err)
	case minio.NoSuchBucket, minio.AccessDenied, "InternalError", "InvalidAccessKeyId", "SignatureDoesNotMatch",
		"RequestTimeTooSkewed", "AccountProblem", "SlowDown", "RequestTimeout":
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case "BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch", "IncompleteBody", "NoSuchUpload":
		// What we sent was verified here: it was spoiled on the way, or the store lost it.
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case minio.PreconditionFailed: // replaced while it was read, in a bucket without versions
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if said.StatusCode == http.StatusInsufficientStorage {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	// A code that begins with a digit is the bare status of what stands between us and the store.
	bare := said.Code != "" && said.Code[0] >= '0' && said.Code[0] <= '9'
	if bare || said.StatusCode >= http.StatusInternalServerError || said.StatusCode == http.StatusTooManyRequests {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
