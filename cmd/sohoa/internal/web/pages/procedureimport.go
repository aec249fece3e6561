package pages

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"sohoa/cmd/sohoa/internal/sheet"
	"sohoa/storage/catalogue"
)

// mostImported is how many bytes a sheet may have, and what is shown of it as the form that keeps it.
const mostImported = 8 << 20

type importData struct {
	Columns []string
	Plan    procedurePlan
	Wrong   []plannedLine // the first ones
	Shown   []plannedProcedure
	Fresh   int
	Changed int
	Same    int
	Rows    string // all of them, for the form that keeps them
	Problem string
}

// mostShown is how many lines and procedures a preview shows.
const mostShown = 200

func (p *Pages) importForm(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !v.Reach.Root() {
		return ErrForbidden
	}
	return p.render(w, r, v, "van-hanh-nhap-thu-tuc", importData{Columns: procedureColumns()})
}

// importPreview says what a sheet would do.
func (p *Pages) importPreview(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !v.Reach.Root() {
		return ErrForbidden
	}
	content, err := uploaded(r, "tep", mostImported)
	if err != nil {
		return err
	}
	data := importData{Columns: procedureColumns()}
	rows, err := sheet.ReadAll(bytes.NewReader(content), sheet.Limits{
		Bytes: mostImported, Unpacked: 64 << 20, Rows: mostPlanned + 1, Columns: 64, CellSize: 4000, // all of it stays in memory
	})
	problem := sheetProblem(err)
	if err != nil && problem == "" {
		return err
	}
	if problem == "" {
		if data.Plan, err = p.planOf(r, v, rows); err != nil {
			return err
		}
		problem = data.Plan.Problem
	}
	if problem != "" {
		data.Problem = problem
		return p.renderBlock(w, r, v, http.StatusUnprocessableEntity, "van-hanh-nhap-thu-tuc", "layout.html", data)
	}
	data.summarize()
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	data.Rows = string(text)
	return p.render(w, r, v, "van-hanh-xem-thu-tuc", data)
}

func (p *Pages) planOf(r *http.Request, v *Visit, rows [][]string) (procedurePlan, error) {
	have, err := v.Records.Procedures(r.Context())
	return planProcedures(rows, have), err
}

func (d *importData) summarize() {
	for _, line := range d.Plan.Lines {
		if line.Problem != "" && len(d.Wrong) < mostShown {
			d.Wrong = append(d.Wrong, line)
		}
	}
	for _, one := range d.Plan.Procedures {
		switch {
		case one.Fresh:
			d.Fresh++
		case one.Changed:
			d.Changed++
		default:
			d.Same++
			continue
		}
		if len(d.Shown) < mostShown {
			d.Shown = append(d.Shown, one)
		}
	}
}

// importKeep keeps what was shown: all of it or nothing. It is looked at anew, since it comes from a browser, and the procedures may
// have changed meanwhile.
func (p *Pages) importKeep(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !v.Reach.Root() {
		return ErrForbidden
	}
	r.Body = http.MaxBytesReader(nil, r.Body, 4*mostImported) // as a form each byte of an accent takes three
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	var rows [][]string
	if err := json.Unmarshal([]byte(r.PostFormValue("rows")), &rows); err != nil {
		return &catalogue.InvalidError{Field: "rows", Reason: "they are not those that were shown"}
	}
	plan, err := p.planOf(r, v, rows)
	if err != nil {
		return err
	}
	if plan.Problem != "" || plan.Wrong > 0 {
		return &catalogue.InvalidError{Field: "rows", Reason: "some lines are wrong"}
	}
	if err := v.Records.PutProcedures(r.Context(), plan.changed()); err != nil {
		return err
	}
	leadOn(w, r, "/van-hanh/thu-tuc?xong=1")
	return nil
}

// sheetProblem says why a sheet cannot be read; "" where it is not the sheet's fault.
func sheetProblem(err error) string {
	var large *sheet.LargeError
	switch {
	case errors.As(err, &large):
		most := map[sheet.Bound]string{
			sheet.Bytes: Size(large.Most), sheet.Unpacked: Size(large.Most) + " sau khi giải nén", sheet.Rows: Number(large.Most) + " dòng",
			sheet.Columns: Number(large.Most) + " cột", sheet.CellSize: Size(large.Most) + " trong một ô",
		}[large.What]
		return "Bảng quá lớn, có hơn " + most + ": hãy chia thành nhiều tệp."
	case errors.Is(err, sheet.ErrNotUTF8):
		return "Tệp CSV phải ở bảng mã UTF-8: trong Excel chọn “CSV UTF-8” khi lưu."
	case errors.Is(err, sheet.ErrNotSheet):
		return "Không đọc được tệp này: chỉ nhận XLSX hoặc CSV."
	}
	return ""
}

// uploaded reads the one file of a form, whole: nothing of it touches a disk.
func uploaded(r *http.Request, field string, most int64) ([]byte, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, most+1<<16) // with what is around it
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, formError(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, &catalogue.InvalidError{Field: "file", Reason: "there is none"}
		}
		if err != nil {
			return nil, formError(err)
		}
		if part.FormName() != field {
			continue
		}
		content, err := io.ReadAll(io.LimitReader(part, most+1))
		if err != nil {
			return nil, formError(err)
		}
		if int64(len(content)) > most {
			return nil, &http.MaxBytesError{Limit: most}
		}
		return content, nil
	}
}

// formError says of what a browser sent that it is no form, where nothing else is wrong with it.
func formError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	if errors.Is(err, http.ErrNotMultipart) || errors.Is(err, http.ErrMissingBoundary) || strings.Contains(err.Error(), "multipart") {
		return &catalogue.InvalidError{Field: "form", Reason: "it is not what a form sends"}
	}
	return err
}
