package confine

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestToolsWork runs the tools that the pipeline calls the way it calls them: what is forbidden must not be what they need.
func TestToolsWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	paper := filepath.Join(dir, "paper.pdf")
	l := Limits{Memory: 512 * mib, CPU: time.Minute, Files: 64, FileSize: 64 * mib}
	steps := []struct {
		name     string
		readOnly bool
		command  []string
		want     string // in what it writes; starting so
	}{
		{"make", false, []string{
			"gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", "-o", paper, "-c",
			"/Helvetica 24 selectfont 72 700 moveto (Quyet dinh so 12) show showpage",
		}, ""},
		{"info", true, []string{"pdfinfo", paper}, "Producer"},
		{"text", true, []string{"pdftotext", paper, "-"}, "Quyet dinh so 12"},
		{"draw to a pipe", true, []string{"pdftoppm", "-gray", "-r", "100", paper}, "P5\n827 1170\n"},
		{"draw", false, []string{"pdftoppm", "-gray", "-r", "72", paper, filepath.Join(dir, "page")}, ""},
		{"images", false, []string{"pdfimages", "-all", paper, filepath.Join(dir, "image")}, ""},
		{"fonts", true, []string{"pdffonts", paper}, "name"},
		{"signature", true, []string{"pdfsig", paper}, ""},
		{"check", true, []string{"qpdf", "--check", paper}, "checking"},
		{"copy", false, []string{"qpdf", "--linearize", paper, filepath.Join(dir, "copy.pdf")}, ""},
		{"json", true, []string{"qpdf", "--json", paper}, "{"},
		{"draw with gs", true, []string{"gs", "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", "-sDEVICE=pgmraw", "-r50", "-o", "-", paper}, "P5"},
	}
	for _, s := range steps {
		var writable []string
		if !s.readOnly {
			writable = []string{dir}
		}
		cmd := Command(t.Context(), l, writable, s.command[0], s.command[1:]...)
		cmd.Env = append(cmd.Env, "TMPDIR="+dir)
		out, err := Run(t.Context(), cmd, 16*mib)
		const notSigned = 2 // is pdfsig's way to say so
		if failed := (&Error{}); s.name == "signature" && errors.As(err, &failed) && failed.Status == notSigned {
			err = nil
		}
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if !strings.HasPrefix(string(out), s.want) {
			t.Errorf("%s: %.80q", s.name, out)
		}
	}
	for _, made := range []string{"page-1.pgm", "copy.pdf"} {
		if info, err := os.Stat(filepath.Join(dir, made)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", made, err)
		}
	}
}

// TestForeignArchitecture opens a socket through the 32-bit entry of a 64-bit kernel, which has other call numbers.
func TestForeignArchitecture(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source, program := filepath.Join(dir, "old.c"), filepath.Join(dir, "old")
	const code = `#ifndef __x86_64__
#error only there
#endif
int main(void) {
	long fd; /* socket(AF_INET, SOCK_DGRAM, 0) */
	__asm__ volatile("int $0x80" : "=a"(fd) : "a"(359), "b"(2), "c"(2), "d"(0) : "memory");
	return fd < 0 ? 9 : 0;
}`
	if err := os.WriteFile(source, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "gcc", "-o", program, source).CombinedOutput(); err != nil {
		t.Logf("not to be tried here: %v: %s", err, bytes.TrimSpace(out))
		return
	}
	if err := exec.CommandContext(t.Context(), program).Run(); err != nil {
		t.Logf("this kernel has no 32-bit entry: %v", err)
		return
	}
	_, err := Run(t.Context(), Command(t.Context(), Limits{}, nil, program), mostSaid)
	if err == nil || !strings.Contains(err.Error(), "bad system call") {
		t.Errorf("%v", err)
	}
}

// BenchmarkStart shows what confinement adds to the start of a tool.
func BenchmarkStart(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			if err := exec.CommandContext(b.Context(), "true").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("confined", func(b *testing.B) {
		l := Limits{Memory: 512 * mib, CPU: time.Minute, Files: 64, FileSize: mib}
		dir := []string{b.TempDir()}
		for b.Loop() {
			if err := Command(b.Context(), l, dir, "true").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
