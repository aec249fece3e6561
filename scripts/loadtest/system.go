package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sohoa/scripts/services"
)

const (
	// agency is the one that the dossiers belong to; their codes begin with it.
	agency = "H50"
	// graceTold is how long a service may take to end: what it would still do nobody wants any more.
	graceTold = "1s"
	// startPatience is how long a service may take until it is ready.
	startPatience = time.Minute
)

// host is where everything runs.
type host struct {
	binary string // sohoa
	work   string // a folder for everything that is thrown away
	cores  int
	seed   uint64
	log    func(format string, args ...any)
	made   int // how many systems were made
}

// servers are what serve and work stand on: one of each for all measurements, with a database and a bucket for each system.
type servers struct {
	redis    *services.RedisServer
	minio    *services.MinIOServer
	postgres *services.PostgresServer
}

// startServers starts them; PostgreSQL waits for the disk, as in an office.
func (h *host) startServers(ctx context.Context) (s *servers, err error) {
	s = &servers{}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	dir := filepath.Join(h.work, "servers")
	if s.redis, err = services.StartRedis(ctx, filepath.Join(dir, "redis")); err != nil {
		return s, err
	}
	if s.minio, err = services.StartMinIO(ctx, filepath.Join(dir, "minio")); err != nil {
		return s, err
	}
	s.postgres, err = services.StartPostgres(ctx, filepath.Join(dir, "postgres"), true)
	return s, err
}

// stop ends them at once: what they hold is thrown away.
func (s *servers) stop() {
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

func (s *servers) pids() []int { return []int{s.redis.PID(), s.minio.PID(), s.postgres.PID()} }

// system is a running service.
type system struct {
	*client // for IT

	host    *host
	name    string // what it is called in tables
	id      string // for files
	data    string
	servers *servers // of serve and work; nil of up
	env     []string
	serve   *process   // up or serve
	workers []*process // work
	reports []*client  // where the workers tell their figures
}

// Names of the contestants.
const (
	nameRead = "sohoa read"
	nameUp   = "sohoa up"
	nameMany = "serve + work"
)

// newSystem gives a system a folder of its own.
func (h *host) newSystem(name string) (*system, error) {
	h.made++
	s := &system{host: h, name: name, id: fmt.Sprintf("system-%d", h.made)}
	s.data = filepath.Join(h.work, s.id)
	s.env = []string{"SOHOA_GRACE=" + graceTold, "SOHOA_LOG_LEVEL=warn"}
	return s, os.MkdirAll(s.data, 0o750)
}

// startUp starts a `sohoa up` on an empty folder.
func (h *host) startUp(ctx context.Context) (s *system, err error) {
	if s, err = h.newSystem(nameUp); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s.serve, err = h.start(launch{
		name: s.id + "-up", args: []string{"up", "--data", s.data, "--listen", address, "--agency", agency}, env: s.env,
	})
	if err != nil {
		return nil, err
	}
	s.client = newClient("http://"+address, "")
	if err := s.untilReady(ctx); err != nil {
		s.stop()
		return nil, err
	}
	token, err := os.ReadFile(filepath.Join(s.data, "first-token"))
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("read the first token: %w", err)
	}
	s.token = strings.TrimSpace(string(token))
	return s, nil
}

