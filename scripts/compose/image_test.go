package compose

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one of a Dockerfile, such as COPY, with its words.
type instruction struct {
	name  string
	words []string
}

// dockerfile is the Dockerfile's instructions, by stage.
func dockerfile(t *testing.T) (stages [][]instruction) {
	t.Helper()
	whole := strings.ReplaceAll(text(t, "Dockerfile"), "\\\n", " ")
	for line := range strings.SplitSeq(whole, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if words[0] == "FROM" {
			stages = append(stages, nil)
		}
		if len(stages) > 0 {
			last := len(stages) - 1
			stages[last] = append(stages[last], instruction{words[0], words[1:]})
		}
	}
	if len(stages) != 2 {
		t.Fatalf("the Dockerfile has %d stages, not one that builds and one that runs", len(stages))
	}
	return stages
}

// of are the words of the instructions of one name.
func of(stage []instruction, name string) (all [][]string) {
	for _, i := range stage {
		if i.name == name {
			all = append(all, i.words)
		}
	}
	return all
}

func TestImageIsGivenWhatItBuilds(t *testing.T) {
	t.Parallel()
	stages := dockerfile(t)
	var copied []string
	for _, stage := range stages {
		for _, words := range of(stage, "COPY") {
			if strings.HasPrefix(words[0], "--from=") {
				continue
			}
			for _, source := range words[:len(words)-1] {
				if _, err := os.Stat(filepath.Join(root, source)); err != nil {
					t.Errorf("the Dockerfile copies %s: %v", source, err)
				}
				copied = append(copied, source)
			}
		}
	}
	for _, folder := range folders(t) {
		if !slices.Contains(copied, folder) {
			t.Errorf("the program needs %s, which the Dockerfile does not copy", folder)
		}
	}
}

// folders are the top folders of the project of which the program is made, and the files that make it a module.
func folders(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-tags", "sqlite_fts5", "-f", "{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}", "./cmd/sohoa")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := []string{"go.mod", "go.sum"}
	for path := range strings.FieldsSeq(string(out)) {
		_, below, _ := strings.Cut(path, "/")
		top, _, _ := strings.Cut(below, "/")
		found = append(found, top)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if !slices.Contains(found, "pipeline") {
		t.Fatalf("of the program only %v was found", found)
	}
	return found
}

func TestImageRunsWithoutPrivileges(t *testing.T) {
	t.Parallel()
	run := dockerfile(t)[1]
	user := of(run, "USER")
	if len(user) != 1 || !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(user[0][0]) {
		t.Fatalf("it runs as %v", user)
	}
	owner := "-o " + strings.Replace(user[0][0], ":", " -g ", 1) + " "
	data := imageEnvironment(t)["SOHOA_DATA"]
	if !slices.ContainsFunc(of(run, "RUN"), func(words []string) bool {
		command := strings.Join(words, " ")
		return strings.Contains(command, "install -d "+owner) && strings.HasSuffix(command, " "+data)
	}) {
		t.Errorf("nobody makes %s for its user", data)
	}
	if volume := of(run, "VOLUME"); len(volume) != 1 || volume[0][0] != data {
		t.Errorf("its volumes are %v, its data folder is %s", volume, data)
	}
}

// imageEnvironment is what the image sets.
func imageEnvironment(t *testing.T) map[string]string {
	t.Helper()
	values := make(map[string]string)
	for _, words := range of(dockerfile(t)[1], "ENV") {
		for _, word := range words {
			name, value, ok := strings.Cut(word, "=")
			if !ok {
				t.Fatalf("ENV %s has no value", word)
			}
			values[name] = value
		}
	}
	return values
}

// What the file says of the image fits what the Dockerfile says.
func TestImageFitsTheFile(t *testing.T) {
	t.Parallel()
	run, environment := dockerfile(t)[1], imageEnvironment(t)
	if entry := of(run, "ENTRYPOINT"); len(entry) != 1 || strings.Join(entry[0], "") != `["sohoa"]` {
		t.Errorf("its entry point is %v", entry)
	}
	for name, s := range filled(t, passwords(t)).Services {
		if !s.ours() {
			continue
		}
		for _, v := range s.Volumes {
			if _, at, _ := strings.Cut(v, ":"); at != environment["SOHOA_DATA"] {
				t.Errorf("%s: its volume lies at %s, its data at %s", name, at, environment["SOHOA_DATA"])
			}
		}
		for arg := range s.Build.Args {
			if !slices.ContainsFunc(of(dockerfile(t)[0], "ARG"), func(words []string) bool { return strings.HasPrefix(words[0], arg+"=") }) {
				t.Errorf("%s: the Dockerfile takes no %s", name, arg)
			}
		}
		for _, published := range s.Ports {
			port := published[strings.LastIndex(published, ":"):]
			if expose := of(run, "EXPOSE"); len(expose) != 1 || ":"+expose[0][0] != port || s.Environment["SOHOA_LISTEN"] != port ||
				environment["SOHOA_LISTEN"] != port {
				t.Errorf("%s: publishes %s, listens at %q, the image says %v and %q", name, published, s.Environment["SOHOA_LISTEN"],
					expose, environment["SOHOA_LISTEN"])
			}
		}
	}
}
