package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"sohoa/storage/catalogue"
)

// Queue puts tasks into Redis. It is safe for concurrent use.
type Queue struct {
	redis     redis.UniversalClient
	client    *asynq.Client
	inspector *asynq.Inspector
	limits    Limits
	log       *slog.Logger
}

// OpenQueue prepares the connection; Redis may be away, then each use says so.
func OpenQueue(r Redis, limits Limits, log *slog.Logger) (*Queue, error) {
	connection, err := r.Connection()
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	client, ok := connection.MakeRedisClient().(redis.UniversalClient)
	if !ok {
		return nil, errors.New("open the queue: asynq made no client that we know")
	}
	return &Queue{
		redis: client, client: asynq.NewClientFromRedisClient(client), inspector: asynq.NewInspectorFromRedisClient(client),
		limits: limits, log: log,
	}, nil
}

// Close ends the connections.
func (q *Queue) Close() error { return q.redis.Close() }

// Check tells whether Redis answers and takes writes.
func (q *Queue) Check(ctx context.Context) error {
	if err := q.redis.Set(ctx, "sohoa:check", "1", 0).Err(); err != nil {
		return fmt.Errorf("reach Redis: %w", err)
	}
	return nil
}

// Enqueue queues a piece of work; one that is queued already stays where it is.
func (q *Queue) Enqueue(ctx context.Context, t catalogue.Task) error {
	task, err := newTask(t, q.limits)
	if err != nil {
		return err
	}
	_, err = q.client.EnqueueContext(ctx, task)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		var over bool
		if over, err = q.clearEnded(t); over {
			_, err = q.client.EnqueueContext(ctx, task)
			if errors.Is(err, asynq.ErrTaskIDConflict) { // somebody else was quicker
				err = nil
			}
		}
	}
	if err != nil {
		return fmt.Errorf("queue %s of reading %d: %w", kindOf(t.Step), t.Reading, err)
	}
	return nil
}

// clearEnded removes a task of the same name that asynq keeps though it will not run any more.
func (q *Queue) clearEnded(t catalogue.Task) (cleared bool, err error) {
	info, err := q.inspector.GetTaskInfo(queueOf(t), id(t))
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if info.State != asynq.TaskStateArchived && info.State != asynq.TaskStateCompleted {
		return false, nil
	}
	err = q.inspector.DeleteTask(queueOf(t), id(t))
	if errors.Is(err, asynq.ErrTaskNotFound) {
		err = nil
	}
	return err == nil, err
}

// aliveKey stands in Redis as long as Redis remembers: it is missing after Redis was emptied.
const aliveKey = "sohoa:remembers"

// forgot tells whether Redis has lost what it carried, once.
func (q *Queue) forgot(ctx context.Context) (bool, error) {
	set, err := q.redis.SetNX(ctx, aliveKey, "1", 0).Result()
	if err != nil {
		return false, fmt.Errorf("ask Redis whether it remembers: %w", err)
	}
	return set, nil
}

// forgetAgain takes the mark back, where what forgot asked for could not be done.
func (q *Queue) forgetAgain(ctx context.Context) error { return q.redis.Del(ctx, aliveKey).Err() }

// Empty drops all that Redis carries for us: for a Redis of our own whose workers are known to be dead, so that nothing
// waits for their leases. The sweeper queues what is left.
func (q *Queue) Empty(ctx context.Context) error {
	if err := q.redis.FlushDB(ctx).Err(); err != nil {
		return fmt.Errorf("empty the queue: %w", err)
	}
	return nil
}

// Counts are a queue's tasks in Redis by state, of all steps.
type Counts struct {
	Queue                                       catalogue.Queue
	Pending, Active, Scheduled, Retry, Archived int
}

// Counts asks Redis for all queues' tasks, in the queues' order.
func (q *Queue) Counts(ctx context.Context) (all []Counts, err error) {
	// asynq's inspector knows no context: where Redis does not answer it would be waited for at length.
	if err := q.Check(ctx); err != nil {
		return nil, err
	}
	known, err := q.inspector.Queues()
	if err != nil {
		return nil, fmt.Errorf("list the queues: %w", err)
	}
	for _, queue := range catalogue.Queues() {
		c := Counts{Queue: queue}
		for name := range weights(queue, 1) {
			if !slices.Contains(known, name) { // one comes to be with its first task
				continue
			}
			info, err := q.inspector.GetQueueInfo(name)
			if err != nil {
				return nil, fmt.Errorf("count the queue %s: %w", name, err)
			}
			c.Pending, c.Active, c.Scheduled = c.Pending+info.Pending, c.Active+info.Active, c.Scheduled+info.Scheduled
			c.Retry, c.Archived = c.Retry+info.Retry, c.Archived+info.Archived
		}
		all = append(all, c)
	}
	return all, nil
}
