package compose

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"sohoa/scripts/corpus"
	"sohoa/scripts/score"
	"sohoa/scripts/services"
)

// installation is what "docker compose up --scale work=2" starts, without containers: Redis by the file's own command, and
// MinIO and PostgreSQL, for whose images we have Debian's and our own builds.
type installation struct {
	program program
	file    file
	data    map[string]string // a folder for each volume
	here    map[string]string // settings that name an engine, with those of here

	running []*process          // in the order of their start
	at      map[string][]string // where the processes of a service listen
	url     string              // of the API
}

// paperIsRead runs the whole service from the file: engines, migrate, serve and two readers, in the order that it asks for;
// then what its top says is done first; then a page is handed in and read; then all is told to end.
func (p program) paperIsRead(t *testing.T) {
	t.Parallel()
	in := &installation{program: p, file: filled(t, passwords(t)), data: make(map[string]string), at: make(map[string][]string)}
	for volume := range in.file.Volumes {
		in.data[volume] = t.TempDir()
	}
	in.engines(t)
	starts := map[string]func(*testing.T){
		"migrate": in.migrate, "serve": in.serve,
		"work": func(t *testing.T) { t.Helper(); in.work(t, "1"); in.work(t, "2") },
	}
	for _, name := range order(t, in.file) {
		if s := in.file.Services[name]; s.ours() {
			starts[name](t)
		}
	}
	in.healthy(t)
	token := in.begin(t)
	in.handIn(t, token)
	for _, r := range slices.Backward(in.running) {
		if err := r.stop(in.grace(t)); err != nil {
			t.Error(err)
		}
	}
	in.migrate(t) // as the next "up" does
}

// order is one in which what a service depends on stands before it.
func order(t *testing.T, f file) (names []string) {
	t.Helper()
	left := slices.Sorted(maps.Keys(f.Services))
	for len(left) > 0 {
		next := slices.IndexFunc(left, func(name string) bool {
			for other := range f.Services[name].DependsOn {
				if !slices.Contains(names, other) {
					return false
				}
			}
			return true
		})
		if next < 0 {
			t.Fatalf("%v wait for each other", left)
		}
		names = append(names, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return names
}

// engines starts them and notes where they are.
func (in *installation) engines(t *testing.T) {
	t.Helper()
	minio, postgres := services.MinIO(t), services.Postgres(t)
	in.here = map[string]string{
		"SOHOA_CATALOGUE": postgres.NewDatabase(t), "SOHOA_REDIS": "redis://" + in.redis(t),
		"SOHOA_OBJECTS": "s3://" + minio.Endpoint + "/sohoa", "SOHOA_OBJECTS_ACCESS_KEY": minio.AccessKey,
		"SOHOA_OBJECTS_SECRET_KEY": minio.SecretKey,
		"SOHOA_LISTEN":             "127.0.0.1:0", "SOHOA_METRICS_LISTEN": "127.0.0.1:0",
	}
}

// redis starts Redis as the file does, at a port of ours.
func (in *installation) redis(t *testing.T) (address string) {
	t.Helper()
	s := in.file.Services["redis"]
	if _, err := exec.LookPath("redis-server"); err != nil {
		services.Need(t, &services.MissingError{Program: "redis-server"})
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = free.Addr().String()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	password := s.Environment["REDISCLI_AUTH"]
	client := redis.NewClient(&redis.Options{Addr: address, Password: password, MaxRetries: -1})
	t.Cleanup(func() { client.Close() })
	dir := in.data["redis"]
	server := services.NewProcess("redis", dir, func() *exec.Cmd {
		cmd := exec.Command(s.Command[0], append(slices.Clone(s.Command[1:]), "--bind", host, "--port", port)...)
		cmd.Dir, cmd.Env = dir, append(pairs(s.Environment), "PATH="+os.Getenv("PATH"))
		return cmd
	}, func(ctx context.Context) error { return client.Ping(ctx).Err() })
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Kill() })
	stranger := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1})
	defer stranger.Close()
	if stranger.Ping(t.Context()).Err() == nil {
		t.Error("Redis asks for no password")
	}
	for setting, want := range map[string]string{"appendonly": "yes", "maxmemory-policy": "noeviction"} {
		if got := client.ConfigGet(t.Context(), setting).Val()[setting]; got != want {
			t.Errorf("of Redis, %s is %q, want %q", setting, got, want)
		}
	}
	health := exec.Command("sh", "-c", strings.Replace(s.Healthcheck.Test[1], "redis-cli", "redis-cli -p "+port, 1))
	health.Env = append(pairs(s.Environment), "PATH="+os.Getenv("PATH"))
	if out, err := health.CombinedOutput(); err != nil {
		t.Errorf("Redis is not healthy: %v: %s", err, out)
	}
	health.Env = []string{"PATH=" + os.Getenv("PATH")}
	if (&exec.Cmd{Path: health.Path, Args: health.Args, Env: health.Env}).Run() == nil {
		t.Error("Redis is healthy for whoever has no password")
	}
	return address
}

