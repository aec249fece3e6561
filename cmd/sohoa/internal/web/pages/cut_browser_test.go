package pages_test

import (
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/scripts/browser"
)

// cable is a line to the site that can be cut, and counts what goes up it.
type cable struct {
	listener net.Listener
	to       string
	up       atomic.Int64

	mu    sync.Mutex
	cut   bool
	after int64 // bytes up after which it breaks by itself; 0: never
	open  map[net.Conn]struct{}
}

func newCable(t *testing.T, site *browser.Site) (*cable, *browser.Site) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	c := &cable{listener: l, to: strings.TrimPrefix(site.URL, "http://"), open: make(map[net.Conn]struct{})}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go c.carry(from)
		}
	}()
	through := *site
	through.URL = "http://" + l.Addr().String()
	return c, &through
}

func (c *cable) carry(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer to.Close()
	c.mu.Lock()
	if c.cut {
		c.mu.Unlock()
		return
	}
	c.open[from], c.open[to] = struct{}{}, struct{}{}
	c.mu.Unlock()
	go func() {
		_, _ = io.Copy(from, to)
		from.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
		sum := c.up.Add(int64(n))
		c.mu.Lock()
		breaks := c.after > 0 && sum > c.after
		if breaks {
			c.after = 0
		}
		c.mu.Unlock()
		if breaks {
			c.set(true)
			return
		}
	}
}

// set cuts the line, or mends it.
func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	if cut {
		for conn := range c.open {
			conn.Close()
		}
		clear(c.open)
	}
}

func (c *cable) isCut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}

// The line is cut in the middle of an upload: it goes on by itself from where it was, and is not begun anew.
func TestAnUploadGoesOnAfterTheNetworkWasCut(t *testing.T) {
	t.Parallel()
	site := browser.ForTest(t)
	dossierOf(t, site, "H50.13-260331-0001")
	line, through := newCable(t, site)
	tab := signedIn(t, through, browser.Officer, browser.Phone)
	check(t, tab.Go("/tiep-nhan?ma=H50.13-260331-0001"))
	see(t, tab, "#on-desk", "H50.13-260331-0001")
	tab.Complaints()

	// A scan with much behind its end: large, and quickly read.
	const size = 24 << 20
	file := slip(t, 21)
	content, err := os.ReadFile(file)
	check(t, err)
	check(t, os.WriteFile(file, append(content, make([]byte, size-len(content))...), 0o600))
	chosen, err := tab.Page().Element("#file")
	check(t, err)
	before := line.up.Load()
	line.mu.Lock()
	line.after = before + size/2
	line.mu.Unlock()
	check(t, chosen.SetFiles([]string{file}))
	for start := time.Now(); !line.isCut(); time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > browser.Patience {
			t.Fatal("the line was never cut")
		}
	}
	time.Sleep(2 * time.Second) // while it is away nothing helps
	shot(t, tab, "cut")
	line.set(false)
	see(t, tab, ".handed .state", "Đã đọc|Cần kiểm tra")
	accessible(t, tab)
	shot(t, tab, "cut-read")
	if sent := line.up.Load() - before; sent > size*5/4 {
		t.Errorf("%d bytes were sent of a file of %d: it was begun anew", sent, size)
	}
	var found struct {
		Papers []struct{ Size int64 }
	}
	check(t, site.API(t.Context(), "GET", "/api/v1/dossiers/1", nil, &found))
	if len(found.Papers) != 1 || found.Papers[0].Size != size {
		t.Errorf("%+v", found)
	}
	for _, c := range tab.Complaints() { // of the line, which was away
		if !strings.Contains(c, "net::ERR_") {
			t.Error(c)
		}
	}
}
