package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// machine is what the figures are measured on and with.
type machine struct {
	work  string // a folder for everything that is thrown away
	seed  uint64 // of the made pages
	cores int
	cpu   string
	day   string

	sohoa, tesseract, ocrmypdf, ghostscript, qpdf string // versions
	model                                         string // its name and digest
}

// inspect finds the programs out. All must be there: a table with holes misleads.
func inspect(ctx context.Context, binary string) (*machine, error) {
	m := &machine{cores: runtime.NumCPU(), cpu: processor(), day: time.Now().Format(time.DateOnly)}
	for _, p := range []struct {
		version *string
		program string
		flag    string
	}{
		{&m.sohoa, binary, "--version"},
		{&m.tesseract, "tesseract", "--version"},
		{&m.ocrmypdf, "ocrmypdf", "--version"},
		{&m.ghostscript, "gs", "--version"},
		{&m.qpdf, "qpdf", "--version"},
	} {
		out, _, err := execute(ctx, p.program, p.flag)
		if err != nil {
			return nil, fmt.Errorf("ask for a version (scripts/setup --test installs what is missing): %w", err)
		}
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		words := strings.Fields(first)
		if len(words) == 0 {
			return nil, fmt.Errorf("ask for a version: %s said nothing", p.program)
		}
		*p.version = words[len(words)-1]
	}
	return m, nil
}

// processor is the name that the processor gives itself.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return runtime.GOARCH
}

// debianModels are where Debian's tesseract-ocr-vie puts vie.traineddata.
func debianModels() []string {
	return []string{"/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tessdata"}
}

const modelFile = "vie.traineddata"

// modelFolder finds the recognition model that sohoa's --model names, for tesseract to read with the same one.
func modelFolder(root, name string) (dir, digest string, err error) {
	var folders []string
	switch name {
	case "large":
		folders = []string{filepath.Join(root, "pipeline", "recognize", "models")}
	case "small":
		folders = debianModels()
	}
	for _, dir := range folders {
		path := filepath.Join(dir, modelFile)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		digest, err := fileDigest(path)
		return dir, digest, err
	}
	return "", "", fmt.Errorf("there is no model %q on this machine", name)
}
