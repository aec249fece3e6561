package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"sohoa/storage/catalogue"
)

// countedCatalogue makes a catalogue for the scripts: three dossiers of March and April, of which one has a paper, in an agency
// whose name looks like a formula.
func countedCatalogue(dir string) (err error) {
	ctx := context.Background()
	c, err := catalogue.Open(catalogue.Config{URL: "sqlite:" + filepath.Join(dir, "catalogue.db")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if _, err := c.Migrate(ctx); err != nil {
		return err
	}
	for _, a := range [][3]string{{"H50", "UBND tỉnh Quảng Trị", ""}, {"H50.13", "=1+1", "H50"}} {
		if _, err := c.PutAgency(ctx, a[0], a[1], a[2]); err != nil {
			return err
		}
	}
	for n, day := range []string{"260331", "260331", "260401"} {
		d, _, err := c.PutDossier(ctx, catalogue.Everywhere, catalogue.Dossier{Code: fmt.Sprintf("H50.13-%s-000%d", day, n), Agency: "H50.13"})
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		scan := catalogue.Scan{SHA256: strings.Repeat("0", 64), Size: 1, MediaType: "image/tiff"}
		if _, err := c.HandIn(ctx, catalogue.Everywhere, catalogue.HandIn{Dossier: d.ID, Scan: scan, Revision: "1"}); err != nil {
			return err
		}
	}
	return nil
}
