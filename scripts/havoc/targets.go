package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"sohoa/pipeline"
	"sohoa/scripts/services"
)

// target is something that is done to the service.
type target struct {
	many bool // on serve and work with their servers; else on up
	// rest is the least and most time between two blows.
	rest [2]time.Duration
	once bool // one blow is enough
	blow func(ctx context.Context, o options, s *site, random *rand.Rand) error
	disk int64 // bytes of the data folder's disk; 0: as large as it is
}

func targets() map[string]target {
	short := [2]time.Duration{time.Second, 6 * time.Second}
	long := [2]time.Duration{3 * time.Second, 12 * time.Second}
	return map[string]target{
		"up":       {rest: long, blow: func(ctx context.Context, _ options, s *site, r *rand.Rand) error { return again(ctx, s.up, r) }},
		"up-redis": {rest: short, blow: killUpRedis},
		"child": {rest: short, blow: func(_ context.Context, _ options, s *site, r *rand.Rand) error {
			return killChild(s.up, r)
		}},
		"work-child": {many: true, rest: short, blow: func(_ context.Context, _ options, s *site, r *rand.Rand) error {
			return killChild(s.work[r.IntN(2)], r)
		}},
		"disk":  {rest: long, blow: fillDisk, disk: 192 << 20, once: true},
		"serve": {many: true, rest: long, blow: func(ctx context.Context, _ options, s *site, r *rand.Rand) error { return again(ctx, s.serve, r) }},
		"work": {many: true, rest: long, blow: func(ctx context.Context, _ options, s *site, r *rand.Rand) error {
			return again(ctx, s.work[r.IntN(2)], r)
		}},
		"redis": {many: true, rest: long, blow: func(ctx context.Context, _ options, s *site, r *rand.Rand) error {
			return again(ctx, &s.redis.Process, r)
		}},
		"redis-emptied": {many: true, rest: long, blow: func(ctx context.Context, _ options, s *site, _ *rand.Rand) error { return s.redis.Empty(ctx) }},
		"minio": {many: true, rest: long, blow: func(ctx context.Context, _ options, s *site, r *rand.Rand) error {
			return again(ctx, &s.minio.Process, r)
		}},
		"minio-away": {many: true, rest: short, once: true, blow: func(ctx context.Context, o options, s *site, _ *rand.Rand) error {
			return away(ctx, o, &s.minio.Process)
		}},
		"postgres": {many: true, rest: long, blow: func(ctx context.Context, _ options, s *site, r *rand.Rand) error {
			return again(ctx, &s.postgres.Process, r)
		}},
		"postgres-away": {many: true, rest: short, once: true, blow: func(ctx context.Context, o options, s *site, _ *rand.Rand) error {
			return away(ctx, o, &s.postgres.Process)
		}},
		"everything": {many: true, rest: long, blow: killAnything},
	}
}

func targetNames() []string {
	var names []string
	for name := range targets() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// again kills a process, lets some time pass, and starts it again.
func again(ctx context.Context, p *services.Process, random *rand.Rand) error {
	if err := p.Kill(); err != nil {
		return err
	}
	if err := pause(ctx, time.Duration(random.Int64N(int64(2*time.Second)))); err != nil {
		return err
	}
	return p.Start(ctx)
}

// away has a server be dead for a while.
func away(ctx context.Context, o options, p *services.Process) error {
	if err := p.Kill(); err != nil {
		return err
	}
	if err := pause(ctx, o.away); err != nil {
		return err
	}
	return p.Start(ctx)
}

// killAnything kills one part, chosen anew each time.
func killAnything(ctx context.Context, _ options, s *site, random *rand.Rand) error {
	all := []*services.Process{s.serve, s.work[0], s.work[1], &s.redis.Process, &s.minio.Process, &s.postgres.Process}
	return again(ctx, all[random.IntN(len(all))], random)
}

// killChild kills one recognition child, wherever it is in its page.
func killChild(parent *services.Process, random *rand.Rand) error {
	children := descendants(parent.PID(), pipeline.ChildVerb)
	if len(children) == 0 {
		return errNothingThere
	}
	return kill(children[random.IntN(len(children))])
}

// killUpRedis kills the redis-server that up has for itself.
func killUpRedis(_ context.Context, _ options, s *site, _ *rand.Rand) error {
	servers := descendants(s.up.PID(), "redis-server")
	if len(servers) == 0 {
		return errNothingThere
	}
	return kill(servers[0])
}

// errNothingThere is a blow that hit nobody: it is not counted.
var errNothingThere = errors.New("there is nobody to kill")

func kill(pid int) error {
	err := syscall.Kill(pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return errNothingThere
	}
	return err
}

// descendants are the children of a process among whose arguments is this word.
func descendants(parent int, word string) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var found []int
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		rest := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(rest) < 2 || string(rest[1]) != strconv.Itoa(parent) {
			continue
		}
		said, err := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		pid, err2 := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && err2 == nil && bytes.Contains(said, []byte(word)) {
			found = append(found, pid)
		}
	}
	return found
}

// fillDisk fills the data folder's disk to the last byte for a while.
func fillDisk(ctx context.Context, _ options, s *site, _ *rand.Rand) (err error) {
	path := filepath.Join(filepath.Dir(s.objects.Directory), "..", "fill")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(path)) }()
	block := make([]byte, 64<<10)
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) { // whatever is freed meanwhile is taken, too
		if _, err := f.Write(block); err != nil && !errors.Is(err, syscall.ENOSPC) {
			return errors.Join(err, f.Close())
		} else if err != nil {
			if err := pause(ctx, 50*time.Millisecond); err != nil {
				return errors.Join(err, f.Close())
			}
		}
	}
	return f.Close()
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// between is a random time between the two.
func between(random *rand.Rand, rest [2]time.Duration) time.Duration {
	return rest[0] + time.Duration(random.Int64N(int64(rest[1]-rest[0])))
}

// smallDisk mounts a disk of so many bytes.
func smallDisk(dir string, bytes int64) (unmount func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		return nil, fmt.Errorf("mount a small disk: %w", err)
	}
	return func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }, nil
}
