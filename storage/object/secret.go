package object

import "log/slog"

// Secret is a text that no log and no message shows.
type Secret string

const hidden = "[hidden]"

// Reveal is the secret itself.
func (s Secret) Reveal() string { return string(s) }

// String hides it.
func (Secret) String() string { return hidden }

// GoString hides it from %#v.
func (Secret) GoString() string { return hidden }

// LogValue hides it from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides it from whatever encodes text.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON hides it from JSON.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }
