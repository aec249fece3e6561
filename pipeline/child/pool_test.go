package child

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sohoa/pipeline/confine"
)

const mib = 1 << 20

func newPool(tb testing.TB, c Config) *Pool[task, result] {
	tb.Helper()
	if c.Command == nil {
		c.Command = []string{"test-child"}
	}
	p, err := NewPool[task, result](c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// echo shows that the pool goes on, and gives the child that answered.
func echo(tb testing.TB, p *Pool[task, result]) int {
	tb.Helper()
	r, err := p.Do(tb.Context(), task{What: "echo", Text: "số hóa"})
	if err != nil || r.Text != "số hóa" {
		tb.Fatalf("the pool does not go on: %q, %v", r.Text, err)
	}
	return r.PID
}

// gone tells whether a process is no more, or a corpse.
func gone(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || bytes.Contains(stat, []byte(") Z "))
}

func TestOrdinaryRequests(t *testing.T) {
	t.Parallel()
	const size, requests = 3, 60
	p := newPool(t, Config{Size: size, Limits: confine.Limits{Memory: 1 << 30, Files: 64}})
	var wg sync.WaitGroup
	var pids sync.Map
	for i := range requests {
		wg.Go(func() {
			r, err := p.Do(t.Context(), task{What: "bytes", Text: strconv.Itoa(i), N: i * 10_000})
			if err != nil || r.Text != strconv.Itoa(i) || len(r.Data) != i*10_000 {
				t.Errorf("request %d: %q, %d bytes, %v", i, r.Text, len(r.Data), err)
			}
			pids.Store(r.PID, true)
		})
	}
	wg.Wait()
	children := 0
	pids.Range(func(pid, _ any) bool {
		children++
		return pid != os.Getpid()
	})
	if children < 1 || children > size {
		t.Errorf("%d children for %d places", children, size)
	}
}

func TestLittleWorkNeedsOneChild(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{Size: 4})
	first := echo(t, p)
	for range 5 {
		if pid := echo(t, p); pid != first {
			t.Errorf("child %d after %d", pid, first)
		}
	}
}

func TestChildHasTheArguments(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{Command: []string{"test-child", "a", "b c"}})
	r, err := p.Do(t.Context(), task{What: "arguments"})
	if err != nil || r.Text != `["test-child" "a" "b c"]` {
		t.Errorf("%s, %v", r.Text, err)
	}
}

func TestStandardOutputIsProtected(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	first := echo(t, p)
	if r, err := p.Do(t.Context(), task{What: "print", Text: "x"}); err != nil || r.Text != "x" {
		t.Errorf("%+v, %v", r, err)
	}
	if second := echo(t, p); second != first {
		t.Error("the child was lost")
	}
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	first := echo(t, p)
	for _, c := range []struct {
		task task
		want RequestError
	}{
		{task{What: "fail", Text: "no such page"}, RequestError{Reason: "no such page"}},
		{task{What: "fail"}, RequestError{}},
		{task{What: "final"}, RequestError{Reason: "read: never", Permanent: true}},
	} {
		_, err := p.Do(t.Context(), c.task)
		var got *RequestError
		if !errors.As(err, &got) || *got != c.want {
			t.Errorf("%+v: %v", c.task, err)
		}
	}
	if second := echo(t, p); second != first {
		t.Error("the child was lost")
	}
}

// A child that ends, or lingers, before it has seen a request was not lost over it: the next request would fare no better.
func TestChildThatIsNeverReady(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"never-ready"}, {"never-ready", "slowly"}} {
		p := newPool(t, Config{Command: arguments, Timeout: 2 * time.Second})
		_, err := p.Do(t.Context(), task{What: "echo"})
		var machine *confine.MachineError
		if !errors.As(err, &machine) {
			t.Errorf("%v: %v", arguments, err)
		}
		if len(arguments) == 1 && !strings.Contains(err.Error(), "the model is gone") {
			t.Errorf("the reason is lost: %v", err)
		}
	}
	p := newPool(t, Config{})
	for _, what := range []string{"exit", "segfault"} {
		if _, err := p.Do(t.Context(), task{What: what}); err == nil || confine.MachineFault(err) {
			t.Errorf("%s over a request: %v", what, err)
		}
	}
}

