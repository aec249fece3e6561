package web

import (
	"errors"
	"net/http"
	"time"

	"sohoa/storage/catalogue"
)

type agencyJSON struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Parent string `json:"parent,omitempty"`
}

type agenciesJSON struct {
	Agencies []agencyJSON `json:"agencies"`
}

func agencyOut(a *catalogue.Agency) agencyJSON {
	return agencyJSON{Code: a.Code, Name: a.Name, Parent: a.Parent}
}

func (s *Server) agencies(w http.ResponseWriter, r *http.Request, c *call) error {
	all, err := s.config.Catalogue.Agencies(r.Context(), c.token.Path)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, agenciesJSON{Agencies: each(all, agencyOut)})
	return nil
}

type agencyIn struct {
	Name   string `json:"name"`
	Parent string `json:"parent"`
}

// putAgency adds an agency below one within reach, or renames one within reach.
func (s *Server) putAgency(w http.ResponseWriter, r *http.Request, c *call) error {
	var in agencyIn
	if err := take(r, &in); err != nil {
		return err
	}
	ctx, code := r.Context(), r.PathValue("code")
	old, err := s.config.Catalogue.AgencyByCode(ctx, catalogue.Everywhere, code)
	switch {
	case err == nil && !c.token.Path.Covers(old.Path):
		return &catalogue.ConflictError{Kind: "agency", ID: code, Reason: "the code is taken, and the agency is not yours"}
	case err == nil && in.Parent == "":
		in.Parent = old.Parent
	case err == nil:
	case !errors.Is(err, catalogue.ErrNotFound):
		return err
	default:
		_, err := s.config.Catalogue.AgencyByCode(ctx, c.token.Path, in.Parent)
		if errors.Is(err, catalogue.ErrNotFound) {
			return invalid("parent", "there is no agency with this code, or it is not yours")
		}
		if err != nil {
			return err
		}
	}
	a, err := s.records(c).PutAgency(ctx, code, in.Name, in.Parent)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, agencyOut(&a))
	return nil
}

type componentJSON struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Required bool   `json:"required"`
}

type procedureJSON struct {
	Code       string          `json:"code"`
	Name       string          `json:"name"`
	FieldCode  string          `json:"field_code,omitempty"`
	FieldName  string          `json:"field_name,omitempty"`
	Result     bool            `json:"result"`
	Components []componentJSON `json:"components"`
}

type proceduresJSON struct {
	Procedures []procedureJSON `json:"procedures"`
}

func procedureOut(p *catalogue.Procedure) procedureJSON {
	return procedureJSON{
		Code: p.Code, Name: p.Name, FieldCode: p.FieldCode, FieldName: p.FieldName, Result: p.Result,
		Components: each(p.Components, func(k *catalogue.Component) componentJSON { return componentJSON(*k) }),
	}
}

func (s *Server) procedures(w http.ResponseWriter, r *http.Request, _ *call) error {
	all, err := s.config.Catalogue.Procedures(r.Context())
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, proceduresJSON{Procedures: each(all, procedureOut)})
	return nil
}

type procedureIn struct {
	Name       string          `json:"name"`
	FieldCode  string          `json:"field_code"`
	FieldName  string          `json:"field_name"`
	Result     bool            `json:"result"`
	Components []componentJSON `json:"components"`
}

func (s *Server) putProcedure(w http.ResponseWriter, r *http.Request, c *call) error {
	var in procedureIn
	if err := take(r, &in); err != nil {
		return err
	}
	p := catalogue.Procedure{
		Code: r.PathValue("code"), Name: in.Name, FieldCode: in.FieldCode, FieldName: in.FieldName, Result: in.Result,
		Components: each(in.Components, func(k *componentJSON) catalogue.Component { return catalogue.Component(*k) }),
	}
	if err := s.records(c).PutProcedure(r.Context(), p); err != nil {
		return err
	}
	answer(w, http.StatusOK, procedureOut(&p))
	return nil
}

type actJSON struct {
	At      time.Time      `json:"at"`
	Actor   string         `json:"actor"`
	Action  string         `json:"action"`
	Subject string         `json:"subject"`
	Remote  string         `json:"remote"`
	Detail  map[string]any `json:"detail,omitempty"`
}

type actsJSON struct {
	Acts []actJSON `json:"acts"`
}

// audit lists who did what.
func (s *Server) audit(w http.ResponseWriter, r *http.Request, _ *call) error {
	q := queryOf(r)
	f := catalogue.ActFilter{
		Actor: q.text("actor"), Action: q.text("action"), Subject: q.text("subject"), Limit: q.count("limit", 1, 1000, 100),
	}
	if text := q.text("since"); text != "" {
		since, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return invalid("since", "it is not an instant like 2026-03-31T08:00:00+07:00")
		}
		f.Since = since
	}
	if q.err != nil {
		return q.err
	}
	all, err := s.config.Catalogue.Acts(r.Context(), f)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, actsJSON{Acts: each(all, func(a *catalogue.Act) actJSON {
		return actJSON{At: a.At, Actor: a.Actor, Action: a.Action, Subject: a.Subject, Remote: a.Remote, Detail: a.Detail}
	})})
	return nil
}

type backlogJSON struct {
	Queue  catalogue.Queue `json:"queue"`
	Papers int             `json:"papers"`
	Pages  int             `json:"pages"`
	Oldest float64         `json:"oldest_seconds"`
}

type statusJSON struct {
	Ready    bool          `json:"ready"`
	Problems []Problem     `json:"problems"`
	Revision string        `json:"revision"`
	Backlogs []backlogJSON `json:"backlogs"`
	Uploads  int           `json:"uploads_under_way"`
	Streams  int           `json:"listeners"`
}

// status is what IT looks at first.
func (s *Server) status(w http.ResponseWriter, r *http.Request, _ *call) error {
	backlogs, err := s.config.Catalogue.Backlogs(r.Context())
	if err != nil {
		return err
	}
	problems := s.problems(r.Context())
	answer(w, http.StatusOK, statusJSON{
		Ready: len(problems) == 0, Problems: problems, Revision: s.config.Revision,
		Backlogs: each(backlogs, func(b *catalogue.Backlog) backlogJSON {
			return backlogJSON{Queue: b.Queue, Papers: b.Papers, Pages: b.Pages, Oldest: b.Oldest.Seconds()}
		}),
		Uploads: s.uploads.count(), Streams: s.hub.listening(),
	})
	return nil
}

type papersJSON struct {
	Papers []paperJSON `json:"papers"`
}

// failedPapers are those that could not be read.
func (s *Server) failedPapers(w http.ResponseWriter, r *http.Request, c *call) error {
	q := queryOf(r)
	limit := q.count("limit", 1, 1000, 100)
	if q.err != nil {
		return q.err
	}
	all, err := s.config.Catalogue.FailedPapers(r.Context(), c.token.Path, limit)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, papersJSON{Papers: papersOut(all)})
	return nil
}

// inspect hands a request to the queue's own pages. What changes something there is told to the audit before.
func (s *Server) inspect(w http.ResponseWriter, r *http.Request, c *call) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if err := s.records(c).Record(r.Context(), "queue.inspect", "queue:"+knownMethod(r.Method), nil); err != nil {
			return err
		}
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostJSON)
	r.Header.Del("Authorization") // the token is ours alone
	s.config.Inspect.ServeHTTP(w, r)
	return nil
}
