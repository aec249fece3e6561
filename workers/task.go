package workers

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"sohoa/pipeline"
	"sohoa/storage/catalogue"
)

// The kinds of tasks. None begins with another: asynq chooses handlers by prefix.
const (
	KindSplit = "paper:split"
	KindPage  = "page:read"
	KindBind  = "paper:bind"
)

// payload is what a task carries.
type payload struct {
	Version int                 `json:"v"`
	Reading catalogue.ReadingID `json:"reading"`
	Page    int                 `json:"page,omitempty"` // from 1
}

// payloadVersion changes when old workers would misunderstand new tasks.
const payloadVersion = 1

// errPayload is a task that no version of ours has put there, or one newer than this.
var errPayload = errors.New("the task is not understood")

func kindOf(step catalogue.Step) string {
	switch step {
	case catalogue.StepSplit:
		return KindSplit
	case catalogue.StepPages:
		return KindPage
	case catalogue.StepBind:
		return KindBind
	default:
		return ""
	}
}

// queueOf names the queue that a task waits in: each of the catalogue's has one for each step, so that papers are brought to
// their end in the order in which they came. In one queue alone the binding of the first paper would wait behind the pages of
// all that were split meanwhile, and those behind the splitting of an archive. At the desk the further pages of a long paper
// have one more: another officer's page does not wait behind all two hundred.
func queueOf(t catalogue.Task) string {
	switch {
	case t.Step == catalogue.StepBind:
		return string(t.Queue) + bindQueue
	case t.Step == catalogue.StepPages && t.Queue == catalogue.Desk && t.Page > firstPages:
		return string(t.Queue) + longQueue
	case t.Step == catalogue.StepPages:
		return string(t.Queue) + pagesQueue
	default:
		return string(t.Queue)
	}
}

// What the queues of the steps are called besides; splitting has the plain name.
const (
	bindQueue  = "-bind"
	pagesQueue = "-pages"
	longQueue  = "-long"
)

// firstPages is up to which page a paper at the desk takes turns with the others there; few papers have more.
const firstPages = 10

// weights are how often a server looks into each queue first: what is nearest to its end before what is not begun, and a
// queue as often as times says beside others.
func weights(queue catalogue.Queue, times int) map[string]int {
	name := string(queue)
	all := map[string]int{name + bindQueue: 8 * times, name + pagesQueue: 4 * times, name: times}
	if queue == catalogue.Desk {
		all[name+longQueue] = times
	}
	return all
}

// id is the task's name in its queue: what is there already is not queued twice.
func id(t catalogue.Task) string {
	return fmt.Sprintf("%s:%d:%d", t.Step, t.Reading, t.Page)
}

func newTask(t catalogue.Task, limits Limits) (*asynq.Task, error) {
	kind := kindOf(t.Step)
	if kind == "" {
		return nil, fmt.Errorf("queue a task: there is no work at step %q", t.Step)
	}
	said, err := json.Marshal(payload{payloadVersion, t.Reading, t.Page})
	if err != nil {
		return nil, fmt.Errorf("queue a task: %w", err)
	}
	return asynq.NewTask(kind, said, asynq.TaskID(id(t)), asynq.Queue(queueOf(t)), asynq.MaxRetry(mostRetries),
		asynq.Timeout(limits.of(t))), nil
}

// mostRetries is far above what verdicts allow: the catalogue counts, since it forgets nothing.
const mostRetries = 1000

func parsePayload(t *asynq.Task) (p payload, err error) {
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		return p, fmt.Errorf("%w: %w", errPayload, err)
	}
	if p.Version != payloadVersion || p.Reading <= 0 || p.Page < 0 {
		return p, errPayload
	}
	return p, nil
}

// Limits is how long a task may take before it is taken from its worker, which counts as a failure of its paper. What a page
// may take is bounded by the reader's own limits, and each call of a store by that store's: these are for what nobody thought
// of, and above. asynq counts whole seconds.
type Limits struct {
	Task    time.Duration // any task
	PerPage time.Duration // and a binding for each page besides
}

// LimitsFor are above the limits of a reader with these options, by an hour, in which 2 GB come over a slow line, too.
func LimitsFor(reading pipeline.Options) Limits {
	return Limits{Task: time.Hour + reading.ReadTime(), PerPage: reading.BindTime(0)}
}

func (l Limits) of(t catalogue.Task) time.Duration {
	if t.Step == catalogue.StepBind {
		return l.Task + time.Duration(t.Pages)*l.PerPage
	}
	return l.Task
}
