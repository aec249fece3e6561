package object

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
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
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case errors.Is(err, syscall.EIO), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ESTALE), errors.Is(err, syscall.EMFILE),
		errors.Is(err, syscall.ENFILE), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// remoteError tells what an error of minio-go means.
func remoteError(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	said := minio.ToErrorResponse(err)
	switch said.Code {
	case minio.NoSuchKey, minio.NoSuchVersion:
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientStorage":
		return fmt.Errorf("%w: %w", ErrFull, err)
	case minio.NoSuchBucket, minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch", "SlowDown", "ServiceUnavailable", "RequestTimeTooSkewed",
		"XMinioServerNotInitialized", "InternalError":
		// IT's to repair: until then nothing is lost, and nobody's paper is at fault.
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if said.StatusCode == http.StatusInsufficientStorage {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	var network net.Error
	var address *url.Error
	if said.StatusCode >= http.StatusInternalServerError || errors.As(err, &network) || errors.As(err, &address) ||
		errors.Is(err, context.DeadlineExceeded) || isBrokenConnection(err) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
