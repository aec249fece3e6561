package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
)

// uploadLocks are tusd's locks, whose failures say what they are by their status, too: an answer to HEAD has no text.
type uploadLocks struct{ *memorylocker.MemoryLocker }

// NewLock is a lock that is not held yet.
func (l uploadLocks) NewLock(id string) (handler.Lock, error) {
	lock, err := l.MemoryLocker.NewLock(id)
	return uploadLock{lock}, err
}

type uploadLock struct{ inner handler.Lock }

// Lock waits until nobody else holds the lock.
func (l uploadLock) Lock(ctx context.Context, requestUnlock func()) error {
	err := l.inner.Lock(ctx, requestUnlock)
	if errors.Is(err, handler.ErrLockTimeout) {
		return handler.ErrFileLocked
	}
	return err
}

// Unlock gives the lock free.
func (l uploadLock) Unlock() error { return l.inner.Unlock() }

// tusCodes are ours for tusd's errors.
var tusCodes = map[string]Code{
	"ERR_UNSUPPORTED_VERSION":         CodeTusVersion,
	"ERR_MAX_SIZE_EXCEEDED":           CodePaperTooLarge,
	"ERR_INVALID_CONTENT_TYPE":        CodeTusRequest,
	"ERR_INVALID_UPLOAD_LENGTH":       CodeTusRequest,
	"ERR_INVALID_OFFSET":              CodeTusRequest,
	"ERR_UPLOAD_NOT_FOUND":            CodeNotFound,
	"ERR_UPLOAD_LOCKED":               CodeTusLocked,
	"ERR_LOCK_TIMEOUT":                CodeTusLocked,
	"ERR_MISMATCHED_OFFSET":           CodeTusOffset,
	"ERR_UPLOAD_SIZE_EXCEEDED":        CodeRequestTooLarge,
	"ERR_NOT_IMPLEMENTED":             CodeTusUnsupported,
	"ERR_AMBIGUOUS_UPLOAD_LENGTH":     CodeTusRequest,
	"ERR_INVALID_UPLOAD_LENGTH_DEFER": CodeTusRequest,
	"ERR_UPLOAD_INTERRUPTED":          CodeTusLocked,
	"ERR_UNEXPECTED_EOF":              CodeCutOff,
	"ERR_READ_TIMEOUT":                CodeTooSlow,
	"ERR_CONNECTION_RESET":            CodeCutOff,
	tusFull:                           CodeSpoolFull,
}

// translated turns tusd's answers into ours: links without a host, our errors, and when an upload expires.
type translated struct {
	http.ResponseWriter
	server  *Server
	call    *call
	id      string // of the upload; "": it is to begin
	expires bool   // an answer that goes well says until when the upload is kept
	status  int
	text    []byte // of an error of tusd's own
	wrong   bool
}

// Unwrap is for http.ResponseController.
func (t *translated) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// WriteHeader holds an error of tusd's back until its text is known.
func (t *translated) WriteHeader(status int) {
	head := t.Header()
	if extensions := head.Get("Tus-Extension"); extensions != "" {
		head.Set("Tus-Extension", extensions+",expiration")
	}
	if at := strings.Index(head.Get("Location"), uploadsPath); at >= 0 {
		// Without a host: behind a proxy tusd does not know what clients call us.
		head.Set("Location", head.Get("Location")[at:])
	}
	if t.expires && status < http.StatusBadRequest && head.Get("Sohoa-Paper") == "" && t.touch() {
		head.Set("Upload-Expires", time.Now().Add(t.server.config.UploadLife).UTC().Format(http.TimeFormat))
	}
	t.status = status
	if status >= http.StatusBadRequest && !strings.HasPrefix(head.Get("Content-Type"), "application/json") {
		t.wrong = true
		head.Del("Content-Length")
		return
	}
	t.ResponseWriter.WriteHeader(status)
}

// touch makes true that the upload is kept for a whole life from now on.
func (t *translated) touch() bool {
	if t.id == "" {
		return true
	}
	err := t.server.resumable.store.touch(t.id)
	if err != nil {
		t.server.log.Warn("an upload's life was not begun anew", "id", t.call.id, "error", err)
	}
	return err == nil
}

// Write passes on what is ours.
func (t *translated) Write(b []byte) (int, error) {
	if t.wrong {
		t.text = append(t.text, b[:min(len(b), 1024-min(1024, len(t.text)))]...)
		return len(b), nil
	}
	return t.ResponseWriter.Write(b)
}

// end says in our words what tusd said.
func (t *translated) end() {
	if !t.wrong {
		return
	}
	name, detail, _ := strings.Cut(strings.TrimSpace(string(t.text)), ":")
	code, known := tusCodes[name]
	switch {
	case known:
		t.server.fail(t.ResponseWriter, t.call.exchange, &refusal{code: code, detail: strings.TrimSpace(detail)})
	// An answer to HEAD has no text.
	case t.status == http.StatusNotFound:
		t.server.fail(t.ResponseWriter, t.call.exchange, refuse(CodeNotFound))
	case t.status == http.StatusLocked:
		t.server.fail(t.ResponseWriter, t.call.exchange, refuse(CodeTusLocked))
	default:
		t.server.fail(t.ResponseWriter, t.call.exchange, &refusal{code: CodeInternal, err: &tusFailure{string(t.text)}})
	}
}

// tusFailure is an error of tusd's that has no name; it is for the log.
type tusFailure struct{ text string }

func (e *tusFailure) Error() string { return "resumable upload: " + e.text }
