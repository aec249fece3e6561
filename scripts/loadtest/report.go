package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// report is everything that was measured.
type report struct {
	Day     string `json:"day"`
	Sohoa   string `json:"sohoa"`
	CPU     string `json:"cpu"`
	Cores   int    `json:"cores"`
	Command string `json:"command"`
	// Load is the machine's load average before anything began.
	Load float64 `json:"load"`

	Throughput *throughput `json:"throughput,omitempty"`
	Scaling    *scaling    `json:"scaling,omitempty"`
	Latency    *latency    `json:"latency,omitempty"`
	Intake     []*intake   `json:"intake,omitempty"`
	Targets    []target    `json:"targets"`
}

// target is what must hold.
type target struct {
	What      string `json:"what"`
	Want      string `json:"want"`
	Got       string `json:"got"`
	Met       bool   `json:"met"`
	Disturbed bool   `json:"disturbed"` // no undisturbed run stands behind the figure
}

// What must hold.
const (
	leastUpToRead  = 0.95
	leastScaling   = 1.9
	mostDesk       = 3.0 // seconds
	mostAck        = 1.0 // seconds
	mostMoreMemory = 0.10
	// leastFlat is for how many seconds at least memory must have been watched for its growth to say anything.
	leastFlat = 120
)

func newReport(ctx context.Context, l *load, args []string) (*report, error) {
	out, err := exec.CommandContext(ctx, l.host.binary, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("ask sohoa for its version: %w", err)
	}
	return &report{
		Day: time.Now().Format(time.DateOnly), Sohoa: strings.TrimSpace(string(out)), CPU: processor(), Cores: l.host.cores,
		Command: strings.Join(args, " "), Load: loadAverage(),
	}, nil
}

// judge compares what was measured with what must hold.
func (r *report) judge() {
	r.Targets = []target{}
	if t := r.Throughput; t != nil && t.Up > 0 {
		r.Targets = append(r.Targets, target{
			What: "sohoa up reads as sohoa read does", Want: fmt.Sprintf("≥ %.2f times", leastUpToRead),
			Got: fmt.Sprintf("%.3f times (%.3f of what others left)", t.Up, t.UpOfLeft), Met: t.Up >= leastUpToRead, Disturbed: allDisturbed(t.Runs, nameRead, nameUp),
		})
	}
	if s := r.Scaling; s != nil {
		r.Targets = append(r.Targets, target{
			What: "two workers read more than one", Want: fmt.Sprintf("≥ %.1f times", leastScaling),
			Got:       fmt.Sprintf("%.3f times (%.3f without the servers' part, %.3f of read)", s.Ratio, s.WithoutServers, s.Machine),
			Met:       s.Ratio >= leastScaling,
			Disturbed: allDisturbed(s.Runs, nameOneWork, nameTwoWork),
		})
	}
	if l := r.Latency; l != nil {
		r.Targets = append(r.Targets, target{
			What: fmt.Sprintf("a page at the desk while %d papers wait, until %s", l.Waiting, l.By),
			Want: fmt.Sprintf("p95 ≤ %.0f s", mostDesk), Got: fmt.Sprintf("p95 %.2f s", l.end().P95), Met: l.end().P95 <= mostDesk,
			Disturbed: l.Disturbed,
		})
	}
	for _, i := range r.Intake {
		what := fmt.Sprintf("%d desks, %s", i.Desks, i.Who)
		r.Targets = append(
			r.Targets,
			target{what + ": errors", "0", fmt.Sprint(i.Errors), i.Errors == 0 && i.Acks.N > 0, i.Disturbed},
			target{
				what + ": acknowledgement", fmt.Sprintf("p95 ≤ %.0f s", mostAck), fmt.Sprintf("p95 %.2f s", i.Acks.P95),
				i.Acks.N > 0 && i.Acks.P95 <= mostAck, i.Disturbed,
			},
		)
		if i.Seconds < leastFlat {
			continue
		}
		for _, m := range i.Memory {
			r.Targets = append(r.Targets, target{
				what + ": memory of " + m.Process, fmt.Sprintf("last third ≤ +%.0f %%", 100*mostMoreMemory),
				fmt.Sprintf("%+.1f %%", 100*m.growth()), m.growth() <= mostMoreMemory, i.Disturbed,
			})
		}
	}
}

// allDisturbed tells whether one of these has no undisturbed run.
func allDisturbed(runs []run, names ...string) bool {
	for _, name := range names {
		calm := false
		for _, r := range runs {
			calm = calm || r.Who == name && !r.Disturbed
		}
		if !calm {
			return true
		}
	}
	return false
}

// missed tells whether a target was not met.
func (r *report) missed() bool {
	for _, t := range r.Targets {
		if !t.Met {
			return true
		}
	}
	return false
}

// write keeps the report as JSON.
func (r *report) write(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// processor is the name that the processor gives itself.
func processor() string {
	info, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	defer info.Close()
	for lines := bufio.NewScanner(info); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
