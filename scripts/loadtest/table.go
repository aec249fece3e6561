package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// mostStages is how many of a service's own figures are shown.
const mostStages = 12

// print writes the report for people.
func (r *report) print(out io.Writer) {
	fmt.Fprintf(out, "%s, %s, %d cores of %s, load average %.2f at the beginning\n", r.Day, r.Sohoa, r.Cores, r.CPU, r.Load)
	if t := r.Throughput; t != nil {
		fmt.Fprintf(out, "\nThroughput: %d papers of one page (A4, 300 dpi, colour), handed in while the first are being read\n", t.Papers)
		printRuns(out, t.Runs)
		fmt.Fprintf(out, "sohoa up / sohoa read: %.3f on the clock, %.3f of what others left of the cores; serve + work / sohoa read: %.3f and %.3f (of medians)\n",
			t.Up, t.UpOfLeft, t.Many, t.ManyOfLeft)
		printStages(out, lastStages(t.Runs, nameUp))
	}
	if s := r.Scaling; s != nil {
		fmt.Fprintf(out, "\nScaling: %d papers of one page, all handed in before; on PostgreSQL, MinIO and Redis\n", s.Papers)
		printRuns(out, s.Runs)
		fmt.Fprintf(out, "two workers / one: %.3f from the first to the last paper's end, %.3f from the workers' start, "+
			"%.3f without what serve, servers and this command took of their cores; two sohoa read / one: %.3f\n",
			s.Ratio, s.WithStart, s.WithoutServers, s.Machine)
		printStages(out, lastStages(s.Runs, nameTwoWork))
	}
	if l := r.Latency; l != nil {
		printLatency(out, l)
	}
	for _, i := range r.Intake {
		printIntake(out, i)
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "target\twanted\tmeasured\t")
	for _, t := range r.Targets {
		verdict := "MISSED"
		if t.Met {
			verdict = "met"
		}
		if t.Disturbed {
			verdict += " (the machine was disturbed)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.What, t.Want, t.Got, verdict)
	}
	w.Flush()
}

func printRuns(out io.Writer, runs []run) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "who\tseconds\tpages/s\tpages/core s left\tsteady/s\tCPU s/page\tworkers\tserve\tservers\tload\tothers\tload avg\t")
	for _, r := range runs {
		mark := ""
		if r.Disturbed {
			mark = "disturbed"
		}
		fmt.Fprintf(w, "%s\t%.1f\t%.3f\t%.3f\t%.3f\t%.3f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.2f\t  %s\n", r.Who, r.Seconds, r.rate(), r.rateOfLeft(), r.Steady,
			r.cpuPerPage(), r.CPU[roleWorkers], r.CPU[roleServe], r.CPU[roleServers], r.CPU[roleLoad], r.Others, r.Load, mark)
	}
	w.Flush()
}

// lastStages are the stages of a contestant's last run.
func lastStages(runs []run, who string) []timing {
	for _, r := range slices.Backward(runs) {
		if r.Who == who {
			return r.Stages
		}
	}
	return nil
}

func printStages(out io.Writer, stages []timing) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, t := range stages[:min(len(stages), mostStages)] {
		fmt.Fprintf(w, "  %s\t%.0f times\t%.1f ms each\t%.1f s in all\n", t.What, t.Count, 1000*t.Mean, t.Total)
	}
	w.Flush()
}

func printLatency(out io.Writer, l *latency) {
	fmt.Fprintf(out, "\nDesk: one page (A4, 300 dpi, colour) every few seconds on sohoa up, while %d papers waited (%d at the end; they came in at %.0f a second)\n",
		l.Waiting, l.Left, l.FillPerSecond)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tn\tp50 s\tp95 s\tmax s\t")
	for _, row := range []struct {
		name string
		s    spread
	}{
		{"alone: acknowledged", l.Alone.Acknowledged},
		{"read", l.Alone.Read},
		{"found by search", l.Alone.Found},
		{"busy: acknowledged", l.Busy.Acknowledged},
		{"read", l.Busy.Read},
		{"found by search", l.Busy.Found},
		{"busy, undisturbed: acknowledged", l.Calm.Acknowledged},
		{"read", l.Calm.Read},
		{"found by search", l.Calm.Found},
	} {
		fmt.Fprintf(w, "%s\t%d\t%.2f\t%.2f\t%.2f\t\n", row.name, row.s.N, row.s.P50, row.s.P95, row.s.Max)
	}
	w.Flush()
	printUsage(out, l.usage)
	printStages(out, l.Stages)
}

func printIntake(out io.Writer, i *intake) {
	fmt.Fprintf(out, "\nIntake on %s: %d desks for %.0f s, pause %.1f s; papers of %s, %.0f KiB\n", i.Who, i.Desks, i.Seconds, i.Think, i.Paper, i.KiB)
	fmt.Fprintf(out, "%d acknowledged (%.1f a second, %.1f MiB/s), p50 %.2f s, p95 %.2f s, max %.2f s; a new dossier p95 %.2f s; %d papers read meanwhile\n",
		i.Acks.N, i.PerSecond, i.PerSecond*i.KiB/1024, i.Acks.P50, i.Acks.P95, i.Acks.Max, i.Dossiers.P95, i.Read)
	fmt.Fprintf(out, "%d errors\n", i.Errors)
	for _, kind := range slices.Sorted(maps.Keys(i.Kinds)) {
		fmt.Fprintf(out, "  %d × %s\n", i.Kinds[kind], strings.TrimSpace(kind))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "MiB resident\tmin\tmedian\tmax\tfirst third\tmiddle\tlast\tanonymous\tGo heap\tgrowth\t")
	for _, m := range i.Memory {
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%+.1f %%\t\n",
			m.Process, m.Min, m.Median, m.Max, m.First, m.Middle, m.Last, m.Heap, m.Go, 100*m.growth())
	}
	w.Flush()
	printUsage(out, i.usage)
	printStages(out, i.Stages)
}

func printUsage(out io.Writer, u usage) {
	fmt.Fprintf(out, "seconds of processors in %.0f s: ", u.Seconds)
	for _, role := range slices.Sorted(maps.Keys(u.CPU)) {
		fmt.Fprintf(out, "%s %.1f, ", role, u.CPU[role])
	}
	fmt.Fprintf(out, "others %.1f; load average %.2f at the beginning\n", u.Others, u.Load)
}
