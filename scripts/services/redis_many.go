package services

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// RedisSentinel is a Sentinel and the one Redis that it watches.
type RedisSentinel struct {
	Process        // the Sentinel
	Addr    string // of the Sentinel, HOST:PORT
	Name    string // by which the Sentinel knows the Redis
	Master  *RedisServer
}

// StartSentinel starts a Redis and a Sentinel that watches it, on a folder.
func StartSentinel(ctx context.Context, dir string) (*RedisSentinel, error) {
	program, err := find("redis-server")
	if err != nil {
		return nil, err
	}
	master, err := StartRedis(ctx, filepath.Join(dir, "master"))
	if err != nil {
		return nil, err
	}
	s, err := startSentinel(ctx, program, dir, master)
	if err != nil {
		return nil, errors.Join(err, master.Kill())
	}
	return s, nil
}

func startSentinel(ctx context.Context, program, dir string, master *RedisServer) (*RedisSentinel, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	s := &RedisSentinel{Addr: local(port), Name: "sohoa", Master: master}
	host, masterPort, _ := strings.Cut(master.Addr, ":")
	// A Sentinel keeps what it learns in its configuration.
	file := filepath.Join(dir, "sentinel.conf")
	said := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nsentinel monitor %s %s %s 1\nsentinel down-after-milliseconds %s 2000\n",
		port, dir, s.Name, host, masterPort, s.Name)
	if err := os.WriteFile(file, []byte(said), 0o644); err != nil {
		return nil, fmt.Errorf("start sentinel: %w", err)
	}
	s.Process = Process{
		name: "sentinel", dir: dir, stop: syscall.SIGTERM,
		start: func() *exec.Cmd { return exec.Command(program, file, "--sentinel") },
		ready: func(ctx context.Context) error { return command(ctx, s.Addr, "SENTINEL", "CKQUORUM", s.Name) },
	}
	return s, s.Start(ctx)
}

// Kill ends the Sentinel and the Redis.
func (s *RedisSentinel) Kill() error { return errors.Join(s.Process.Kill(), s.Master.Kill()) }

// RedisCluster is a Cluster of three nodes, which have a third of the keys each.
type RedisCluster struct {
	Nodes []*RedisServer
}

// Addrs are the nodes', HOST:PORT.
func (c *RedisCluster) Addrs() (all []string) {
	for _, n := range c.Nodes {
		all = append(all, n.Addr)
	}
	return all
}

// Kill ends all nodes.
func (c *RedisCluster) Kill() error {
	var failed error
	for _, n := range c.Nodes {
		failed = errors.Join(failed, n.Kill())
	}
	return failed
}

// StartCluster starts a Cluster on a folder, and waits until all nodes agree that it is whole.
func StartCluster(ctx context.Context, dir string) (*RedisCluster, error) {
	const nodes = 3
	c := &RedisCluster{}
	buses := make([]int, nodes)
	for i := range nodes {
		bus, err := freePort(ctx)
		if err != nil {
			return nil, errors.Join(err, c.Kill())
		}
		n, err := startRedis(ctx, filepath.Join(dir, strconv.Itoa(i)), "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(bus))
		if err != nil {
			return nil, errors.Join(err, c.Kill())
		}
		c.Nodes = append(c.Nodes, n)
		buses[i] = bus
	}
	if err := c.join(ctx, buses); err != nil {
		return nil, errors.Join(fmt.Errorf("make a cluster: %w", err), c.Kill())
	}
	return c, nil
}

// join gives each node its share, and has all of them meet the first.
func (c *RedisCluster) join(ctx context.Context, buses []int) error {
	const slots = 16384
	first, port, _ := strings.Cut(c.Nodes[0].Addr, ":")
	for i, n := range c.Nodes {
		from, to := i*slots/len(c.Nodes), (i+1)*slots/len(c.Nodes)-1
		err := errors.Join(
			command(ctx, n.Addr, "CLUSTER", "SET-CONFIG-EPOCH", i+1),
			command(ctx, n.Addr, "CLUSTER", "ADDSLOTSRANGE", from, to))
		if i > 0 {
			err = errors.Join(err, command(ctx, n.Addr, "CLUSTER", "MEET", first, port, buses[0]))
		}
		if err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := c.Whole(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Whole is nil where each node knows all others, and all keys have a node that answers.
func (c *RedisCluster) Whole(ctx context.Context) error {
	for _, n := range c.Nodes {
		client := redis.NewClient(&redis.Options{Addr: n.Addr, MaxRetries: -1, DialerRetries: 1})
		info, err := client.ClusterInfo(ctx).Result()
		if err = errors.Join(err, client.Close()); err != nil {
			return err
		}
		if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d\r", len(c.Nodes))) {
			return fmt.Errorf("to %s the cluster is not whole: %s", n.Addr, info)
		}
	}
	return nil
}
