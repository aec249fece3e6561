package pdf

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// extracted is a stream's bytes as a temporary file.
type extracted struct {
	path string
	dict dict // what is left to decode: qpdf removes the filters that it undid
}

// mostAtOnce is how many streams one call extracts: their numbers make up one argument of limited length.
const mostAtOnce = 1500

// extract writes streams into files, decoded as level says (none, generalized), in few calls. Streams that the document
// does not have are missing in the answer.
func (t *tools) extract(ctx context.Context, path string, refs []ref, level string, fileSize int64) (map[ref]extracted, error) {
	out := map[ref]extracted{}
	for len(refs) > 0 {
		n := min(len(refs), mostAtOnce)
		if err := t.extractSome(ctx, path, refs[:n], level, fileSize, out); err != nil {
			return nil, err
		}
		refs = refs[n:]
	}
	return out, nil
}

func (t *tools) extractSome(ctx context.Context, path string, refs []ref, level string, fileSize int64, out map[ref]extracted) error {
	dir, err := os.MkdirTemp(t.dir, "streams-")
	if err != nil {
		return fmt.Errorf("make room for streams: %w", err)
	}
	args := []string{
		"--no-warn", "--json=2", "--json-key=qpdf", "--json-stream-data=file", "--json-stream-prefix=" + dir + "/s",
		"--decode-level=" + level,
	}
	for _, r := range refs {
		args = append(args, "--json-object="+r.String())
	}
	said, err := t.run(ctx, mostText, fileSize, "qpdf", append(args, path)...)
	if err != nil {
		return errors.Join(fmt.Errorf("extract streams: %w", err), os.RemoveAll(dir))
	}
	var body struct {
		QPDF []map[string]json.RawMessage `json:"qpdf"`
	}
	if err := json.Unmarshal(said, &body); err != nil {
		return errors.Join(fmt.Errorf("understand qpdf: %w", err), os.RemoveAll(dir))
	}
	for _, part := range body.QPDF {
		for _, r := range refs {
			raw, ok := part[fmt.Sprintf("obj:%d %d R", r.num, r.gen)]
			if !ok {
				continue
			}
			var object struct {
				Stream *struct {
					Dict dict `json:"dict"`
				} `json:"stream"`
			}
			if json.Unmarshal(raw, &object) == nil && object.Stream != nil {
				out[r] = extracted{path: dir + "/s-" + strconv.Itoa(r.num), dict: object.Stream.Dict}
			}
		}
	}
	return nil
}

// take reads an extracted stream's bytes, at most most, and removes its file.
func (e extracted) take(most int64) ([]byte, error) {
	f, err := os.Open(e.path)
	if err != nil {
		return nil, fmt.Errorf("read a stream: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	err = errors.Join(err, f.Close(), os.Remove(e.path))
	if err != nil {
		return nil, fmt.Errorf("read a stream: %w", err)
	}
	if int64(len(data)) > most {
		return nil, &LimitError{What: "bytes in one stream", Has: int64(len(data)), Most: most}
	}
	return data, nil
}

// takeContent reads a content stream that was to be decoded. Where qpdf could not, because the stream is damaged, what can
// be inflated is given.
func (e extracted) takeContent(most int64) ([]byte, error) {
	data, err := e.take(most)
	if err != nil {
		return nil, err
	}
	switch filter := e.dict["/Filter"].(type) {
	case string:
		if filter == "/FlateDecode" {
			return inflate(data, most), nil
		}
	case []any:
		if len(filter) == 1 && filter[0] == "/FlateDecode" {
			return inflate(data, most), nil
		}
	default:
		return data, nil
	}
	return nil, nil // another filter that failed: nothing to be read
}

// inflate gives as much of damaged zlib data as comes out.
func inflate(data []byte, most int64) []byte {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	out, _ := io.ReadAll(io.LimitReader(z, most)) //nolint:errcheck // what comes before the damage is what is wanted
	return out
}
