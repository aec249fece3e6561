package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// timing is one histogram of the service's own figures.
type timing struct {
	What  string  `json:"what"` // its name and labels
	Count float64 `json:"count"`
	Mean  float64 `json:"mean_seconds"`
	Total float64 `json:"total_seconds"`
}

// stages are where the service says its time went since it started, the most of it first. Those of several processes are
// added up.
func (s *system) stages(ctx context.Context) ([]timing, error) {
	sums := make(map[string]*timing)
	for _, c := range append([]*client{s.client}, s.reports...) {
		var said string
		if err := c.get(ctx, "/metrics", &said); err != nil {
			return nil, err
		}
		addHistograms(said, sums)
	}
	var all []timing
	for _, t := range sums {
		if t.Count > 0 {
			t.Mean = t.Total / t.Count
			all = append(all, *t)
		}
	}
	slices.SortFunc(all, func(a, b timing) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), strings.Compare(a.What, b.What))
	})
	return all, nil
}

// goHeap is what Go's heap has in use in the process of one of the system's clients, in MiB.
func (c *client) goHeap(ctx context.Context) (float64, error) {
	var said string
	if err := c.get(ctx, "/metrics", &said); err != nil {
		return 0, err
	}
	const name = "go_memstats_heap_inuse_bytes "
	for line := range strings.Lines(said) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name); ok {
			bytes, err := strconv.ParseFloat(value, 64)
			return bytes / (1 << 20), err
		}
	}
	return 0, errNoHeap
}

// errNoHeap says that a process tells nothing of its heap.
var errNoHeap = errors.New("/metrics does not name go_memstats_heap_inuse_bytes")

// addHistograms takes the sums and counts of Prometheus's text format.
func addHistograms(said string, into map[string]*timing) {
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		at := strings.LastIndexByte(line, ' ') // labels hold spaces, too
		if at < 0 || !strings.HasPrefix(line, "sohoa_") {
			continue
		}
		name, labels, _ := strings.Cut(line[:at], "{")
		plain, isSum := strings.CutSuffix(name, "_seconds_sum")
		plain, isCount := strings.CutSuffix(plain, "_seconds_count")
		v, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil || !isSum && !isCount {
			continue
		}
		what := strings.TrimPrefix(plain, "sohoa_")
		if labels != "" {
			what += "{" + labels
		}
		if into[what] == nil {
			into[what] = &timing{What: what}
		}
		if isSum {
			into[what].Total += v
		} else {
			into[what].Count += v
		}
	}
}
