//go:build !cgo

package recognize

import (
	"errors"
	"image"

	"sohoa/pipeline/layout"
)

// Segmentation says what Tesseract is told about the image.
type Segmentation int

// The segmentations in use.
const (
	WholePage Segmentation = iota
	OneBlock
)

// ErrNoCgo is the answer of a binary that was built without cgo and so without Tesseract.
var ErrNoCgo = errors.New("this sohoa was built without cgo and cannot recognize text; build it with CGO_ENABLED=1")

// Engine stands in for Tesseract in a build without cgo; none can be made.
type Engine struct{}

// NewEngine always fails with ErrNoCgo.
func NewEngine(Model) (*Engine, error) { return nil, ErrNoCgo }

// Version is empty.
func Version() string { return "" }

// Close does nothing: there is nothing to free.
func (*Engine) Close() error { return nil }

// Read always fails with ErrNoCgo.
func (*Engine) Read(*image.Gray, int, Segmentation) ([]layout.Fragment, error) { return nil, ErrNoCgo }

// Supported tells why nothing can be recognized: ErrNoCgo.
func Supported() error { return ErrNoCgo }
