package pages

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/cmd/sohoa/internal/sheet"
	"sohoa/storage/catalogue"
)

// listColumn is a column of a list of dossiers: the national portal's name, ours, and what else stands above it, bare and without
// spaces.
type listColumn struct {
	Portal, Name string
	also         []string
}

// The columns, by their places in listColumns.
const (
	listCode = iota
	listProcedure
	listOwner
	listOwnerKind
	listOwnerNumber
	listSubject
	listReceived
	listDue
	listState
	listResolved
	listAgency
	listCount
)

func listColumns() []listColumn {
	return []listColumn{
		listCode:        {"MaHoSo", "Mã hồ sơ", []string{"sohoso", "mahs"}},
		listProcedure:   {"MaTTHC", "Mã thủ tục", []string{"mathutuchanhchinh"}},
		listOwner:       {"ChuHoSo", "Chủ hồ sơ", []string{"tenchuhoso", "hotenchuhoso"}},
		listOwnerKind:   {"LoaiDoiTuong", "Loại đối tượng", []string{"loaichuhoso"}},
		listOwnerNumber: {"MaDoiTuong", "Mã đối tượng", []string{"sodinhdanh", "sodinhdanhcanhan", "cccd", "socccd", "masothue"}},
		listSubject:     {"TrichYeuHoSo", "Trích yếu hồ sơ", []string{"trichyeu", "noidung"}},
		listReceived:    {"NgayTiepNhan", "Ngày tiếp nhận", []string{"ngaynhan"}},
		listDue:         {"NgayHenTra", "Ngày hẹn trả", []string{"hentra", "ngayhentraketqua"}},
		listState:       {"TrangThaiHoSo", "Trạng thái", []string{"tinhtrang"}},
		listResolved:    {"NgayTra", "Ngày trả", []string{"ngaytraketqua", "ngaygiaiquyet"}},
		listAgency:      {"DonViXuLy", "Đơn vị xử lý", []string{"donvi", "madonvi", "coquan", "coquanxuly"}},
	}
}

func squeezed(text string) string { return strings.ReplaceAll(bare(text), " ", "") }

// findColumns tells where each column is in the row of names; ok where there is the dossier's code.
func findColumns(row []string) (at [listCount]int, ok bool) {
	for c, column := range listColumns() {
		at[c] = slices.IndexFunc(row, func(cell string) bool {
			name := squeezed(cell)
			return name != "" && (name == squeezed(column.Portal) || name == squeezed(column.Name) || slices.Contains(column.also, name))
		})
	}
	return at, at[listCode] >= 0
}

// rowError says in Vietnamese what is wrong with a row, and what to do.
type rowError struct{ text string }

func (e *rowError) Error() string { return e.text }

// listReader makes dossiers of rows.
type listReader struct {
	at         [listCount]int
	agencies   map[string]string // codes by code and by name; "" where two have the name
	procedures map[string]bool
}

func newListReader(agencies []catalogue.Agency, procedures []catalogue.Procedure) *listReader {
	l := &listReader{agencies: make(map[string]string), procedures: make(map[string]bool)}
	for _, a := range agencies {
		name := strings.ToLower(strings.TrimSpace(a.Name))
		if _, twice := l.agencies[name]; twice {
			l.agencies[name] = ""
			continue
		}
		l.agencies[name] = a.Code
	}
	for _, a := range agencies {
		l.agencies[strings.ToLower(a.Code)] = a.Code
	}
	for i := range procedures {
		l.procedures[procedures[i].Code] = true
	}
	return l
}

