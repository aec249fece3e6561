package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Violation is one rule of WCAG that a page breaks, and where.
type Violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		Target  []any  `json:"target"`
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (v Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", v.ID, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "\n  %v %s\n    %s", n.Target, n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n    "))
	}
	return b.String()
}

// axe asks for all rules of WCAG 2.0 to 2.2, levels A and AA.
const axe = `async () => JSON.stringify((await axe.run(document, {
	resultTypes: ["violations"],
	runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
})).violations)`

// Axe is what axe-core has to say against the page as it is now. scripts/setup --test fetches axe-core.
func (t *Tab) Axe() ([]Violation, error) {
	root, err := Project()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(root, ".cache", "axe-core-*.min.js"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("there are %d axe-core in .cache, not one (%w); run scripts/setup --test", len(files), err)
	}
	source, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	if _, err := t.page.Eval("() => {" + string(source) + "\n}"); err != nil {
		return nil, fmt.Errorf("load axe-core: %w", err)
	}
	said, err := t.page.Eval(axe)
	if err != nil {
		return nil, fmt.Errorf("run axe-core: %w", err)
	}
	var all []Violation
	return all, json.Unmarshal([]byte(said.Value.Str()), &all)
}
