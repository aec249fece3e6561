package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"

	"sohoa/storage/catalogue"
)

// resumable are uploads by the tus protocol (1.0: creation, termination, expiration). tusd receives the bytes into files of
// the spool; what comes before and after is ours: whose an upload is, and that its last answer comes after the paper is
// durable.
type resumable struct {
	server *Server
	dir    string
	store  *uploadStore
	locks  uploadLocks
	wait   time.Duration // for a lock
	tus    *handler.UnroutedHandler

	mu sync.Mutex
	// open are the uploads that are not finished, by whose they are.
	open map[string]catalogue.TokenID
}

const (
	uploadsPath = "/api/v1/uploads/"
	// lockWait is for how long a request waits for another one of the same upload, at most; its own client's patience, which
	// tusd counts meanwhile, must last longer.
	lockWait = 20 * time.Second
)

// The metadata that is kept of an upload.
const (
	metaToken   = "token"
	metaDossier = "dossier"
	metaName    = "filename"
)

var uploadID = regexp.MustCompile(`^[0-9a-f]{32}$`)

func newResumable(ctx context.Context, s *Server) (*resumable, error) {
	u := &resumable{
		server: s, dir: s.spool.resumable(), locks: uploadLocks{memorylocker.New()}, wait: min(lockWait, s.config.Patience/2),
		open: make(map[string]catalogue.TokenID),
	}
	var err error
	if u.store, err = newUploadStore(u.dir, s.spool, u.delist); err != nil {
		return nil, err
	}
	composer := handler.NewStoreComposer()
	composer.UseCore(u.store)
	composer.UseTerminater(u.store)
	composer.UseLocker(u.locks)
	u.tus, err = handler.NewUnroutedHandler(handler.Config{
		StoreComposer: composer, MaxSize: s.config.MaxPaper, BasePath: uploadsPath, DisableDownload: true,
		DisableConcatenation: true, Cors: &handler.CorsConfig{Disable: true}, Logger: silent(),
		NetworkTimeout: s.config.Patience, AcquireLockTimeout: u.wait,
		PreUploadCreateCallback: u.created, PreFinishResponseCallback: u.completed,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start resumable uploads: %w", err), u.store.close())
	}
	if err := u.recall(ctx); err != nil {
		return nil, errors.Join(err, u.store.close())
	}
	return u, nil
}

// recall finds the uploads that an earlier process left open.
func (u *resumable) recall(ctx context.Context) error {
	infos, err := filepath.Glob(filepath.Join(u.dir, "*.info"))
	if err != nil {
		return fmt.Errorf("look for open uploads: %w", err)
	}
	for _, path := range infos {
		id := strings.TrimSuffix(filepath.Base(path), ".info")
		if info, err := u.store.info(ctx, id); err == nil && !u.store.done(id) {
			u.open[id] = owner(info)
		}
	}
	return nil
}

// owner is whose an upload is; 0, which no token is, where that is not known.
func owner(info handler.FileInfo) catalogue.TokenID {
	n, _ := strconv.ParseInt(info.MetaData[metaToken], 10, 64)
	return catalogue.TokenID(n)
}

// pass hands a request to tusd, whose answers become ours.
func (u *resumable) pass(w http.ResponseWriter, r *http.Request, c *call, id string, do http.HandlerFunc) {
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	r.Header.Del("X-HTTP-Method-Override") // who asks for what was decided by the route
	path := *r.URL
	path.Path = "/" + id
	r.URL = &path
	goesOn := r.Method != http.MethodOptions && r.Method != http.MethodDelete
	t := &translated{ResponseWriter: w, server: u.server, call: c, id: id, expires: goesOn}
	u.tus.Middleware(do).ServeHTTP(t, r)
	t.end()
}

type callKey struct{}

func (u *resumable) options(w http.ResponseWriter, r *http.Request, c *call) error {
	u.pass(w, r, c, "", func(http.ResponseWriter, *http.Request) {})
	return nil
}

// create begins an upload.
func (u *resumable) create(w http.ResponseWriter, r *http.Request, c *call) error {
	if r.Header.Get("Upload-Concat") != "" {
		return refuse(CodeTusUnsupported)
	}
	release, err := u.server.upload(c)
	if err != nil {
		return err
	}
	defer release()
	u.pass(w, r, c, "", u.tus.PostFile)
	return nil
}

// created says whether an upload may begin, and what is kept of what its client says.
func (u *resumable) created(hook handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
	c, ours := hook.Context.Value(callKey{}).(*call)
	if !ours {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, refuse(CodeInternal)
	}
	changes, err := u.begin(hook, c)
	if err != nil {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, u.told(c, err)
	}
	return handler.HTTPResponse{}, changes, nil
}

func (u *resumable) begin(hook handler.HookEvent, c *call) (changes handler.FileInfoChanges, err error) {
	if hook.Upload.Size == 0 {
		return changes, refuse(CodePaperEmpty)
	}
	dossier, _, err := slipOf(hook.Upload.MetaData)
	if err != nil {
		return changes, err
	}
	if _, err := u.server.config.Catalogue.Dossier(hook.Context, c.token.Path, dossier); err != nil {
		return changes, err
	}
	if err := u.server.spool.room(hook.Upload.Size); err != nil {
		return changes, err
	}
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails (Go 1.24)
	changes.ID = hex.EncodeToString(raw)
	changes.MetaData = maps.Clone(hook.Upload.MetaData)
	changes.MetaData[metaToken] = strconv.FormatInt(int64(c.token.ID), 10)
	return changes, u.enlist(changes.ID, c.token.ID)
}

// enlist counts an upload among its token's open ones.
func (u *resumable) enlist(id string, token catalogue.TokenID) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := 0
	for _, other := range u.open {
		if other == token {
			n++
		}
	}
	if n >= u.server.config.MaxUnfinished {
		return refuse(CodeTooManyOpen)
	}
	u.open[id] = token
	return nil
}

