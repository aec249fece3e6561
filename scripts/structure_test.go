package scripts

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "sohoa"

// folder is a package's source: its Go files by name.
type folder struct {
	path  string // from the project's root, with slashes
	files map[string]*ast.File
}

// code tells whether a file is no test.
func code(name string) bool { return !strings.HasSuffix(name, "_test.go") }

// source parses the imports and comments of all packages of the project.
func source(t *testing.T) []*folder {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	byPath := make(map[string]*folder)
	files := token.NewFileSet()
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			hidden := path != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_"))
			if hidden || name == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(files, path, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		dir = filepath.ToSlash(dir)
		if byPath[dir] == nil {
			byPath[dir] = &folder{path: dir, files: make(map[string]*ast.File)}
		}
		byPath[dir].files[name] = parsed
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []*folder
	for _, f := range byPath {
		all = append(all, f)
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages were found below %s", len(all), root)
	}
	slices.SortFunc(all, func(a, b *folder) int { return strings.Compare(a.path, b.path) })
	return all
}

// doc is the package's comment.
func (f *folder) doc() string {
	var doc string
	for name, file := range f.files {
		if code(name) && file.Doc != nil {
			doc += file.Doc.Text()
		}
	}
	return doc
}

func TestEveryPackageOpensWithATour(t *testing.T) {
	fileName := regexp.MustCompile(`[\w/-]+\.(?:go|[ch])\b`)
	for _, f := range source(t) {
		doc := f.doc()
		if !strings.HasPrefix(doc, "Package ") && !strings.HasPrefix(doc, "Command ") {
			t.Errorf("%s: no package comment that begins with Package or Command", f.path)
			continue
		}
		several := 0
		for name := range f.files {
			if code(name) && name != "doc.go" {
				several++
			}
		}
		if several > 1 && !strings.Contains(strings.ToLower(doc), "tour") {
			t.Errorf("%s: the package comment is no tour of its %d files", f.path, several)
		}
		for _, name := range fileName.FindAllString(doc, -1) {
			if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(f.path), filepath.FromSlash(name))); err != nil {
				t.Errorf("%s: the tour names %s, which is not there", f.path, name)
			}
		}
	}
}

// imports are what a file imports.
func imports(t *testing.T, file *ast.File) []string {
	t.Helper()
	var paths []string
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// within tells whether path is one of the folders or lies below one.
func within(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") })
}

// mayImport names the folders of the project that the packages of each top folder may import. Tests may also use what makes
// and scores papers and starts real servers; havoc collects garbage as the workers do.
func mayImport() map[string][]string {
	return map[string][]string{
		"cmd":      {"cmd", "workers", "pipeline", "storage"},
		"workers":  {"workers", "pipeline", "storage"},
		"pipeline": {"pipeline"},
		"storage":  {"storage"},
		"scripts":  {"scripts", "pipeline", "storage", "workers"},
	}
}

func TestImportsGoOneWay(t *testing.T) {
	for _, f := range source(t) {
		top, _, _ := strings.Cut(f.path, "/")
		allowed, known := mayImport()[top]
		if !known {
			t.Errorf("%s: no rule says what a package of %s may import", f.path, top)
			continue
		}
		for name, file := range f.files {
			may := allowed
			if !code(name) {
				may = append(slices.Clone(may), "scripts/browser", "scripts/corpus", "scripts/pdfa", "scripts/score", "scripts/services")
			}
			for _, path := range imports(t, file) {
				ours, isOurs := strings.CutPrefix(path, module+"/")
				if isOurs && !within(ours, may) {
					t.Errorf("%s/%s imports %s; packages of %s may import %v", f.path, name, path, top, may)
				}
				if isOurs && f.path == "pipeline/page" && code(name) {
					t.Errorf("%s/%s imports %s; it is the leaf", f.path, name, path)
				}
			}
		}
	}
}

func TestForeignCodeStaysInItsLeaves(t *testing.T) {
	leaves := map[string][]string{
		"C":                               {"pipeline/decode/internal/clib", "pipeline/recognize"},
		"github.com/otiai10/gosseract/v2": {"pipeline/recognize"},
		"net/http":                        {"cmd", "workers", "storage", "scripts"},
	}
	for _, f := range source(t) {
		for name, file := range f.files {
			for _, path := range imports(t, file) {
				if homes, bound := leaves[path]; bound && code(name) && !within(f.path, homes) {
					t.Errorf("%s/%s imports %s, which belongs in %v", f.path, name, path, homes)
				}
			}
		}
	}
}