// startMany starts a `sohoa serve` on an empty database, bucket and queue. Nobody works yet.
func (h *host) startMany(ctx context.Context, on *servers) (s *system, err error) {
	if s, err = h.newSystem(nameMany); err != nil {
		return nil, err
	}
	s.servers = on
	database, err := on.postgres.AddDatabase(ctx)
	if err != nil {
		return nil, err
	}
	if err := on.redis.Empty(ctx); err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s.env = append(
		s.env, "SOHOA_CATALOGUE="+database, "SOHOA_REDIS=redis://"+on.redis.Addr, "SOHOA_OBJECTS=s3://"+on.minio.Endpoint+"/"+s.id,
		"SOHOA_OBJECTS_ACCESS_KEY="+on.minio.AccessKey, "SOHOA_OBJECTS_SECRET_KEY="+on.minio.SecretKey, "SOHOA_DATA="+s.data,
		"SOHOA_LISTEN="+address,
	)
	var token string
	for _, args := range [][]string{
		{"migrate"}, {"agency", "add", agency, "Sở Giao thông vận tải"}, {"token", "add", "load", "--role", "it", "--agency", agency},
	} {
		if token, err = s.run(ctx, args...); err != nil {
			return nil, err
		}
	}
	if s.serve, err = h.start(launch{name: s.id + "-serve", args: []string{"serve"}, env: s.env}); err != nil {
		return nil, err
	}
	s.client = newClient("http://"+address, token)
	if err := s.untilReady(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// run runs a verb to its end and gives the last line that it printed.
func (s *system) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.host.binary, args...)
	cmd.Env = append(plainEnvironment(), s.env...)
	out, err := cmd.Output()
	if err != nil {
		var ended *exec.ExitError
		if errors.As(err, &ended) {
			err = fmt.Errorf("%w: %s", err, ended.Stderr)
		}
		return "", fmt.Errorf("run sohoa %s: %w", args[0], err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.TrimSpace(lines[len(lines)-1]), nil
}

// addWorker starts a `sohoa work` of so many jobs, on these cores alone; none: on all.
func (s *system) addWorker(jobs int, cores ...int) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	p, err := s.host.start(launch{
		name: fmt.Sprintf("%s-work-%d", s.id, len(s.workers)), args: []string{"work"}, cores: cores,
		env: append(s.env[:len(s.env):len(s.env)], "SOHOA_JOBS="+strconv.Itoa(jobs), "SOHOA_METRICS_LISTEN="+address),
	})
	if err != nil {
		return err
	}
	s.workers = append(s.workers, p)
	s.reports = append(s.reports, newClient("http://"+address, ""))
	return s.alive()
}

// untilReady waits until the service says so.
func (s *system) untilReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		err := s.ready(ctx)
		if err == nil {
			return nil
		}
		if gone := s.alive(); gone != nil {
			return gone
		}
		if sleep(ctx, 20*time.Millisecond) != nil {
			return fmt.Errorf("%s is not ready: %w: %s", s.name, err, s.serve.said())
		}
	}
}

// alive is an error if a part of the system has ended by itself.
func (s *system) alive() error {
	for _, p := range append([]*process{s.serve}, s.workers...) {
		if err := p.gone(); err != nil {
			return err
		}
	}
	return nil
}

// roots are the system's processes by role.
func (s *system) roots() map[string][]int {
	if s.servers == nil {
		return map[string][]int{roleWorkers: {s.serve.pid()}}
	}
	roots := map[string][]int{roleServe: {s.serve.pid()}, roleServers: s.servers.pids()}
	for _, w := range s.workers {
		roots[roleWorkers] = append(roots[roleWorkers], w.pid())
	}
	return roots
}

// stop ends the system and removes what it kept.
func (s *system) stop() {
	for _, p := range append([]*process{s.serve}, s.workers...) {
		if p != nil {
			p.stop()
		}
	}
	if s.servers == nil {
		endLeftoverRedis(s.data)
	}
	_ = os.RemoveAll(s.data) // the work folder goes in the end, too
	if s.servers != nil {
		// The bucket is a folder of our own MinIO; through the API this would take minutes.
		_ = os.RemoveAll(filepath.Join(s.host.work, "servers", "minio", "data", s.id))
	}
}

// untilRead waits until a queue is empty, looking every so often; progress is told.
func (s *system) untilRead(ctx context.Context, queue string, every time.Duration) error {
	for {
		left, err := s.waiting(ctx, queue)
		if err != nil {
			return err
		}
		if left == 0 {
			return nil
		}
		if err := s.alive(); err != nil {
			return err
		}
		if err := sleep(ctx, every); err != nil {
			return fmt.Errorf("%d papers are left: %w", left, err)
		}
	}
}
