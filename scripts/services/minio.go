package services

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// MinIOServer is a MinIO on one folder.
type MinIOServer struct {
	Process
	Endpoint             string // HOST:PORT, plain HTTP
	AccessKey, SecretKey string
}

// StartMinIO starts a MinIO on a folder.
func StartMinIO(ctx context.Context, dir string) (*MinIOServer, error) {
	root, err := repository()
	if err != nil {
		return nil, err
	}
	program, err := find("minio-*", filepath.Join(root, ".cache", "bin"))
	if err != nil {
		if program, err = find("minio"); err != nil {
			return nil, err
		}
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	console, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, fmt.Errorf("start minio: %w", err)
	}
	m := &MinIOServer{Endpoint: local(port), AccessKey: "sohoa-test", SecretKey: "sohoa-test-secret"}
	client, err := minio.New(m.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(m.AccessKey, m.SecretKey, ""), MaxRetries: 1})
	if err != nil {
		return nil, fmt.Errorf("start minio: %w", err)
	}
	m.Process = Process{
		name: "minio", dir: dir, stop: syscall.SIGTERM,
		start: func() *exec.Cmd {
			cmd := exec.Command(program, "server", "--quiet", "--address", m.Endpoint, "--console-address", local(console), data)
			cmd.Env = append(os.Environ(), "MINIO_ROOT_USER="+m.AccessKey, "MINIO_ROOT_PASSWORD="+m.SecretKey, "HOME="+dir,
				"MINIO_BROWSER=off", "MINIO_UPDATE=off")
			return cmd
		},
		ready: func(ctx context.Context) error {
			// Its own health check says yes before it takes requests.
			_, err := client.ListBuckets(ctx)
			return err
		},
	}
	return m, m.Start(ctx)
}

// repository is the project's root: the folder with go.mod above the working folder.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod above the working folder")
		}
		dir = up
	}
}
