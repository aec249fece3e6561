package main

import (
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"sohoa/storage/catalogue"
)

//nolint:gosec // it tells of tokens and is none
const tokenHelp = `Make, list or revoke the tokens by which people and programs use the API. A token is told once, when it is made.

  sohoa token add NAME --role desk|supervisor|it --agency CODE   for a program
  sohoa token add NAME --login LOGIN                             for a user
  sohoa token list
  sohoa token revoke ID`

func tokenCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "token", Short: "Make, list or revoke tokens of the API", Long: tokenHelp}
	cmd.AddCommand(tokenAddCommand(), tokenListCommand(), tokenRevokeCommand())
	return cmd
}

func tokenAddCommand() *cobra.Command {
	var f adminFlags
	var n catalogue.NewToken
	var role string
	var scopes []string
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make a token and print it", Args: oneArgument("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n.Name, n.Role = args[0], catalogue.Role(role)
			if n.Expires < 0 {
				return &usageError{errors.New("a token cannot end before it begins")}
			}
			for _, s := range scopes {
				n.Scopes = append(n.Scopes, catalogue.Scope(s))
			}
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				_, secret, err := cat.AddToken(cmd.Context(), n)
				if err == nil {
					fmt.Println(secret)
				}
				return err
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&role, "role", "", "desk, supervisor or it")
	cmd.Flags().StringVar(&n.Agency, "agency", "", "the code of the agency to which it reaches, with those below")
	cmd.Flags().StringVar(&n.Login, "login", "", "the user whose token it is, instead of role and agency")
	cmd.Flags().StringSliceVar(&scopes, "scopes", nil, "what it allows of intake, read, review, rates and operate (default: all that the role may)")
	cmd.Flags().DurationVar(&n.Expires, "expires", 0, "after which time it ends (default: never)")
	return cmd
}

func tokenListCommand() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use: "list", Short: "List the tokens", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				tokens, err := cat.Tokens(cmd.Context(), catalogue.Everywhere)
				if err != nil {
					return err
				}
				t := tabwriter.NewWriter(output{}, 0, 0, 2, ' ', 0)
				fmt.Fprintln(t, "ID\tNAME\tROLE\tAGENCY\tSCOPES\tLAST USED\tENDS")
				for _, k := range tokens {
					ends, used := "never", "never"
					if !k.Expires.IsZero() {
						ends = k.Expires.Format(time.RFC3339)
					}
					if !k.Revoked.IsZero() {
						ends = "revoked"
					}
					if !k.LastUsed.IsZero() {
						used = k.LastUsed.Format(time.RFC3339)
					}
					fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%v\t%s\t%s\n", k.ID, k.Name, k.Role, k.Agency, k.Scopes, used, ends)
				}
				return t.Flush()
			})
		},
	}
	f.add(cmd)
	return cmd
}

func tokenRevokeCommand() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use: "revoke ID", Short: "End a token", Args: oneArgument("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id < 1 {
				return &usageError{fmt.Errorf("%q is no token's number", args[0])}
			}
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				return cat.RevokeToken(cmd.Context(), catalogue.Everywhere, catalogue.TokenID(id))
			})
		},
	}
	f.add(cmd)
	return cmd
}
