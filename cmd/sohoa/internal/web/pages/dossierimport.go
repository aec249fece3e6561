package pages

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"strconv"
	"time"

	"sohoa/cmd/sohoa/internal/sheet"
	"sohoa/storage/catalogue"
)

const (
	mostListBytes = 32 << 20
	mostListRows  = 200_000
	mostWrong     = 100 // rows that are wrong, as shown; all of them can be downloaded
	mostFirst     = 10  // rows as they were understood
	headWithin    = 20  // rows in which the names of columns are looked for
)

func (p *Pages) listImportRoutes() []Route {
	roles := []catalogue.Role{catalogue.RoleSupervisor, catalogue.RoleIT}
	return []Route{
		{Pattern: "GET /thong-ke/nhap", Roles: roles, Do: p.listForm},
		{Pattern: "POST /thong-ke/nhap", Roles: roles, Do: p.listPreview},
		{Pattern: "GET /thong-ke/nhap/{tep}/dong-sai.csv", Roles: roles, Do: p.listWrongs},
		{Pattern: "POST /thong-ke/nhap/ghi", Roles: roles, Do: p.listKeep},
	}
}

type listData struct {
	Columns []listColumn
	Problem string
	File    string // under which the sheet is kept; "": none was looked at
	Counts  catalogue.PutCounts
	Wrong   []wrongRow // the first ones
	First   []understoodRow
	Done    bool // the counts are of what was done
}

// Changes is how many dossiers an import would write.
func (d *listData) Changes() int { return d.Counts.Added + d.Counts.Changed }

type wrongRow struct {
	Row           int
	Code, Problem string
}

type understoodRow struct {
	Row     int
	Dossier catalogue.Dossier
	Outcome string
}

func outcomeName(o catalogue.Outcome) string {
	return map[catalogue.Outcome]string{
		catalogue.OutcomeAdded: "Thêm", catalogue.OutcomeChanged: "Đổi", catalogue.OutcomeSame: "Giữ nguyên", catalogue.OutcomeWrong: "Sai",
	}[o]
}

func (p *Pages) listForm(w http.ResponseWriter, r *http.Request, v *Visit) error {
	data := listData{Columns: listColumns(), Done: r.URL.Query().Get("xong") == "1"}
	for name, into := range map[string]*int{"them": &data.Counts.Added, "doi": &data.Counts.Changed, "nguyen": &data.Counts.Same, "sai": &data.Counts.Wrong} {
		*into, _ = strconv.Atoi(r.URL.Query().Get(name)) // what is none is shown as 0
	}
	return p.render(w, r, v, "thong-ke-nhap", &data)
}

func (p *Pages) listRefuse(w http.ResponseWriter, r *http.Request, v *Visit, problem string) error {
	return p.renderBlock(w, r, v, http.StatusUnprocessableEntity, "thong-ke-nhap", "layout.html", &listData{Columns: listColumns(), Problem: problem})
}

// listPreview says what a sheet would do, and keeps it for the import.
func (p *Pages) listPreview(w http.ResponseWriter, r *http.Request, v *Visit) (err error) {
	content, err := uploaded(r, "tep", mostListBytes)
	if err != nil {
		return err
	}
	kept, err := p.sheets.keep(v.User.Login, content, time.Now())
	if err != nil {
		return err
	}
	data := listData{Columns: listColumns(), File: kept.id}
	problem, err := p.tryList(r, v, kept, &data)
	if err != nil || problem != "" {
		if err = errors.Join(err, p.sheets.drop(kept)); err != nil {
			return err
		}
		return p.listRefuse(w, r, v, problem)
	}
	return p.render(w, r, v, "thong-ke-nhap", &data)
}

