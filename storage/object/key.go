package object

import (
	"regexp"
	"strings"
)

// Key names an object: parts of letters, digits and . _ - joined by slashes, none of them beginning with a dot. Original and
// Reading make them; a Store refuses any other with a *KeyError.
type Key string

// The beginnings of all keys.
const (
	OriginalsPrefix = "originals/"
	ReadingsPrefix  = "readings/"
)

var (
	sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
	partPattern   = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$`)
	// prefixPattern is what the beginning of a key is made of.
	prefixPattern = regexp.MustCompile(`^[A-Za-z0-9._/-]*$`)
)

// mostParts is how many parts the name of a reading's object may have.
const mostParts = 5

// check says whether the key is one; whatever comes from outside has passed Original or Reading, and this again.
func (k Key) check() error {
	if sum, ok := strings.CutPrefix(string(k), OriginalsPrefix); ok {
		_, err := Original(sum)
		return err
	}
	rest, ok := strings.CutPrefix(string(k), ReadingsPrefix)
	if !ok {
		return &KeyError{string(k), "it is not below originals/ or readings/"}
	}
	sum, rest, _ := strings.Cut(rest, "/")
	revision, name, _ := strings.Cut(rest, "/")
	_, err := Reading(sum, revision, name)
	return err
}

// Original names the file that was handed in, by its SHA-256 in hex.
func Original(sha256 string) (Key, error) {
	if !sha256Pattern.MatchString(sha256) {
		return "", &KeyError{sha256, "it is not a SHA-256 in lowercase hex"}
	}
	return Key(OriginalsPrefix + sha256), nil
}

// ReadingPrefix is what the names of all objects of one reading begin with.
func ReadingPrefix(sha256, revision string) (string, error) {
	if !sha256Pattern.MatchString(sha256) {
		return "", &KeyError{sha256, "it is not a SHA-256 in lowercase hex"}
	}
	if !partPattern.MatchString(revision) {
		return "", &KeyError{revision, "it is no revision"}
	}
	return ReadingsPrefix + sha256 + "/" + revision + "/", nil
}

// Reading names one object of a reading: name is like "paper.pdf" or "pages/12.json".
func Reading(sha256, revision, name string) (Key, error) {
	prefix, err := ReadingPrefix(sha256, revision)
	if err != nil {
		return "", err
	}
	parts := strings.Split(name, "/")
	if len(parts) > mostParts {
		return "", &KeyError{name, "it has too many parts"}
	}
	for _, p := range parts {
		if !partPattern.MatchString(p) {
			return "", &KeyError{name, "a part of it has other characters than letters, digits and . _ -, or begins with a dot, or is too long"}
		}
	}
	return Key(prefix + name), nil
}
