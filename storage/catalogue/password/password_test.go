package password

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func hasher(atOnce int) *Hasher { return NewHasher(atOnce, func(time.Duration, error) {}) }

func TestAHashHoldsForItsPasswordAlone(t *testing.T) {
	t.Parallel()
	h := hasher(0)
	phc, err := h.Hash(t.Context(), "mật khẩu của tôi")
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %v", phc, err)
	}
	if again, _ := h.Hash(t.Context(), "mật khẩu của tôi"); again == phc {
		t.Error("the salt is always the same")
	}
	for plain, want := range map[string]bool{
		"mật khẩu của tôi":             true,
		"mâ\u0323t khâ\u0309u của tôi": true, // as some keyboards compose it
		"mat khau cua toi":             false,
		"":                             false,
	} {
		same, stale, err := h.Check(t.Context(), phc, plain)
		if same != want || stale || err != nil {
			t.Errorf("%q: %v, %v, %v", plain, same, stale, err)
		}
	}
}

// The reference implementation's own vector (phc-winner-argon2, src/test.c), which costs more than ours.
func TestTheReferencesVectorHolds(t *testing.T) {
	t.Parallel()
	const vector = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	same, stale, err := hasher(1).Check(t.Context(), vector, "password")
	if !same || !stale || err != nil {
		t.Errorf("%v, %v, %v", same, stale, err)
	}
}

func TestWhatIsNoHashIsRefused(t *testing.T) {
	t.Parallel()
	const good = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if _, err := parse(good); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "$", good + "$", good[1:], "x" + good,
		strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=19456", "m=4000000000", 1), strings.Replace(good, "m=19456", "m=-1", 1),
		strings.Replace(good, "t=2", "t=0", 1), strings.Replace(good, "t=2", "t=1000", 1), strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "p=1", "p=1x", 1), strings.Replace(good, "c29tZXNhbHQ", "c29", 1), strings.Replace(good, "CTFh", "", 1) + "====",
		good[:60],
	} {
		if _, _, err := hasher(1).Check(t.Context(), bad, "password"); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// As many as there are places are hashed at once; who gives up while they wait takes none.
func TestHashesAreBounded(t *testing.T) {
	t.Parallel()
	h := hasher(2)
	h.places <- struct{}{}
	h.places <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var gaveUp, done atomic.Int32
	for range 8 {
		all.Go(func() {
			if _, err := h.Hash(ctx, "x"); errors.Is(err, context.Canceled) {
				gaveUp.Add(1)
			}
		})
	}
	cancel()
	all.Wait()
	if gaveUp.Load() != 8 {
		t.Errorf("%d of 8 gave up", gaveUp.Load())
	}
	<-h.places
	for range 4 {
		all.Go(func() {
			if _, err := h.Hash(t.Context(), "x"); err == nil {
				done.Add(1)
			}
		})
	}
	all.Wait()
	if done.Load() != 4 {
		t.Errorf("%d of 4 were hashed", done.Load())
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		plain, login string
		want         error
	}{
		{"con mèo trèo cây cau", "an", nil},
		{"kẹo dừa 82 xe", "an", nil},
		{"correct horse battery", "an", nil},
		{Random(), "an", nil},
		{"ngắn quá", "an", ErrShort},
		{"đ23456789", "an", ErrShort}, // nine characters in ten bytes
		{strings.Repeat("ab", 65), "an", ErrLong},
		{"mười ký tự\x00", "an", ErrText},
		{"mười ký tự\xff", "an", ErrText},
		{"nguyenvanminh", "nguyenvanminh", ErrLogin},
		{"NguyenVanMinh2026", "nguyenvanminh", ErrLogin},
		{"nguyen.van.minh", "nguyenvanminh", ErrLogin},
		{"1234567890", "an", ErrCommon},
		{"9876543210", "an", ErrCommon},
		{"abcdefghijkl", "an", ErrCommon},
		{"aaaaaaaaaaaa", "an", ErrCommon},
		{"..........!!", "an", ErrCommon},
		{"12121212121212", "an", ErrCommon},
		{"Password@123", "an", ErrCommon},
		{"Mật khẩu 2026!", "an", ErrCommon},
		{"QuangTri@2026", "an", ErrCommon},
		{"anh yêu em 123", "an", ErrCommon},
		{"qwertyuiop", "an", ErrCommon},
	} {
		if got := Judge(c.plain, c.login); !errors.Is(got, c.want) || c.want == nil && got != nil {
			t.Errorf("%q of %s: %v, want %v", c.plain, c.login, got, c.want)
		}
	}
}

func TestRandomPasswordsDiffer(t *testing.T) {
	t.Parallel()
	if a, b := Random(), Random(); a == b || len(a) != 23 {
		t.Errorf("%s, %s", a, b)
	}
}

func BenchmarkHash(b *testing.B) {
	h := hasher(1)
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "mật khẩu"); err != nil {
			b.Fatal(err)
		}
	}
}
