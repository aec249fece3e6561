package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/storage/catalogue"
)

// begun is a data folder with a catalogue as up makes it.
func begun(t *testing.T) (data string, cat *catalogue.Catalogue) {
	t.Helper()
	data = t.TempDir()
	cat, err := catalogue.Open(catalogue.Config{URL: "sqlite:" + filepath.Join(data, "catalogue.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cat.Close() })
	if _, err := cat.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return data, cat
}

// firstToken makes the first token as up does at its start, and gives what is in the file.
func firstToken(t *testing.T, data string, cat *catalogue.Catalogue) string {
	t.Helper()
	f := upFlags{agency: "H00"}
	if err := f.firstToken(t.Context(), cat, data); err != nil {
		t.Fatal(err)
	}
	said, err := os.ReadFile(filepath.Join(data, "first-token"))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(said))
}

func TestFirstToken(t *testing.T) {
	t.Parallel()
	data, cat := begun(t)
	first := firstToken(t, data, cat)
	info, err := os.Stat(filepath.Join(data, "first-token"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if again := firstToken(t, data, cat); again != first {
		t.Error("it was made anew")
	}
	// As a process leaves it that is killed, or has no room, before the file is there.
	if err := os.Rename(filepath.Join(data, "first-token"), filepath.Join(data, "first-token.part")); err != nil {
		t.Fatal(err)
	}
	second := firstToken(t, data, cat)
	if second == "" || second == first {
		t.Fatalf("after a kill: %q", second)
	}
	if _, err := cat.Authenticate(t.Context(), first); !errors.Is(err, catalogue.ErrNotFound) {
		t.Errorf("the one that nobody knows still works: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(data, "first-token.*")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	token, err := cat.Authenticate(t.Context(), second) // which is a use
	if err != nil || token.Role != catalogue.RoleIT || token.Agency != "H00" {
		t.Errorf("%+v, %v", token, err)
	}
	// Who has used it may take it away.
	if err := os.Remove(filepath.Join(data, "first-token")); err != nil {
		t.Fatal(err)
	}
	if third := firstToken(t, data, cat); third != "" {
		t.Error("it was made although there is a way in")
	}
}

// Where the file cannot be written the next start makes a token all the same.
func TestFirstTokenWithoutRoom(t *testing.T) {
	t.Parallel()
	data, cat := begun(t)
	part := filepath.Join(data, "first-token.part", "in the way")
	if err := os.MkdirAll(part, 0o700); err != nil {
		t.Fatal(err)
	}
	f := upFlags{agency: "H00"}
	if err := f.firstToken(t.Context(), cat, data); err == nil {
		t.Fatal("it was written: this test shows nothing")
	}
	if err := os.RemoveAll(filepath.Dir(part)); err != nil {
		t.Fatal(err)
	}
	said := firstToken(t, data, cat)
	if _, err := cat.Authenticate(t.Context(), said); err != nil {
		t.Errorf("%q: %v", said, err)
	}
}

// Who has made agencies and tokens before, by the verbs for it, is given no others.
func TestFirstTokenIsOfTheRootThatIsThere(t *testing.T) {
	t.Parallel()
	data, cat := begun(t)
	if _, err := cat.PutAgency(t.Context(), "H50", "Tỉnh", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := cat.PutAgency(t.Context(), "H50.13", "Sở", "H50"); err != nil {
		t.Fatal(err)
	}
	token, err := cat.Authenticate(t.Context(), firstToken(t, data, cat))
	if err != nil || token.Agency != "H50" {
		t.Errorf("it is of %q, %v", token.Agency, err)
	}
	all, err := cat.Agencies(t.Context(), catalogue.Everywhere)
	if err != nil || len(all) != 2 || all[0].Name != "Tỉnh" {
		t.Errorf("%+v, %v", all, err)
	}

	data, cat = begun(t)
	if _, err := cat.PutAgency(t.Context(), "H50", "Tỉnh", ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := cat.AddToken(t.Context(), catalogue.NewToken{Name: "may-quet", Role: catalogue.RoleDesk, Agency: "H50"}); err != nil {
		t.Fatal(err)
	}
	if said := firstToken(t, data, cat); said != "" {
		t.Error("there was a token already")
	}
}

// firstAccount makes the first account as up does at its start, and gives login and password of the file.
func firstAccount(t *testing.T, data string, cat *catalogue.Catalogue) (login, plain string) {
	t.Helper()
	f := upFlags{agency: "H00"}
	if err := f.firstAccount(t.Context(), cat, data); err != nil {
		t.Fatal(err)
	}
	said, err := os.ReadFile(filepath.Join(data, "first-account"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", ""
	}
	if err != nil {
		t.Fatal(err)
	}
	login, plain, _ = strings.Cut(strings.TrimSpace(string(said)), "\n")
	return strings.TrimPrefix(login, "login: "), strings.TrimPrefix(plain, "password: ")
}

func TestFirstAccount(t *testing.T) {
	t.Parallel()
	data, cat := begun(t)
	login, first := firstAccount(t, data, cat)
	path := filepath.Join(data, "first-account")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, again := firstAccount(t, data, cat); again != first || login != "quantri" {
		t.Error("it was made anew")
	}
	// As a process leaves it that is killed, or has no room, before the file is there.
	if err := os.Rename(path, path+".part"); err != nil {
		t.Fatal(err)
	}
	_, second := firstAccount(t, data, cat)
	if second == "" || second == first {
		t.Fatalf("after a kill: %q", second)
	}
	if _, err := cat.SignIn(t.Context(), login, first, catalogue.Origin{}); !errors.Is(err, catalogue.ErrSignIn) {
		t.Errorf("the password that nobody knows still works: %v", err)
	}
	s, err := cat.SignIn(t.Context(), login, second, catalogue.Origin{})
	if err != nil || s.Due != catalogue.DuePassword {
		t.Fatalf("%+v, %v", s, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, third := firstAccount(t, data, cat); third != "" {
		t.Error("it was made although there is a way in")
	}
}

// Who has made accounts before, by the verbs for it, is given no other; users who have tokens alone are no way in.
func TestFirstAccountBesideOthers(t *testing.T) {
	t.Parallel()
	data, cat := begun(t)
	if _, err := cat.PutAgency(t.Context(), "H50", "Tỉnh", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := cat.PutUser(t.Context(), catalogue.User{Login: "an", Name: "An", Role: catalogue.RoleDesk, Agency: "H50"}); err != nil {
		t.Fatal(err)
	}
	if _, plain := firstAccount(t, data, cat); plain == "" {
		t.Error("nobody can sign in")
	}

	data, cat = begun(t)
	if _, err := cat.PutAgency(t.Context(), "H50", "Tỉnh", ""); err != nil {
		t.Fatal(err)
	}
	for _, login := range []string{"an", "quantri"} {
		if _, err := cat.PutUser(t.Context(), catalogue.User{Login: login, Name: "An", Role: catalogue.RoleDesk, Agency: "H50"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, plain := firstAccount(t, data, cat); plain != "" {
		t.Error("somebody else's account was taken")
	}
	if err := cat.SetPassword(t.Context(), catalogue.Everywhere, "an", "một bát bún bò", true); err != nil {
		t.Fatal(err)
	}
	if _, plain := firstAccount(t, data, cat); plain != "" {
		t.Error("there was an account already")
	}
}

func TestOwnKey(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first, err := ownKey(data)
	if err != nil || len(first) < leastKey {
		t.Fatalf("%q, %v", first, err)
	}
	if again, err := ownKey(data); err != nil || again != first {
		t.Errorf("it was made anew: %v", err)
	}
	if info, err := os.Stat(filepath.Join(data, "key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(filepath.Join(data, "key"), []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ownKey(data); err == nil {
		t.Error("a key that was cut short is taken")
	}
}

func TestSignInsAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	const key = "0123456789abcdef0123456789abcdef"
	for _, c := range []struct {
		key, factor string
		want        string
		key32       bool
	}{
		{"", "", "[]", false}, {key, "", "[it]", true}, {key, "none", "[]", true}, {key, "it, supervisor", "[it supervisor]", true},
	} {
		got := config{Key: c.key, SecondFactor: c.factor}.signIns()
		if fmt.Sprint(got.Factor) != c.want || (len(got.Key) == catalogue.KeySize) != c.key32 {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}
