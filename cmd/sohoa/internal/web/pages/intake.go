package pages

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sohoa/storage/catalogue"
)

// desk are those who hand in.
func desk() []catalogue.Role { return []catalogue.Role{catalogue.RoleDesk, catalogue.RoleIT} }

// intakeRoutes are handing in: one field finds or makes the dossier, files go in by assets/intake.js, and the list of today shows
// how far each is.
func (p *Pages) intakeRoutes() []Route {
	return []Route{
		{Pattern: "GET /tiep-nhan", Roles: desk(), Do: p.intakePage},
		{Pattern: "GET /tiep-nhan/ban", Roles: desk(), Do: p.intakeDesk},
		{Pattern: "GET /tiep-nhan/tim", Roles: desk(), Do: p.intakeMatches},
		{Pattern: "GET /tiep-nhan/thu-tuc", Roles: desk(), Do: p.intakeProcedures},
		{Pattern: "POST /tiep-nhan/ho-so", Roles: desk(), Do: p.intakeDossier},
		{Pattern: "GET /tiep-nhan/giay-to/{id}", Roles: desk(), Do: p.intakePaper},
	}
}

// mostMatches is how many dossiers or procedures are shown to somebody who types.
const mostMatches = 8

// deskData is what lies on the desk: a dossier that takes papers, one to be made, or what may be meant.
type deskData struct {
	Typed   string
	Dossier *catalogue.Dossier
	// Procedure is the dossier's, by its name where that is known.
	Procedure string
	Choices   []choice
	Chosen    string
	New       *newDossier
	Matches   []catalogue.Dossier
	Nothing   bool // nothing is like what was typed
	// Before is set where the dossier was to be made and was there already: what was typed of it was not kept.
	Before bool
}

// choice is a component that a paper may be handed in as.
type choice struct {
	Key, Value string // "1", "component:TP01"
	Name       string
	Required   bool
	Held       int // papers of it that the dossier has
}

// newDossier is a dossier that may be made.
type newDossier struct {
	Code     string
	Agencies []catalogue.Agency
	Agency   string
}

// intakeData is the whole page.
type intakeData struct {
	Desk   deskData
	Actor  string
	Handed []handedPaper
	Sums   []stateSum
	More   bool
}

// stateSum is how many papers of today are in a state.
type stateSum struct {
	State catalogue.PaperState
	Count int
}

func (p *Pages) intakePage(w http.ResponseWriter, r *http.Request, v *Visit) error {
	on, err := p.deskFor(r.Context(), v, r.FormValue("ma"))
	if err != nil {
		return err
	}
	data := intakeData{Desk: on, Actor: actorOf(v)}
	if err := p.today(r.Context(), v, &data); err != nil {
		return err
	}
	return p.render(w, r, v, "tiep-nhan", data)
}

// intakeDesk is the desk alone: uploads under way on the rest of the page go on.
func (p *Pages) intakeDesk(w http.ResponseWriter, r *http.Request, v *Visit) error {
	on, err := p.deskFor(r.Context(), v, r.FormValue("ma"))
	if err != nil {
		return err
	}
	where := "/tiep-nhan"
	if on.Dossier != nil {
		where += "?" + url.Values{"ma": {on.Dossier.Code}}.Encode()
	}
	w.Header().Set("HX-Replace-Url", where)
	return p.renderBlock(w, r, v, http.StatusOK, "tiep-nhan", "desk", on)
}

// actorOf is who somebody is to the audit.
func actorOf(v *Visit) string {
	t := catalogue.Token{Login: v.User.Login}
	return t.Actor()
}

// typedCode is the dossier's code in what was typed or scanned. A handheld scanner that is held before a cover sheet types all
// that stands in its code: then the component is said, too.
func typedCode(typed string) (code, chosen string) {
	typed = strings.TrimSpace(typed)
	if said := strings.Split(typed, "|"); len(said) == 5 && strings.HasPrefix(said[0], "SOHOA") {
		return said[1], said[2] + ":" + said[3]
	}
	return strings.ToUpper(strings.ReplaceAll(typed, " ", "")), ""
}

func (p *Pages) deskFor(ctx context.Context, v *Visit, typed string) (on deskData, err error) {
	on.Typed = strings.TrimSpace(typed)
	if on.Typed == "" {
		return on, nil
	}
	code, chosen := typedCode(on.Typed)
	if catalogue.CheckDossierCode(code) == nil {
		on.Typed = code
		d, err := v.Records.DossierByCode(ctx, v.Reach, code)
		switch {
		case err == nil:
			return on, p.layDown(ctx, v, &on, d, chosen)
		case !errors.Is(err, catalogue.ErrNotFound):
			return on, err
		}
		agencies, err := v.Records.Agencies(ctx, v.Reach)
		on.New = &newDossier{Code: code, Agencies: agencies, Agency: v.User.Agency}
		return on, err
	}
	if on.Matches, err = v.Records.FindDossiers(ctx, v.Reach, on.Typed, mostMatches); err != nil {
		return on, err
	}
	on.Nothing = len(on.Matches) == 0
	if len(on.Matches) == 1 {
		d := on.Matches[0]
		on.Matches = nil
		return on, p.layDown(ctx, v, &on, d, "")
	}
	return on, nil
}

