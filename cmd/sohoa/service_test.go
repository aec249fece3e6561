package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/scripts/services"
	"sohoa/storage/catalogue"
)

// A serve that is started while the object store is away listens and says so to whoever asks; when the store is there it goes
// on by itself.
func TestServeWhileTheObjectStoreIsAway(t *testing.T) {
	dir := t.TempDir()
	minio, err := services.StartMinIO(t.Context(), filepath.Join(dir, "minio"))
	services.Need(t, err)
	t.Cleanup(func() { _ = minio.Kill() })
	if err := minio.Kill(); err != nil {
		t.Fatal(err)
	}
	c, err := settings(t, "", map[string]string{
		"SOHOA_CATALOGUE": "sqlite:" + filepath.Join(dir, "catalogue.db"), "SOHOA_REDIS": "127.0.0.1:1", "SOHOA_DATA": dir,
		"SOHOA_OBJECTS": "s3://" + minio.Endpoint + "/sohoa", "SOHOA_OBJECTS_ACCESS_KEY": minio.AccessKey,
		"SOHOA_OBJECTS_SECRET_KEY": minio.SecretKey, "SOHOA_LISTEN": "127.0.0.1:0", "SOHOA_RESERVE": "0", "SOHOA_LOG_LEVEL": "error",
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := openService(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if _, err := s.catalogue.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.catalogue.PutAgency(t.Context(), "H50", "Tỉnh", ""); err != nil {
		t.Fatal(err)
	}
	_, token, err := s.catalogue.AddToken(t.Context(), catalogue.NewToken{Name: "x", Role: catalogue.RoleIT, Agency: "H50"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served, listening := make(chan error, 1), make(chan net.Addr, 1)
	go func() { served <- s.api(ctx, func(a net.Addr) { listening <- a }) }()
	defer func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	var url string
	select {
	case a := <-listening:
		url = "http://" + a.String()
	case <-time.After(5 * time.Second):
		t.Fatal("it does not listen")
	}
	type answer struct {
		StatusCode int
		Status     string
		Header     http.Header
	}
	ask := func(method, path, mediaType, body string) (answer, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", mediaType)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		said, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer{response.StatusCode, response.Status, response.Header}, string(said)
	}
	if r, said := ask("GET", "/healthz", "", ""); r.StatusCode != http.StatusOK {
		t.Errorf("it lives: %s: %s", r.Status, said)
	}
	if r, said := ask("GET", "/readyz", "", ""); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(said, "objects") {
		t.Errorf("it is not ready: %s: %s", r.Status, said)
	}
	if r, said := ask("POST", "/api/v1/dossiers", "application/json", `{"code":"H50-260331-0001","agency":"H50"}`); r.StatusCode/100 != 2 {
		t.Fatalf("a dossier: %s: %s", r.Status, said)
	}
	const papers = "/api/v1/dossiers/1/papers?name=don.jpg"
	if r, said := ask("POST", papers, "image/jpeg", "\xff\xd8\xff\xe0 a scan"); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("a paper while the store is away: %s %v: %s", r.Status, r.Header, said)
	}
	if err := minio.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, said := ask("POST", papers, "image/jpeg", "\xff\xd8\xff\xe0 a scan"); r.StatusCode/100 != 2 {
		t.Errorf("a paper when it is back: %s: %s", r.Status, said)
	}
}
