package compose

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// passwords are values for all that must be given.
func passwords(t *testing.T) map[string]string {
	t.Helper()
	values := make(map[string]string)
	for _, name := range needed(t) {
		values[name] = strings.ToLower(name) + "-0123456789"
	}
	return values
}

// Whatever is secret is given from outside, and nothing starts without it.
func TestSecretsAreGiven(t *testing.T) {
	t.Parallel()
	secret := regexp.MustCompile(`PASSWORD|SECRET|AUTH|_CATALOGUE$`)
	given := regexp.MustCompile(`\$\{\w+:\?[^}]+\}`)
	found := 0
	for name, s := range written(t).Services {
		for key, value := range s.Environment {
			if !secret.MatchString(key) {
				continue
			}
			found++
			if !given.MatchString(value) {
				t.Errorf("%s: %s is %q, and nobody has to set it", name, key, value)
			}
		}
	}
	if found == 0 {
		t.Error("no secret was found at all")
	}
}

// What the file says at its top makes a .env that holds what is needed, and that nobody else can read.
func TestItsTopMakesThePasswords(t *testing.T) {
	t.Parallel()
	line := regexp.MustCompile(`(?m)^#   (.* >\.env\))$`).FindStringSubmatch(text(t, "docker-compose.yml"))
	if line == nil {
		t.Fatal("the top does not say how .env is made")
	}
	cmd := exec.Command("sh", "-ec", line[1])
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	path := filepath.Join(cmd.Dir, ".env")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf(".env is %v", info.Mode())
	}
	made, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	values := make(map[string]bool)
	for _, found := range regexp.MustCompile(`(?m)^(\w+)=([0-9a-f]{48})$`).FindAllStringSubmatch(string(made), -1) {
		names = append(names, found[1])
		values[found[2]] = true
	}
	slices.Sort(names)
	if want := needed(t); !slices.Equal(names, want) || len(values) != len(want) {
		t.Errorf(".env has %v (%d values), needed are %v", names, len(values), want)
	}
}

func TestNamesExist(t *testing.T) {
	t.Parallel()
	f := filled(t, passwords(t))
	used := make(map[string]bool)
	for name, s := range f.Services {
		for _, v := range s.Volumes {
			volume, _, _ := strings.Cut(v, ":")
			if _, ok := f.Volumes[volume]; !ok {
				t.Errorf("%s: there is no volume %q", name, volume)
			}
			used[volume] = true
		}
		for _, n := range s.Networks {
			if _, ok := f.Networks[n]; !ok {
				t.Errorf("%s: there is no network %q", name, n)
			}
			used[n] = true
		}
		for other, how := range s.DependsOn {
			o, ok := f.Services[other]
			switch {
			case !ok:
				t.Errorf("%s: depends on %q, which is not there", name, other)
			case how.Condition == "service_healthy" && o.Healthcheck.Test == nil:
				t.Errorf("%s: waits for %s's health, which nobody checks", name, other)
			case how.Condition == "service_completed_successfully" && o.Restart != "no":
				t.Errorf("%s: waits for the end of %s, which is started again", name, other)
			case how.Condition != "service_healthy" && how.Condition != "service_completed_successfully":
				t.Errorf("%s: depends on %s in the manner %q", name, other, how.Condition)
			case !slices.ContainsFunc(s.Networks, func(n string) bool { return slices.Contains(o.Networks, n) }):
				t.Errorf("%s: cannot reach %s", name, other)
			}
		}
	}
	for _, names := range []map[string]any{f.Volumes, f.Networks} {
		for name := range names {
			if !used[name] {
				t.Errorf("nobody uses %q", name)
			}
		}
	}
}