// environment is that of a container of the service: what the image says, what the file says, and the engines of here. A
// setting that the file does not make is not made here either.
func (in *installation) environment(t *testing.T, name string) map[string]string {
	t.Helper()
	s := in.file.Services[name]
	all := imageEnvironment(t)
	if len(s.Volumes) > 0 {
		volume, _, _ := strings.Cut(s.Volumes[0], ":")
		all["SOHOA_DATA"] = in.data[volume]
	}
	for key, value := range s.Environment {
		if here, ok := in.here[key]; ok {
			value = here
		}
		all[key] = value
	}
	return all
}

// command is one of the program in a service's container.
func (in *installation) command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	program := args[0]
	if program == "sohoa" { // it is on the PATH of the container, not on ours
		program = filepath.Join(string(in.program), program)
	}
	cmd := exec.Command(program, args[1:]...)
	cmd.Env = append(pairs(in.environment(t, name)), "PATH="+string(in.program)+":"+os.Getenv("PATH"))
	cmd.Dir = t.TempDir()
	return cmd
}

func (in *installation) migrate(t *testing.T) {
	t.Helper()
	if out, err := in.command(t, "migrate", append([]string{"sohoa"}, in.file.Services["migrate"].Command...)...).CombinedOutput(); err != nil {
		t.Fatalf("migrate: %v: %s", err, out)
	}
}

func (in *installation) serve(t *testing.T) {
	t.Helper()
	p := start(t, "serve", in.command(t, "serve", append([]string{"sohoa"}, in.file.Services["serve"].Command...)...))
	in.running = append(in.running, p)
	address, err := p.wait(t.Context(), regexp.MustCompile(`"msg":"serving","address":"([^"]+)"`))
	if err != nil {
		t.Fatal(err)
	}
	in.url = "http://" + address
	in.at["serve"] = append(in.at["serve"], address)
}

func (in *installation) work(t *testing.T, number string) {
	t.Helper()
	p := start(t, "work-"+number, in.command(t, "work", append([]string{"sohoa"}, in.file.Services["work"].Command...)...))
	in.running = append(in.running, p)
	if _, err := p.wait(t.Context(), regexp.MustCompile(`"msg":"(taking tasks)"`)); err != nil {
		t.Fatal(err)
	}
	address, err := p.wait(t.Context(), regexp.MustCompile(`"msg":"telling health and metrics","address":"([^"]+)"`))
	if err != nil {
		t.Fatal(err)
	}
	in.at["work"] = append(in.at["work"], address)
}

