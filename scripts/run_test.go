package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// scripts/run removes what an earlier run has left, and nothing that is somebody else's.
func TestRunRemovesNothingOfOthers(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(service string) error{
		"a folder": func(service string) error {
			return os.WriteFile(filepath.Join(service, "thesis.odt"), []byte("years of work"), 0o600)
		},
		"a file": func(service string) error {
			if err := os.Remove(service); err != nil {
				return err
			}
			return os.WriteFile(service, nil, 0o600)
		},
		"a link to a data folder": func(service string) error {
			data := service + "-data"
			if err := os.Rename(service, data); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(data, "first-token"), nil, 0o600); err != nil {
				return err
			}
			return os.Symlink(data, service)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := filepath.Join(t.TempDir(), "service")
			if err := os.Mkdir(service, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := make(service); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(service)
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), "./run", filepath.Dir(service)).CombinedOutput()
			if err == nil || !strings.Contains(string(out), "hint:") {
				t.Errorf("%v: %s", err, out)
			}
			after, err := os.Lstat(service)
			if err != nil || !os.SameFile(before, after) {
				t.Errorf("it is gone: %v", err)
			}
			if left, err := os.ReadDir(filepath.Dir(service)); err != nil || len(left) > 2 { // and the link's data
				t.Errorf("it went on, and made %v (%v)", left, err)
			}
		})
	}
}
