package main

import (
	"os"

	"github.com/spf13/cobra"

	"sohoa/pipeline"
)

// childCommand is the process in which pages are decoded and recognized; the pool of pipeline/child starts it.
func childCommand() *cobra.Command {
	return &cobra.Command{
		Use:    pipeline.ChildVerb + " CONFIG",
		Short:  "recognize pages for a parent process",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return pipeline.ServeChild(os.Stdin, args[0])
		},
	}
}
