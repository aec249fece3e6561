package compose

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// program is the folder that holds the program.
type program string

// build makes the program as the Dockerfile does.
func build(t *testing.T) program {
	t.Helper()
	// "go test" repeats a test when a file changes that it looked at: it has to look at the program's own.
	for _, folder := range folders(t) {
		err := filepath.WalkDir(filepath.Join(root, folder), func(_ string, _ fs.DirEntry, err error) error { return err })
		if err != nil {
			t.Fatal(err)
		}
	}
	var flags []string
	for _, words := range of(dockerfile(t)[0], "RUN") {
		if tags := slices.Index(words, "-tags"); tags >= 0 {
			flags = words[tags : tags+2]
		}
	}
	dir := t.TempDir()
	cmd := exec.Command("go", slices.Concat([]string{"build", "-o", filepath.Join(dir, "sohoa")}, flags, []string{"./cmd/sohoa"})...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOFLAGS=") // the tags are the Dockerfile's
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program(dir)
}

func TestFileFitsTheProgram(t *testing.T) {
	t.Parallel()
	p := build(t)
	t.Run("verbs", p.verbs)
	t.Run("settings", p.settings)
	t.Run("grace", p.grace)
	t.Run("one machine", p.oneMachine)
	t.Run("a paper is read", p.paperIsRead)
}

// run runs the program with nothing in its environment but what is given.
func (p program) run(t *testing.T, environment map[string]string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(string(p), "sohoa"), args...)
	cmd.Env, cmd.Dir = pairs(environment), t.TempDir()
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func pairs(environment map[string]string) (all []string) {
	for name, value := range environment {
		all = append(all, name+"="+value)
	}
	return all
}

// said are the commands of our program that the file's top asks for, by the service in which they are run.
func said(t *testing.T) (commands [][2]string) {
	t.Helper()
	lines := regexp.MustCompile(`(?m)^#   docker compose exec (\w+) (sohoa .*)$`).FindAllStringSubmatch(text(t, "docker-compose.yml"), -1)
	if len(lines) == 0 {
		t.Fatal("the file's top names no command of ours")
	}
	for _, l := range lines {
		commands = append(commands, [2]string{l[1], l[2]})
	}
	return commands
}

// Each command is one that the program knows, with its flags. The commands of the file's top are run for real, below.
func (p program) verbs(t *testing.T) {
	t.Parallel()
	known := func(command []string) {
		if out, err := p.run(t, nil, append(slices.Clone(command), "--help")...); err != nil {
			t.Errorf("sohoa %v: %v: %s", command, err, out)
		}
	}
	for name, s := range filled(t, passwords(t)).Services {
		if !s.ours() {
			continue
		}
		known(s.Command)
		if test := s.Healthcheck.Test; test != nil {
			if !slices.Equal(test[:2], []string{"CMD", "sohoa"}) {
				t.Errorf("%s: its health is asked by %v", name, test)
			}
			known(test[2:])
		}
	}
	// The way in which this test asks tells what is not known, too.
	for _, command := range [][]string{{"nothing"}, {"status", "--nothing"}} {
		if out, err := p.run(t, nil, append(command, "--help")...); err == nil {
			t.Errorf("sohoa %v is known: %s", command, out)
		}
	}
}

// shown is what "sohoa config" says for an environment.
func (p program) shown(t *testing.T, environment map[string]string) map[string]string {
	t.Helper()
	out, err := p.run(t, environment, "config")
	if err != nil {
		t.Fatalf("sohoa config: %v: %s", err, out)
	}
	values := make(map[string]string)
	for _, found := range regexp.MustCompile(`(?m)^(SOHOA_\w+)=(.*)$`).FindAllStringSubmatch(out, -1) {
		values[found[1]] = found[2]
	}
	return values
}

// Each setting is one that the program knows and can be what it is set to.
func (p program) settings(t *testing.T) {
	t.Parallel()
	known := p.shown(t, nil)
	if len(known) < 10 {
		t.Fatalf("of the settings only %v were found", known)
	}
	sets := map[string]map[string]string{"the image": imageEnvironment(t)}
	for name, s := range filled(t, passwords(t)).Services {
		if s.ours() {
			sets[name] = s.Environment
		}
	}
	for name, environment := range sets {
		for key := range environment {
			if _, ok := known[strings.TrimSuffix(key, "_FILE")]; !ok && strings.HasPrefix(key, "SOHOA_") {
				t.Errorf("%s: %s is no setting of ours", name, key)
			}
		}
		for key, value := range p.shown(t, environment) {
			for _, password := range passwords(t) {
				if strings.Contains(value, password) {
					t.Errorf("%s: %s is shown with its password", name, key)
				}
			}
		}
	}
}

// An engine has longer to stop one of ours than it takes to end, and ours to say that it is well.
func (p program) grace(t *testing.T) {
	t.Parallel()
	for name, s := range filled(t, passwords(t)).Services {
		if !s.ours() {
			continue
		}
		own, err := time.ParseDuration(p.shown(t, s.Environment)["SOHOA_GRACE"])
		if err != nil {
			t.Fatal(err)
		}
		given, err := time.ParseDuration(s.Grace)
		if err != nil || given < own+10*time.Second {
			t.Errorf("%s: it ends in %v, and is killed after %q (%v)", name, own, s.Grace, err)
		}
	}
}

// The image also runs "up", whose catalogue is SQLite with FTS5: a program built without it cannot make its tables.
func (p program) oneMachine(t *testing.T) {
	t.Parallel()
	environment := map[string]string{"SOHOA_CATALOGUE": "sqlite:" + filepath.Join(t.TempDir(), "catalogue.db")}
	if out, err := p.run(t, environment, "migrate"); err != nil {
		t.Errorf("sohoa migrate: %v: %s", err, out)
	}
}
