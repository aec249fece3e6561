package web

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestNoTokenHasAllPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.MaxUploads, c.MaxListeners = 4, 4 })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	_, other := w.newDossier(t, w.other, "H50.14", "H50.14-220331-0001")
	file := scan(t, 1)
	var ends []*io.PipeWriter
	replies := make(chan reply, 2)
	for n := range 2 {
		body, more := io.Pipe()
		ends = append(ends, more)
		go func() { replies <- w.do(t, ask{"POST", path + "/papers", w.desk, io.Reader(body), nil}) }()
		for w.uploads.count() <= n {
			time.Sleep(time.Millisecond)
		}
	}
	r := w.do(t, ask{"POST", path + "/papers", w.desk, file, nil})
	wantCode(t, r, 429, CodeTooManyAtOnce)
	if r.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	want[handedJSON](t, w.do(t, ask{"POST", other + "/papers", w.other, file, nil}), 201)
	for _, end := range ends {
		_, err := end.Write(file)
		must(t, err)
		must(t, end.Close())
		want[handedJSON](t, <-replies, 201)
		file = scan(t, 2)
	}
	want[handedJSON](t, w.do(t, ask{"POST", path + "/papers", w.desk, scan(t, 3), nil}), 201)

	for range 2 {
		w.listen(t, "/api/v1/events", w.desk, nil)
	}
	wantCode(t, w.do(t, ask{"GET", "/api/v1/events", w.desk, nil, nil}), 429, CodeTooManyAtOnce)
	for range 2 {
		w.listen(t, "/api/v1/events", w.other, nil)
	}
	wantCode(t, w.do(t, ask{"GET", "/api/v1/events", w.boss, nil, nil}), 503, CodeBusy)
}

// drip sends a paper's bytes slowly, but faster than the slowest that is let be, until it is cut off or stopped; it gives the
// beginning of the answer.
func (w *world) drip(t *testing.T, path, token string, stop <-chan struct{}) (answer func() string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST %s/papers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 100000000\r\n\r\n", path, token)
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(25 * time.Millisecond):
				if _, err := conn.Write(make([]byte, slowest/4)); err != nil {
					return
				}
			}
		}
	}()
	return func() string {
		head := make([]byte, 4096)
		must(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
		n, err := conn.Read(head)
		must(t, err)
		return string(head[:n])
	}
}

func TestWhoIsSlowGivesWayWherePlacesAreScarce(t *testing.T) {
	t.Parallel()
	const patience = 400 * time.Millisecond // in which drip sends 64 KiB
	w := newWorld(t, func(c *Config) { c.MaxUploads, c.Patience = 2, patience })
	_, path := w.newDossier(t, w.desk, "H50.13", "H50.13-220331-0001")
	_, other := w.newDossier(t, w.other, "H50.14", "H50.14-220331-0001")
	stop := make(chan struct{})
	defer close(stop)
	first := w.drip(t, path, w.desk, stop)
	time.Sleep(4 * patience)
	if w.uploads.count() != 1 {
		t.Fatal("it was cut off though there is room")
	}
	w.drip(t, other, w.other, stop)
	if head := first(); !strings.HasPrefix(head, "HTTP/1.1 408") || !strings.Contains(head, string(CodeTooSlow)) {
		t.Errorf("where places are scarce it hears %s", head)
	}
}
