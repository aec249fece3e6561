package web

import (
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sohoa/storage/catalogue"
)

// What follows is how records look in JSON. Instants are RFC 3339 in UTC, days YYYY-MM-DD; what is not known is left out.

type ownerJSON struct {
	Name   string `json:"name,omitempty"`
	Number string `json:"number,omitempty"`
	Kind   int    `json:"kind,omitempty"`
}

type dossierJSON struct {
	ID        catalogue.DossierID    `json:"id"`
	Code      string                 `json:"code"`
	Agency    string                 `json:"agency"`
	Procedure string                 `json:"procedure,omitempty"`
	Owner     ownerJSON              `json:"owner"`
	Subject   string                 `json:"subject,omitempty"`
	State     catalogue.DossierState `json:"state"`
	Received  string                 `json:"received,omitempty"`
	Due       string                 `json:"due,omitempty"`
	Resolved  string                 `json:"resolved,omitempty"`
	Created   time.Time              `json:"created"`
	Changed   time.Time              `json:"changed"`
	Papers    []paperJSON            `json:"papers,omitempty"`
}

func dossierOut(d *catalogue.Dossier) dossierJSON {
	return dossierJSON{
		ID: d.ID, Code: d.Code, Agency: d.Agency, Procedure: d.Procedure,
		Owner: ownerJSON(d.Owner), Subject: d.Subject, State: d.State,
		Received: d.Received, Due: d.Due, Resolved: d.Resolved, Created: d.Created, Changed: d.Changed,
	}
}

type paperJSON struct {
	ID          catalogue.PaperID    `json:"id"`
	Dossier     catalogue.DossierID  `json:"dossier"`
	DossierCode string               `json:"dossier_code"`
	SHA256      string               `json:"sha256"`
	Size        int64                `json:"size"`
	MediaType   string               `json:"media_type"`
	Kind        catalogue.PaperKind  `json:"kind"`
	Component   string               `json:"component,omitempty"`
	Name        string               `json:"name,omitempty"`
	Reused      bool                 `json:"reused"`
	HandedInBy  string               `json:"handed_in_by"`
	Created     time.Time            `json:"created"`
	State       catalogue.PaperState `json:"state"`
	Revision    string               `json:"revision"`
	Pages       int                  `json:"pages"`
	PagesRead   int                  `json:"pages_read"`
	Failed      int                  `json:"failed"`
	Blank       int                  `json:"blank"`
	Words       int                  `json:"words"`
	Confidence  float64              `json:"confidence"`
	Reason      string               `json:"reason,omitempty"`
	Changed     time.Time            `json:"changed"`
	Approved    *time.Time           `json:"approved,omitempty"`
	ApprovedBy  string               `json:"approved_by,omitempty"`
	Batch       bool                 `json:"batch,omitempty"`
	Split       bool                 `json:"split,omitempty"`
	Version     int64                `json:"version"` // what an approval is made on
}

func paperOut(p *catalogue.Paper) paperJSON {
	return paperJSON{
		ID: p.ID, Dossier: p.Dossier, DossierCode: p.DossierCode, SHA256: p.SHA256, Size: p.Size, MediaType: p.MediaType,
		Kind: p.Kind, Component: p.Component, Name: p.Name, Reused: p.Reused, HandedInBy: p.HandedInBy, Created: p.Created,
		State: p.State, Revision: p.Revision, Pages: p.Pages, PagesRead: p.PagesRead, Failed: p.Failed, Blank: p.Blank,
		Words: p.Words, Confidence: p.Confidence, Reason: p.Reason, Changed: p.Changed, Approved: whenSet(p.Approved),
		ApprovedBy: p.ApprovedBy, Batch: p.Batch, Split: p.Split, Version: p.Edition,
	}
}

func papersOut(all []catalogue.Paper) []paperJSON { return each(all, paperOut) }

// each makes what is written of a list; never nil, which JSON would call null.
func each[T, U any](all []T, out func(*T) U) []U {
	made := make([]U, 0, len(all))
	for i := range all {
		made = append(made, out(&all[i]))
	}
	return made
}

// whenSet is an instant that may be missing.
func whenSet(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// query reads the values of a request's query and remembers the first that cannot be.
type query struct {
	values url.Values
	err    error
}

func queryOf(r *http.Request) *query { return &query{values: r.URL.Query()} }

func (q *query) text(name string) string { return q.values.Get(name) }

// count is a whole number within bounds; otherwise is the value where none is given.
func (q *query) count(name string, least, most, otherwise int) int {
	text := q.values.Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if (err != nil || n < least || n > most) && q.err == nil {
		q.err = invalid(name, "it must be a whole number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
	}
	return n
}

// day is YYYY-MM-DD, or "".
func (q *query) day(name string) string {
	text := q.values.Get(name)
	if _, err := time.Parse(time.DateOnly, text); err != nil && text != "" && q.err == nil {
		q.err = invalid(name, "it is not a day like 2026-03-31")
	}
	return text
}

// oneOf is one of some words, or "".
func oneOf[T ~string](q *query, name string, words ...T) T {
	text := T(q.values.Get(name))
	if text == "" {
		return ""
	}
	for _, word := range words {
		if text == word {
			return text
		}
	}
	if q.err == nil {
		q.err = invalid(name, "it is none of those that are possible")
	}
	return ""
}

func paperKinds() []catalogue.PaperKind {
	return []catalogue.PaperKind{catalogue.ComponentPaper, catalogue.ResultPaper}
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}

// plainEncoding refuses bodies that were packed: what is hashed and kept is what came.
func plainEncoding(r *http.Request) error {
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return refuse(CodeEncoding)
	}
	return nil
}
