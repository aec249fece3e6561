package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sohoa/storage/catalogue"
)

const agencyHelp = `Add or list the agencies to which dossiers, users and tokens belong. They are one tree: province, department, unit. The
first one that is added is its root, and stands above all others ("sohoa up" makes it); each one after names the agency above
it.

  sohoa agency add CODE NAME                  the root, once
  sohoa agency add CODE NAME --parent CODE    all others
  sohoa agency list`

const agencyAddHelp = `Add an agency, or change the name of one that is there: with the same --parent, since its place in the tree stays.`

func agencyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "agency", Short: "Add or list agencies", Long: agencyHelp}
	cmd.AddCommand(agencyAddCommand(), agencyListCommand())
	return cmd
}

func agencyAddCommand() *cobra.Command {
	var f adminFlags
	var parent string
	cmd := &cobra.Command{
		Use: "add CODE NAME [--parent CODE]", Short: "Add an agency, or change its name", Long: agencyAddHelp,
		Args: func(_ *cobra.Command, args []string) error {
			const both = 2
			if len(args) != both {
				return &usageError{fmt.Errorf("a CODE and a NAME are needed")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				_, err := cat.PutAgency(cmd.Context(), args[0], args[1], parent)
				return err
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&parent, "parent", "", "the code of the agency above it; none for the root alone")
	return cmd
}

func agencyListCommand() *cobra.Command {
	var f adminFlags
	cmd := &cobra.Command{
		Use: "list", Short: "List the agencies", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.withCatalogue(func(cat *catalogue.Catalogue) error {
				all, err := cat.Agencies(cmd.Context(), catalogue.Everywhere)
				if err != nil {
					return err
				}
				t := tabwriter.NewWriter(output{}, 0, 0, 2, ' ', 0)
				fmt.Fprintln(t, "CODE\tNAME\tPARENT")
				for _, a := range all {
					fmt.Fprintf(t, "%s\t%s\t%s\n", a.Code, a.Name, a.Parent)
				}
				return t.Flush()
			})
		},
	}
	f.add(cmd)
	return cmd
}