// tryList looks at a kept sheet; its wrong rows are written beside it.
func (p *Pages) tryList(r *http.Request, v *Visit, kept keptSheet, data *listData) (problem string, err error) {
	file, err := os.OpenFile(kept.wrongs(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a name that we made
	if err != nil {
		return "", fmt.Errorf("keep wrong rows: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	wrongs := sheet.NewCSV(file, []string{"Dòng", "Mã hồ sơ", "Sai ở đâu, sửa thế nào"})
	told := func(one *catalogue.Listed, put *catalogue.Put) {
		if put.Err != nil {
			wrong := wrongRow{one.Row, one.Code, putProblem(put.Err)}
			wrongs.Row([]any{int64(wrong.Row), wrong.Code, wrong.Problem})
			if len(data.Wrong) < mostWrong {
				data.Wrong = append(data.Wrong, wrong)
			}
		}
		if len(data.First) < mostFirst {
			data.First = append(data.First, understoodRow{one.Row, one.Dossier, outcomeName(put.Outcome)})
		}
	}
	problem, err = p.eachListed(r, v, kept, func(list iter.Seq[catalogue.Listed]) (err error) {
		data.Counts, err = v.Records.TryDossiers(r.Context(), v.Reach, list, told)
		return err
	})
	if problem == "" && err == nil && data.Counts.All() == 0 {
		problem = "Bảng không có dòng hồ sơ nào."
	}
	return problem, errors.Join(err, wrongs.End())
}

var errNoHead = errors.New("no row has the names of columns")

// eachListed has do go through the dossiers of a kept sheet; problem says why it cannot be read.
func (p *Pages) eachListed(r *http.Request, v *Visit, kept keptSheet, do func(iter.Seq[catalogue.Listed]) error) (problem string, err error) {
	select { // a large sheet takes a core for seconds
	case p.reading <- struct{}{}:
		defer func() { <-p.reading }()
	case <-r.Context().Done():
		return "", r.Context().Err()
	}
	agencies, err := v.Records.Agencies(r.Context(), v.Reach)
	if err != nil {
		return "", err
	}
	procedures, err := v.Records.Procedures(r.Context())
	if err != nil {
		return "", err
	}
	file, err := os.Open(kept.path)
	if err != nil {
		return "", fmt.Errorf("read a kept sheet: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var broken error
	list := p.listed(file, newListReader(agencies, procedures), &broken)
	if err := do(list); err != nil {
		return "", err
	}
	if errors.Is(broken, errNoHead) {
		return "Không thấy dòng tên cột: một trong " + Number(headWithin) + " dòng đầu phải có cột “Mã hồ sơ” (MaHoSo).", nil
	}
	if problem = sheetProblem(broken); problem == "" && broken != nil {
		return "", broken
	}
	return problem, nil
}

// listed reads the dossiers of a sheet; why it cannot be read to its end is put into broken.
func (p *Pages) listed(file io.Reader, reader *listReader, broken *error) iter.Seq[catalogue.Listed] {
	limits := sheet.Limits{
		Bytes: mostListBytes, Unpacked: 512 << 20, Rows: mostListRows + headWithin, Columns: 256, CellSize: 32 << 10,
		Folder: p.sheets.folder, Raw: true,
	}
	errEnough := errors.New("nobody wants more rows")
	return func(yield func(catalogue.Listed) bool) {
		headed := false
		err := sheet.Read(file, limits, func(number int, row []string) error {
			switch {
			case !headed:
				if reader.at, headed = findColumns(row); !headed && number >= headWithin {
					return errNoHead
				}
				return nil
			case squeezed(fmt.Sprint(row)) == "":
				return nil
			}
			one := catalogue.Listed{Row: number}
			one.Dossier, one.Wrong = reader.read(row)
			if !yield(one) {
				return errEnough
			}
			return nil
		})
		if err == nil && !headed {
			err = errNoHead
		}
		if !errors.Is(err, errEnough) {
			*broken = err
		}
	}
}

// listWrongs gives the wrong rows of a sheet that was looked at, as CSV.
func (p *Pages) listWrongs(w http.ResponseWriter, r *http.Request, v *Visit) error {
	kept, there := p.sheets.find(v.User.Login, r.PathValue("tep"), time.Now())
	if !there {
		return catalogue.ErrNotFound
	}
	content, err := os.ReadFile(kept.wrongs())
	if err != nil {
		return fmt.Errorf("read wrong rows: %w", err)
	}
	secure(w.Header())
	w.Header().Set("Content-Type", sheet.MediaCSV)
	w.Header().Set("Content-Disposition", `attachment; filename="dong-sai.csv"`)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(content) // a browser that has gone needs nothing
	return nil
}

// listKeep imports the sheet that was looked at.
func (p *Pages) listKeep(w http.ResponseWriter, r *http.Request, v *Visit) error {
	r.Body = http.MaxBytesReader(nil, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	kept, there := p.sheets.find(v.User.Login, r.PostFormValue("tep"), time.Now())
	if !there {
		return p.listRefuse(w, r, v, "Tệp đã xem trước không còn được giữ (quá một giờ, hoặc đã nhập xong): hãy chọn lại tệp.")
	}
	var n catalogue.PutCounts
	problem, err := p.eachListed(r, v, kept, func(list iter.Seq[catalogue.Listed]) (err error) {
		n, err = v.Records.PutDossiers(r.Context(), v.Reach, "sha256:"+kept.sha256, list, nil)
		return err
	})
	if err != nil {
		return err
	}
	if problem != "" { // it was readable when it was looked at
		return p.listRefuse(w, r, v, problem)
	}
	if err := p.sheets.drop(kept); err != nil {
		return err
	}
	leadOn(w, r, fmt.Sprintf("/thong-ke/nhap?xong=1&them=%d&doi=%d&nguyen=%d&sai=%d", n.Added, n.Changed, n.Same, n.Wrong))
	return nil
}
