package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// reading is what a program made of a page.
type reading struct {
	Text    string `json:"text"`
	Failure string `json:"failure,omitempty"` // why it made nothing
}

// cache keeps the readings of other programs in a folder, a file a reading.
type cache struct {
	dir   string
	fresh bool // takes nothing from earlier runs
}

// key identifies a reading: all that it depends on.
func (c cache) key(program string, args []string, scanPath string) (string, error) {
	sum, err := fileDigest(scanPath)
	if err != nil {
		return "", err
	}
	all := sha256.Sum256([]byte(strings.Join(append([]string{program, sum}, args...), "\x00")))
	return hex.EncodeToString(all[:]), nil
}

// recall gives a remembered reading.
func (c cache) recall(key string) (reading, bool) {
	var r reading
	if c.fresh {
		return r, false
	}
	data, err := os.ReadFile(filepath.Join(c.dir, key+".json"))
	if err != nil || json.Unmarshal(data, &r) != nil {
		return reading{}, false // whatever is wrong with it, it is made anew
	}
	return r, true
}

// keep remembers a reading.
func (c cache) keep(key string, r reading) error {
	data, err := json.Marshal(r)
	if err == nil {
		err = os.MkdirAll(c.dir, 0o750)
	}
	part := filepath.Join(c.dir, key+".part")
	if err == nil {
		err = os.WriteFile(part, data, 0o600)
	}
	if err == nil {
		err = os.Rename(part, filepath.Join(c.dir, key+".json"))
	}
	if err != nil {
		return fmt.Errorf("remember a reading: %w", err)
	}
	return nil
}

// fileDigest is the SHA-256 of a file's bytes, in hex; of a file that does not exist, "none".
func fileDigest(path string) (string, error) {
	f, err := os.Open(path) //nolint:gosec // a scan or a model
	if errors.Is(err, fs.ErrNotExist) {
		return "none", nil
	}
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("digest %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
