package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// client uses the API with one token.
type client struct {
	http       *http.Client
	url, token string
}

func newClient(url, token string) *client {
	const desks = 256 // connections are kept, as browsers keep theirs
	return &client{url: url, token: token, http: &http.Client{
		Timeout:   5 * time.Minute,
		Transport: &http.Transport{MaxIdleConns: desks, MaxIdleConnsPerHost: desks, DisableCompression: true},
	}}
}

// with is the same client with another token.
func (c *client) with(token string) *client { return &client{http: c.http, url: c.url, token: token} }

// refusedError is an answer that is not what was asked for.
type refusedError struct {
	act    string
	status int
	code   string        // of the API
	after  time.Duration // Retry-After
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("%s: status %d (%s)", e.act, e.status, e.code)
}

// paper is what we want to know of one.
type paper struct {
	ID       int64     `json:"id"`
	State    string    `json:"state"`
	Pages    int       `json:"pages"`
	Read     int       `json:"pages_read"`
	Failed   int       `json:"failed"`
	Words    int       `json:"words"`
	Reason   string    `json:"reason"`
	Created  time.Time `json:"created"`
	Changed  time.Time `json:"changed"`
	SHA256   string    `json:"sha256"`
	handedIn time.Time
}

// over tells whether the paper was read to the end.
func (p paper) over() bool { return p.State == "read" || p.State == "review" || p.State == "failed" }

// ask sends a request and decodes a good answer's JSON into into.
func (c *client) ask(ctx context.Context, method, path string, body io.Reader, length int64, media string, into any) error {
	act := method + " " + path
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	r.ContentLength = length
	answer, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	if answer.StatusCode/100 != 2 {
		refused := &refusedError{act: method, status: answer.StatusCode}
		var why struct {
			Error struct{ Code string } `json:"error"`
		}
		if json.Unmarshal(said, &why) == nil {
			refused.code = why.Error.Code
		}
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
			refused.after = time.Duration(seconds) * time.Second
		}
		return refused
	}
	if text, ok := into.(*string); ok {
		*text = string(said)
		return nil
	}
	if err := json.Unmarshal(said, into); err != nil {
		return fmt.Errorf("%s: understand the answer: %w", act, err)
	}
	return nil
}

func (c *client) get(ctx context.Context, path string, into any) error {
	return c.ask(ctx, http.MethodGet, path, nil, 0, "", into)
}

func (c *client) post(ctx context.Context, path string, what, into any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("POST %s: %w", path, err)
	}
	return c.ask(ctx, http.MethodPost, path, bytes.NewReader(body), int64(len(body)), "application/json", into)
}

// numbers gives dossiers their codes and scans their marks, each once.
type numbers struct{ last atomic.Uint64 }

func (n *numbers) next() uint64 { return n.last.Add(1) }

// dossierCode is a code as the portal gives them.
func dossierCode(n uint64) string { return fmt.Sprintf("%s.13-260331-%06d", agency, n) }

func (c *client) dossier(ctx context.Context, code string) (id int64, err error) {
	var d struct{ ID int64 }
	err = c.post(ctx, "/api/v1/dossiers", map[string]string{"code": code, "agency": agency}, &d)
	return d.ID, err
}

// handIn hands papers in as one form. All must be new ones.
func (c *client) handIn(ctx context.Context, dossier int64, queue string, scans []scan, n *numbers) ([]paper, error) {
	body, size, media, err := form(queue, scans, n)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Results []struct {
			Paper paper
			Held  bool
			Again bool
		}
	}
	sent := time.Now()
	if err := c.ask(ctx, http.MethodPost, fmt.Sprintf("/api/v1/dossiers/%d/papers", dossier), body, size, media, &answer); err != nil {
		return nil, err
	}
	if len(answer.Results) != len(scans) {
		return nil, fmt.Errorf("hand in %d papers: %d were acknowledged", len(scans), len(answer.Results))
	}
	papers := make([]paper, len(scans))
	for i, r := range answer.Results {
		if r.Held || r.Again {
			return nil, fmt.Errorf("hand in %d papers: scan %s was there already", len(scans), r.Paper.SHA256)
		}
		papers[i] = r.Paper
		papers[i].handedIn = sent
	}
	return papers, nil
}

