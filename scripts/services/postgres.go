package services

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgresServer is a PostgreSQL whose user postgres has a password.
type PostgresServer struct {
	Process
	URL string // of its database postgres
}

// postgresFolders are where Debian puts the server's programs, which are not on the PATH.
const postgresFolders = "/usr/lib/postgresql/*/bin"

const postgresPassword = "sohoa-test"

// StartPostgres starts a PostgreSQL on a folder; one that holds a database cluster already goes on with it. durable has it
// wait for the disk; without, only a crash of the machine, not of the server, loses anything.
func StartPostgres(ctx context.Context, dir string, durable bool) (*PostgresServer, error) {
	program, err := find("postgres", postgresFolders)
	if err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	attributes, err := postgresUser(dir)
	if err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	data := filepath.Join(dir, "data")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); errors.Is(err, os.ErrNotExist) {
		if err := initialize(ctx, filepath.Dir(program), dir, data, attributes); err != nil {
			return nil, fmt.Errorf("start postgres: %w", err)
		}
	}
	p := &PostgresServer{URL: fmt.Sprintf("postgres://postgres:%s@%s/postgres?sslmode=disable", postgresPassword, local(port))}
	p.Process = Process{
		name: "postgres", dir: dir, stop: syscall.SIGINT, // a fast shutdown
		scattered: true,
		start: func() *exec.Cmd {
			sync := "on"
			if !durable {
				sync = "off"
			}
			cmd := exec.Command(program, "-D", data, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1",
				"-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "shared_buffers=256MB", "-c", "fsync="+sync, "-c", "timezone=UTC")
			attr := *attributes
			cmd.SysProcAttr = &attr
			cmd.Dir = dir
			return cmd
		},
		ready: func(ctx context.Context) error {
			conn, err := pgx.Connect(ctx, p.URL)
			if err != nil {
				return err
			}
			return conn.Close(ctx)
		},
	}
	return p, p.Start(ctx)
}

func initialize(ctx context.Context, programs, dir, data string, attributes *syscall.SysProcAttr) error {
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(postgresPassword+"\n"), 0o644); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(programs, "initdb"), "-D", data, "-U", "postgres", "--auth=scram-sha-256",
		"--pwfile", password, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	cmd.SysProcAttr, cmd.Dir = attributes, dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, last(out, 500))
	}
	return nil
}

// postgresUser makes the folder, and has PostgreSQL, which refuses root, run as the user postgres where we are root.
func postgresUser(dir string) (*syscall.SysProcAttr, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid))); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// AddDatabase makes an empty database and gives its URL.
func (p *PostgresServer) AddDatabase(ctx context.Context) (url string, err error) {
	conn, err := pgx.Connect(ctx, p.URL)
	if err != nil {
		return "", fmt.Errorf("add a database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	name := "t" + strings.ToLower(rand.Text())
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("add a database: %w", err)
	}
	return strings.Replace(p.URL, "/postgres?", "/"+name+"?", 1), nil
}

// NewDatabase is AddDatabase for a test; the database goes when the test is done.
func (p *PostgresServer) NewDatabase(tb testing.TB) string {
	tb.Helper()
	url, err := p.AddDatabase(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = p.drop(ctx, url) // a test may have killed the server; then its folder goes with all that is in it
	})
	return url
}

// drop removes a database, and ends the connections to it.
func (p *PostgresServer) drop(ctx context.Context, url string) (err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("drop a database: %w", err)
	}
	conn, err := pgx.Connect(ctx, p.URL)
	if err != nil {
		return fmt.Errorf("drop a database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if _, err := conn.Exec(ctx, "DROP DATABASE "+config.Database+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop a database: %w", err)
	}
	return nil
}
