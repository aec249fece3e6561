package services

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/redis/go-redis/v9"
)

func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sohoa-services-") //nolint:usetesting // t.TempDir lies in a folder that PostgreSQL's user cannot pass
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A subject is a server with something in it: ask is nil where it answers and still has that.
type subject struct {
	*Process
	ask func(ctx context.Context) error
}

func startOneRedis(t *testing.T) subject {
	t.Helper()
	ctx := t.Context()
	r, err := StartRedis(ctx, folder(t))
	Need(t, err)
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: r.Socket, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true})
	t.Cleanup(func() { client.Close() })
	if err := client.Do(ctx, "CONFIG", "SET", "appendfsync", "always").Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Set(ctx, "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	return subject{&r.Process, func(ctx context.Context) error { return client.Get(ctx, "k").Err() }}
}

func startMinIO(t *testing.T) subject {
	t.Helper()
	ctx := t.Context()
	m, err := StartMinIO(ctx, folder(t))
	Need(t, err)
	client, err := minio.New(m.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(m.AccessKey, m.SecretKey, ""), MaxRetries: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.MakeBucket(ctx, "kept", minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutObject(ctx, "kept", "k", strings.NewReader("v"), 1, minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	return subject{&m.Process, func(ctx context.Context) error {
		o, err := client.GetObject(ctx, "kept", "k", minio.GetObjectOptions{})
		if err != nil {
			return err
		}
		defer o.Close()
		_, err = io.ReadAll(o)
		return err
	}}
}

// PostgreSQL is asked on one connection for as long as that lives: behind it is a process of its own.
func startPostgres(t *testing.T) subject {
	t.Helper()
	ctx := t.Context()
	p, err := StartPostgres(ctx, folder(t), true)
	Need(t, err)
	t.Cleanup(func() { _ = p.Kill() })
	url := p.NewDatabase(t)
	var conn *pgx.Conn
	exec := func(ctx context.Context, sql string) (err error) {
		if conn == nil || conn.IsClosed() {
			if conn, err = pgx.Connect(ctx, url); err != nil {
				return err
			}
		}
		_, err = conn.Exec(ctx, sql)
		return err
	}
	if err := exec(ctx, "CREATE TABLE kept (n int)"); err != nil {
		t.Fatal(err)
	}
	return subject{&p.Process, func(ctx context.Context) error { return exec(ctx, "SELECT n FROM kept") }}
}

// The Sentinel is asked where its Redis is, which is asked.
func startBehindSentinel(t *testing.T) subject {
	t.Helper()
	ctx := t.Context()
	s, err := StartSentinel(ctx, folder(t))
	Need(t, err)
	t.Cleanup(func() { _ = s.Kill() })
	ask := func(ctx context.Context) error {
		sentinel := redis.NewSentinelClient(&redis.Options{Addr: s.Addr, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true})
		defer sentinel.Close()
		at, err := sentinel.GetMasterAddrByName(ctx, s.Name).Result()
		if err != nil {
			return err
		}
		return command(ctx, net.JoinHostPort(at[0], at[1]), "SET", "k", "v")
	}
	return subject{&s.Process, ask}
}

// A node's end is the end of its keys, and with them of the Cluster.
func startNode(t *testing.T) subject {
	t.Helper()
	ctx := t.Context()
	c, err := StartCluster(ctx, folder(t))
	Need(t, err)
	t.Cleanup(func() { _ = c.Kill() })
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: c.Addrs()})
	t.Cleanup(func() { client.Close() })
	for n := range 100 { // of which every node has some
		if err := client.Set(ctx, fmt.Sprint("k", n), "v", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range c.Nodes {
		one := redis.NewClient(&redis.Options{Addr: n.Addr})
		if size, err := one.DBSize(ctx).Result(); err != nil || size == 0 {
			t.Errorf("%s has %d keys, %v", n.Addr, size, err)
		}
		one.Close()
	}
	return subject{&c.Nodes[1].Process, func(ctx context.Context) (err error) {
		patience, cancel := context.WithTimeout(ctx, 10*time.Second) // nodes find each other again in a second or two
		defer cancel()
		for err = c.Whole(patience); err != nil && patience.Err() == nil; err = c.Whole(patience) {
			if c.Nodes[1].PID() == 0 || gone(c.Nodes[1].PID()) {
				return err
			}
			time.Sleep(50 * time.Millisecond)
		}
		return err
	}}
}

// What a server was told stays when it is killed or stopped and started again, at the same address; while it is paused
// nobody is answered.
func TestServersComeBack(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) subject{
		"redis": startOneRedis, "minio": startMinIO, "postgres": startPostgres, "sentinel": startBehindSentinel, "node": startNode,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); comesBack(t, start(t)) })
	}
}