// form is a multipart form of a known length, put together as it is sent.
func form(queue string, scans []scan, n *numbers) (body io.Reader, size int64, media string, err error) {
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	var parts []io.Reader
	add := func(r io.Reader, bytes int64) {
		parts = append(parts, r)
		size += bytes
	}
	flush := func() {
		said := bytes.Clone(head.Bytes())
		head.Reset()
		add(bytes.NewReader(said), int64(len(said)))
	}
	for _, field := range [][2]string{{"component", "GT01"}, {"kind", "component"}, {"queue", queue}} {
		err = errors.Join(err, w.WriteField(field[0], field[1]))
	}
	for _, s := range scans {
		mark := n.next()
		_, e := w.CreateFormFile("file", fmt.Sprintf("scan-%06d%s", mark, s.ending))
		err = errors.Join(err, e)
		flush()
		add(s.body(mark))
	}
	err = errors.Join(err, w.Close())
	flush()
	if err != nil {
		return nil, 0, "", fmt.Errorf("make a form: %w", err)
	}
	return io.MultiReader(parts...), size, w.FormDataContentType(), nil
}

// handInPatiently is handIn for whoever comes back when told so: the filling of an archive.
func (c *client) handInPatiently(ctx context.Context, dossier int64, queue string, scans []scan, n *numbers) ([]paper, error) {
	for {
		papers, err := c.handIn(ctx, dossier, queue, scans, n)
		refused := (&refusedError{})
		if !errors.As(err, &refused) || refused.after == 0 {
			return papers, err
		}
		if err := sleep(ctx, refused.after); err != nil {
			return nil, err
		}
	}
}

// papersOf are a dossier's papers.
func (c *client) papersOf(ctx context.Context, dossier int64) ([]paper, error) {
	var d struct{ Papers []paper }
	err := c.get(ctx, fmt.Sprintf("/api/v1/dossiers/%d", dossier), &d)
	return d.Papers, err
}

func (c *client) paper(ctx context.Context, id int64) (p paper, err error) {
	err = c.get(ctx, fmt.Sprintf("/api/v1/papers/%d", id), &p)
	return p, err
}

// search tells how many pages of a dossier have these words.
func (c *client) search(ctx context.Context, words, dossier string) (hits int, err error) {
	var found struct{ Hits []struct{ Page int } }
	err = c.get(ctx, "/api/v1/search?q="+url.QueryEscape(words)+"&dossier="+url.QueryEscape(dossier), &found)
	return len(found.Hits), err
}

// waiting tells how many papers of a queue are not read to the end.
func (c *client) waiting(ctx context.Context, queue string) (int, error) {
	var status struct {
		Backlogs []struct {
			Queue  string
			Papers int
		}
	}
	if err := c.get(ctx, "/api/v1/status", &status); err != nil {
		return 0, err
	}
	for _, b := range status.Backlogs {
		if b.Queue == queue {
			return b.Papers, nil
		}
	}
	return 0, fmt.Errorf("the status names no queue %q", queue)
}

// addDesk makes a token as a desk has it.
func (c *client) addDesk(ctx context.Context, name string) (*client, error) {
	var token struct{ Secret string }
	err := c.post(ctx, "/api/v1/tokens", map[string]string{"name": name, "role": "desk", "agency": agency}, &token)
	return c.with(token.Secret), err
}

// ready waits until the service answers that it is.
func (c *client) ready(ctx context.Context) error {
	var said string
	return c.get(ctx, "/readyz", &said)
}

// sleep waits for a while, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
