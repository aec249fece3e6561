package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"sohoa/pipeline/bind"
	"sohoa/pipeline/confine"
	"sohoa/pipeline/decode/pdf"
)

// Check tells whether this machine can read at all: there is room for temporary files, the tools are installed and start
// confined, and a child starts, is confined, has its model and answers. An error is FaultMachine, or the context's.
//
// It starts a process for each tool, and a child of its own, since one that runs does not show that another could start:
// about half a second, and a child's memory. It is for the start, and for when a fault of the machine may be gone.
func (r *Reader) Check(ctx context.Context) error {
	err := errors.Join(r.checkRoom(), r.checkTools(ctx), r.checkChild(ctx))
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("check this machine: %w", ended)
	}
	if err != nil {
		return &confine.MachineError{Err: fmt.Errorf("check this machine: %w", err)}
	}
	return nil
}

func (r *Reader) checkRoom() error {
	work, err := r.opt.workFolder()
	if err != nil {
		return err
	}
	return errors.Join(confine.Room(work), os.Remove(work))
}

func (r *Reader) checkTools(ctx context.Context) error {
	ctx, cancel := confine.WithLimit(ctx, r.opt.PageTime)
	defer cancel()
	tools := append(pdf.Tools(), bind.Tools()...)
	slices.Sort(tools)
	var errs []error
	for _, tool := range slices.Compact(tools) {
		ask := "--version"
		if strings.HasPrefix(tool, "pdf") { // poppler's
			ask = "-v"
		}
		const most = 1 << 16 // bytes
		limits := confine.Limits{Memory: r.opt.PageMemory, Files: 64, FileSize: 1}
		_, err := confine.Run(ctx, confine.Command(ctx, limits, nil, tool, ask), most)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (r *Reader) checkChild(ctx context.Context) (err error) {
	alone := r.opt
	alone.Jobs = 1
	pool, err := newPool(alone, r.model)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if _, err := pool.Do(ctx, Job{Greet: true}); err != nil {
		return fmt.Errorf("ask a child: %w", err)
	}
	return nil
}
