package child

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// answer is what a child sends back.
type answer[Res any] struct {
	Result Res
	Error  string // the request's fault
	Panic  string // ours; the child ends after it
}

// Serve answers requests with handle until in ends. A panic in handle is answered, too, and ends the child: its state is not
// to be trusted.
func Serve[Req, Res any](in io.Reader, out io.Writer, handle func(Req) (Res, error)) error {
	for {
		var req Req
		if err := readMessage(in, mostRequest, &req); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		a := attempt(req, handle)
		if err := writeMessage(out, a); err != nil {
			return err
		}
		if a.Panic != "" {
			return errors.New("panic: " + a.Panic)
		}
	}
}

func attempt[Req, Res any](req Req, handle func(Req) (Res, error)) (a answer[Res]) {
	defer func() {
		if p := recover(); p != nil {
			a = answer[Res]{Panic: fmt.Sprintf("%v: %s", p, tailOf(string(debug.Stack()), 600))}
		}
	}()
	res, err := handle(req)
	if err != nil {
		return answer[Res]{Error: err.Error()}
	}
	return answer[Res]{Result: res}
}

// OwnStdout gives a private copy of standard output and points standard output itself to standard error: C libraries that
// print must not end up between two messages.
func OwnStdout() (*os.File, error) {
	fd, err := unix.Dup(int(os.Stdout.Fd()))
	if err != nil {
		return nil, fmt.Errorf("copy standard output: %w", err)
	}
	unix.CloseOnExec(fd)
	if err := unix.Dup2(int(os.Stderr.Fd()), int(os.Stdout.Fd())); err != nil {
		return nil, fmt.Errorf("point standard output to standard error: %w", err)
	}
	return os.NewFile(uintptr(fd), "answers"), nil
}

func tailOf(s string, most int) string {
	if len(s) > most {
		return s[len(s)-most:]
	}
	return s
}
