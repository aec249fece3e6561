package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sohoa/pipeline/child"
	"sohoa/pipeline/confine"
	"sohoa/pipeline/recognize"
)

// ChildVerb is the hidden verb under which the program serves as a child.
const ChildVerb = "recognize-child"

// backgroundNice gives a page in the background about a tenth of what one in the foreground has of a shared core.
const backgroundNice = 10

// nice is by how much children and tools let others go first.
func (o Options) nice() int {
	if o.Background {
		return backgroundNice
	}
	return 0
}

// newPool prepares the children; each is told its model on the command line.
func newPool(opt Options, model recognize.Model) (*child.Pool[Job, Done], error) {
	said, err := json.Marshal(model)
	if err != nil {
		return nil, fmt.Errorf("describe the model: %w", err)
	}
	limits := confine.Limits{Memory: opt.PageMemory, Files: 64, FileSize: 1, Nice: opt.nice()}
	return child.NewPool[Job, Done](child.Config{
		Command: []string{ChildVerb, string(said)},
		Size:    opt.Jobs,
		Limits:  limits,
		Timeout: opt.PageTime,
	})
}

// ServeChild is a child's life: it reads jobs from in and answers on out until in ends. config is the model as newPool
// described it, or says that the child makes pictures.
func ServeChild(in io.Reader, config string) (err error) {
	if config == picturesOnly {
		return servePictures(in)
	}
	var model recognize.Model
	if err := json.Unmarshal([]byte(config), &model); err != nil {
		return fmt.Errorf("understand the model: %w", err)
	}
	answers, err := child.OwnStdout()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answers.Close()) }()
	w, err := NewWorker(model)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return child.Serve(in, answers, w.Work)
}
