package pipeline

import (
	"encoding/gob"
	"fmt"
	"io"
)

// part is a PageResult on its way from the machine that read the page to the one that binds the paper.
type part struct {
	Version int
	Result  PageResult
}

// partVersion changes when a part's fields no longer mean what they did.
const partVersion = 1

// EncodePart writes a page's result so that DecodePart gives it back, on another machine and later.
func EncodePart(w io.Writer, result *PageResult) error {
	if err := gob.NewEncoder(w).Encode(part{partVersion, *result}); err != nil {
		return fmt.Errorf("encode page %d: %w", result.Page.Number, err)
	}
	return nil
}

// DecodePart reads what EncodePart wrote. It is for parts that we wrote ourselves; hostile ones it does not bear.
func DecodePart(r io.Reader) (*PageResult, error) {
	var p part
	if err := gob.NewDecoder(r).Decode(&p); err != nil {
		return nil, fmt.Errorf("decode a page: %w", err)
	}
	if p.Version != partVersion {
		return nil, fmt.Errorf("decode a page: it was written by another version (%d, not %d)", p.Version, partVersion)
	}
	return &p.Result, nil
}
