package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"sohoa/pipeline/recognize"
)

// trainer holds what the steps share. All files lie in the folder to work in.
type trainer struct {
	*flags

	out  io.Writer
	base recognize.Model
}

func (t *trainer) path(name string) string { return filepath.Join(t.work, name) }

// unpack takes the base apart and writes its network as one of floats.
func (t *trainer) unpack(ctx context.Context) error {
	if strings.HasSuffix(t.flags.base, ".traineddata") {
		t.base = recognize.Model{Dir: filepath.Dir(t.flags.base), Language: strings.TrimSuffix(filepath.Base(t.flags.base), ".traineddata")}
	} else {
		base, err := recognize.OpenModel(t.flags.base, t.work)
		if err != nil {
			return fmt.Errorf("find the model to go on from: %w", err)
		}
		t.base = base
	}
	if err := tool(ctx, io.Discard, "combine_tessdata", "-u", t.baseFile(), t.path("base.")); err != nil {
		return err
	}
	network, err := os.ReadFile(t.path("base.lstm"))
	if err != nil {
		return fmt.Errorf("read the network to go on from: %w", err)
	}
	float, err := toFloat(network)
	if errors.Is(err, errNotInteger) {
		float, err = network, nil
	}
	if err == nil {
		err = os.WriteFile(t.path("float.lstm"), float, 0o600)
	}
	if err != nil {
		return fmt.Errorf("make a network that can be trained: %w", err)
	}
	return nil
}

func (t *trainer) baseFile() string { return filepath.Join(t.base.Dir, t.base.Language+".traineddata") }

// learn trains stage by stage, each from where the last one ended, at rates that fall to a tenth, and keeps the best model.
func (t *trainer) learn(ctx context.Context) error {
	best, bestError := t.baseFile(), math.Inf(1)
	for stage := 0; stage <= t.stages; stage++ {
		model := t.baseFile()
		if stage > 0 {
			var err error
			if model, err = t.stage(ctx, stage); err != nil {
				return err
			}
		}
		v, err := judge(model, t.scans, t.jobs, io.Discard, "")
		if err != nil {
			return err
		}
		if err := t.report(fmt.Sprintf("stage %d: %s", stage, v)); err != nil {
			return err
		}
		if e := v.SyllableError() + v.CharacterError(); e < bestError {
			best, bestError = model, e
		}
	}
	data, err := os.ReadFile(best) //nolint:gosec // one of ours
	if err == nil {
		err = os.WriteFile(t.path("best.traineddata"), data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("keep the best model: %w", err)
	}
	return t.report("best: " + filepath.Base(best))
}

// report says something and keeps it.
func (t *trainer) report(line string) error {
	fmt.Fprintln(t.out, line)
	f, err := os.OpenFile(t.path("report.txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, line)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// stage trains once and packs the model; one that is there already is taken.
func (t *trainer) stage(ctx context.Context, n int) (string, error) {
	model := t.path(fmt.Sprintf("stage-%02d.traineddata", n))
	if _, err := os.Stat(model); err == nil {
		return model, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look for stage %d: %w", n, err)
	}
	// A stage-00_checkpoint is there where somebody put the end of other training.
	from := t.path(fmt.Sprintf("stage-%02d_checkpoint", n-1))
	if _, err := os.Stat(from); n == 1 && errors.Is(err, fs.ErrNotExist) {
		from = t.path("float.lstm")
	}
	lines, err := t.linesOf(n)
	if err != nil {
		return "", err
	}
	checkpoint := t.path(fmt.Sprintf("stage-%02d", n))
	rate := t.rate * math.Pow(0.1, float64(n-1)/float64(max(1, t.stages-1)))
	log, err := os.Create(checkpoint + ".log")
	if err != nil {
		return "", fmt.Errorf("log stage %d: %w", n, err)
	}
	err = tool(ctx, log, "lstmtraining", "--continue_from", from, "--traineddata", t.baseFile(), "--model_output", checkpoint,
		"--train_listfile", lines, "--max_iterations", strconv.Itoa(t.iterations),
		"--learning_rate", strconv.FormatFloat(rate, 'g', 4, 64), "--reset_learning_rate")
	if err = errors.Join(err, log.Close()); err != nil {
		return "", err
	}
	// Integers again: a fifth of the size, and as fast as the published ones.
	return model, tool(ctx, io.Discard, "lstmtraining", "--stop_training", "--convert_to_int", "--continue_from", checkpoint+"_checkpoint",
		"--traineddata", t.baseFile(), "--model_output", model)
}

// linesOf lists the lines of a stage: those of each file of the stages' number, as lstmtraining counts from the first line of each
// file whenever it begins. Fewer files than stages are read again.
func (t *trainer) linesOf(stage int) (string, error) {
	files, err := filepath.Glob(t.path("lines-*.lstmf"))
	if err == nil && len(files) == 0 {
		err = errors.New("there are none: -pages says how many to make")
	}
	if err != nil {
		return "", fmt.Errorf("list the lines of stage %d: %w", stage, err)
	}
	var list strings.Builder
	for i, file := range files {
		if len(files) < t.stages || i%t.stages == stage-1 {
			list.WriteString(file + "\n")
		}
	}
	path := t.path(fmt.Sprintf("stage-%02d.txt", stage))
	if err := os.WriteFile(path, []byte(list.String()), 0o600); err != nil {
		return "", fmt.Errorf("list the lines of stage %d: %w", stage, err)
	}
	return path, nil
}

// tool runs one of Tesseract's programs on one processor: more threads make its small matrices slower.
func tool(ctx context.Context, log io.Writer, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	var said bytes.Buffer
	c.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	c.Stdout, c.Stderr = log, io.MultiWriter(log, &said)
	if err := c.Run(); err != nil {
		tail := said.String()
		return fmt.Errorf("%s: %w: %s (apt-get install tesseract-ocr)", name, err, tail[max(0, len(tail)-500):])
	}
	return nil
}
