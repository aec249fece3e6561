package pages

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"sohoa/cmd/sohoa/internal/sheet"
	"sohoa/storage/catalogue"
)

const (
	// mostImported is how many bytes a sheet may have, and what is shown of it as the form that keeps it.
	mostImported = 8 << 20
	// mostPlanned is how many lines it may have.
	mostPlanned = 20_000
	// mostShown is how many lines and changes a preview shows.
	mostShown = 200
)

// tableImport is how IT imports a sheet of what the installation has a few thousands of: it is looked at, shown, and kept when
// somebody says so, all of it or nothing. Nothing of it lies on a disk meanwhile: the browser holds the rows. (A list of dossiers is
// too large for that: dossierimport.go.)
type tableImport struct {
	Path   string // of the list; the import is below it
	Title  string
	Things string // what a line makes, as people call it
	Columns,
	Hints []string
	Heads []string // of what is shown of a change

	needed int                  // the first so many columns must be there
	may    func(v *Visit) error // whether a visitor may import
	plan   func(ctx context.Context, v *Visit, s sheetLines) (tablePlan, error)
}

// sheetLines are the lines of a sheet that say anything.
type sheetLines struct {
	Lines   []plannedLine
	Wrong   int    // how many
	Problem string // of the sheet as a whole
}

// plannedLine is a line of the sheet, and what is wrong with it.
type plannedLine struct {
	Number  int // in the sheet, from 1
	Cells   []string
	Problem string
}

// tablePlan is what an import would do.
type tablePlan struct {
	sheetLines

	Fresh, Changed, Same int
	Shown                []plannedChange // the first ones
	keep                 func(ctx context.Context) error
}

// plannedChange is what becomes of one thing.
type plannedChange struct {
	Line  int
	Fresh bool
	Cells []changedCell
}

// changedCell is one value of it, and what people should look at.
type changedCell struct {
	Text, Doubt string
	Before      []string // what was there and will not be
}

// count counts a thing, and shows it where anything would change.
func (p *tablePlan) count(fresh, changed bool, line int, cells ...changedCell) {
	switch {
	case fresh:
		p.Fresh++
	case changed:
		p.Changed++
	default:
		p.Same++
		return
	}
	if len(p.Shown) < mostShown {
		p.Shown = append(p.Shown, plannedChange{line, fresh, cells})
	}
}

// linesOf finds the columns of a sheet by their names, accents and capitals apart, and its lines. rows begin with the names.
func linesOf(rows [][]string, columns []string, needed int) (s sheetLines) {
	switch {
	case len(rows) == 0:
		return sheetLines{Problem: "Bảng trống."}
	case len(rows) > mostPlanned:
		return sheetLines{Problem: "Bảng có quá " + Number(mostPlanned) + " dòng: hãy chia thành nhiều tệp."}
	}
	at := make([]int, len(columns))
	for c, name := range columns {
		at[c] = slices.IndexFunc(rows[0], func(cell string) bool { return bare(cell) == bare(name) })
		if at[c] < 0 && c < needed {
			return sheetLines{Problem: "Dòng đầu phải có tên cột; thiếu cột “" + name + "”."}
		}
	}
	for i, row := range rows[1:] {
		line := plannedLine{Number: i + 2, Cells: make([]string, len(columns))}
		for c, from := range at {
			if from >= 0 && from < len(row) {
				line.Cells[c] = strings.TrimSpace(row[from])
			}
		}
		if slices.ContainsFunc(line.Cells, func(cell string) bool { return cell != "" }) {
			s.Lines = append(s.Lines, line)
		}
	}
	if len(s.Lines) == 0 {
		s.Problem = "Bảng không có dòng nào."
	}
	return s
}

// judge says of each line what is wrong with it, if anything.
func (s *sheetLines) judge(problem func(line *plannedLine) string) {
	for i := range s.Lines {
		if said := problem(&s.Lines[i]); said != "" && s.Lines[i].Problem == "" {
			s.Lines[i].Problem = said
			s.Wrong++
		}
	}
}

