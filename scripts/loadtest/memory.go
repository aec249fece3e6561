package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sizes is what a process held over time, in MiB of resident memory.
type sizes struct {
	Process string  `json:"process"`
	Min     float64 `json:"min"`
	Median  float64 `json:"median"`
	Max     float64 `json:"max"`
	// First, Middle and Last are the medians of the thirds of the time.
	First  float64 `json:"first_third"`
	Middle float64 `json:"middle_third"`
	Last   float64 `json:"last_third"`
	// Heap is the process's own, without files that the kernel keeps for it: the median of the last third.
	Heap float64 `json:"anonymous_last_third"`
	// Go is what Go's heap has in use at the end; the rest of it is C's (SQLite's caches) and the runtime's.
	Go      float64 `json:"go_heap_in_use"`
	Samples int     `json:"samples"`
}

// growth is how much more the last third held than the first, as a share.
func (s sizes) growth() float64 {
	if s.First == 0 {
		return 0
	}
	return s.Last/s.First - 1
}

// watchMemory looks at processes every interval until ctx ends. Their children are not counted: those are renewed as they go.
func watchMemory(ctx context.Context, processes []*process, interval time.Duration) []sizes {
	resident, anonymous := make([][]float64, len(processes)), make([][]float64, len(processes))
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		for i, p := range processes {
			if all, own := residentSize(p.pid()); all > 0 {
				resident[i], anonymous[i] = append(resident[i], all), append(anonymous[i], own)
			}
		}
		select {
		case <-ctx.Done():
			all := make([]sizes, len(processes))
			for i, p := range processes {
				all[i] = summarize(p.name, resident[i], anonymous[i])
			}
			return all
		case <-tick.C:
		}
	}
}

func summarize(name string, resident, anonymous []float64) sizes {
	s := sizes{Process: name, Samples: len(resident)}
	if len(resident) == 0 {
		return s
	}
	third := max(1, len(resident)/3)
	last := len(resident) - third
	s.First, s.Last, s.Heap = median(resident[:third]), median(resident[last:]), median(anonymous[last:])
	s.Middle = median(resident[min(third, last):max(last, third)])
	s.Min, s.Median, s.Max = slices.Min(resident), median(resident), slices.Max(resident)
	return s
}

// residentSize is a process's resident memory, and of it what is no file's, in MiB; 0 once it has ended.
func residentSize(pid int) (all, anonymous float64) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		kibibytes, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		if err != nil {
			continue
		}
		switch name {
		case "VmRSS":
			all = kibibytes / 1024
		case "RssAnon":
			anonymous = kibibytes / 1024
		}
	}
	return all, anonymous
}
