package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sohoa/storage/catalogue"
	"sohoa/storage/catalogue/password"
)

// firstLogin is the account by which IT begins in a browser.
const firstLogin = "quantri"

// firstAccount makes the account by which IT begins, and keeps its password, which must be changed at the first sign-in, in a
// file. As with firstToken a process that was killed between the two, or had no room for the file, has left a password that
// nobody knows: it is replaced. Once somebody signed in, or another account has a password, there is a way in: then a file that is
// missing was taken away on purpose.
func (f *upFlags) firstAccount(ctx context.Context, cat *catalogue.Catalogue, data string) error {
	path := filepath.Join(data, "first-account")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	accounts, err := cat.Accounts(ctx, catalogue.Everywhere)
	if err != nil {
		return err
	}
	begun := func(a catalogue.Account) bool {
		return a.External || !a.SignedIn.IsZero() || a.HasPassword && (a.Login != firstLogin || !a.MustChange)
	}
	if slices.ContainsFunc(accounts, begun) {
		return nil
	}
	agency, err := f.root(ctx, cat)
	if err != nil {
		return err
	}
	first := catalogue.User{Login: firstLogin, Name: "Quản trị", Role: catalogue.RoleIT, Agency: agency}
	at := slices.IndexFunc(accounts, func(a catalogue.Account) bool { return a.Login == firstLogin })
	switch {
	case at < 0:
		if _, err := cat.PutUser(ctx, first); err != nil {
			return err
		}
	case accounts[at].Disabled || accounts[at].Role != first.Role || accounts[at].Agency != first.Agency:
		fmt.Printf("sohoa: nobody has a password yet; \"sohoa user password LOGIN\" gives one (user %s is no IT of agency %s)\n", firstLogin, agency)
		return nil
	}
	plain := password.Random()
	if err := cat.SetPassword(ctx, catalogue.Everywhere, firstLogin, plain, false); err != nil {
		return err
	}
	if err := writeWhole(path, fmt.Appendf(nil, "login: %s\npassword: %s\n", firstLogin, plain)); err != nil {
		return fmt.Errorf("keep the first account: %w", err)
	}
	fmt.Printf("sohoa: the first account, %s for IT of agency %s, is in %s\n", firstLogin, agency, path)
	return nil
}

// leastKey is how many characters SOHOA_KEY has at least: as many as 24 random bytes have in base64.
const leastKey = 32

// ownKey is the key of up's data folder, which is made at the first start. Without it a second factor that was set up cannot be
// checked any more: it belongs into each backup, and none that is kept apart from its database is of use to a thief.
func ownKey(data string) (string, error) {
	path := filepath.Join(data, "key")
	said, err := os.ReadFile(path) //nolint:gosec // below the data folder
	if err == nil {
		if text := strings.TrimSpace(string(said)); len(text) >= leastKey {
			return text, nil
		}
		return "", fmt.Errorf("read the key: %s has fewer than %d characters", path, leastKey)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the key: %w", err)
	}
	made := rand.Text() + rand.Text()
	if err := writeWhole(path, []byte(made+"\n")); err != nil {
		return "", fmt.Errorf("keep the key: %w", err)
	}
	return made, nil
}

// signIns says how people sign in.
func (c config) signIns() catalogue.SignIns {
	s := catalogue.SignIns{Idle: c.SessionIdle, Life: c.SessionLife}
	if c.Key != "" {
		sum := sha256.Sum256([]byte("sohoa key " + c.Key))
		s.Key = sum[:]
	}
	switch c.SecondFactor {
	case "none":
	case "":
		if c.Key != "" {
			s.Factor = []catalogue.Role{catalogue.RoleIT}
		}
	default:
		for role := range strings.SplitSeq(c.SecondFactor, ",") {
			s.Factor = append(s.Factor, catalogue.Role(strings.TrimSpace(role)))
		}
	}
	return s
}
