package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"sohoa/scripts/services"
)

// Site is a running `sohoa up`.
type Site struct {
	URL   string // http://127.0.0.1:PORT
	Token string // of IT at the root of the agencies
	Data  string // its data folder

	up *services.Process
}

// Root is the code of the agency above all others on a Site.
const Root = "H50"

// Password is that of all people of a Site.
const Password = "Mật khẩu của một cửa 50"

//nolint:gochecknoglobals // built once for a process
var build = sync.OnceValues(func() (string, error) {
	root, err := Project()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(root, ".cache", "bin", "sohoa-pages")
	cmd := exec.Command("go", "build", "-o", binary, "./cmd/sohoa")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOFLAGS=-tags=sqlite_fts5")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build sohoa: %w: %s", err, out)
	}
	return binary, nil
})

// Project is the project's folder.
func Project() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no go.mod above the working directory")
}

// Open builds sohoa and starts it on a folder. env is what it is told besides, KEY=VALUE.
func Open(ctx context.Context, dir string, env ...string) (*Site, error) {
	binary, err := build()
	if err != nil {
		return nil, err
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	s := &Site{URL: "http://" + address, Data: filepath.Join(dir, "data")}
	s.up = services.NewProcess("up", dir, func() *exec.Cmd {
		cmd := exec.Command(binary, "up", "--data", s.Data, "--listen", address, "--agency", Root)
		cmd.Env = append(append(os.Environ(), "SOHOA_LOG_LEVEL=info", "SOHOA_RESERVE=-1", "SOHOA_SECOND_FACTOR=none"), env...)
		return cmd
	}, s.ready)
	if err := s.up.Start(ctx); err != nil {
		return s, err
	}
	token, err := os.ReadFile(filepath.Join(s.Data, "first-token"))
	s.Token = strings.TrimSpace(string(token))
	return s, err
}

func (s *Site) ready(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", resp.Status)
	}
	return nil
}

// Close ends it in good order.
func (s *Site) Close() error { return s.up.Stop() }

// Kill ends it at once, as a power cut would; Start starts it again on what it left.
func (s *Site) Kill() error { return s.up.Kill() }

// Start starts a Site that was ended again, at the same address.
func (s *Site) Start(ctx context.Context) error { return s.up.Start(ctx) }

// API asks the API in IT's name; body and answer may be nil.
func (s *Site) API(ctx context.Context, method, path string, body, answer any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, sent)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// AddPerson adds somebody with an account, whose password is Password.
func (s *Site) AddPerson(ctx context.Context, login, name, role, agency string) error {
	binary, err := build()
	if err != nil {
		return err
	}
	password := filepath.Join(filepath.Dir(s.Data), "password")
	if err := os.WriteFile(password, []byte(Password+"\n"), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, binary, "user", "add", login, "--name", name, "--role", role, "--agency", agency, "--password-file", password, "--keep")
	cmd.Env = append(os.Environ(), "SOHOA_DATA="+s.Data, "SOHOA_CATALOGUE=sqlite:"+filepath.Join(s.Data, "catalogue.db"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("sohoa user add: %w: %s", err, out)
	}
	return nil
}

// The people of Settle.
const (
	Officer    = "lan.nguyen" // cán bộ một cửa of Department
	Supervisor = "minh.tran"  // lãnh đạo of Root
	IT         = "quan.tri"   // quản trị of Root
	Stranger   = "hoa.pham"   // cán bộ một cửa of another department
	Department = "H50.13"
	Procedure  = "1.002809"
)

// Settle fills a new site: agencies, a procedure with its components, and people of each role.
func (s *Site) Settle(ctx context.Context) error {
	for _, a := range [][3]string{
		{Root, "UBND tỉnh Quảng Trị", ""}, {Department, "Sở Xây dựng", Root}, {"H50.13.1", "Phòng Vận tải", Department}, {"H50.14", "Sở Y tế", Root},
	} {
		if err := s.API(ctx, http.MethodPut, "/api/v1/agencies/"+a[0], map[string]string{"name": a[1], "parent": a[2]}, nil); err != nil {
			return err
		}
	}
	procedure := map[string]any{
		"name": "Đổi giấy phép lái xe do ngành Giao thông vận tải cấp", "field_code": "GTVT.DB", "field_name": "Đường bộ", "result": true,
		"components": []map[string]any{
			{"code": "TP01", "name": "Đơn đề nghị đổi giấy phép lái xe", "required": true},
			{"code": "TP02", "name": "Giấy khám sức khỏe của người lái xe", "required": true},
			{"code": "TP03", "name": "Bản sao giấy phép lái xe", "required": false},
		},
	}
	if err := s.API(ctx, http.MethodPut, "/api/v1/procedures/"+Procedure, procedure, nil); err != nil {
		return err
	}
	for _, p := range [][4]string{
		{Officer, "Nguyễn Thị Lan", "desk", Department},
		{Supervisor, "Trần Văn Minh", "supervisor", Root},
		{IT, "Lê Quản Trị", "it", Root},
		{Stranger, "Phạm Thị Hòa", "desk", "H50.14"},
	} {
		if err := s.AddPerson(ctx, p[0], p[1], p[2], p[3]); err != nil {
			return err
		}
	}
	return nil
}
