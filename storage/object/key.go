package object

import (
	"regexp"
	"strings"
)

// Key names an object: parts of letters, digits and . _ - joined by slashes, none of them . or .. or beginning with a dot.
type Key string

// The beginnings of all keys.
const (
	OriginalsPrefix = "originals/"
	ReadingsPrefix  = "readings/"
)

var (
	sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
	partPattern   = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$`)
)

const mostParts = 8

// check says whether the key is one; whatever comes from outside has passed Original or Reading, and this again.
func (k Key) check() error {
	parts := strings.Split(string(k), "/")
	if len(parts) < 2 || len(parts) > mostParts || parts[0] != "originals" && parts[0] != "readings" {
		return &KeyError{string(k), "it is not below originals/ or readings/"}
	}
	for _, p := range parts {
		if !partPattern.MatchString(p) {
			return &KeyError{string(k), "a part of it has other characters than letters, digits and . _ -, or begins with a dot"}
		}
	}
	return nil
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
	k := Key(prefix + name)
	return k, k.check()
}
