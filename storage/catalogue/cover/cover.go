// Package cover is what stands in the QR code of a cover sheet (tờ bìa): the sheet that an officer lays before a paper, so that a
// feeder's one long scan can be split into papers of their dossiers.
//
//	SOHOA1|H50.13-220331-0001|component|TP01|K7Q2M9XDWA
//
// The version, the dossier's code, what the paper is in it, and a check value. The check is made with a key of the installation:
// a paper that somebody hands in with a QR code of their own must not send the pages behind it elsewhere.
package cover

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"
)

const (
	family  = "SOHOA"
	version = family + "1"
	parts   = 5
	// checkLength is how many letters of 5 bits the check has.
	checkLength = 10
)

// Title is what stands on every cover sheet in large letters, and on no paper: by these words a sheet is told whose code cannot
// be read any more.
const Title = "TỜ BÌA TÁCH LÔ QUÉT"

var (
	// ErrNone says of a code that it is no cover sheet's.
	ErrNone = errors.New("the code is no cover sheet's")
	// ErrVersion says of a cover sheet that another version of the program made it.
	ErrVersion = errors.New("the cover sheet is of another version")
	// ErrDamaged says of a cover sheet's code that it is not as this installation made it.
	ErrDamaged = errors.New("the cover sheet's code is damaged, or not ours")
)

// Sheet is what a cover sheet says of the paper behind it.
type Sheet struct {
	Dossier   string // its code
	Kind      string // of the paper: component or result
	Component string // its code; "" where it is not known
}

// Key makes and checks cover sheets.
type Key []byte

// Code is what stands in a sheet's QR code. Codes of dossiers and components hold no bar.
func (k Key) Code(s Sheet) string {
	said := strings.Join([]string{version, s.Dossier, s.Kind, s.Component}, "|")
	return said + "|" + k.check(said)
}

// Read reads a code: ErrNone for one that is no cover sheet's, ErrVersion and ErrDamaged for one that is and cannot be used.
func (k Key) Read(code string) (s Sheet, err error) {
	code = strings.TrimSpace(code)
	first, _, cut := strings.Cut(code, "|")
	switch {
	case !strings.HasPrefix(first, family) || !cut:
		return s, ErrNone
	case first != version:
		return s, ErrVersion
	}
	said := strings.Split(code, "|")
	if len(said) != parts {
		return s, ErrDamaged
	}
	before := strings.Join(said[:parts-1], "|")
	if !hmac.Equal([]byte(said[parts-1]), []byte(k.check(before))) {
		return s, ErrDamaged
	}
	return Sheet{Dossier: said[1], Kind: said[2], Component: said[3]}, nil
}

func (k Key) check(said string) string {
	m := hmac.New(sha256.New, k)
	m.Write([]byte(said)) // never fails
	return base32.StdEncoding.EncodeToString(m.Sum(nil))[:checkLength]
}
