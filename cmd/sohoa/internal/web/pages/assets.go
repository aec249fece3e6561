package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"sohoa/storage/catalogue"
)

//go:embed assets
var assetFiles embed.FS

// asset is a file that the browser keeps: its address has the sum of its content in it, so it never changes.
type asset struct {
	mediaType     string
	plain, packed []byte // packed is nil where packing gains nothing
}

type assets struct {
	byPath  map[string]asset  // "3f2a…/app.css"
	address map[string]string // "app.css" → "/assets/3f2a…/app.css"
}

// readAssets packs all files once. Modules import each other by relative addresses, so one sum over all files stands in the
// address of each.
func readAssets() (*assets, error) {
	a := &assets{byPath: make(map[string]asset), address: make(map[string]string)}
	sum := sha256.New()
	files := make(map[string][]byte)
	err := fs.WalkDir(assetFiles, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(assetFiles, name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "assets/")
		fmt.Fprintf(sum, "%s %d\n", name, len(content))
		sum.Write(content)
		files[name] = content
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	version := hex.EncodeToString(sum.Sum(nil))[:16]
	for name, content := range files {
		one := asset{mediaType: mediaTypeOf(name), plain: content}
		if one.packed, err = pack(content); err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
		a.byPath[version+"/"+name] = one
		a.address[name] = "/assets/" + version + "/" + name
	}
	return a, nil
}

// mediaTypeOf does not ask the machine, which may know .js by another name.
func mediaTypeOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".LICENSE":
		return "text/plain; charset=utf-8"
	default:
		return mime.TypeByExtension(ext)
	}
}

func pack(content []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if b.Len() >= len(content) {
		return nil, nil
	}
	return b.Bytes(), nil
}

// asset answers with a file. One of another version of the program is gone.
func (p *Pages) asset(w http.ResponseWriter, r *http.Request, _ *Visit) error {
	one, ok := p.assets.byPath[r.PathValue("file")]
	if !ok {
		return catalogue.ErrNotFound
	}
	head := w.Header()
	secure(head)
	head.Set("Content-Type", one.mediaType)
	head.Set("Cache-Control", "public, max-age=31536000, immutable")
	head.Set("Vary", "Accept-Encoding")
	body := one.plain
	if one.packed != nil && takesGzip(r) {
		head.Set("Content-Encoding", "gzip")
		body = one.packed
	}
	_, _ = w.Write(body) // a browser that has gone sees nothing
	return nil
}

// assetAddress is where a file of assets/ is; for templates.
func (p *Pages) assetAddress(name string) (string, error) {
	address, ok := p.assets.address[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return address, nil
}
