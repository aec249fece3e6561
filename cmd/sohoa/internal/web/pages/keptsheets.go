package pages

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	sheetLife = time.Hour // how long a sheet that was looked at can be imported
	mostKept  = 4         // of one user; an older one goes
)

// keptSheets are the sheets that were looked at and not imported yet: files in a folder of ours, which is emptied at each start.
type keptSheets struct {
	folder string
	mu     sync.Mutex
	all    map[string]keptSheet
}

// keptSheet is one, of one user alone.
type keptSheet struct {
	id, login, path, sha256 string
	until                   time.Time
}

// wrongs is where its wrong rows are, as CSV.
func (s *keptSheet) wrongs() string { return s.path + ".csv" }

func (s *keptSheet) remove() error {
	var wrong error
	for _, path := range []string{s.path, s.wrongs()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { //nolint:gosec // a name that we made
			wrong = errors.Join(wrong, err)
		}
	}
	return wrong
}

// keep writes a sheet under a name that nobody guesses.
func (k *keptSheets) keep(login string, content []byte, now time.Time) (keptSheet, error) {
	sum := sha256.Sum256(content)
	id := rand.Text()
	s := keptSheet{id, login, filepath.Join(k.folder, id), hex.EncodeToString(sum[:]), now.Add(sheetLife)}
	if err := os.WriteFile(s.path, content, 0o600); err != nil { //nolint:gosec // a name that we made
		return s, errors.Join(fmt.Errorf("keep a sheet: %w", err), s.remove())
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all[id] = s
	var oldest keptSheet
	mine := 0
	for _, one := range k.all {
		if one.login != login {
			continue
		}
		if mine++; oldest.id == "" || one.until.Before(oldest.until) {
			oldest = one
		}
	}
	if mine <= mostKept {
		return s, nil
	}
	delete(k.all, oldest.id)
	return s, oldest.remove()
}

// find gives a user's sheet that is still kept.
func (k *keptSheets) find(login, id string, now time.Time) (keptSheet, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, there := k.all[id]
	return s, there && s.login == login && now.Before(s.until)
}

// drop forgets a sheet.
func (k *keptSheets) drop(s keptSheet) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.all, s.id)
	return s.remove()
}

// Sweep removes sheets that nobody imported within their life, until ctx ends. failed is told what could not be removed.
func (p *Pages) Sweep(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if err := p.sheets.sweep(now); err != nil {
				failed(err)
			}
		}
	}
}

func (k *keptSheets) sweep(now time.Time) (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, s := range k.all {
		if !now.Before(s.until) {
			delete(k.all, id)
			err = errors.Join(err, s.remove())
		}
	}
	return err
}
