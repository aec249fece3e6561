package pages

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sohoa/storage/catalogue"
)

// dossierRoutes are the pages of dossiers.
func (p *Pages) dossierRoutes() []Route {
	return []Route{
		{Pattern: "GET /ho-so", Do: p.dossiers},
		{Pattern: "GET /ho-so/{id}", Do: p.dossier},
	}
}

// dossiersData is what /ho-so shows.
type dossiersData struct {
	Code       string // what was looked for
	Procedure  string
	From, Till string
	Procedures []catalogue.Procedure
	Dossiers   []catalogue.Dossier
	More       string // the address of the next ones; "" at the end
	Waiting    []catalogue.Paper
	Problem    string
}

// dossiersAtOnce is how many are listed on a page.
const dossiersAtOnce = 50

// dossiers lists dossiers, or goes to the one whose code was typed.
func (p *Pages) dossiers(w http.ResponseWriter, r *http.Request, v *Visit) error {
	ctx, q := r.Context(), r.URL.Query()
	data := dossiersData{Code: strings.ToUpper(strings.TrimSpace(q.Get("ma"))), Procedure: q.Get("thu-tuc"), From: typedDay(q.Get("tu")), Till: typedDay(q.Get("den"))}
	if data.Code != "" {
		d, err := v.Records.DossierByCode(ctx, v.Reach, data.Code)
		if err == nil {
			http.Redirect(w, r, fmt.Sprintf("/ho-so/%d", d.ID), http.StatusSeeOther)
			return nil
		}
		if !errors.Is(err, catalogue.ErrNotFound) {
			return err
		}
	}
	before, err := strconv.ParseInt(cmp.Or(q.Get("truoc"), "0"), 10, 64)
	if err != nil || before < 0 {
		return catalogue.ErrNotFound
	}
	data.Dossiers, err = v.Records.Dossiers(ctx, v.Reach, catalogue.DossierFilter{
		Code: data.Code, Procedure: data.Procedure, ReceivedFrom: data.From, ReceivedTill: data.Till,
		Before: catalogue.DossierID(before), Limit: dossiersAtOnce,
	})
	if err != nil {
		return err
	}
	if len(data.Dossiers) == dossiersAtOnce {
		q.Set("truoc", strconv.FormatInt(int64(data.Dossiers[dossiersAtOnce-1].ID), 10))
		data.More = "/ho-so?" + q.Encode()
	}
	if data.Procedures, err = v.Records.Procedures(ctx); err != nil {
		return err
	}
	if v.mayReview() {
		data.Waiting, err = v.Records.ToReview(ctx, v.Reach, catalogue.ReviewFilter{By: "user:" + v.User.Login, Limit: 20})
		if err != nil {
			return err
		}
	}
	return p.render(w, r, v, "ho-so", data)
}

// mayReview tells whether the visitor corrects and approves papers; others look.
func (v *Visit) mayReview() bool { return slices.Contains(v.User.Role.Scopes(), catalogue.ScopeReview) }

// dossierData is what /ho-so/{id} shows.
type dossierData struct {
	Dossier    catalogue.Dossier
	Agency     catalogue.Agency
	Procedure  catalogue.Procedure // with the code alone where it is not known
	Components []componentData
	Others     []catalogue.Paper // of no component that the procedure has
	Results    []catalogue.Paper
	WantResult bool // the procedure gives one
	Missing    int  // components that must be there and are not
	History    []actData
	MayHandIn  bool
}

// componentData is a component that the procedure wants, and the papers that are it.
type componentData struct {
	catalogue.Component

	Papers []catalogue.Paper
}

