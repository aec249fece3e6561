package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"sohoa/storage/catalogue"
	"sohoa/storage/catalogue/password"
)

//nolint:gosec // it tells of passwords and is none
const userHelp = `Make, list or change the accounts by which people sign in. What is done here is done at once, also beside a service that runs.

  sohoa user add LOGIN --name NAME --role desk|supervisor|it --agency CODE
  sohoa user password LOGIN       a new password; their sessions end, and a lock
  sohoa user unlock LOGIN         after too many sign-ins that failed
  sohoa user reset-factor LOGIN   where the second factor was lost
  sohoa user disable LOGIN        their sessions end and their tokens are refused
  sohoa user enable LOGIN
  sohoa user list

add and password print a password that has to be changed at the first sign-in. With --password-file it is read from a file (- is
standard input) instead, and --keep lets it stay.`

func userCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Make, list or change accounts", Long: userHelp}
	const unlock, lost = "Let somebody sign in at once whose login is locked", "Take away a second factor that was lost"
	cmd.AddCommand(userAddCommand(), userPasswordCommand(), userListCommand(),
		userVerb("unlock LOGIN", unlock, func(ctx context.Context, cat *catalogue.Catalogue, login string) error {
			return cat.Unlock(ctx, catalogue.Everywhere, login)
		}),
		userVerb("reset-factor LOGIN", lost, func(ctx context.Context, cat *catalogue.Catalogue, login string) error {
			return cat.ResetFactor(ctx, catalogue.Everywhere, login)
		}),
		userVerb("disable LOGIN", "Shut an account", func(ctx context.Context, cat *catalogue.Catalogue, login string) error {
			return switchUser(ctx, cat, login, true)
		}),
		userVerb("enable LOGIN", "Open an account that was shut", func(ctx context.Context, cat *catalogue.Catalogue, login string) error {
			return switchUser(ctx, cat, login, false)
		}))
	return cmd
}

// givenPassword are the flags that say which password somebody is given.
type givenPassword struct {
	file string
	keep bool
}

func (g *givenPassword) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&g.file, "password-file", "", "a file with the password; - is standard input")
	cmd.Flags().BoolVar(&g.keep, "keep", false, "the password of --password-file need not be changed at the first sign-in")
}

// read is the password; made tells that nobody knows it yet.
func (g *givenPassword) read(login string) (plain string, made bool, err error) {
	if g.file == "" {
		if g.keep {
			return "", false, &usageError{errors.New("--keep is for a password of --password-file")}
		}
		return password.Random(), true, nil
	}
	var in io.Reader = os.Stdin
	if g.file != "-" {
		f, err := os.Open(g.file)
		if err != nil {
			return "", false, &usageError{fmt.Errorf("read the password: %w", err)}
		}
		defer f.Close() //nolint:errcheck // it was only read
		in = f
	}
	const longest = 4096
	plain, err = bufio.NewReader(io.LimitReader(in, longest)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", false, &usageError{fmt.Errorf("read the password: %w", err)}
	}
	plain = strings.TrimRight(plain, "\r\n")
	if err := password.Judge(plain, login); err != nil {
		return "", false, &usageError{err}
	}
	return plain, false, nil
}

// give sets the password and prints it where it was made.
func (g *givenPassword) give(ctx context.Context, cat *catalogue.Catalogue, login, plain string, made bool) error {
	if err := cat.SetPassword(ctx, catalogue.Everywhere, login, plain, g.keep); err != nil {
		return err
	}
	if made {
		fmt.Println(plain)
	}
	return nil
}

func userAddCommand() *cobra.Command {
	var f adminFlags
	var given givenPassword
	var u catalogue.User
	var role string
	cmd := &cobra.Command{
		Use: "add LOGIN", Short: "Make an account", Long: userHelp, Args: oneArgument("LOGIN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			u.Login, u.Role = args[0], catalogue.Role(role)
			plain, made, err := given.read(u.Login)
			if err != nil {
				return err
			}
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				if _, known, err := findUser(cmd.Context(), cat, u.Login); err != nil || known {
					return errors.Join(err, taken(known, u.Login))
				}
				if _, err := cat.PutUser(cmd.Context(), u); err != nil {
					return err
				}
				return given.give(cmd.Context(), cat, u.Login, plain, made)
			})
		},
	}
	f.add(cmd)
	given.add(cmd)
	cmd.Flags().StringVar(&u.Name, "name", "", "the person's name")
	cmd.Flags().StringVar(&role, "role", "", "desk, supervisor or it")
	cmd.Flags().StringVar(&u.Agency, "agency", "", "the code of the agency to which they reach, with those below")
	return cmd
}

func taken(known bool, login string) error {
	if !known {
		return nil
	}
	return &usageError{fmt.Errorf("there is a user %s already", login)}
}

func userPasswordCommand() *cobra.Command {
	var f adminFlags
	var given givenPassword
	cmd := &cobra.Command{
		Use: "password LOGIN", Short: "Give somebody a new password", Long: userHelp, Args: oneArgument("LOGIN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			plain, made, err := given.read(args[0])
			if err != nil {
				return err
			}
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				return given.give(cmd.Context(), cat, args[0], plain, made)
			})
		},
	}
	f.add(cmd)
	given.add(cmd)
	return cmd
}

// userVerb is a verb that does one thing to one user.
func userVerb(use, short string, do func(ctx context.Context, cat *catalogue.Catalogue, login string) error) *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use: use, Short: short, Args: oneArgument("LOGIN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.withCatalogue(func(cat *catalogue.Catalogue) error { return do(cmd.Context(), cat, args[0]) })
		},
	}
	f.add(cmd)
	return cmd
}

func findUser(ctx context.Context, cat *catalogue.Catalogue, login string) (u catalogue.User, known bool, err error) {
	all, err := cat.Users(ctx, catalogue.Everywhere)
	for i := range all {
		if all[i].Login == login {
			return all[i], true, err
		}
	}
	return u, false, err
}

func switchUser(ctx context.Context, cat *catalogue.Catalogue, login string, disabled bool) error {
	u, known, err := findUser(ctx, cat, login)
	if err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("find user %s: %w", login, catalogue.ErrNotFound)
	}
	u.Disabled = disabled
	_, err = cat.PutUser(ctx, u)
	return err
}

func userListCommand() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use: "list", Short: "List the accounts", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				all, err := cat.Accounts(cmd.Context(), catalogue.Everywhere)
				if err != nil {
					return err
				}
				t := tabwriter.NewWriter(output{}, 0, 0, 2, ' ', 0)
				fmt.Fprintln(t, "LOGIN\tNAME\tROLE\tAGENCY\tSTATE\tPASSWORD\tSECOND FACTOR\tSIGNED IN")
				for i := range all {
					printAccount(t, &all[i])
				}
				return t.Flush()
			})
		},
	}
	f.add(cmd)
	return cmd
}

func printAccount(w io.Writer, a *catalogue.Account) {
	state, word, factor, signedIn := "open", "none", "none", "never"
	switch {
	case a.Disabled:
		state = "disabled"
	case !a.LockedUntil.IsZero():
		state = "locked until " + a.LockedUntil.Format(time.RFC3339)
	}
	switch {
	case a.MustChange:
		word = "to be changed"
	case a.HasPassword:
		word = "set"
	case a.External:
		word = "OpenID Connect"
	}
	if a.HasFactor {
		factor = "set"
	}
	if !a.SignedIn.IsZero() {
		signedIn = a.SignedIn.Format(time.RFC3339)
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.Login, a.Name, a.Role, a.Agency, state, word, factor, signedIn)
}
