package recognize

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// large is Tesseract's larger Vietnamese network, trained on official papers by scripts/train; models/README.md tells how. Debian
// has only the small one.
//
//go:embed models/vie.traineddata
var large []byte

// smallDirs are where Debian's tesseract-ocr-vie (tessdata_fast) puts the small model.
func smallDirs() []string {
	return []string{"/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata"}
}

// Model is a recognition model: DIR/LANGUAGE.traineddata.
type Model struct {
	Name     string // "large" or "small"
	Dir      string
	Language string
	SHA256   string // of the file, hex: part of a reading's revision
}

// UnknownModelError names a model that does not exist.
type UnknownModelError struct{ Name string }

func (e *UnknownModelError) Error() string {
	return fmt.Sprintf("there is no model %q; choose large or small", e.Name)
}

// ErrNoSmallModel says that the small model is not installed.
var ErrNoSmallModel = errors.New("the small model is not installed: apt-get install tesseract-ocr-vie, or use the large one")

// OpenModel finds the model "large" or "small". The large one is unpacked below cacheDir, once.
func OpenModel(name, cacheDir string) (Model, error) {
	switch name {
	case "large":
		return unpackLarge(cacheDir)
	case "small":
		for _, dir := range smallDirs() {
			data, err := os.ReadFile(filepath.Join(dir, "vie.traineddata")) //nolint:gosec // one of our own folders
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return Model{}, fmt.Errorf("read the small model: %w", err)
			}
			return Model{Name: name, Dir: dir, Language: "vie", SHA256: digest(data)}, nil
		}
		return Model{}, ErrNoSmallModel
	}
	return Model{}, &UnknownModelError{Name: name}
}

func unpackLarge(cacheDir string) (Model, error) {
	sum := digest(large)
	// The digest in the path makes two versions of the program, or two at once, stay out of each other's way.
	m := Model{Name: "large", Dir: filepath.Join(cacheDir, "models", sum[:16]), Language: "vie", SHA256: sum}
	path := filepath.Join(m.Dir, "vie.traineddata")
	data, err := os.ReadFile(path) //nolint:gosec // below our own cache folder
	if err == nil && digest(data) == sum {
		return m, nil
	}
	if err := os.MkdirAll(m.Dir, 0o750); err != nil {
		return Model{}, fmt.Errorf("unpack the large model: %w", err)
	}
	tmp, err := os.CreateTemp(m.Dir, "vie.*.part")
	if err != nil {
		return Model{}, fmt.Errorf("unpack the large model: %w", err)
	}
	_, err = tmp.Write(large)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return Model{}, errors.Join(fmt.Errorf("unpack the large model: %w", err), os.Remove(tmp.Name()))
	}
	return m, nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