// dossier shows one with all that belongs to it.
func (p *Pages) dossier(w http.ResponseWriter, r *http.Request, v *Visit) error {
	ctx := r.Context()
	id, err := pathNumber[catalogue.DossierID](r)
	if err != nil {
		return err
	}
	data := dossierData{MayHandIn: slices.Contains(v.User.Role.Scopes(), catalogue.ScopeIntake)}
	if data.Dossier, err = v.Records.Dossier(ctx, v.Reach, id); err != nil {
		return err
	}
	if data.Agency, err = v.Records.AgencyByCode(ctx, v.Reach, data.Dossier.Agency); err != nil {
		return err
	}
	if data.Procedure, err = procedureOf(r, v, data.Dossier.Procedure); err != nil {
		return err
	}
	papers, err := v.Records.Papers(ctx, v.Reach, id)
	if err != nil {
		return err
	}
	data.sort(papers)
	history, err := v.Records.History(ctx, v.Reach, id, historyLength)
	if err != nil {
		return err
	}
	data.History = actsOut(history, papers)
	if err := v.Records.Record(ctx, "dossier.view", fmt.Sprintf("dossier:%d", id), nil); err != nil {
		return err
	}
	return p.render(w, r, v, "ho-so-mot", &data)
}

// sort puts the papers where the procedure wants them.
func (d *dossierData) sort(papers []catalogue.Paper) {
	d.WantResult = d.Procedure.Result
	at := make(map[string]int)
	for i, c := range d.Procedure.Components {
		at[c.Code] = i
		d.Components = append(d.Components, componentData{Component: c})
	}
	for _, paper := range papers {
		i, known := at[paper.Component]
		switch {
		case paper.Kind == catalogue.ResultPaper:
			d.Results = append(d.Results, paper)
		case known:
			d.Components[i].Papers = append(d.Components[i].Papers, paper)
		default:
			d.Others = append(d.Others, paper)
		}
	}
	for _, c := range d.Components {
		if c.Required && len(c.Papers) == 0 {
			d.Missing++
		}
	}
}

// procedureOf is the procedure with a code; one that nobody has described yet has its code alone.
func procedureOf(r *http.Request, v *Visit, code string) (catalogue.Procedure, error) {
	all, err := v.Records.Procedures(r.Context())
	if err != nil {
		return catalogue.Procedure{}, err
	}
	for _, p := range all {
		if p.Code == code {
			return p, nil
		}
	}
	return catalogue.Procedure{Code: code}, nil
}

// pathNumber is the id in a page's path. What is none names nothing.
func pathNumber[T ~int64](r *http.Request) (T, error) {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || n < 1 {
		return 0, catalogue.ErrNotFound
	}
	return T(n), nil
}

// historyLength is how many acts of a dossier are shown.
const historyLength = 100

// actData is a line of a history.
type actData struct {
	catalogue.Act

	What  string // in Vietnamese
	About string // which paper; "" is the dossier
	Path  string // where that is; "" where it is nowhere any more
}

func actsOut(acts []catalogue.Act, papers []catalogue.Paper) []actData {
	all := make([]actData, 0, len(acts))
	for _, a := range acts {
		line := actData{Act: a, What: ActionName(a.Action)}
		if reason, is := a.Detail["reason"].(string); is && a.Action == "paper.take_back" {
			line.What += " (" + takeBackReason(catalogue.TakeBackReason(reason)) + ")"
		}
		if number, is := strings.CutPrefix(a.Subject, "paper:"); is {
			line.About = "giấy tờ " + number
			for _, p := range papers {
				if strconv.FormatInt(int64(p.ID), 10) == number {
					line.Path = "/giay-to/" + number
				}
			}
		}
		all = append(all, line)
	}
	return all
}

// takeBackReason is why a paper is taken back, as people say it.
func takeBackReason(r catalogue.TakeBackReason) string {
	said := map[catalogue.TakeBackReason]string{
		catalogue.TakeBackWrongDossier: "nộp nhầm hồ sơ", catalogue.TakeBackDuplicate: "nộp trùng", catalogue.TakeBackBadScan: "bản quét hỏng",
		catalogue.TakeBackNotNeeded: "không cần nộp",
	}[r]
	return cmp.Or(said, string(r))
}
