package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// footprint is the most memory that a program held, in bytes. What several processes share is counted once: the kernel's
// proportional set size.
type footprint struct {
	Tree    int64 // it and all its children at once
	Process int64 // the largest of the processes alone
}

// sampleEvery is how often memory is looked at: a page takes about a second.
const sampleEvery = 50 * time.Millisecond

// watch runs a program to its end and looks at the memory of its process tree. The error is a *failure.
func watch(ctx context.Context, program string, args ...string) (footprint, error) {
	cmd := command(ctx, program, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		return footprint{}, &failure{program: program, said: "not started", err: err}
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var most footprint
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				return most, &failure{program: program, said: lastLine(errs.String()), err: err}
			}
			return most, nil
		case <-tick.C:
			now := sample(cmd.Process.Pid)
			most.Tree, most.Process = max(most.Tree, now.Tree), max(most.Process, now.Process)
		}
	}
}

// sample is what the process and all that descend from it hold now. Processes that end meanwhile count as nothing.
func sample(root int) footprint {
	var f footprint
	for _, pid := range tree(root, parents()) {
		held := setSize(pid)
		f.Tree += held
		f.Process = max(f.Process, held)
	}
	return f
}

// parents gives every process's parent.
func parents() map[int]int {
	of := make(map[int]int)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	for _, path := range stats {
		data, err := os.ReadFile(path) //nolint:gosec // below /proc
		if err != nil {
			continue // ended
		}
		var pid, parent int
		// PID (NAME) STATE PARENT …, and a name may hold spaces and parentheses.
		at := bytes.LastIndexByte(data, ')')
		if at < 0 {
			continue
		}
		fields := strings.Fields(string(data[at+1:]))
		if len(fields) < 2 {
			continue
		}
		if _, err := fmt.Sscanf(string(data), "%d", &pid); err != nil {
			continue
		}
		if parent, err = strconv.Atoi(fields[1]); err == nil {
			of[pid] = parent
		}
	}
	return of
}

// tree lists a process and its descendants.
func tree(root int, parent map[int]int) []int {
	children := make(map[int][]int)
	for pid, p := range parent {
		children[p] = append(children[p], pid)
	}
	all := []int{root}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// setSize is a process's proportional set size in bytes or, where the kernel keeps that from us, its resident set size.
func setSize(pid int) int64 {
	for _, source := range []struct{ file, field string }{{"smaps_rollup", "Pss:"}, {"status", "VmRSS:"}} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, source.file))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			rest, ok := strings.CutPrefix(line, source.field)
			if !ok {
				continue
			}
			kibibytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err == nil {
				return kibibytes << 10
			}
		}
	}
	return 0
}
