//go:build !cgo

package clib

// TIFFCount fails with ErrNoCgo.
func TIFFCount(string, int) (int, error) { return 0, ErrNoCgo }

// TIFFPage fails with ErrNoCgo.
func TIFFPage(string, int) (TIFFInfo, error) { return TIFFInfo{}, ErrNoCgo }

// TIFFGray fails with ErrNoCgo.
func TIFFGray(string, int, TIFFInfo, []byte, int) (int, error) { return 0, ErrNoCgo }

// TIFFRGBA fails with ErrNoCgo.
func TIFFRGBA(string, int, TIFFInfo, []byte) error { return ErrNoCgo }

// EncodeG4 fails with ErrNoCgo.
func EncodeG4([]byte, int, int) ([]byte, error) { return nil, ErrNoCgo }

// JPEGHeader fails with ErrNoCgo.
func JPEGHeader([]byte) (JPEGInfo, error) { return JPEGInfo{}, ErrNoCgo }

// DecodeJPEG fails with ErrNoCgo.
func DecodeJPEG([]byte, []byte, int, int, int, Format) (string, error) { return "", ErrNoCgo }

// EncodeJPEG fails with ErrNoCgo.
func EncodeJPEG([]byte, int, int, int, Format, int) ([]byte, error) { return nil, ErrNoCgo }
