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

	"golang.org/x/sys/unix"
)

// Roles of those whose processor time is told apart.
const (
	roleWorkers = "workers" // sohoa read, up or work, with their children
	roleServe   = "serve"
	roleServers = "servers" // Redis, MinIO and PostgreSQL
	roleLoad    = "load"    // ourselves
)

// usage is what a stretch of time took.
type usage struct {
	Seconds float64            `json:"seconds"` // on the clock
	CPU     map[string]float64 `json:"cpu"`     // seconds of processors, by role
	// Others is what everybody else on the machine took meanwhile, in seconds of processors; it is not ours and disturbs.
	Others float64 `json:"others"`
	// Load is the machine's load average (1 min) at the beginning.
	Load float64 `json:"load"`
}

// ticks are the kernel's hundredths of seconds; Linux tells all programs so whatever its own clock is.
const ticksPerSecond = 100

// meter measures a stretch of time. The processes that it looks at must live at its beginning and its end.
type meter struct {
	roots func() map[string][]int // the processes by role
	start time.Time
	load  float64
	cpu   map[string]float64
	busy  float64
}

func startMeter(roots func() map[string][]int) *meter {
	return &meter{roots: roots, start: time.Now(), load: loadAverage(), cpu: cpuByRole(roots()), busy: machineBusy()}
}

// nobody are the roots where nothing of ours runs.
func nobody() map[string][]int { return nil }

// read tells what has been used since the beginning.
func (m *meter) read() usage {
	now, busy := cpuByRole(m.roots()), machineBusy()-m.busy
	u := usage{Seconds: time.Since(m.start).Seconds(), CPU: make(map[string]float64), Load: m.load}
	for role, seconds := range now {
		u.CPU[role] = max(0, seconds-m.cpu[role])
		busy -= u.CPU[role]
	}
	u.Others = max(0, busy)
	return u
}

// disturbed tells whether others took more than a twentieth of the machine.
func (u usage) disturbed(cores int) bool { return u.Others > 0.05*u.Seconds*float64(cores) }

// cpuByRole is what each role's processes, all below them and those of them that have ended took so far.
func cpuByRole(roots map[string][]int) map[string]float64 {
	parent, seconds := processTable()
	children := make(map[int][]int)
	for pid, p := range parent {
		children[p] = append(children[p], pid)
	}
	sums := map[string]float64{roleLoad: ownCPU()}
	for role, pids := range roots {
		all := append([]int(nil), pids...)
		for i := 0; i < len(all); i++ {
			sums[role] += seconds[all[i]]
			all = append(all, children[all[i]]...)
		}
	}
	return sums
}

// processTable gives every process's parent and seconds of processors, those of its children that have ended included.
func processTable() (parent map[int]int, seconds map[int]float64) {
	parent, seconds = make(map[int]int), make(map[int]float64)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	for _, path := range stats {
		pid, fields, ok := readStat(path)
		if !ok {
			continue // ended
		}
		parent[pid] = number(fields[1])
		seconds[pid] = float64(number(fields[11])+number(fields[12])+number(fields[13])+number(fields[14])) / ticksPerSecond
	}
	return parent, seconds
}

// ownCPU is what this process itself took, without its children.
func ownCPU() float64 {
	_, fields, ok := readStat("/proc/self/stat")
	if !ok {
		return 0
	}
	return float64(number(fields[11])+number(fields[12])) / ticksPerSecond
}

// readStat gives what proc(5) says of a process from its state on: field 3 is at 0.
func readStat(path string) (pid int, fields []string, ok bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, nil, false
	}
	// PID (NAME) STATE PARENT …, and a name may hold spaces and parentheses.
	open, end := bytes.IndexByte(data, ' '), bytes.LastIndexByte(data, ')')
	if open < 0 || end < 0 {
		return 0, nil, false
	}
	const wanted = 15
	fields = strings.Fields(string(data[end+1:]))
	return number(string(data[:open])), fields, len(fields) > wanted
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// machineBusy is how many seconds the machine's processors have worked, or were taken from it by its host.
func machineBusy() float64 {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(data), "\n")
	fields := strings.Fields(first)
	const idle, ioWait, steal = 4, 5, 8 // what follows is counted as user's already
	sum := 0
	for i, f := range fields[:min(len(fields), steal+1)] {
		if i != 0 && i != idle && i != ioWait {
			sum += number(f)
		}
	}
	return float64(sum) / ticksPerSecond
}

// waitForCalm waits until others leave the machine alone, or for as long as patience. The roots are ours.
func waitForCalm(ctx context.Context, roots func() map[string][]int, cores int, patience time.Duration) error {
	const look, quiet = time.Second, 3 // so many looks in a row
	for end, calm := time.Now().Add(patience), 0; calm < quiet && time.Now().Before(end); {
		m := startMeter(roots)
		if err := sleep(ctx, look); err != nil {
			return err
		}
		if calm++; m.read().disturbed(cores) {
			calm = 0
		}
	}
	return ctx.Err()
}

// loadAverage is the machine's over the last minute.
func loadAverage() float64 {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	var load float64
	if _, err := fmt.Sscan(string(data), &load); err != nil {
		return 0
	}
	return load
}

// reapedCPU is what our own children, and theirs, took that have ended.
func reapedCPU() float64 {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_CHILDREN, &r); err != nil {
		return 0
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}
