package browser

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/cdp"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"

	"sohoa/scripts/services"
)

// program is Debian's.
const program = "/usr/bin/chromium"

// Patience is how long a page may take to show what is waited for: these machines are busy.
const Patience = 60 * time.Second

// Browser is a chromium without a window.
type Browser struct {
	process *services.Process
	browser *rod.Browser
}

// Start starts one on a folder for its profile.
func Start(ctx context.Context, dir string) (*Browser, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err = errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	var control string
	b := &Browser{}
	b.process = services.NewProcess("chromium", dir, func() *exec.Cmd {
		return exec.Command(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--lang=vi",
			// Without a window there is no mouse, unless one says so: what pages show of keys is for those who have one.
			"--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
			"--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio", "--hide-scrollbars",
			"--user-data-dir="+filepath.Join(dir, "profile"), "--remote-debugging-port="+port, "about:blank")
	}, func(context.Context) error {
		control, err = launcher.ResolveURL("127.0.0.1:" + port)
		return err
	})
	if err := b.process.Start(ctx); err != nil {
		return nil, fmt.Errorf("%w (scripts/setup --test installs %s)", err, program)
	}
	b.browser = rod.New().ControlURL(control)
	if err := b.browser.Connect(); err != nil {
		return nil, errors.Join(fmt.Errorf("reach the browser: %w", err), b.process.Kill())
	}
	return b, nil
}

// Close ends it.
func (b *Browser) Close() error { return b.process.Kill() }

// Size is how big a tab's window is, in CSS pixels.
type Size struct{ Width, Height int }

// Desk and Phone are the windows that pages are made for.
var (
	Desk  = Size{1366, 768} //nolint:gochecknoglobals // as constant as a struct can be
	Phone = Size{390, 844}  //nolint:gochecknoglobals // as constant as a struct can be
)

// Tab is one page of the browser, with cookies of its own.
type Tab struct {
	page *rod.Page
	site *Site

	mu         sync.Mutex
	complaints []string
}

// Open opens an empty tab on a site, as another person's browser would.
func (b *Browser) Open(ctx context.Context, site *Site, size Size) (*Tab, error) {
	own, err := b.browser.Incognito()
	if err != nil {
		return nil, err
	}
	page, err := own.Page(proto.TargetCreateTarget{})
	if err != nil {
		return nil, err
	}
	page = page.Context(ctx).Timeout(10 * time.Minute)
	err = page.SetViewport(&proto.EmulationSetDeviceMetricsOverride{
		Width: size.Width, Height: size.Height, DeviceScaleFactor: 1, Mobile: size.Width < 600,
	})
	if err != nil {
		return nil, err
	}
	// Tests share the browser and run side by side: each tab takes keys as if its window were in front.
	if err := (proto.EmulationSetFocusEmulationEnabled{Enabled: true}).Call(page); err != nil {
		return nil, err
	}
	t := &Tab{page: page, site: site}
	t.listen()
	return t, nil
}

// listen notes what the browser complains of: exceptions, errors on the console, what the content policy forbids.
func (t *Tab) listen() {
	_ = proto.LogEnable{}.Call(t.page)
	wait := t.page.EachEvent(
		func(e *proto.RuntimeExceptionThrown) {
			what := e.ExceptionDetails.Text
			if e.ExceptionDetails.Exception != nil {
				what += " " + e.ExceptionDetails.Exception.Description
			}
			t.complain("exception: " + what)
		},
		func(e *proto.LogEntryAdded) {
			if e.Entry.Level == proto.LogLogEntryLevelError {
				t.complain(fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
			}
		},
		func(e *proto.RuntimeConsoleAPICalled) {
			if e.Type == proto.RuntimeConsoleAPICalledTypeError {
				var said []string
				for _, a := range e.Args {
					said = append(said, a.Value.String()+a.Description)
				}
				t.complain("console: " + strings.Join(said, " "))
			}
		},
	)
	go wait()
}

func (t *Tab) complain(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.complaints = append(t.complaints, what)
}

// Complaints are what the browser complained of since they were asked for last.
func (t *Tab) Complaints() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.complaints
	t.complaints = nil
	return all
}

// Page is rod's, for what has no method here.
func (t *Tab) Page() *rod.Page { return t.page }

// Close closes the tab.
func (t *Tab) Close() error { return t.page.Close() }

// Go opens a path of the site and waits until its modules have run.
func (t *Tab) Go(path string) error {
	if err := t.page.Navigate(t.site.URL + path); err != nil {
		return err
	}
	return t.page.WaitLoad()
}

// Path is where the tab is: the path with its query.
func (t *Tab) Path() (string, error) {
	info, err := t.page.Info()
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(info.URL, t.site.URL), nil
}