// Ours reach the engines by the names and with the keys that those are given.
func TestEnginesAreReached(t *testing.T) {
	t.Parallel()
	f := filled(t, passwords(t))
	postgres, minio := f.Services["postgres"].Environment, f.Services["minio"].Environment
	want := map[string]string{
		"SOHOA_CATALOGUE": "postgres://" + postgres["POSTGRES_USER"] + ":" + postgres["POSTGRES_PASSWORD"] + "@postgres:5432/" +
			postgres["POSTGRES_DB"] + "?sslmode=disable",
		"SOHOA_REDIS": "redis://redis:6379", "SOHOA_REDIS_PASSWORD": f.Services["redis"].Environment["REDISCLI_AUTH"],
		"SOHOA_OBJECTS": "s3://minio:9000/sohoa", "SOHOA_OBJECTS_ACCESS_KEY": minio["MINIO_ROOT_USER"],
		"SOHOA_OBJECTS_SECRET_KEY": minio["MINIO_ROOT_PASSWORD"],
	}
	for name, s := range f.Services {
		if !s.ours() {
			continue
		}
		for key, value := range want {
			if s.Environment[key] != value {
				t.Errorf("%s: %s is %q, want %q", name, key, s.Environment[key], value)
			}
		}
	}
}

// One machine holds all of it: nobody takes all the memory, fills the disk with logs, or stays down.
func TestServicesAreKeptInBounds(t *testing.T) {
	t.Parallel()
	for name, s := range filled(t, passwords(t)).Services {
		if s.Memory == "" {
			t.Errorf("%s: no limit of memory", name)
		}
		if s.Logging.Driver != "json-file" || s.Logging.Options["max-size"] == "" || s.Logging.Options["max-file"] == "" {
			t.Errorf("%s: its log grows without end", name)
		}
		if !s.ReadOnly || !slices.Contains(s.Security, "no-new-privileges:true") {
			t.Errorf("%s: may write to its image, or gain privileges", name)
		}
		if _, tag, ok := strings.Cut(s.Image, ":"); !ok || tag == "" || !s.ours() && tag == "latest" {
			t.Errorf("%s: image %q says no version", name, s.Image)
		}
		if name == "migrate" {
			continue // it ends
		}
		if s.Restart != "unless-stopped" {
			t.Errorf("%s: restart is %q", name, s.Restart)
		}
		if len(s.Healthcheck.Test) < 2 || s.Healthcheck.Retries == 0 {
			t.Errorf("%s: nobody looks after its health", name)
		}
		for _, d := range []string{s.Healthcheck.Interval, s.Healthcheck.Timeout, s.Healthcheck.StartPeriod, s.Grace} {
			if _, err := time.ParseDuration(d); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !slices.ContainsFunc(s.Volumes, func(v string) bool { return strings.Contains(v, ":/") }) {
			t.Errorf("%s: what it keeps is gone with its container", name)
		}
	}
}

// The health of ours is that of the process, and it is asked where it listens.
func TestHealthIsAskedOfTheProcess(t *testing.T) {
	t.Parallel()
	services := filled(t, passwords(t)).Services
	for name, listens := range map[string]string{"serve": "SOHOA_LISTEN", "work": "SOHOA_METRICS_LISTEN"} {
		s := services[name]
		want := []string{"CMD", "sohoa", "status", "--process", s.Environment[listens]}
		if s.Environment[listens] == "" || !slices.Equal(s.Healthcheck.Test, want) {
			t.Errorf("%s: its health is asked by %v, want %v", name, s.Healthcheck.Test, want)
		}
	}
}

// Only the API is reached from outside, and unless somebody says so, from this machine alone.
func TestOnlyTheAPIIsPublished(t *testing.T) {
	t.Parallel()
	for name, s := range filled(t, passwords(t)).Services {
		if name == "serve" {
			if want := []string{"127.0.0.1:8080:8080"}; !slices.Equal(s.Ports, want) {
				t.Errorf("serve publishes %v, want %v", s.Ports, want)
			}
			continue
		}
		if len(s.Ports) > 0 || !slices.Equal(s.Networks, []string{"engines"}) {
			t.Errorf("%s: is reached by %v, on the networks %v", name, s.Ports, s.Networks)
		}
	}
	values := passwords(t)
	values["PUBLISH"] = "192.0.2.1:80"
	if got := filled(t, values).Services["serve"].Ports; !slices.Equal(got, []string{"192.0.2.1:80:8080"}) {
		t.Errorf("with PUBLISH serve publishes %v", got)
	}
	if internal, ok := filled(t, values).Networks["engines"].(map[string]any); !ok || internal["internal"] != true {
		t.Errorf("the network of the engines leads outside: %v", internal)
	}
}
