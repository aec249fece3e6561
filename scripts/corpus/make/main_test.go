package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{}, {"-o", "x", "extra"}, {"-o", t.TempDir(), "-set", "holiday"}, {"-seed", "-1"}} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, &out, &errs); code != 2 || out.Len() > 0 || !strings.Contains(errs.String(), "set") {
			t.Errorf("make %v: status %d, output %q, errors %q", args, code, out.String(), errs.String())
		}
	}
}
