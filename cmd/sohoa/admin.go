package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"sohoa/storage/catalogue"
)

// output is standard output, for what a command was asked to print.
type output struct{}

func (output) Write(p []byte) (int, error) { return os.Stdout.Write(p) }

// openCatalogue opens the catalogue alone: the one that is configured, or that of up's data folder.
func openCatalogue(c config) (*catalogue.Catalogue, error) {
	if c.Catalogue == "" {
		path := filepath.Join(c.Data, "catalogue.db")
		if _, err := os.Stat(path); err != nil {
			return nil, &usageError{fmt.Errorf("SOHOA_CATALOGUE is not set, and there is no catalogue in the data folder: %w", err)}
		}
		c.Catalogue = "sqlite:" + path
	}
	log, err := c.logger()
	if err != nil {
		return nil, err
	}
	cat, err := catalogue.Open(catalogue.Config{URL: c.Catalogue, Connections: 4, Log: log})
	if err != nil {
		return nil, &usageError{err}
	}
	return cat, nil
}

// adminFlags are those of the verbs that look at a service from outside.
type adminFlags struct{ data, file string }

func (f *adminFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data", "", "the data folder of up (default SOHOA_DATA, or sohoa-data)")
	cmd.Flags().StringVar(&f.file, "config", "", "a file of KEY=VALUE lines; the environment goes before it")
}

// config is the configuration, with the parts of up's data folder where nothing else is said.
func (f *adminFlags) config() (config, error) {
	c, err := loadConfig(f.file)
	if err != nil {
		return c, err
	}
	switch {
	case f.data != "":
		c.Data = f.data
	case c.Data == "":
		c.Data = "sohoa-data"
	}
	return c, nil
}

// withCatalogue runs what a verb does on the catalogue.
func (f *adminFlags) withCatalogue(do func(*catalogue.Catalogue) error) error {
	c, err := f.config()
	if err != nil {
		return err
	}
	cat, err := openCatalogue(c)
	if err != nil {
		return err
	}
	return errors.Join(do(cat), cat.Close())
}

// oneArgument asks for one argument of this name.
func oneArgument(name string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return &usageError{fmt.Errorf("one %s is needed", name)}
		}
		return nil
	}
}
