//go:build !cgo

package clib

// TIFFPage fails with ErrNoCgo.
func TIFFPage(string, uint64) (TIFFInfo, error) { return TIFFInfo{}, ErrNoCgo }

// TIFFRows fails with ErrNoCgo.
func TIFFRows(string, uint64, Format, []byte, int) (int, []string, error) { return 0, nil, ErrNoCgo }

// TIFFRGBA fails with ErrNoCgo.
func TIFFRGBA(string, uint64, []byte) ([]string, error) { return nil, ErrNoCgo }

// TIFFJPEG fails with ErrNoCgo.
func TIFFJPEG(string, uint64) ([]byte, error) { return nil, ErrNoCgo }

// EncodeG4 fails with ErrNoCgo.
func EncodeG4([]byte, int, int) ([]byte, error) { return nil, ErrNoCgo }

// JPEGHeader fails with ErrNoCgo.
func JPEGHeader(string) (JPEGInfo, error) { return JPEGInfo{}, ErrNoCgo }

// DecodeJPEG fails with ErrNoCgo.
func DecodeJPEG(string, int, Format, []byte, int, int, int, int64) (int, []string, error) {
	return 0, nil, ErrNoCgo
}

// EncodeJPEG fails with ErrNoCgo.
func EncodeJPEG([]byte, int, int, int, Format, int, bool) ([]byte, error) { return nil, ErrNoCgo }