func (u *resumable) delist(id string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.open, id)
}

// slipOf is what an upload's metadata say of the paper.
func slipOf(meta handler.MetaData) (dossier catalogue.DossierID, says slip, err error) {
	known := []string{metaDossier, metaName, metaToken, "filetype", "component", "kind", "queue", "batch", "sha256"}
	for name := range meta {
		if !slices.Contains(known, name) {
			return 0, says, invalid(knownField(name), "there is no such metadata")
		}
	}
	n, err := strconv.ParseInt(meta[metaDossier], 10, 64)
	if err != nil || n < 1 {
		return 0, says, invalid(metaDossier, "the metadata must name a dossier's id")
	}
	if err := says.set("name", meta[metaName]); err != nil {
		return 0, says, err
	}
	for _, field := range []string{"component", "kind", "queue", "batch", "sha256"} {
		if err := says.set(field, meta[field]); err != nil {
			return 0, says, err
		}
	}
	return catalogue.DossierID(n), says, nil
}

// find is the upload that a path names, where it is the caller's.
func (u *resumable) find(r *http.Request, c *call) (string, handler.FileInfo, error) {
	id := r.PathValue("upload")
	if !uploadID.MatchString(id) {
		return "", handler.FileInfo{}, refuse(CodeNotFound)
	}
	info, err := u.store.info(r.Context(), id)
	if err != nil || owner(info) != c.token.ID {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			u.server.log.WarnContext(r.Context(), "an upload cannot be read", "id", c.id, "error", err)
		}
		return "", handler.FileInfo{}, refuse(CodeNotFound)
	}
	return id, info, nil
}

// head tells how much is here. Clients take "all" for "kept" and go away, so it is kept before that is said.
func (u *resumable) head(w http.ResponseWriter, r *http.Request, c *call) error {
	id, info, err := u.find(r, c)
	if err != nil {
		return err
	}
	if info.Offset == info.Size {
		done, err := u.finishInPlace(r.Context(), c, id)
		switch {
		case ownFault(err):
			return err
		case err != nil:
			u.server.log.WarnContext(r.Context(), "an upload whose bytes are all here is not kept yet", "id", c.id, "upload", id, "error", err)
			// Clients ask again after this status; after any other one they begin anew with all bytes.
			return &refusal{code: CodeTusLocked, err: err}
		}
		done.tell(w.Header())
	}
	u.pass(w, r, c, id, u.tus.HeadFile)
	return nil
}

// patch takes the next bytes. Where all are here already and only keeping them failed, an empty one tries that again.
func (u *resumable) patch(w http.ResponseWriter, r *http.Request, c *call) error {
	id, info, err := u.find(r, c)
	if err != nil {
		return err
	}
	release, err := u.server.upload(c)
	if err != nil {
		return err
	}
	defer release()
	whole := info.Offset == info.Size
	if whole && r.Header.Get("Upload-Offset") == strconv.FormatInt(info.Size, 10) && r.Header.Get("Tus-Resumable") == "1.0.0" {
		done, err := u.finishOnce(r.Context(), c, id)
		if err != nil {
			return err
		}
		done.tell(w.Header())
		w.Header().Set("Tus-Resumable", "1.0.0")
		w.Header().Set("Upload-Offset", strconv.FormatInt(info.Size, 10))
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err := u.server.spool.room(min(max(0, r.ContentLength), info.Size-info.Offset)); err != nil {
		return err
	}
	u.pass(w, r, c, id, u.tus.PatchFile)
	return nil
}

func (u *resumable) terminate(w http.ResponseWriter, r *http.Request, c *call) error {
	id, _, err := u.find(r, c)
	if err != nil {
		return err
	}
	u.pass(w, r, c, id, u.tus.DelFile)
	if _, err := u.store.info(r.Context(), id); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	u.delist(id)
	if err := u.store.remove(id); err != nil { // the receipt, which tusd does not know
		u.server.log.WarnContext(r.Context(), "a receipt was not removed", "id", c.id, "error", err)
	}
	return nil
}
