package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Line is one line of print as recognition is given it at run time, and what stands on it.
type Line struct {
	PNG  []byte // 8-bit grey
	Text string
}

// writeLSTMF writes lines in the form in which lstmtraining reads them (Tesseract 5: DocumentData::SaveDocument and
// ImageData::Serialize in ccstruct/imagedata.cpp). Made by tesseract itself it would take a run of the program a line.
func writeLSTMF(path string, lines []Line) error {
	f, err := os.Create(path) //nolint:gosec // the caller's folder
	if err != nil {
		return fmt.Errorf("write training lines: %w", err)
	}
	w := &tessWriter{w: f}
	w.count(len(lines))
	for i, line := range lines {
		w.raw(uint8(1)) // not nil
		w.bytes([]byte(fmt.Sprintf("line-%d", i)))
		w.raw(int32(0)) // page
		w.bytes(line.PNG)
		w.bytes([]byte("vie"))
		w.bytes([]byte(line.Text))
		w.count(0)     // boxes
		w.count(0)     // and their texts
		w.raw(int8(0)) // not vertical
	}
	if err := errors.Join(w.err, f.Close()); err != nil {
		return fmt.Errorf("write training lines to %s: %w", path, err)
	}
	return nil
}

// tessWriter writes Tesseract's serialized values: little endian, counts of 32 bits before what is counted.
type tessWriter struct {
	w   io.Writer
	err error
}

func (w *tessWriter) raw(v any) {
	if w.err == nil {
		w.err = binary.Write(w.w, binary.LittleEndian, v)
	}
}

func (w *tessWriter) count(n int) { w.raw(uint32(n)) } //nolint:gosec // thousands at most

func (w *tessWriter) bytes(b []byte) {
	w.count(len(b))
	w.raw(b)
}
