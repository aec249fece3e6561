package cover

import (
	"errors"
	"strings"
	"testing"
)

func TestWhatWasMadeIsRead(t *testing.T) {
	t.Parallel()
	key := Key("of this installation")
	for _, s := range []Sheet{
		{"H50.13-220331-0001", "component", "TP01"}, {"000.00.01.H22-220331-0001", "result", ""}, {"H50.13-220331-0001", "component", "Đơn/1"},
	} {
		code := key.Code(s)
		if got, err := key.Read(" " + code + "\n"); err != nil || got != s {
			t.Errorf("%s: %+v, %v", code, got, err)
		}
		if _, err := Key("of another one").Read(code); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s read with another key: %v", code, err)
		}
		for i := range len(code) { // whichever byte is another one
			other := code[:i] + string(code[i]^1) + code[i+1:]
			if got, err := key.Read(other); err == nil {
				t.Errorf("%q was read as %+v", other, got)
			}
		}
		if _, err := key.Read(strings.Replace(code, "SOHOA1", "SOHOA2", 1)); !errors.Is(err, ErrVersion) {
			t.Errorf("another version: %v", err)
		}
	}
}

func TestWhatIsNoCover(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{
		"": ErrNone, "H50.13-220331-0001": ErrNone, "https://example.vn/?a=1|2": ErrNone, "SOHOA1": ErrNone, "SOHOA1|": ErrDamaged,
		"SOHOA1|a|b|c|d|e": ErrDamaged, "SOHOA|a|b|c|d": ErrVersion, "SOHOA12|a|b|c|d": ErrVersion,
	} {
		if _, err := Key("k").Read(code); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", code, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	key := Key("k")
	f.Add(key.Code(Sheet{"H50.13-220331-0001", "component", "TP01"}))
	f.Add("SOHOA1||||")
	f.Fuzz(func(t *testing.T, code string) {
		s, err := key.Read(code)
		if err == nil && key.Code(s) != strings.TrimSpace(code) {
			t.Errorf("%q was read as %+v, which is %q", code, s, key.Code(s))
		}
	})
}
