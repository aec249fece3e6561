package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A process is asked whether it lives, and nobody else is asked anything.
func TestStatusOfAProcess(t *testing.T) {
	status := http.StatusOK
	var asked []string
	process := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		w.WriteHeader(status)
	}))
	defer process.Close()
	address := strings.TrimPrefix(process.URL, "http://")
	t.Setenv("SOHOA_CATALOGUE", "postgres://nobody.invalid/x")
	t.Setenv("SOHOA_JOBS", "not even a number")
	ask := func(address string) int { return run([]string{"status", "--process", address}) }
	if got := ask(address); got != statusDone || len(asked) != 1 || asked[0] != "GET /healthz" {
		t.Errorf("it lives: %d, asked for %v", got, asked)
	}
	_, port, _ := strings.Cut(address, ":")
	if got := ask(":" + port); got != statusDone {
		t.Errorf("at its port on this machine: %d", got)
	}
	status = http.StatusTooManyRequests
	if got := ask(address); got != statusDone {
		t.Errorf("it is asked too often: %d", got)
	}
	status = http.StatusInternalServerError
	if got := ask(address); got != statusFailed {
		t.Errorf("it fails: %d", got)
	}
	process.Close()
	if got := ask(address); got != statusFailed {
		t.Errorf("it is gone: %d", got)
	}
	var usage *usageError
	if err := lives(t.Context(), "nowhere"); !errors.As(err, &usage) {
		t.Errorf("no address: %v", err)
	}
}
