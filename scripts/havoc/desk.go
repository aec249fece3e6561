package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// desk hands papers in, some at once, and tries each again until it is acknowledged, as an officer would.
type desk struct {
	site    *site
	client  *http.Client
	refused atomic.Int64
	paused  time.Duration

	mu           sync.Mutex
	acknowledged map[string]int64 // paper by SHA-256
	odd          []string         // answers that no client could understand
}

func newDesk(s *site, paused time.Duration) *desk {
	return &desk{site: s, client: &http.Client{Timeout: 2 * time.Minute}, acknowledged: make(map[string]int64), paused: paused}
}

// desks is how many officers hand in at once.
const desks = 4

// handInAll hands all papers in, each into one of ten dossiers, the third of them as an archive's.
func (d *desk) handInAll(ctx context.Context, papers []paper) {
	var group sync.WaitGroup
	next := make(chan int)
	for range desks {
		group.Go(func() {
			for i := range next {
				d.handIn(ctx, i, papers[i])
				_ = pause(ctx, d.paused)
			}
		})
	}
	for i := range papers {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	group.Wait()
}

func (d *desk) handIn(ctx context.Context, i int, p paper) {
	code := fmt.Sprintf("H50-260331-%04d", i%10)
	queue := "desk"
	if i%3 == 0 {
		queue = "batch"
	}
	for ctx.Err() == nil {
		var dossier struct {
			ID int64 `json:"id"`
		}
		said, err := json.Marshal(map[string]any{"code": code, "agency": agency})
		if err != nil {
			panic(err) // two strings
		}
		if d.post(ctx, "/api/v1/dossiers", "application/json", said, &dossier) {
			var answer struct {
				Results []struct {
					Paper *struct {
						ID     int64  `json:"id"`
						SHA256 string `json:"sha256"`
					} `json:"paper"`
				} `json:"results"`
			}
			query := url.Values{"name": {p.name}, "queue": {queue}, "component": {"DON"}}
			path := fmt.Sprintf("/api/v1/dossiers/%d/papers?%s", dossier.ID, query.Encode())
			if d.post(ctx, path, "application/octet-stream", p.data, &answer) {
				d.note(p, answer.Results[0].Paper.ID, answer.Results[0].Paper.SHA256)
				return
			}
		}
		d.refused.Add(1)
		_ = pause(ctx, 300*time.Millisecond)
	}
}

func (d *desk) note(p paper, id int64, sha256 string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if sha256 != p.sha256 {
		d.odd = append(d.odd, fmt.Sprintf("%s was acknowledged as %s", p.sha256, sha256))
	}
	d.acknowledged[p.sha256] = id
}

// post sends a request; false where it was not acknowledged.
func (d *desk) post(ctx context.Context, path, mediaType string, body []byte, answer any) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+d.site.address+path, bytes.NewReader(body))
	if err != nil {
		panic(err) // our own address
	}
	req.Header.Set("Authorization", "Bearer "+d.site.token)
	req.Header.Set("Content-Type", mediaType)
	resp, err := d.client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return false
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusCreated:
		if err := json.Unmarshal(said, answer); err != nil {
			d.complain("an acknowledgement that is no JSON: %s", said)
			return false
		}
		return true
	case http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusInsufficientStorage:
		if resp.Header.Get("Retry-After") == "" && resp.StatusCode != http.StatusInsufficientStorage {
			d.complain("%s without Retry-After: %s", resp.Status, said)
		}
	default:
		d.complain("%s: %s", resp.Status, said)
	}
	return false
}

func (d *desk) complain(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.odd = append(d.odd, fmt.Sprintf(format, args...))
}
