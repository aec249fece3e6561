package child

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"

	"golang.org/x/sys/unix"
)

// greeting is what a child sends first: it has what it needs and waits for requests. Who ends before was no request's victim.
type greeting struct{ Ready bool }

// answer is what a child sends back.
type answer[Res any] struct {
	Result    Res
	Failed    bool // the request's fault
	Error     string
	Permanent bool
	Errno     int    // of the kernel, where the error holds one
	Panic     string // ours; the child ends after it
	Stack     string
}

// Serve greets the parent and answers requests with handle until in ends, which is no error. An error of handle travels back as a RequestError,
// permanent if it has a method Permanent() bool that says so. A panic in handle is answered, too, as a CrashError, and
// ends Serve with an error: the child's state is not to be trusted, so its main must end as well.
//
// Where out is standard output, Serve keeps it for itself and points standard output to standard error, since C libraries
// that print must not end up between two messages.
func Serve[Req, Res any](in io.Reader, out io.Writer, handle func(Req) (Res, error)) error {
	if f, ok := out.(*os.File); ok && f == os.Stdout {
		private, err := OwnStdout()
		if err != nil {
			return err
		}
		out = private
	}
	hello, err := encodeMessage(mostGreeting, greeting{Ready: true})
	if err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	if _, err := out.Write(hello); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	for {
		var req Req
		if err := readMessage(in, mostRequest, &req); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("receive a request: %w", err)
		}
		a := attempt(req, handle)
		message, err := encodeMessage(mostAnswer, a)
		if err != nil {
			return fmt.Errorf("answer a request: %w", err)
		}
		if _, err := out.Write(message); err != nil {
			return fmt.Errorf("answer a request: %w", err)
		}
		if a.Panic != "" {
			return errors.New("panic: " + a.Panic)
		}
	}
}

func attempt[Req, Res any](req Req, handle func(Req) (Res, error)) (a answer[Res]) {
	const mostStack = 2000
	defer func() {
		if p := recover(); p != nil {
			stack := debug.Stack()
			a = answer[Res]{Panic: fmt.Sprintf("panic: %v", p), Stack: string(stack[:min(len(stack), mostStack)])}
		}
	}()
	res, err := handle(req)
	if err != nil {
		var p permanent
		var errno syscall.Errno
		errors.As(err, &errno)
		return answer[Res]{Failed: true, Error: err.Error(), Permanent: errors.As(err, &p) && p.Permanent(), Errno: int(errno)} //nolint:gosec // small
	}
	return answer[Res]{Result: res}
}

// OwnStdout gives a private copy of standard output and points standard output itself to standard error.
func OwnStdout() (*os.File, error) {
	private, err := unix.FcntlInt(os.Stdout.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("copy standard output: %w", err)
	}
	f := os.NewFile(uintptr(private), "answers") //nolint:gosec // a file's number is not negative
	if err := unix.Dup3(int(os.Stderr.Fd()), int(os.Stdout.Fd()), 0); err != nil {
		return nil, errors.Join(fmt.Errorf("point standard output to standard error: %w", err), f.Close())
	}
	return f, nil
}