// healthy asks for health as the file does, of each process where it listens here; and of nobody, who has none. The engines
// are not asked: what names them is kept from the command.
func (in *installation) healthy(t *testing.T) {
	t.Helper()
	ask := func(name, address string) error {
		s := in.file.Services[name]
		test := slices.Clone(s.Healthcheck.Test[1:])
		test[len(test)-1] = address
		cmd := in.command(t, name, test...)
		cmd.Env = []string{"PATH=" + string(in.program) + ":" + os.Getenv("PATH")}
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	for _, name := range []string{"serve", "work"} {
		if len(in.at[name]) == 0 {
			t.Errorf("no %s listens", name)
		}
		for _, address := range in.at[name] {
			if err := until(t.Context(), 30*time.Second, func() error { return ask(name, address) }); err != nil {
				t.Errorf("%s does not become healthy: %v", name, err)
			}
		}
		if ask(name, "127.0.0.1:1") == nil {
			t.Errorf("nobody is a healthy %s", name)
		}
	}
}

// begin does what the file's top says is done first, and gives the token that comes of it.
func (in *installation) begin(t *testing.T) (token string) {
	t.Helper()
	for _, c := range said(t) {
		cmd := in.command(t, c[0], "sh", "-ec", c[1])
		var problems bytes.Buffer
		cmd.Stderr = &problems
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v: %s", c[1], err, problems.Bytes())
		}
		if strings.Contains(c[1], "token add") {
			token = strings.TrimSpace(string(out))
		}
	}
	return token
}

func (in *installation) grace(t *testing.T) time.Duration {
	t.Helper()
	grace, err := time.ParseDuration(in.file.Services["work"].Grace)
	if err != nil {
		t.Fatal(err)
	}
	return grace
}

// handIn hands in a page, waits until it is read, and compares its text with what stands on it.
func (in *installation) handIn(t *testing.T, token string) {
	t.Helper()
	var dossier struct{ ID int64 }
	in.ask(t, token, http.MethodPost, "/api/v1/dossiers", "application/json",
		[]byte(`{"code": "H50-261123-0001", "agency": "H50"}`), &dossier)
	page, truth := madePage(t)
	var handed struct {
		Results []struct{ Paper struct{ ID int64 } }
	}
	in.ask(t, token, http.MethodPost, fmt.Sprintf("/api/v1/dossiers/%d/papers?name=don.jpg", dossier.ID), "image/jpeg", page, &handed)
	paper := fmt.Sprintf("/api/v1/papers/%d", handed.Results[0].Paper.ID)
	err := until(t.Context(), 2*time.Minute, func() error {
		var p struct{ State, Reason string }
		in.ask(t, token, http.MethodGet, paper, "", nil, &p)
		switch p.State {
		case "read", "review":
			return nil
		case "failed":
			return final{errors.New(p.Reason)}
		}
		return fmt.Errorf("it is %q", p.State)
	})
	if err != nil {
		t.Fatalf("the paper is not read: %v", err)
	}
	read := in.ask(t, token, http.MethodGet, paper+"/text", "", nil, nil)
	const most = 0.1 // of the syllables of a clean page
	if e := score.Compare(truth, string(read)).SyllableError(); e > most {
		t.Errorf("%.0f %% of the syllables are wrong; read was:\n%s", 100*e, read)
	}
}

// madePage draws a form as a scanner sends it, and gives its text.
func madePage(t *testing.T) (scan []byte, truth string) {
	t.Helper()
	fonts, err := corpus.LoadFonts(corpus.FontFolders())
	if err != nil {
		t.Fatal(err)
	}
	const dpi = 150
	img, text, err := corpus.Compose(corpus.Form, 6, corpus.Options{Plain: true}).Draw(fonts, dpi)
	if err != nil {
		t.Fatal(err)
	}
	page, err := corpus.Apply(corpus.Sheet{Image: img, DPI: dpi}, corpus.Clean, 6)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := corpus.Encode(&file, page); err != nil {
		t.Fatal(err)
	}
	return file.Bytes(), text.Text()
}

// ask calls the API, and takes its JSON where into is given.
func (in *installation) ask(t *testing.T, token, method, path, mediaType string, body []byte, into any) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, in.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatal(err)
		}
	}
	return answer
}
