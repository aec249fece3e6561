package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// What a hash costs: OWASP's recommendation for Argon2id with 19 MiB (Password Storage Cheat Sheet).
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	lanes   = 1
	saltLen = 16
	keyLen  = 32
)

// What a hash that is read may cost at most: a row that somebody changed must not take the machine down.
const (
	mostMemory = 256 * 1024 // KiB
	mostPasses = 16
	mostLanes  = 16
)

// ErrForm is the answer for a hash that is none of ours.
var ErrForm = errors.New("not an Argon2id hash in the PHC form")

// Hasher hashes passwords, so many at once that a rush of sign-ins takes a bounded part of the memory; the others wait. It is
// safe for concurrent use.
type Hasher struct {
	places  chan struct{}
	observe func(took time.Duration, err error)
}

// NewHasher makes one for so many hashes at once; 0 is one for each processor. observe is told how long each took.
func NewHasher(atOnce int, observe func(took time.Duration, err error)) *Hasher {
	if atOnce < 1 {
		atOnce = runtime.GOMAXPROCS(0)
	}
	return &Hasher{places: make(chan struct{}, atOnce), observe: observe}
}

// Hash gives the PHC string of a password, with a salt of its own.
func (h *Hasher) Hash(ctx context.Context, plain string) (string, error) {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails (Go 1.24)
	phc := parsed{memory: memory, passes: passes, lanes: lanes, salt: salt}
	key, err := h.key(ctx, &phc, plain, keyLen)
	if err != nil {
		return "", err
	}
	phc.key = key
	return phc.String(), nil
}

// Check tells whether a password is the one of a hash, and whether the hash is to be made anew because we hash otherwise now.
func (h *Hasher) Check(ctx context.Context, phc, plain string) (same, stale bool, err error) {
	p, err := parse(phc)
	if err != nil {
		return false, false, err
	}
	key, err := h.key(ctx, &p, plain, uint32(len(p.key))) //nolint:gosec // parse bounds it
	if err != nil {
		return false, false, err
	}
	stale = p.memory != memory || p.passes != passes || p.lanes != lanes
	return subtle.ConstantTimeCompare(key, p.key) == 1, stale, nil
}

// key waits for a place and does the work.
func (h *Hasher) key(ctx context.Context, p *parsed, plain string, length uint32) (key []byte, err error) {
	select {
	case h.places <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	defer func() { <-h.places }()
	start := time.Now()
	key = argon2.IDKey([]byte(norm.NFC.String(plain)), p.salt, p.passes, p.memory, p.lanes, length)
	h.observe(time.Since(start), nil)
	return key, nil
}

// parsed is a PHC string, https://github.com/P-H-C/phc-string-format: $argon2id$v=19$m=19456,t=2,p=1$SALT$KEY.
type parsed struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

var raw64 = base64.RawStdEncoding.Strict()

func (p *parsed) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.passes, p.lanes,
		raw64.EncodeToString(p.salt), raw64.EncodeToString(p.key))
}

func parse(phc string) (p parsed, err error) {
	const parts, longest = 6, 128
	said := strings.Split(phc, "$")
	if len(said) != parts || said[0] != "" || said[1] != "argon2id" || said[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, ErrForm
	}
	if _, err := fmt.Sscanf(said[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return p, ErrForm
	}
	if p.memory < 8 || p.memory > mostMemory || p.passes < 1 || p.passes > mostPasses || p.lanes < 1 || p.lanes > mostLanes {
		return p, ErrForm
	}
	var errSalt, errKey error
	p.salt, errSalt = raw64.DecodeString(said[4])
	p.key, errKey = raw64.DecodeString(said[5])
	if errSalt != nil || errKey != nil || len(p.salt) < 8 || len(p.salt) > longest || len(p.key) < saltLen || len(p.key) > longest {
		return p, ErrForm
	}
	if p.String() != phc { // one password has one way to be written: "m=19456,t=2,p=1x" is none
		return p, ErrForm
	}
	return p, nil
}
