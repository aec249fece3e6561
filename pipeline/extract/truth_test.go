package extract

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// truth is what a scan says as data, made by hand from its true text: as printed, but days, which are ISO, and titles, which are the
// kind. What was written or stamped in is no part of what is printed.
type truth struct {
	Fields  map[Name]string
	Written []Name
}

func truths(t *testing.T) map[string]truth {
	t.Helper()
	files, err := filepath.Glob("testdata/fields/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no truths: %v", err)
	}
	all := make(map[string]truth)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var one truth
		if err := json.Unmarshal(raw, &one); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for name := range one.Fields {
			if !slices.Contains(Names(), name) {
				t.Errorf("%s: there is no field %s", file, name)
			}
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = one
	}
	return all
}

// compared is a field as truths have it.
func compared(f Field) string {
	if f.Name == Title || f.Name == Issued {
		return f.Normal
	}
	return f.Value
}

var added = regexp.MustCompile(`\{(hw|st):[^}]*\}`)

// placed gives each line of a true text the letter of where it stands (layOut); empty lines part head, title and text.
func placed(text string, said truth) string {
	var b strings.Builder
	subject, column := said.Fields[Subject], 'L'
	title, foot := said.Fields[Title], false
	for row := range strings.Lines(text) {
		row = strings.TrimSpace(added.ReplaceAllString(row, ""))
		folded := letters(row)
		switch {
		case row == "":
			continue
		case strings.HasPrefix(folded, "conghoaxahoi"), column == 'L' && strings.Contains(row, ", ngày "):
			column = 'R'
		case column == 'R' && !strings.HasPrefix(folded, "doclap") && !strings.Contains(row, ", ngày"), column == 'L' && title == "":
			column = 'B'
		}
		where := column
		switch {
		case strings.Contains(row, " | "):
			where = 'T'
		case column != 'B':
		case folded == "noinhan":
			foot, where = true, 'N'
		case foot && (upperShare(row) > 0.9 || row == said.Fields[Signer]):
			where = 'S'
		case foot:
			where = 'N'
		case row == title, len(row) > 5 && strings.Contains(subject, row), upperShare(row) > 0.9:
			where = 'C'
		case strings.HasPrefix(row, "Căn cứ"), strings.HasPrefix(row, "Điều"):
			where = 'P'
		default:
			where = 'J'
		}
		b.WriteRune(where)
		b.WriteString(" " + row + "\n")
	}
	return b.String()
}

// TestTrueTexts is the upper bound: what is found where every letter was read. It needs the development data.
func TestTrueTexts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "shared", "data", "scans")
	printed, exact := make(map[Name]int), make(map[Name]int)
	for name, said := range truths(t) {
		raw, err := os.ReadFile(filepath.Join(dir, name+".gt.txt")) //nolint:gosec // a file of the development data
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got := fieldsOf(Page(layOut(placed(string(raw), said))))
		for field, want := range said.Fields {
			if slices.Contains(said.Written, field) {
				if f := got[field]; field != Signer && f.Value != "" && f.Confidence >= 95 && compared(f) != want {
					t.Errorf("%s: %s was written in, and %q was invented", name, field, f.Value)
				}
				continue
			}
			printed[field]++
			if compared(got[field]) == want {
				exact[field]++
			} else {
				t.Logf("%s: %s is %q, want %q", name, field, compared(got[field]), want)
			}
		}
		for field, f := range got {
			if _, there := said.Fields[field]; !there && f.Value != "" {
				t.Errorf("%s: %s is not printed, and was found: %q", name, field, f.Value)
			}
		}
	}
	if len(printed) == 0 {
		t.Log("no development data: nothing to compare")
	}
	for field, n := range printed {
		t.Logf("%s: %d of %d", field, exact[field], n)
		if exact[field]*100 < n*95 {
			t.Errorf("%s: only %d of %d", field, exact[field], n)
		}
	}
}