// layDown puts a dossier on the desk. What is chosen first is the first component that it wants and does not have.
func (p *Pages) layDown(ctx context.Context, v *Visit, on *deskData, d catalogue.Dossier, chosen string) error {
	on.Dossier = &d
	papers, err := v.Records.Papers(ctx, v.Reach, d.ID)
	if err != nil {
		return err
	}
	held := make(map[string]int)
	for i := range papers {
		if !papers[i].Batch {
			held[string(papers[i].Kind)+":"+papers[i].Component]++
		}
	}
	procedure, err := v.Records.ProcedureByCode(ctx, d.Procedure)
	if err != nil && !errors.Is(err, catalogue.ErrNotFound) {
		return err
	}
	on.Procedure = cmp.Or(procedure.Name, d.Procedure)
	add := func(key, value, name string, required bool) {
		on.Choices = append(on.Choices, choice{Key: key, Value: value, Name: name, Required: required, Held: held[value]})
	}
	for i, c := range procedure.Components {
		key := ""
		if i < 9 {
			key = string(rune('1' + i))
		}
		add(key, "component:"+c.Code, c.Name, c.Required)
	}
	if procedure.Code == "" || procedure.Result {
		add("0", "result:", Kind(catalogue.ResultPaper), false)
	}
	add("k", "component:", "Giấy tờ khác, chưa rõ thành phần", false)
	on.Chosen = firstChoice(on.Choices, chosen)
	return nil
}

func firstChoice(all []choice, chosen string) string {
	for _, c := range all {
		if c.Value == chosen {
			return chosen
		}
	}
	for _, c := range all {
		if c.Required && c.Held == 0 {
			return c.Value
		}
	}
	return all[len(all)-1].Value
}

func (p *Pages) intakeMatches(w http.ResponseWriter, r *http.Request, v *Visit) error {
	typed := strings.TrimSpace(r.FormValue("ma"))
	var found []catalogue.Dossier
	var err error
	const fewest = 2
	if len([]rune(typed)) >= fewest {
		if found, err = v.Records.FindDossiers(r.Context(), v.Reach, typed, mostMatches); err != nil {
			return err
		}
	}
	return p.renderBlock(w, r, v, http.StatusOK, "tiep-nhan", "matches", found)
}

func (p *Pages) intakeProcedures(w http.ResponseWriter, r *http.Request, v *Visit) error {
	const most = 20
	found, err := v.Records.FindProcedures(r.Context(), r.FormValue("procedure"), most)
	if err != nil {
		return err
	}
	return p.renderBlock(w, r, v, http.StatusOK, "tiep-nhan", "procedures", found)
}

// intakeDossier makes a dossier and lays it on the desk. One that another desk made meanwhile is shown as it is.
func (p *Pages) intakeDossier(w http.ResponseWriter, r *http.Request, v *Visit) error {
	kind := 0
	if k := r.FormValue("owner_kind"); len(k) == 1 && k[0] >= '1' && k[0] <= '4' {
		kind = int(k[0] - '0')
	}
	// What is chosen from the list is "1.002809 – name"; the code is what stands first.
	procedure, _, _ := strings.Cut(strings.TrimSpace(r.FormValue("procedure")), " ")
	d, created, err := v.Records.AddDossier(r.Context(), v.Reach, catalogue.Dossier{
		Code: r.FormValue("code"), Agency: r.FormValue("agency"), Procedure: procedure,
		Owner:   catalogue.Owner{Name: r.FormValue("owner_name"), Number: r.FormValue("owner_number"), Kind: kind},
		Subject: r.FormValue("subject"), Received: Today(time.Now()),
	})
	if err != nil {
		return err
	}
	where := "/tiep-nhan?" + url.Values{"ma": {d.Code}}.Encode()
	if r.Header.Get("HX-Request") != "true" {
		http.Redirect(w, r, where, http.StatusSeeOther)
		return nil
	}
	on := deskData{Typed: d.Code, Before: !created}
	if err := p.layDown(r.Context(), v, &on, d, ""); err != nil {
		return err
	}
	w.Header().Set("HX-Replace-Url", where)
	return p.renderBlock(w, r, v, http.StatusOK, "tiep-nhan", "desk", on)
}
