package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The published Vietnamese models are integer ones: each row of a weight matrix is bytes and a scale. lstmtraining goes on only
// from weights of 64 bits. toFloat writes an integer network as the one of floats that gives the same output: each byte times its
// row's scale. The form is that of Tesseract 5: Network::Serialize and CreateFromFile in lstm/network.cpp, each layer's DeSerialize,
// WeightMatrix::Serialize in lstm/weightmatrix.cpp, GENERIC_2D_ARRAY in ccstruct/matrix.h, LSTMRecognizer::Serialize in
// lstm/lstmrecognizer.cpp.

// The bits of a weight matrix's mode.
const (
	modeInteger = 1
	modeDouble  = 128 // of the present form; without it the matrix is one of before 4.0
)

// flagInteger is the bit of the recognizer's training flags that says integers.
const flagInteger = 1

// layerRates is the bit of a network's flags that says that each layer has a learning rate of its own.
const layerRates = 64

var errNotInteger = errors.New("the model is none of integers: go on from it as it is")

// toFloat rewrites the component "lstm" of a traineddata.
func toFloat(component []byte) ([]byte, error) {
	c := &converter{in: component}
	c.layer()
	c.text() // the network's specification
	flags := c.take(4)
	if c.err == nil {
		out := append([]byte(nil), flags...)
		out[0] &^= flagInteger
		c.out.Write(out)
		// What is left are counters and rates.
		c.out.Write(c.in)
	}
	if c.err != nil {
		return nil, fmt.Errorf("read the network, %d bytes before its end: %w", len(c.in), c.err)
	}
	return c.out.Bytes(), nil
}

// converter reads the old form and writes the new one beside it. After an error it does nothing.
type converter struct {
	in  []byte
	out bytes.Buffer
	err error
}

// take reads so many bytes and writes none.
func (c *converter) take(n int) []byte {
	if c.err != nil || n < 0 || n > len(c.in) {
		c.err = errors.Join(c.err, errors.New("it is cut short or of another form"))
		return make([]byte, max(0, min(n, 8)))
	}
	b := c.in[:n]
	c.in = c.in[n:]
	return b
}

// keep reads so many bytes and writes them.
func (c *converter) keep(n int) []byte {
	b := c.take(n)
	if c.err == nil {
		c.out.Write(b)
	}
	return b
}

func (c *converter) number() int { return int(int32(binary.LittleEndian.Uint32(c.keep(4)))) } //nolint:gosec // it is signed there

func (c *converter) text() string { return string(c.keep(c.number())) }

// layer copies one layer with what lies in it.
func (c *converter) layer() {
	c.keep(1) // 0: the kind follows by name
	kind := c.text()
	c.keep(2) // training, backpropagation
	flags := c.number()
	c.keep(12) // inputs, outputs, weights
	c.text()   // name
	if c.err != nil {
		return
	}
	switch kind {
	case "Input":
		c.keep(20) // the shape
	case "Convolve", "Maxpool", "Reconfig":
		c.keep(8) // sizes
	case "Series", "Parallel", "ParBidiLSTM", "DepParUDLSTM", "Par2dLSTM", "Replicated", "RTLReversed", "TTBReversed", "XYTranspose":
		for range c.number() {
			c.layer()
		}
		if flags&layerRates != 0 {
			c.keep(4 * c.number())
		}
	case "LSTM", "SummLSTM":
		c.keep(4) // inputs of a gate
		const gates = 4
		for range gates {
			c.matrix()
		}
	case "Softmax", "SoftmaxNoCTC", "Logistic", "Linear", "Tanh", "Relu", "Poslog", "Poslin":
		c.matrix()
	default:
		c.err = fmt.Errorf("there is a layer of a kind that is not known here: %q", kind)
	}
}

// matrix writes a matrix of bytes and scales as one of floats.
func (c *converter) matrix() {
	mode := c.take(1)[0]
	switch {
	case c.err != nil:
		return
	case mode&modeDouble == 0:
		c.err = errors.New("its matrices are of an older form")
		return
	case mode&modeInteger == 0:
		c.err = errNotInteger
		return
	}
	c.out.WriteByte(mode &^ modeInteger)
	rows, columns := c.number(), c.number()
	c.take(1) // what an empty cell holds
	weights := c.take(rows * columns)
	count := int(binary.LittleEndian.Uint32(c.take(4)))
	if c.err == nil && count < rows {
		c.err = fmt.Errorf("a matrix of %d rows has %d scales", rows, count)
	}
	scales := c.take(8 * count) // padded to what a processor multiplies at once
	if c.err != nil {
		return
	}
	wide := make([]byte, 8, 8+8*len(weights)) // an empty cell, then the rows
	for i, w := range weights {
		scale := math.Float64frombits(binary.LittleEndian.Uint64(scales[8*(i/columns):]))
		wide = binary.LittleEndian.AppendUint64(wide, math.Float64bits(float64(int8(w))*scale)) //nolint:gosec // it is signed there
	}
	c.out.Write(wide)
}