// read makes the dossier of a row; its problems are all told at once.
func (l *listReader) read(row []string) (d catalogue.Dossier, err error) {
	cell := func(c int) string {
		if at := l.at[c]; at >= 0 && at < len(row) {
			return strings.TrimSpace(row[at])
		}
		return ""
	}
	var wrong []string
	bad := func(c int, what string) {
		wrong = append(wrong, fmt.Sprintf("%s “%.80s” %s", listColumns()[c].Name, cell(c), what))
	}
	d = catalogue.Dossier{Code: cell(listCode), Procedure: l.procedure(cell(listProcedure)), Subject: cell(listSubject)}
	d.Owner.Name, d.Owner.Number = cell(listOwner), cell(listOwnerNumber)
	if catalogue.CheckDossierCode(d.Code) != nil {
		bad(listCode, "không đúng dạng: ghi như H50.13-220331-0001.")
	}
	for c, into := range map[int]*string{listReceived: &d.Received, listDue: &d.Due, listResolved: &d.Resolved} {
		var ok bool
		if *into, ok = sheetDay(cell(c)); !ok {
			bad(c, "không phải là ngày: ghi như 31/03/2026.")
		}
	}
	var ok bool
	if d.State, ok = stateOf(cell(listState)); !ok {
		bad(listState, "không có: ghi số 1 đến 10 hoặc tên trạng thái như “Đang xử lý”.")
	}
	if d.Owner.Kind, ok = ownerKindOf(cell(listOwnerKind)); !ok {
		bad(listOwnerKind, "không có: ghi 1 (cá nhân), 2 (doanh nghiệp), 3 (cơ quan nhà nước) hoặc 4 (khác).")
	}
	if named := cell(listAgency); named != "" {
		if d.Agency = l.agencies[strings.ToLower(named)]; d.Agency == "" {
			bad(listAgency, "không có trong phạm vi của bạn: ghi đúng mã hoặc đúng tên một đơn vị.")
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return d, &rowError{strings.Join(wrong, " ")}
	}
	return d, nil
}

var longCode = regexp.MustCompile(`^\d\.\d{4,20}$`)

// procedure gives a code the zeros back that a spreadsheet took off it (1.00281), or takes off what it added (1.0028090000000001).
func (l *listReader) procedure(code string) string {
	if l.procedures[code] || !longCode.MatchString(code) {
		return code
	}
	n, err := strconv.ParseFloat(code, 64)
	if whole := strconv.FormatFloat(n, 'f', 6, 64); err == nil && (l.procedures[whole] || len(code) > len(whole)) {
		return whole
	}
	return code
}

// sheetDay reads a day as sheets and the national portal write it; "" stays.
func sheetDay(text string) (day string, ok bool) {
	if text == "" {
		return "", true
	}
	for _, form := range []string{
		"20060102150405", "200601021504", "20060102", "2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006", "15:04 2/1/2006", "2-1-2006", "2.1.2006",
		time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly, time.RFC3339,
	} {
		at, err := time.Parse(form, text)
		if err != nil || at.Year() < 1990 || at.Year() > 2100 {
			continue
		}
		if form == time.RFC3339 {
			at = at.In(vietnam)
		}
		return at.Format(time.DateOnly), true
	}
	const first, last = 32874, 73415 // 1990 to 2100, as Excel counts days
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n < first || n >= last {
		return "", false
	}
	return sheet.SerialDay(n).Format(time.DateOnly), true
}

// stateOf reads a state's number or name; none is 0.
func stateOf(text string) (catalogue.DossierState, bool) {
	if text == "" {
		return 0, true
	}
	said := squeezed(text)
	for s := catalogue.StateRegistered; s <= catalogue.StateReturned; s++ {
		if text == strconv.Itoa(int(s)) || said == squeezed(DossierState(s)) {
			return s, true
		}
	}
	also := map[string]catalogue.DossierState{
		"datiepnhan": catalogue.StateAccepted, "danggiaiquyet": catalogue.StateInWork, "chobosung": catalogue.StateSupplement,
		"daxulyxong": catalogue.StateResolved, "dagiaiquyet": catalogue.StateResolved, "datra": catalogue.StateReturned,
	}
	s, ok := also[said]
	return s, ok
}

// ownerKindOf reads what kind of owner there is; none is 0.
func ownerKindOf(text string) (int, bool) {
	if text == "" {
		return 0, true
	}
	for kind := 1; kind <= 4; kind++ {
		if text == strconv.Itoa(kind) || squeezed(text) == squeezed(OwnerKind(kind)) {
			return kind, true
		}
	}
	return map[string]int{"congdan": 1, "tochuc": 2, "coquan": 3}[squeezed(text)], map[string]bool{"congdan": true, "tochuc": true, "coquan": true}[squeezed(text)]
}

// putProblem says in Vietnamese why a dossier of a list is wrong.
func putProblem(err error) string {
	var row *rowError
	var repeated *catalogue.RepeatedError
	var conflict *catalogue.ConflictError
	var invalid *catalogue.InvalidError
	switch {
	case errors.As(err, &row):
		return row.text
	case errors.As(err, &repeated):
		return "Mã hồ sơ đã có ở dòng " + Number(repeated.Row) + ": chỉ giữ một dòng."
	case errors.As(err, &conflict):
		return "Hồ sơ này đã thuộc đơn vị khác: kiểm tra mã hồ sơ và đơn vị xử lý."
	case errors.As(err, &invalid) && invalid.Field == "agency":
		return "Không rõ đơn vị xử lý: ghi mã hoặc tên một đơn vị trong phạm vi của bạn."
	case errors.As(err, &invalid):
		name := map[string]string{"procedure": "Mã thủ tục", "owner.name": "Chủ hồ sơ", "owner.number": "Mã đối tượng", "subject": "Trích yếu hồ sơ"}[invalid.Field]
		return name + " không hợp lệ: quá dài hoặc có ký tự không in được."
	}
	return "Dòng này không ghi được."
}
