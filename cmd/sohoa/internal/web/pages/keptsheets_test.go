package pages

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// left are the files that are kept.
func (k *keptSheets) left(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(k.folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Of one user so many sheets are kept, the newest, with what was wrong in them; another's do not count.
func TestFewSheetsOfOneUserAreKept(t *testing.T) {
	t.Parallel()
	k := &keptSheets{folder: t.TempDir(), all: make(map[string]keptSheet)}
	now := time.Now()
	keep := func(login string, n int) keptSheet {
		t.Helper()
		s, err := k.keep(login, fmt.Appendf(nil, "%s %d", login, n), now.Add(time.Duration(n)*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.wrongs(), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return s
	}
	other := keep("hoa", 0)
	var mine []keptSheet
	for n := range mostKept + 2 {
		mine = append(mine, keep("lan", n))
	}
	for n, s := range append(mine, other) {
		_, there := k.find(s.login, s.id, now)
		_, err := os.Stat(s.path)
		_, wrongs := os.Stat(s.wrongs())
		if want := n >= 2; there != want || (err == nil) != want || (wrongs == nil) != want {
			t.Errorf("%s's sheet %d: found %v, %v, %v", s.login, n, there, err, wrongs)
		}
	}
	if got := len(k.left(t)); got != 2*(mostKept+1) {
		t.Errorf("%d files are left", got)
	}
	if _, there := k.find("hoa", mine[3].id, now); there {
		t.Error("another finds it")
	}
	if err := k.drop(mine[3]); err != nil || len(k.left(t)) != 2*mostKept {
		t.Errorf("dropped: %v, %q", err, k.left(t))
	}
}

// A sheet that nobody imports is swept away once its life is over, and not before; what cannot be removed is told, and the rest goes.
func TestSheetsAreSweptAway(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		k := &keptSheets{folder: folder, all: make(map[string]keptSheet)}
		ctx, stop := context.WithCancel(t.Context())
		var told []error
		done := make(chan struct{})
		go func() {
			defer close(done)
			(&Pages{sheets: k}).Sweep(ctx, func(err error) { told = append(told, err) })
		}()
		first, err := k.keep("lan", []byte("a"), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(sheetLife / 2)
		second, err := k.keep("lan", []byte("b"), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(sheetLife/2 - time.Minute/2)
		synctest.Wait()
		if got := k.left(t); len(got) != 2 {
			t.Errorf("within its life: %q", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := k.left(t); !slices.Equal(got, []string{second.id}) {
			t.Errorf("after it: %q", got)
		}
		if _, there := k.find("lan", first.id, time.Now()); there {
			t.Error("it is found")
		}
		// A folder in its place is not removed as long as something is in it.
		third, err := k.keep("lan", []byte("c"), time.Now().Add(-sheetLife))
		if err == nil {
			err = os.Remove(third.path)
		}
		if err == nil {
			err = os.MkdirAll(filepath.Join(third.path, "x"), 0o700)
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(sheetLife)
		synctest.Wait()
		if got := k.left(t); len(told) != 1 || !slices.Equal(got, []string{third.id}) {
			t.Errorf("told %v, left %q", told, got)
		}
		stop()
		<-done
	})
}
