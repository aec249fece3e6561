package web

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// finish keeps an upload whose bytes are all here, or tells again what became of it.
func (u *resumable) finish(w http.ResponseWriter, r *http.Request, c *call) error {
	id, info, err := u.find(r, c)
	if err != nil {
		return err
	}
	if info.Offset != info.Size {
		return refuse(CodeUploadOpen)
	}
	done, err := u.finishInPlace(r.Context(), c, id)
	if err != nil {
		return err
	}
	done.tell(w.Header())
	answer(w, http.StatusOK, handedJSON{Results: []handed{done.Result}})
	return nil
}

// finishInPlace is finishOnce for a request that has no place yet among those that bring files: this reads all of one.
func (u *resumable) finishInPlace(ctx context.Context, c *call, id string) (receipt, error) {
	if done, err := u.store.receipt(id); err == nil {
		return done, nil
	}
	release, err := u.server.upload(c)
	if err != nil {
		return receipt{}, err
	}
	defer release()
	return u.finishOnce(ctx, c, id)
}

// finishOnce keeps an upload alone: a second request waits for the first and tells what that did.
func (u *resumable) finishOnce(ctx context.Context, c *call, id string) (receipt, error) {
	lock, err := u.locks.NewLock(id)
	if err != nil {
		return receipt{}, err
	}
	waiting, cancel := context.WithTimeout(ctx, u.wait)
	defer cancel()
	if err := lock.Lock(waiting, func() {}); err != nil {
		return receipt{}, refuse(CodeTusLocked)
	}
	defer func() {
		if err := lock.Unlock(); err != nil {
			u.server.log.WarnContext(ctx, "an upload was not unlocked", "id", c.id, "error", err)
		}
	}()
	// Only what has no receipt is kept: behind one there are no bytes any more.
	if done, err := u.store.receipt(id); !errors.Is(err, fs.ErrNotExist) {
		return done, err
	}
	return u.keep(ctx, c, id)
}

// completed is tusd's last question before it answers that all bytes are here; the upload is locked.
func (u *resumable) completed(hook handler.HookEvent) (handler.HTTPResponse, error) {
	c, ours := hook.Context.Value(callKey{}).(*call)
	if !ours {
		return handler.HTTPResponse{}, refuse(CodeInternal)
	}
	done, err := u.keep(hook.Context, c, hook.Upload.ID)
	if err != nil {
		return handler.HTTPResponse{}, u.told(c, err)
	}
	head := make(http.Header)
	done.tell(head)
	out := handler.HTTPResponse{Header: handler.HTTPHeader{}}
	for name := range head {
		out.Header[name] = head.Get(name)
	}
	return out, nil
}

// keep makes a paper of an upload whose bytes are all here, and leaves a receipt in their place. What the paper itself is
// refused for ends the upload; other errors leave it for another try.
func (u *resumable) keep(ctx context.Context, c *call, id string) (receipt, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), u.server.config.KeepTimeout)
	defer cancel()
	c.body.rest()
	_ = c.control.SetWriteDeadline(time.Now().Add(u.server.config.KeepTimeout + u.server.config.Patience)) // not every connection has deadlines
	info, err := u.store.info(ctx, id)
	if err != nil {
		return receipt{}, err
	}
	dossier, says, err := slipOf(info.MetaData)
	if err != nil {
		return receipt{}, err
	}
	f, err := measure(ctx, u.store.path(id))
	if err == nil {
		var result handed
		if result, err = u.server.keep(ctx, c, dossier, f, says); err == nil {
			u.server.figures.acknowledged(c)
			done := receipt{Result: result, Size: info.Size}
			// The paper is durable. Without a receipt the bytes stay and another try comes to the same paper.
			if err := u.store.finish(id, done); err != nil {
				u.server.log.WarnContext(ctx, "an upload's receipt was not written", "id", c.id, "error", err)
				return done, nil
			}
			u.delist(id)
			return done, nil
		}
	}
	if ownFault(err) {
		u.server.figures.refusedFile()
		if err := u.store.remove(id); err != nil {
			u.server.log.WarnContext(ctx, "a refused upload was not removed", "id", c.id, "error", err)
		}
		u.delist(id)
	}
	return receipt{}, err
}

// told is an error as tusd carries it to the client.
func (u *resumable) told(c *call, err error) error {
	f, said := failure(err, c.id)
	c.failed(f.Code, err)
	text, broken := json.Marshal(failed{Error: f})
	if broken != nil {
		return broken
	}
	out := handler.NewError(string(f.Code), f.Message, said.status)
	out.HTTPResponse.Body = string(text) + "\n"
	out.HTTPResponse.Header = handler.HTTPHeader{"Content-Type": "application/json; charset=utf-8"}
	if said.retry > 0 {
		out.HTTPResponse.Header["Retry-After"] = strconv.Itoa(int(said.retry / time.Second))
	}
	return out
}
