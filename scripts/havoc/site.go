package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"sohoa/scripts/services"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// site is the service in one of its forms.
type site struct {
	dir     string
	address string // of the API
	token   string

	up, serve *services.Process
	work      []*services.Process
	redis     *services.RedisServer
	minio     *services.MinIOServer
	postgres  *services.PostgresServer

	catalogue string // URL
	objects   object.Config
}

const agency = "H50"

// openUp starts `sohoa up` on a folder; data, if given, is its data folder.
func openUp(ctx context.Context, o options, dir, data string) (*site, error) {
	s := &site{dir: dir}
	if err := s.reserve(); err != nil {
		return nil, err
	}
	if data == "" {
		data = filepath.Join(dir, "data")
	}
	s.catalogue = "sqlite:" + filepath.Join(data, "catalogue.db")
	s.objects = object.Config{Directory: filepath.Join(data, "objects")}
	// The full disk is to be met by everything that writes, not to be seen coming by the upload folder alone.
	s.up = s.process(o, "up", []string{"SOHOA_RESERVE=-1"}, s.answers, "up", "--data", data, "--listen", s.address, "--agency", agency)
	if err := s.up.Start(ctx); err != nil {
		return s, err
	}
	token, err := os.ReadFile(filepath.Join(data, "first-token"))
	s.token = strings.TrimSpace(string(token))
	return s, err
}

// openMany starts real servers, `sohoa serve` and two `sohoa work` of a core each.
func openMany(ctx context.Context, o options, dir string) (s *site, err error) {
	s = &site{dir: dir}
	if err := s.reserve(); err != nil {
		return nil, err
	}
	if s.redis, err = services.StartRedis(ctx, filepath.Join(dir, "redis")); err != nil {
		return s, err
	}
	if s.minio, err = services.StartMinIO(ctx, filepath.Join(dir, "minio")); err != nil {
		return s, err
	}
	if s.postgres, err = services.StartPostgres(ctx, filepath.Join(dir, "postgres"), true); err != nil {
		return s, err
	}
	if s.catalogue, err = s.postgres.AddDatabase(ctx); err != nil {
		return s, err
	}
	s.objects = object.Config{
		Endpoint: s.minio.Endpoint, AccessKey: s.minio.AccessKey, SecretKey: object.Secret(s.minio.SecretKey), Bucket: "sohoa",
	}
	env := []string{
		"SOHOA_CATALOGUE=" + s.catalogue, "SOHOA_REDIS=" + s.redis.Addr, "SOHOA_OBJECTS=s3://" + s.minio.Endpoint + "/sohoa",
		"SOHOA_OBJECTS_ACCESS_KEY=" + s.minio.AccessKey, "SOHOA_OBJECTS_SECRET_KEY=" + s.minio.SecretKey, "SOHOA_JOBS=1",
		"SOHOA_LISTEN=" + s.address, "SOHOA_DATA=" + filepath.Join(dir, "data"),
	}
	for _, args := range [][]string{{"migrate"}, {"agency", "add", agency, "Tỉnh"}, {"token", "add", "havoc", "--role", "it", "--agency", agency}} {
		cmd := exec.CommandContext(ctx, o.binary, args...)
		cmd.Env = append(os.Environ(), env...)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			return s, fmt.Errorf("sohoa %s: %w: %s", args[0], err, said.String())
		}
		s.token = strings.TrimSpace(string(out)) // the last one's
	}
	s.serve = s.process(o, "serve", env, s.answers, "serve")
	if err := s.serve.Start(ctx); err != nil {
		return s, err
	}
	for n := range 2 {
		metrics, err := freeAddress()
		if err != nil {
			return s, err
		}
		w := s.process(o, "work-"+strconv.Itoa(n+1), append(env, "SOHOA_METRICS_LISTEN="+metrics), healthy(metrics), "work")
		if err := w.Start(ctx); err != nil {
			return s, err
		}
		s.work = append(s.work, w)
	}
	return s, nil
}

func (s *site) process(o options, name string, env []string, ready func(context.Context) error, args ...string) *services.Process {
	return services.NewProcess(name, s.dir, func() *exec.Cmd {
		cmd := exec.Command(o.binary, args...)
		cmd.Env = append(os.Environ(), env...)
		return cmd
	}, ready)
}

// reserve makes the folder and chooses the address of the API, which stays.
func (s *site) reserve() (err error) {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	s.address, err = freeAddress()
	return err
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *site) answers(ctx context.Context) error { return healthy(s.address)(ctx) }

func healthy(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
}

// processes are the service's own.
func (s *site) processes() []*services.Process {
	var all []*services.Process
	for _, p := range append([]*services.Process{s.up, s.serve}, s.work...) {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// stop ends the service in good order; its servers go on, to be looked at.
func (s *site) stop() error {
	var errs []error
	for _, p := range s.processes() {
		errs = append(errs, p.Stop())
	}
	return errors.Join(errs...)
}

// end ends everything.
func (s *site) end() {
	for _, p := range s.processes() {
		_ = p.Kill()
	}
	if s.redis != nil {
		_ = s.redis.Kill()
	}
	if s.minio != nil {
		_ = s.minio.Kill()
	}
	if s.postgres != nil {
		_ = s.postgres.Kill()
	}
}

// look opens the catalogue and the store as they were left.
func (s *site) look(ctx context.Context) (*catalogue.Catalogue, *object.Store, error) {
	c, err := catalogue.Open(catalogue.Config{URL: s.catalogue})
	if err != nil {
		return nil, nil, err
	}
	store, err := object.Open(ctx, s.objects)
	if err != nil {
		return nil, nil, errors.Join(err, c.Close())
	}
	return c, store, nil
}