// Find waits for an element by its CSS selector.
func (t *Tab) Find(selector string) (*rod.Element, error) {
	e, err := found(func() (*rod.Element, error) { return t.page.Timeout(Patience).Element(selector) })
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", selector, err)
	}
	return e.CancelTimeout(), nil
}

// found looks once more where the page went to another one during the search.
func found(look func() (*rod.Element, error)) (*rod.Element, error) {
	e, err := look()
	for range 3 {
		if !errors.Is(err, cdp.ErrCtxNotFound) && !errors.Is(err, cdp.ErrCtxDestroyed) {
			break
		}
		e, err = look()
	}
	return e, err //nolint:wrapcheck // the caller names what was looked for
}

// Text waits for an element whose text matches a regular expression of JavaScript.
func (t *Tab) Text(selector, pattern string) (*rod.Element, error) {
	e, err := found(func() (*rod.Element, error) { return t.page.Timeout(Patience).ElementR(selector, pattern) })
	if err != nil {
		return nil, fmt.Errorf("find %s with %q: %w; the page says: %s", selector, pattern, err, t.said())
	}
	return e.CancelTimeout(), nil
}

// Field waits for the input that a label names.
func (t *Tab) Field(label string) (*rod.Element, error) {
	e, err := t.Text("label", label)
	if err != nil {
		return nil, err
	}
	id, err := e.Attribute("for")
	if err != nil {
		return nil, err
	}
	if id == nil {
		return e.Element("input, select, textarea")
	}
	return t.Find("#" + *id)
}

// Fill types into the input that a label names, in place of what is there.
func (t *Tab) Fill(label, text string) error {
	e, err := t.Field(label)
	if err != nil {
		return err
	}
	if err := e.SelectAllText(); err != nil {
		return err
	}
	return e.Input(text)
}

// Click clicks the button or link that says something (a regular expression).
func (t *Tab) Click(says string) error {
	e, err := t.Text("button, a, summary, [role=button]", says)
	if err != nil {
		return err
	}
	return e.Click(proto.InputMouseButtonLeft, 1)
}

// Press presses keys one after the other.
func (t *Tab) Press(keys ...input.Key) error { return t.page.Keyboard.Type(keys...) }

// Settle waits until the page asks for nothing more and its images are there.
func (t *Tab) Settle() error {
	if err := t.page.Timeout(Patience).WaitDOMStable(300*time.Millisecond, 0); err != nil {
		return err
	}
	_, err := t.page.Timeout(Patience).Eval(`() => Promise.all([...document.images].filter((i) => i.loading !== "lazy" && !i.complete)
		.map((i) => new Promise((done) => { i.onload = i.onerror = done; })))`)
	return err
}

// said is the text of the page, for messages.
func (t *Tab) said() string {
	got, err := t.page.Timeout(5 * time.Second).Eval("() => document.body.innerText")
	if err != nil {
		return err.Error()
	}
	return got.Value.Str()
}

// SignIn signs somebody of the site in.
func (t *Tab) SignIn(login string) error {
	if err := t.Go("/dang-nhap"); err != nil {
		return err
	}
	if err := errors.Join(t.Fill("Tên đăng nhập", login), t.Fill("Mật khẩu", Password)); err != nil {
		return err
	}
	if err := t.Click("Đăng nhập"); err != nil {
		return err
	}
	_, err := t.Find(".who")
	return err
}

// Shot is what the tab shows, as a PNG of its window.
func (t *Tab) Shot() ([]byte, error) {
	return t.page.Screenshot(false, &proto.PageCaptureScreenshot{Format: proto.PageCaptureScreenshotFormatPng})
}

//nolint:gochecknoglobals // one browser for a test process
var shared = services.Shared(Start)

// Visit is a tab for a test, in the browser that the test's process shares. Whatever the browser complained of fails the test.
func Visit(tb testing.TB, site *Site, size Size) *Tab {
	tb.Helper()
	t, err := shared.Get(tb).Open(tb.Context(), site, size)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		for _, c := range t.Complaints() {
			tb.Errorf("the browser complains: %s", c)
		}
		// Without asking the page, which may want to know whether uploads under way should be left. The test may have closed it.
		_, _ = proto.TargetCloseTarget{TargetID: t.page.TargetID}.Call(t.page.Browser().Context(context.Background()))
	})
	return t
}

// ForTest is a settled site for a test.
func ForTest(tb testing.TB, env ...string) *Site {
	tb.Helper()
	s, err := Open(tb.Context(), tb.TempDir(), env...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("end sohoa: %v", err)
		}
	})
	if err := s.Settle(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}
