package catalogue

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// KeySize is how many bytes SignIns.Key has.
const KeySize = 32

var (
	// ErrNoKey is the answer where second factors are asked for and there is no key to keep their secrets with.
	ErrNoKey = errors.New("there is no key to keep second factors' secrets with")
	// ErrOtherKey is the answer for a secret that another key has sealed, or that is damaged.
	ErrOtherKey = errors.New("the second factor's secret was sealed with another key")
)

// A secret that we have to know again is kept sealed (AES-256-GCM) with a key that the database does not have: a copy of the
// database alone, or a backup that is lost, gives nobody a second factor. It is bound to the user, so that a row cannot be
// given another's.

// seal closes a secret of a user.
func (c *Catalogue) seal(user UserID, secret []byte) ([]byte, error) {
	box, err := c.box()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // never fails (Go 1.24)
	return box.Seal(nonce, nonce, secret, []byte(subject("user", user))), nil
}

// unseal opens what seal closed.
func (c *Catalogue) unseal(user UserID, sealed []byte) ([]byte, error) {
	box, err := c.box()
	if err != nil {
		return nil, err
	}
	if len(sealed) < box.NonceSize() {
		return nil, ErrOtherKey
	}
	secret, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], []byte(subject("user", user)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOtherKey, err)
	}
	return secret, nil
}

func (c *Catalogue) box() (cipher.AEAD, error) {
	if len(c.signIns.Key) != KeySize {
		return nil, ErrNoKey
	}
	block, err := aes.NewCipher(c.signIns.Key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// keyName tells keys apart and says nothing of them.
func (c *Catalogue) keyName() string {
	sum := sha256.Sum256(append([]byte("sohoa second factors "), c.signIns.Key...))
	return hex.EncodeToString(sum[:4])
}
