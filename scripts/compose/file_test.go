package compose

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"go.yaml.in/yaml/v3"
)

// root is the project's folder.
const root = "../.."

// file is docker-compose.yml. What Compose knows and these types do not is refused, too: a key that is misspelt would be
// left out silently by nobody but us.
type file struct {
	Name     string             `yaml:"name"`
	Services map[string]service `yaml:"services"`
	Volumes  map[string]any     `yaml:"volumes"`
	Networks map[string]any     `yaml:"networks"`
	Parts    map[string]any     `yaml:",inline"` // anchors: x-…
}

type service struct {
	Image string `yaml:"image"`
	Build *struct {
		Context string            `yaml:"context"`
		Args    map[string]string `yaml:"args"`
	} `yaml:"build"`
	Command     []string          `yaml:"command"`
	User        string            `yaml:"user"`
	Init        bool              `yaml:"init"`
	Environment map[string]string `yaml:"environment"`
	Volumes     []string          `yaml:"volumes"`
	Tmpfs       []string          `yaml:"tmpfs"`
	Ports       []string          `yaml:"ports"`
	Networks    []string          `yaml:"networks"`
	DependsOn   map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	Healthcheck struct {
		Test        []string `yaml:"test"`
		Interval    string   `yaml:"interval"`
		Timeout     string   `yaml:"timeout"`
		Retries     int      `yaml:"retries"`
		StartPeriod string   `yaml:"start_period"`
	} `yaml:"healthcheck"`
	Restart  string   `yaml:"restart"`
	ReadOnly bool     `yaml:"read_only"`
	CapDrop  []string `yaml:"cap_drop"`
	Security []string `yaml:"security_opt"`
	CPUs     float64  `yaml:"cpus"`
	Memory   string   `yaml:"mem_limit"`
	Shared   string   `yaml:"shm_size"`
	Grace    string   `yaml:"stop_grace_period"`
	Logging  struct {
		Driver  string            `yaml:"driver"`
		Options map[string]string `yaml:"options"`
	} `yaml:"logging"`
}

// ours tells whether a service runs the image that the Dockerfile makes.
func (s *service) ours() bool { return s.Build != nil }

// written is the file as it stands, variables and all.
func written(t *testing.T) (f file) {
	t.Helper()
	return load(t, nil)
}

// filled is the file with its variables filled in from values.
func filled(t *testing.T, values map[string]string) (f file) {
	t.Helper()
	return load(t, func(node *yaml.Node) {
		var err error
		if node.Value, err = fill(node.Value, values); err != nil {
			t.Fatalf("docker-compose.yml, line %d: %v", node.Line, err)
		}
	})
}

func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func load(t *testing.T, change func(*yaml.Node)) (f file) {
	t.Helper()
	var all yaml.Node
	if err := yaml.Unmarshal([]byte(text(t, "docker-compose.yml")), &all); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		scalars(&all, change)
	}
	again, err := yaml.Marshal(&all)
	if err != nil {
		t.Fatal(err)
	}
	strict := yaml.NewDecoder(strings.NewReader(string(again)))
	strict.KnownFields(true)
	if err := strict.Decode(&f); err != nil {
		t.Fatal(err)
	}
	for part := range f.Parts {
		if !strings.HasPrefix(part, "x-") {
			t.Errorf("docker-compose.yml: Compose knows no %q", part)
		}
	}
	return f
}

// scalars calls change for each value; an anchor's is met once, where it is written.
func scalars(node *yaml.Node, change func(*yaml.Node)) {
	switch node.Kind {
	case yaml.ScalarNode:
		change(node)
	case yaml.MappingNode:
		for i := 1; i < len(node.Content); i += 2 {
			scalars(node.Content[i], change)
		}
	case yaml.DocumentNode, yaml.SequenceNode:
		for _, c := range node.Content {
			scalars(c, change)
		}
	}
}

var variable = regexp.MustCompile(`\$(?:\$|\{(\w+)(?:(:[-?])([^}]*))?\}|)`)

// fill does with variables what Compose does: ${NAME:-otherwise}, ${NAME:?what is missing}, and $$ for $.
func fill(value string, values map[string]string) (string, error) {
	var failed error
	out := variable.ReplaceAllStringFunc(value, func(found string) string {
		parts := variable.FindStringSubmatch(found)
		name, how, more := parts[1], parts[2], parts[3]
		switch {
		case found == "$$":
			return "$"
		case name == "":
			failed = fmt.Errorf("%q: a $ that stands for itself is written $$", value)
		case values[name] != "":
			return values[name]
		case how == ":-":
			return more
		case how == ":?":
			failed = fmt.Errorf("%s is needed: %s", name, more)
		}
		return ""
	})
	return out, failed
}

func TestVariablesAreFilledAsComposeDoes(t *testing.T) {
	t.Parallel()
	values := map[string]string{"A": "a", "EMPTY": ""}
	for _, c := range []struct {
		in, want string
		fails    bool
	}{
		{in: "plain", want: "plain"},
		{in: "${A}-${A:-b}-${A:?c}", want: "a-a-a"},
		{in: "${EMPTY:-b}:${NONE:-}", want: "b:"},
		{in: "$$A $${A}", want: "$A ${A}"},
		{in: "${EMPTY:?no}", fails: true},
		{in: "${NONE:?no}", fails: true},
		{in: "a $ b", fails: true},
	} {
		got, err := fill(c.in, values)
		if (err != nil) != c.fails || !c.fails && got != c.want {
			t.Errorf("%q: %q, %v; want %q", c.in, got, err, c.want)
		}
	}
}

// needed are the variables without which nothing starts.
func needed(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, found := range regexp.MustCompile(`\$\{(\w+):\?`).FindAllStringSubmatch(text(t, "docker-compose.yml"), -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// The parser behind `docker compose config` takes the file with its passwords, and refuses it without any one of them.
func TestComposeTakesTheFile(t *testing.T) {
	t.Parallel()
	load := func(environment []string) error {
		options, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")}, cli.WithEnv(environment), cli.WithName("sohoa"))
		if err != nil {
			return err
		}
		_, err = options.LoadProject(t.Context())
		return err
	}
	var all []string
	for _, name := range needed(t) {
		all = append(all, name+"=0123456789abcdef")
	}
	if err := load(all); err != nil {
		t.Error(err)
	}
	for i := range all {
		if load(slices.Delete(slices.Clone(all), i, i+1)) == nil {
			t.Errorf("the file is taken without %s", all[i])
		}
	}
}
