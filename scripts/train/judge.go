package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"sohoa/pipeline"
	"sohoa/pipeline/bind"
	"sohoa/pipeline/recognize"
	"sohoa/scripts/score"
)

// verdict is how well a model reads a folder of scans with true text.
type verdict struct {
	score.Score

	Digits, DigitsRead int // runs of digits of the truth; those of them that were read exactly
	Seconds            float64
}

func (v verdict) String() string {
	return fmt.Sprintf("%d scans: syllable error %.2f %%, CER %.2f %%, digit runs %.2f %% of %d, %.1f s of processors", v.Texts,
		100*v.SyllableError(), 100*v.CharacterError(), 100*float64(v.DigitsRead)/float64(max(1, v.Digits)), v.Digits, v.Seconds)
}

// judge reads the scans of a folder that have a truth with a model (FILE.traineddata), as the program does, and tells of each scan
// as it goes. What was read lies in the folder keep afterwards, if there is one.
func judge(model, folder string, jobs int, each io.Writer, keep string) (verdict, error) {
	truths, err := filepath.Glob(filepath.Join(folder, "*.gt.txt"))
	if err != nil || len(truths) == 0 {
		return verdict{}, fmt.Errorf("no NAME.gt.txt in %s", folder)
	}
	m := recognize.Model{Dir: filepath.Dir(model), Language: strings.TrimSuffix(filepath.Base(model), ".traineddata")}
	all := make([]verdict, len(truths))
	todo := make(chan int, len(truths))
	for i := range truths {
		todo <- i
	}
	close(todo)
	var group errgroup.Group
	var mu sync.Mutex
	for range jobs {
		group.Go(func() error {
			worker, err := pipeline.NewWorker(m)
			if err != nil {
				return err
			}
			defer worker.Close() //nolint:errcheck // it only frees memory
			for i := range todo {
				v, err := judgeOne(worker, truths[i], keep)
				if err != nil {
					return err
				}
				all[i] = v
				mu.Lock()
				fmt.Fprintf(each, "%-40s %s\n", filepath.Base(truths[i]), v)
				mu.Unlock()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return verdict{}, err
	}
	sum := verdict{}
	for _, v := range all {
		sum.Score = score.Pool(sum.Score, v.Score)
		sum.Digits, sum.DigitsRead, sum.Seconds = sum.Digits+v.Digits, sum.DigitsRead+v.DigitsRead, sum.Seconds+v.Seconds
	}
	return sum, nil
}

func judgeOne(worker *pipeline.Worker, truthFile, keep string) (verdict, error) {
	scans, err := filepath.Glob(strings.TrimSuffix(truthFile, ".gt.txt") + ".*")
	if err != nil {
		return verdict{}, err
	}
	truth, err := os.ReadFile(truthFile) //nolint:gosec // the caller's
	if err != nil {
		return verdict{}, err
	}
	for _, scan := range scans {
		if strings.HasSuffix(scan, ".txt") || strings.HasSuffix(scan, ".json") || strings.HasSuffix(scan, ".pdf") {
			continue
		}
		done, err := worker.Work(pipeline.Job{Path: scan, Number: 1, Read: true})
		if err != nil {
			return verdict{}, err
		}
		var text strings.Builder
		if err := bind.WriteText(&text, &done.Page); err != nil {
			return verdict{}, err
		}
		v := verdict{Score: score.Compare(string(truth), text.String()), Seconds: done.Page.Seconds}
		if keep != "" {
			name := strings.TrimSuffix(filepath.Base(truthFile), ".gt.txt") + ".txt"
			if err := os.WriteFile(filepath.Join(keep, name), []byte(text.String()), 0o600); err != nil {
				return verdict{}, err
			}
		}
		read := map[string]int{}
		for _, run := range digits.FindAllString(text.String(), -1) {
			read[run]++
		}
		for _, run := range digits.FindAllString(score.WithoutMarks(string(truth)), -1) {
			v.Digits++
			if read[run] > 0 {
				read[run]--
				v.DigitsRead++
			}
		}
		return v, nil
	}
	return verdict{}, fmt.Errorf("there is no scan beside %s", truthFile)
}

var digits = regexp.MustCompile(`[0-9]+`)