func comesBack(t *testing.T, s subject) {
	t.Helper()
	t.Cleanup(func() { _ = s.Kill() })
	for what, end := range map[string]func() error{"killed": s.Kill, "stopped": s.Stop} {
		pid := s.PID()
		if err := s.ask(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Start(t.Context()); err == nil {
			t.Fatal("it is started twice")
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if left := childrenOf(pid); state(pid) != "X" || len(left) > 0 {
			t.Errorf("%s: there are still %d and %v", what, pid, left)
		}
		if s.ask(t.Context()) == nil {
			t.Errorf("%s: it still answers", what)
		}
		if err := s.Start(t.Context()); err != nil { // at once
			t.Fatal(err)
		}
		if err := s.ask(t.Context()); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if s.ask(ctx) == nil {
		t.Error("it answers while it is paused")
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := s.ask(t.Context()); err != nil {
		t.Errorf("after a pause: %v", err)
	}
	if err := errors.Join(s.Pause(), s.Kill()); err != nil {
		t.Errorf("killed while it is paused: %v", err)
	}
}

// A server that does not answer in time is not left behind.
func TestStartKillsWhatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	deaf := errors.New("deaf")
	p := NewProcess("deaf", t.TempDir(), func() *exec.Cmd { return exec.Command("sleep", "60") }, func(context.Context) error { return deaf })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := p.Start(ctx); !errors.Is(err, deaf) {
		t.Errorf("%v", err)
	}
	if s := state(p.PID()); s != "X" {
		t.Errorf("it is still there: %s", s)
	}
}

func TestEveryDatabaseIsNewAndGoesWithItsTest(t *testing.T) {
	t.Parallel()
	p := Postgres(t)
	var urls [2]string
	t.Run("use", func(t *testing.T) {
		for i := range urls {
			urls[i] = p.NewDatabase(t)
			conn, err := pgx.Connect(t.Context(), urls[i])
			if err != nil {
				t.Fatal(err)
			}
			// It stays open: a test may forget one.
			if _, err := conn.Exec(t.Context(), "CREATE TABLE same (n int)"); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
	for _, url := range urls {
		if _, err := pgx.Connect(t.Context(), url); err == nil {
			t.Errorf("there is still %s", url)
		}
	}
}

// inner is the environment variable by which a test below starts this test binary with a test of its own.
const inner = "SOHOA_TEST_INNER"

// TestInner starts the shared servers, tells where they are, and ends, or waits for being killed.
func TestInner(t *testing.T) {
	how := os.Getenv(inner)
	if how == "" {
		t.Skip("it is for TestSharedServersEndWithTheirProcess")
	}
	r, p := Redis(t), Postgres(t)
	if Redis(t) != r || Postgres(t) != p {
		t.Error("the servers are not shared")
	}
	// Nothing else but the process's end removes them.
	runtime.GC()
	runtime.GC()
	time.Sleep(200 * time.Millisecond)
	for _, dir := range []string{r.dir, p.dir} {
		if _, err := os.Stat(dir); err != nil {
			t.Fatal(err)
		}
	}
	os.Stdout.WriteString("folder " + r.dir + "\nfolder " + p.dir + "\nready\n")
	if how == "wait" {
		time.Sleep(time.Minute)
	}
}

func TestSharedServersEndWithTheirProcess(t *testing.T) {
	t.Parallel()
	Redis(t)
	Postgres(t) // they are here, or this test is skipped
	for _, how := range []string{"end", "wait"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestInner$")
			cmd.Env = append(os.Environ(), inner+"="+how)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			for b := make([]byte, 4096); !strings.Contains(said.String(), "ready"); {
				n, err := out.Read(b)
				said.Write(b[:n])
				if err != nil {
					t.Fatalf("%v: %s", err, said.Bytes())
				}
			}
			if how == "wait" {
				_ = cmd.Process.Kill()
			}
			_ = cmd.Wait()
			for _, found := range regexp.MustCompile(`folder (\S+)`).FindAllStringSubmatch(said.String(), -1) {
				left := func(int) bool { _, err := os.Stat(found[1]); return os.IsNotExist(err) && len(users(t, found[1])) == 0 }
				if await(left, cmd.Process.Pid) != nil {
					t.Errorf("there is still %s, or one of %v", found[1], users(t, found[1]))
				}
			}
		})
	}
}

// users are the processes that were started with a folder among their arguments.
func users(t *testing.T, dir string) (pids []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		if b, err := os.ReadFile(file); err == nil && bytes.Contains(b, []byte(dir)) {
			pids = append(pids, filepath.Base(filepath.Dir(file)))
		}
	}
	return pids
}

// Tests that are skipped locally where a program is missing fail in CI.
func TestMissingProgram(t *testing.T) {
	for _, c := range []struct {
		ci                string
		err               error
		skipped, finished bool
	}{
		{err: nil, finished: true},
		{ci: "true", err: nil, finished: true},
		{err: &MissingError{Program: "nothing"}, skipped: true},
		{ci: "true", err: &MissingError{Program: "nothing"}},
		{err: syscall.EIO},
	} {
		t.Setenv("CI", c.ci)
		r := &recorder{TB: t}
		done := make(chan bool)
		go func() {
			defer close(done)
			Need(r, c.err)
			r.finished = true
		}()
		<-done
		if r.skipped != c.skipped || r.finished != c.finished {
			t.Errorf("CI=%q, %v: skipped %v, went on %v", c.ci, c.err, r.skipped, r.finished)
		}
		if c.skipped && !strings.Contains(r.said, "scripts/setup --test") {
			t.Errorf("it does not say what to do: %s", r.said)
		}
	}
}

// recorder is a test that notes how it is ended.
type recorder struct {
	testing.TB
	skipped, finished bool
	said              string
}

func (r *recorder) Helper() {}

func (r *recorder) Skip(args ...any) { r.skipped, r.said = true, fmt.Sprint(args...); runtime.Goexit() }

func (r *recorder) Fatal(args ...any) { r.said = fmt.Sprint(args...); runtime.Goexit() }
