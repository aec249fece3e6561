package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sohoa/pipeline/confine"
	"sohoa/scripts/services"
)

func TestMain(m *testing.M) {
	confine.Init()
	os.Exit(m.Run())
}

// A small round of what scripts/chaos does at length: nothing is lost.
func TestNothingIsLost(t *testing.T) {
	services.Redis(t) // skips, or fails in CI, where the servers are missing
	services.MinIO(t)
	services.Postgres(t)
	binary := filepath.Join(t.TempDir(), "sohoa")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", "sqlite_fts5", "-o", binary, "sohoa/cmd/sohoa").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	err := run(t.Context(), options{
		binary: binary, targets: []string{"up", "child", "everything"}, papers: 8, pages: 24, rounds: 1, seed: 3, away: 5 * time.Second,
		patience: 5 * time.Minute, report: filepath.Join(t.TempDir(), "report.md"),
	})
	if err != nil {
		t.Error(err)
	}
}