// importData is what both pages of an import show.
type importData struct {
	Import  *tableImport
	Plan    tablePlan
	Wrong   []plannedLine // the first ones
	Rows    string        // all of them, for the form that keeps them
	Problem string
}

// routes are the pages of an import.
func (t *tableImport) routes(p *Pages) []Route {
	guarded := func(do func(http.ResponseWriter, *http.Request, *Visit) error) func(http.ResponseWriter, *http.Request, *Visit) error {
		return func(w http.ResponseWriter, r *http.Request, v *Visit) error {
			if err := t.may(v); err != nil {
				return err
			}
			return do(w, r, v)
		}
	}
	form := func(w http.ResponseWriter, r *http.Request, v *Visit) error {
		return p.render(w, r, v, "van-hanh-nhap", importData{Import: t})
	}
	preview := func(w http.ResponseWriter, r *http.Request, v *Visit) error { return t.preview(p, w, r, v) }
	return []Route{
		{Pattern: "GET " + t.Path + "/nhap", Do: guarded(form)},
		{Pattern: "POST " + t.Path + "/nhap", Do: guarded(preview)},
		{Pattern: "POST " + t.Path + "/nhap/ghi", Do: guarded(t.keep)},
	}
}

// preview says what a sheet would do.
func (t *tableImport) preview(p *Pages, w http.ResponseWriter, r *http.Request, v *Visit) error {
	content, err := uploaded(r, "tep", mostImported)
	if err != nil {
		return err
	}
	data := importData{Import: t}
	rows, err := sheet.ReadAll(bytes.NewReader(content), sheet.Limits{
		Bytes: mostImported, Unpacked: 64 << 20, Rows: mostPlanned + 1, Columns: 64, CellSize: 4000, // all of it stays in memory
	})
	if data.Problem = sheetProblem(err); err != nil && data.Problem == "" {
		return err
	}
	if data.Problem == "" {
		if data.Plan, err = t.look(r, v, rows); err != nil {
			return err
		}
		data.Problem = data.Plan.Problem
	}
	if data.Problem != "" {
		return p.renderBlock(w, r, v, http.StatusUnprocessableEntity, "van-hanh-nhap", "layout.html", data)
	}
	for _, line := range data.Plan.Lines {
		if line.Problem != "" && len(data.Wrong) < mostShown {
			data.Wrong = append(data.Wrong, line)
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	data.Rows = string(text)
	return p.render(w, r, v, "van-hanh-xem", data)
}

// look plans an import.
func (t *tableImport) look(r *http.Request, v *Visit, rows [][]string) (tablePlan, error) {
	lines := linesOf(rows, t.Columns, t.needed)
	if lines.Problem != "" {
		return tablePlan{sheetLines: lines}, nil
	}
	return t.plan(r.Context(), v, lines)
}

// keep keeps what was shown: all of it or nothing. It is looked at anew, since it comes from a browser, and what is kept may have
// changed meanwhile.
func (t *tableImport) keep(w http.ResponseWriter, r *http.Request, v *Visit) error {
	r.Body = http.MaxBytesReader(nil, r.Body, 4*mostImported) // as a form each byte of an accent takes three
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	var rows [][]string
	if err := json.Unmarshal([]byte(r.PostFormValue("rows")), &rows); err != nil {
		return &catalogue.InvalidError{Field: "rows", Reason: "they are not those that were shown"}
	}
	plan, err := t.look(r, v, rows)
	if err != nil {
		return err
	}
	if plan.Problem != "" || plan.Wrong > 0 {
		return &catalogue.InvalidError{Field: "rows", Reason: "some lines are wrong"}
	}
	if err := plan.keep(r.Context()); err != nil {
		return err
	}
	leadOn(w, r, t.Path+"?xong=1")
	return nil
}
