package pages

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sohoa/storage/catalogue"
)

// paperRoutes are the page on which a paper is looked at, corrected and approved; assets/review.js does the rest with the API.
func (p *Pages) paperRoutes() []Route {
	return []Route{
		{Pattern: "GET /giay-to/{id}", Do: p.paper},
		{Pattern: "GET /giay-to", Do: p.nextPaper},
	}
}

// paperData is what /giay-to/{id} shows.
type paperData struct {
	Paper     catalogue.Paper
	Component string            // its name, where the procedure has one
	Others    []catalogue.Paper // of the same dossier, read: what may be joined to it
	Fields    []fieldData
	MayReview bool
	Doubt     float64 // the confidence below which a word is doubtful
	Page      int     // which is shown first
	Find      string  // what was looked for: these words are lit
	HasScan   bool    // the visitor may have all of its scan
	Places    []catalogue.Component
	Reasons   []reasonData
}

// reasonData is a reason for taking a paper back.
type reasonData struct {
	Value catalogue.TakeBackReason
	Said  string
}

func takeBackReasons() (all []reasonData) {
	for _, r := range catalogue.TakeBackReasons() {
		all = append(all, reasonData{r, takeBackReason(r)})
	}
	return all
}

// fieldData is one line of the form of fields.
type fieldData struct {
	Name  catalogue.FieldName
	Label string
	Day   bool
	Least bool // the law asks for it
	May   bool // the visitor may change it
}

func paperFields(may bool) []fieldData {
	label := map[catalogue.FieldName]string{
		catalogue.FieldType:          "Mã loại giấy tờ",
		catalogue.FieldOwnerNumber:   "Số định danh của chủ giấy tờ",
		catalogue.FieldTitle:         "Tên giấy tờ",
		catalogue.FieldNumber:        "Số",
		catalogue.FieldNotation:      "Ký hiệu",
		catalogue.FieldIssued:        "Ngày cấp",
		catalogue.FieldIssuer:        "Cơ quan cấp",
		catalogue.FieldSubject:       "Trích yếu",
		catalogue.FieldValidUntil:    "Có hiệu lực đến",
		catalogue.FieldValidityScope: "Phạm vi có hiệu lực",
		catalogue.FieldOwnerName:     "Chủ giấy tờ",
		catalogue.FieldParent:        "Cơ quan chủ quản",
		catalogue.FieldPlace:         "Địa danh",
		catalogue.FieldSigner:        "Người ký",
		catalogue.FieldSignerTitle:   "Chức vụ người ký",
		catalogue.FieldDossierCode:   "Mã hồ sơ ghi trên giấy",
		catalogue.FieldProcedure:     "Mã thủ tục ghi trên giấy",
	}
	var all []fieldData
	for _, name := range catalogue.FieldNames() {
		all = append(all, fieldData{
			Name: name, Label: label[name], Day: name == catalogue.FieldIssued || name == catalogue.FieldValidUntil,
			Least: slices.Contains(catalogue.LeastFields(), name), May: may,
		})
	}
	return all
}

// paper shows one: its pages, its words, its fields.
func (p *Pages) paper(w http.ResponseWriter, r *http.Request, v *Visit) error {
	ctx := r.Context()
	id, err := pathNumber[catalogue.PaperID](r)
	if err != nil {
		return err
	}
	settings, err := v.Records.ReadingSettings(ctx)
	if err != nil {
		return err
	}
	data := paperData{Fields: paperFields(v.mayReview()), MayReview: v.mayReview(), Doubt: settings.DoubtBelow, Page: 1, Find: strings.TrimSpace(r.URL.Query().Get("q"))}
	if data.Paper, err = v.Records.Paper(ctx, v.Reach, id); err != nil {
		return err
	}
	data.HasScan = !data.Paper.Part
	if data.Paper.Part {
		if data.HasScan, err = v.Records.HasWholeScan(ctx, v.Reach, data.Paper.SHA256); err != nil {
			return err
		}
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("trang")); err == nil && n > 0 {
		data.Page = n
	}
	d, err := v.Records.Dossier(ctx, v.Reach, data.Paper.Dossier)
	if err != nil {
		return err
	}
	procedure, err := procedureOf(r, v, d.Procedure)
	if err != nil {
		return err
	}
	data.Places, data.Reasons = procedure.Components, takeBackReasons()
	for _, c := range procedure.Components {
		if c.Code == data.Paper.Component {
			data.Component = c.Name
		}
	}
	papers, err := v.Records.Papers(ctx, v.Reach, data.Paper.Dossier)
	if err != nil {
		return err
	}
	for _, other := range papers {
		if other.ID != id && other.Whole {
			data.Others = append(data.Others, other)
		}
	}
	if err := v.Records.Record(ctx, "paper.view", fmt.Sprintf("paper:%d", id), nil); err != nil {
		return err
	}
	return p.render(w, r, v, "giay-to", &data)
}

// nextPaper goes to the first of the officer's papers that wait for approval, behind a certain one if that is said.
func (p *Pages) nextPaper(w http.ResponseWriter, r *http.Request, v *Visit) error {
	after, err := strconv.ParseInt(r.URL.Query().Get("sau"), 10, 64)
	if err != nil || after < 0 {
		after = 0
	}
	for _, behind := range []int64{after, 0} { // what is left of the earlier ones comes last
		waiting, err := v.Records.ToReview(r.Context(), v.Reach, catalogue.ReviewFilter{
			By: "user:" + v.User.Login, After: catalogue.PaperID(behind), Limit: 1,
		})
		if err != nil {
			return err
		}
		if len(waiting) > 0 {
			http.Redirect(w, r, fmt.Sprintf("/giay-to/%d", waiting[0].ID), http.StatusSeeOther)
			return nil
		}
	}
	http.Redirect(w, r, "/ho-so", http.StatusSeeOther)
	return nil
}
