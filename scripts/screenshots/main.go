// Command screenshots makes the pictures of the pages that the README shows: it starts a `sohoa up` on a folder that is thrown
// away, fills it with made papers, and photographs each page in Debian's chromium.
//
//	go run ./scripts/screenshots [-o DIR]
//
// It prints the files' names, one a line. It needs what scripts/setup --test installs.
//
// A tour: fill.go fills the service, shots.go lists the pictures, main.go takes them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"sohoa/scripts/browser"
)

func main() {
	dir := flag.String("o", "scripts/screenshots", "folder to write to")
	flag.Parse()
	if err := run(context.Background(), *dir); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots: error:", err)
		os.Exit(1)
	}
}

// shot is one picture.
type shot struct {
	name  string
	who   string // login; "" is nobody
	path  string
	size  browser.Size
	ready string                     // a selector of what has to be there
	first func(t *browser.Tab) error // what is done before; may be nil
}

func run(ctx context.Context, dir string) (err error) {
	work, err := os.MkdirTemp("", "sohoa-screenshots-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	site, err := browser.Open(ctx, work)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.Close()) }()
	if err := site.Settle(ctx); err != nil {
		return err
	}
	made, err := fill(ctx, site, filepath.Join(work, "scans"))
	if err != nil {
		return err
	}
	b, err := browser.Start(ctx, filepath.Join(work, "browser"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, s := range shots(made) {
		if err := s.take(ctx, b, site, dir); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Println(filepath.Join(dir, s.name+".png"))
	}
	return nil
}

func (s shot) take(ctx context.Context, b *browser.Browser, site *browser.Site, dir string) (err error) {
	t, err := b.Open(ctx, site, s.size)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if s.who != "" {
		if err := t.SignIn(s.who); err != nil {
			return err
		}
	}
	if err := t.Go(s.path); err != nil {
		return err
	}
	if s.first != nil {
		if err := s.first(t); err != nil {
			return err
		}
	}
	if _, err := t.Find(s.ready); err != nil {
		return err
	}
	if err := t.Settle(); err != nil {
		return err
	}
	picture, err := t.Shot()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, s.name+".png"), picture, 0o644)
}
