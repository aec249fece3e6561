package pages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Whatever the code tells the audit has a Vietnamese name: nobody reads "dossier.view" in the audit's log.
func TestEveryActionHasAName(t *testing.T) {
	const project = "../../../../.."
	known := map[string]bool{}
	for _, one := range actionNames() {
		if known[one[0]] {
			t.Errorf("%s is named twice", one[0])
		}
		known[one[0]] = true
	}
	seen := 0
	err := filepath.WalkDir(project, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != project && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		actions, err := recorded(path)
		for _, action := range actions {
			if seen++; !known[action] {
				t.Errorf("%s records %q, which has no Vietnamese name in actionNames", path, action)
			}
		}
		return err
	})
	const atLeast = 30
	if err != nil || seen < atLeast {
		t.Errorf("only %d acts were found that are recorded (%v)", seen, err)
	}
}

var action = regexp.MustCompile(`^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)?$`)

// recorded are the actions that a file tells the audit: what stands behind the context, and the transaction, in a call that
// records.
func recorded(path string) (all []string, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return nil, err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fun, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		at := map[string]int{"record": 2, "recordList": 2, "Record": 1}[fun.Sel.Name] // behind the context, and the transaction
		if at == 0 || at >= len(call.Args) {
			return true
		}
		if text, ok := call.Args[at].(*ast.BasicLit); ok && text.Kind == token.STRING {
			if said, err := strconv.Unquote(text.Value); err == nil && action.MatchString(said) {
				all = append(all, said)
			}
		}
		return true
	})
	return all, nil
}
