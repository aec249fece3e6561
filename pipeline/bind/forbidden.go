package bind

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
)

// forbidden walks everything that each page reaches and looks for what PDF/A-1 does not allow and a converter may leave
// behind; the answer is by page, from 1. It is no validator: that one runs in the tests.
func (a *assembly) forbidden(ctx context.Context, file string) (map[int]error, error) {
	out, err := a.run(ctx, 0, "qpdf", "--warning-exit-0", "--json=2", "--json-key=pages", "--json-key=qpdf", file)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Pages []struct {
			Object string `json:"object"`
		} `json:"pages"`
		QPDF [2]json.RawMessage `json:"qpdf"` // the file's own figures, its objects
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		return nil, fmt.Errorf("look through %s: %w", filepath.Base(file), err)
	}
	w := walker{seen: make(map[string]bool)}
	if err := json.Unmarshal(doc.QPDF[1], &w.objects); err != nil {
		return nil, fmt.Errorf("look through %s: %w", filepath.Base(file), err)
	}
	wrong := make(map[int]error)
	for i, p := range doc.Pages {
		if reason := w.visit(p.Object, 0); reason != "" {
			wrong[i+1] = fmt.Errorf("%s: %w", reason, ErrNotArchival)
		}
	}
	return wrong, nil
}

// walker visits each object once: what an earlier page reached was found good.
type walker struct {
	objects map[string]struct {
		Value  any `json:"value"`
		Stream struct {
			Dict any `json:"dict"`
		} `json:"stream"`
	}
	seen map[string]bool
}

// maxDepth bounds direct objects inside each other.
const maxDepth = 200

// visit gives what is wrong with a value or what it leads to, or nothing.
func (w *walker) visit(v any, depth int) string {
	if depth > maxDepth {
		return "objects nested too deep"
	}
	switch v := v.(type) {
	case string:
		o, ok := w.objects["obj:"+v]
		if !ok || w.seen[v] {
			return ""
		}
		w.seen[v] = true
		if o.Stream.Dict != nil {
			return w.visit(o.Stream.Dict, depth+1)
		}
		return w.visit(o.Value, depth+1)
	case []any:
		for _, e := range v {
			if reason := w.visit(e, depth+1); reason != "" {
				return reason
			}
		}
	case map[string]any:
		if reason := w.dictionary(v); reason != "" {
			return reason
		}
		for key, e := range v {
			if key == "/Parent" || key == "/P" {
				continue
			}
			if reason := w.visit(e, depth+1); reason != "" {
				return reason
			}
		}
	}
	return ""
}

// resolve follows a reference.
func (w *walker) resolve(v any) any {
	if s, ok := v.(string); ok {
		if o, found := w.objects["obj:"+s]; found {
			return o.Value
		}
	}
	return v
}

// dictionary looks at one dictionary's own entries.
func (w *walker) dictionary(d map[string]any) string {
	if m := w.resolve(d["/SMask"]); d["/SMask"] != nil && m != "/None" {
		return "soft mask"
	}
	for _, key := range []string{"/CA", "/ca"} {
		if alpha, ok := w.resolve(d[key]).(float64); ok && alpha < 1 {
			return "transparent paint"
		}
	}
	switch mode := w.resolve(d["/BM"]); mode {
	case nil, "/Normal", "/Compatible":
	default:
		return "blend mode"
	}
	if d["/S"] == "/Transparency" {
		return "transparency group"
	}
	switch d["/S"] {
	case "/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData":
		return "action"
	}
	if annots, ok := w.resolve(d["/Annots"]).([]any); ok && len(annots) > 0 {
		return "annotation"
	}
	if reason := w.filters(d); reason != "" {
		return reason
	}
	return w.fontEmbedded(d)
}

// filters looks for packings that PDF/A-1 does not know.
func (w *walker) filters(d map[string]any) string {
	names, ok := w.resolve(d["/Filter"]).([]any)
	if !ok {
		names = []any{w.resolve(d["/Filter"])}
	}
	for _, n := range names {
		switch n {
		case "/LZWDecode", "/JPXDecode", "/Crypt":
			return fmt.Sprint("filter ", n)
		}
	}
	return ""
}

// fontEmbedded looks for a font without its program.
func (w *walker) fontEmbedded(d map[string]any) string {
	if d["/Type"] != "/Font" {
		return ""
	}
	switch d["/Subtype"] {
	case "/Type0", "/Type3":
		return ""
	}
	descriptor, ok := w.resolve(d["/FontDescriptor"]).(map[string]any)
	if ok {
		for _, key := range []string{"/FontFile", "/FontFile2", "/FontFile3"} {
			if descriptor[key] != nil {
				return ""
			}
		}
	}
	return fmt.Sprintf("font %v not embedded", d["/BaseFont"])
}