// What the kernel says in a child is told, so that a file that is gone is not called a bad one.
func TestKernelErrorsTravel(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	var refused *RequestError
	_, err := p.Do(t.Context(), task{What: "open", Text: "/no/such/file"})
	if !errors.As(err, &refused) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err = p.Do(t.Context(), task{What: "fail", Text: "no"}); !errors.As(err, &refused) || refused.Errno != 0 {
		t.Errorf("%#v", err)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{Timeout: time.Second, Size: 2})
	echo(t, p)
	for _, what := range []string{"sleep", "spin"} {
		start := time.Now()
		_, err := p.Do(t.Context(), task{What: what, N: 60_000})
		var late *TimeoutError
		if !errors.As(err, &late) || late.After != time.Second {
			t.Errorf("%s: %v", what, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s lingered %v", what, took)
		}
		echo(t, p)
	}
}

func TestCrashes(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{MaxAnswer: mib})
	for _, c := range []struct {
		task  task
		words []string
	}{
		{task{What: "exit", N: 3}, []string{"status 3", "last words"}},
		{task{What: "exit"}, []string{"ended without an answer", "last words"}},
		{task{What: "segfault"}, []string{"child process crashed"}},
		{task{What: "crash"}, []string{"assignment to entry in nil map"}},
		{task{What: "panic", Text: "on purpose"}, []string{"panic: the handler: on purpose", "goroutine"}},
		{task{What: "close"}, []string{"its answer was none"}},
		{task{What: "garbage"}, []string{"its answer was none", "decode a message"}},
		{task{What: "liar"}, []string{"a message of 4294967295 bytes is longer than the 1048576 allowed"}},
		{task{What: "bytes", N: 2 * mib}, []string{"is longer than the 1048576 allowed"}},
	} {
		before := echo(t, p)
		_, err := p.Do(t.Context(), c.task)
		var crash *CrashError
		if !errors.As(err, &crash) || crash.Memory {
			t.Errorf("%s: %v", c.task.What, err)
			continue
		}
		for _, words := range c.words {
			if !strings.Contains(err.Error(), words) {
				t.Errorf("%s: %q does not say %q", c.task.What, err, words)
			}
		}
		if after := echo(t, p); after == before {
			t.Errorf("%s: the child was kept", c.task.What)
		}
	}
}

func TestMemoryBombs(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{Limits: confine.Limits{Memory: 512 * mib}})
	for _, what := range []string{"heap", "shared"} {
		_, err := p.Do(t.Context(), task{What: what})
		var crash *CrashError
		if !errors.As(err, &crash) || !crash.Memory {
			t.Errorf("%s: %v", what, err)
		}
		echo(t, p)
	}
}

func TestChildIsConfined(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	target := filepath.Join(t.TempDir(), "file")
	p := newPool(t, Config{})
	for _, attack := range []task{
		{What: "start"}, {What: "fork"}, {What: "dial", Text: listener.Addr().String()}, {What: "write", Text: target},
	} {
		_, err := p.Do(t.Context(), attack)
		var refused *RequestError
		if !errors.As(err, &refused) || !strings.Contains(refused.Reason, "not permitted") && !strings.Contains(refused.Reason, "permission denied") {
			t.Errorf("%s: %v", attack.What, err)
		}
	}
	if _, err := os.Stat(target); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestRecycling(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{MaxRequests: 3})
	var pids []int
	for range 7 {
		pids = append(pids, echo(t, p))
	}
	for i, pid := range pids {
		if i > 0 && (pid != pids[i-1]) != (i%3 == 0) {
			t.Errorf("children %v are not replaced after each third request", pids)
			break
		}
	}
	q := newPool(t, Config{MaxRSS: 400 * mib})
	first := echo(t, q)
	if r, err := q.Do(t.Context(), task{What: "keep", N: 450 * mib}); err != nil || r.PID != first {
		t.Fatalf("%d, %v", r.PID, err)
	}
	if second := echo(t, q); second == first {
		t.Error("a child that grew was kept")
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	pid := echo(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	start := time.Now()
	if _, err := p.Do(ctx, task{What: "sleep", N: 60_000}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("lingered %v", took)
	}
	if echo(t, p) == pid || !gone(pid) {
		t.Error("the child of the cancelled request lives on")
	}
	if _, err := p.Do(ctx, task{What: "echo"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestWaitForAChild(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := p.Do(t.Context(), task{What: "sleep", N: 1000}); err != nil {
			t.Error(err)
		}
	})
	time.Sleep(100 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := p.Do(ctx, task{What: "echo"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	wg.Wait()
}

func TestChildThatDiesBetweenRequests(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	pid := echo(t, p)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for !gone(pid) {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond) // for it to be waited for
	if echo(t, p) == pid {
		t.Error("a dead child answered")
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	const size = 3
	p := newPool(t, Config{Size: size})
	var wg sync.WaitGroup
	var mu sync.Mutex
	var pids []int
	for range size {
		wg.Go(func() {
			r, err := p.Do(t.Context(), task{What: "sleep", N: 200})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			pids = append(pids, r.PID)
		})
	}
	wg.Wait()
	var answered atomic.Bool
	wg.Go(func() { // under way when the pool closes
		if _, err := p.Do(t.Context(), task{What: "sleep", N: 500}); err != nil {
			t.Error(err)
		}
		answered.Store(true)
	})
	time.Sleep(100 * time.Millisecond)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if !answered.Load() {
		t.Error("the request under way was not answered")
	}
	for _, pid := range pids {
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("child %d: %v", pid, err)
		}
	}
	if _, err := p.Do(t.Context(), task{What: "echo"}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestTooLongRequest(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{})
	_, err := p.Do(t.Context(), task{What: "echo", Text: strings.Repeat("x", mostRequest+1)})
	var size *sizeError
	if !errors.As(err, &size) {
		t.Errorf("%v", err)
	}
}
