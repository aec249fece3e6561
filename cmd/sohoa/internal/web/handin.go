package web

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"time"

	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// slip is what a client says of a file that it hands in.
type slip struct {
	name      string
	component string
	kind      catalogue.PaperKind
	queue     catalogue.Queue
	batch     bool   // it is a feeder's scan with cover sheets
	sha256    string // to be checked; "": not given
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// set takes one thing that is said, by its name in the API.
func (l *slip) set(field, value string) error {
	switch field {
	case "name":
		l.name = cleanName(value)
	case "component":
		if value != "" && !componentCode.MatchString(value) {
			return invalid(field, "it must have 1 to 64 letters, digits and . _ / -, and begin with a letter or digit")
		}
		l.component = value
	case "kind":
		l.kind = catalogue.PaperKind(value)
		if value != "" && !slices.Contains(paperKinds(), l.kind) {
			return invalid(field, `it must be "component" or "result"`)
		}
	case "queue":
		l.queue = catalogue.Queue(value)
		if value != "" && l.queue != catalogue.Desk && l.queue != catalogue.Batch {
			return invalid(field, `it must be "desk" or "batch"`)
		}
	case "batch":
		var err error
		l.batch, err = batchSaid(value)
		return err
	case "sha256":
		if value != "" && !sha256Hex.MatchString(value) {
			return invalid(field, "it is not 64 lowercase hex digits")
		}
		l.sha256 = value
	default:
		return invalid(field, "there is no such field")
	}
	return nil
}

// componentCode is looked at before a file is received, so that none is received in vain.
var componentCode = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$`)

// place is where a scan is held already.
type place struct {
	Paper       catalogue.PaperID   `json:"paper"`
	Dossier     catalogue.DossierID `json:"dossier"`
	DossierCode string              `json:"dossier_code"`
}

// handed is the answer for one file: the paper that it became, or why not.
type handed struct {
	Name   string     `json:"name,omitempty"`
	SHA256 string     `json:"sha256,omitempty"`
	Paper  *paperJSON `json:"paper,omitempty"`
	// Held: these bytes were here already; HeldIn are the places that the sender may see.
	Held   bool    `json:"held"`
	HeldIn []place `json:"held_in,omitempty"`
	// Again: this very paper was handed in before; nothing was added.
	Again bool     `json:"again"`
	Error *Failure `json:"error,omitempty"`
}

// upload takes one of the places for requests that bring files. Where these are scarce its body has to hurry.
func (s *Server) upload(c *call) (release func(), err error) {
	c.body.scarce = s.uploads.scarce
	return s.uploads.take(c.token.ID)
}

// freshOriginal is well below the age at which originals that no row names are collected.
const freshOriginal = time.Hour

// keep puts a received file into the store, then into the catalogue, then tells the queue: when it returns without error the
// paper is durable and may be acknowledged. What it does can be done again.
func (s *Server) keep(ctx context.Context, c *call, dossier catalogue.DossierID, f *received, says slip) (handed, error) {
	if says.sha256 != "" && says.sha256 != f.sha256 {
		return handed{}, &refusal{code: CodeChecksum, field: "sha256", detail: "the file that arrived has " + f.sha256}
	}
	// A client that hangs up now has sent all: what it sent is kept, and it will be told so when it asks again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.KeepTimeout)
	defer cancel()
	c.body.rest()
	key, err := object.Original(f.sha256)
	if err != nil {
		return handed{}, err
	}
	// An original that no row names, left by an upload that was never acknowledged, may be collected any time: it is made
	// young before a row names it.
	held, err := s.config.Catalogue.ScanHeld(ctx, f.sha256)
	if err != nil {
		return handed{}, err
	}
	fresh := freshOriginal
	if held {
		fresh = 0
	}
	if _, err := s.config.Objects.PutFile(ctx, key, f.path, f.size, f.sha256, fresh); err != nil {
		return handed{}, err
	}
	result, err := s.enter(ctx, c, dossier, catalogue.Scan{SHA256: f.sha256, Size: f.size, MediaType: f.mediaType}, says)
	if err != nil || held {
		return result, err
	}
	// From now on a row names it. The collector may have had it in its hand until then: it is stored once more if it is gone.
	_, err = s.config.Objects.PutFile(ctx, key, f.path, f.size, f.sha256, 0)
	return result, err
}

// enter adds a paper whose scan is in the store.
func (s *Server) enter(ctx context.Context, c *call, dossier catalogue.DossierID, scan catalogue.Scan, says slip) (handed, error) {
	receipt, err := s.records(c).HandIn(ctx, c.token.Path, catalogue.HandIn{
		Dossier: dossier, Scan: scan, Kind: says.kind, Component: says.component, Name: says.name, Queue: says.queue,
		Batch: says.batch, Revision: s.config.Revision,
	})
	if err != nil {
		return handed{}, err
	}
	out := handed{Name: says.name, SHA256: scan.SHA256, Held: receipt.Held, Again: receipt.Again}
	paper := paperOut(&receipt.Paper)
	out.Paper = &paper
	if receipt.Held {
		if out.HeldIn, err = s.heldIn(ctx, c, &receipt.Paper); err != nil {
			return handed{}, err
		}
	}
	if receipt.Due {
		s.enqueue(ctx, c, receipt.Work)
	}
	s.figures.handedIn(receipt.Held, receipt.Again)
	return out, nil
}

// heldIn are the other papers of the same bytes that the caller may see.
func (s *Server) heldIn(ctx context.Context, c *call, paper *catalogue.Paper) ([]place, error) {
	same, err := s.config.Catalogue.PapersOfScan(ctx, c.token.Path, paper.SHA256)
	if err != nil {
		return nil, err
	}
	var places []place
	for _, p := range same {
		if p.ID != paper.ID {
			places = append(places, place{Paper: p.ID, Dossier: p.Dossier, DossierCode: p.DossierCode})
		}
	}
	return places, nil
}

// enqueue tells the queue of a reading. Where that fails, or where the reading's pages wait one by one, the sweeper finds
// in the catalogue what is due.
func (s *Server) enqueue(ctx context.Context, c *call, work catalogue.Reading) {
	if work.Step != catalogue.StepSplit && work.Step != catalogue.StepBind {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.EnqueueTimeout)
	defer cancel()
	task := catalogue.Task{Step: work.Step, Reading: work.ID, Queue: work.Queue}
	if err := s.config.Queue.Enqueue(ctx, task); err != nil {
		s.figures.unqueued.Inc()
		s.log.WarnContext(ctx, "work was not enqueued; the sweeper will", "id", c.id, "reading", int64(work.ID), "error", err)
	}
}

// handIn takes papers of a dossier: one as the body, or several as a form.
func (s *Server) handIn(w http.ResponseWriter, r *http.Request, c *call) error {
	dossier, err := number[catalogue.DossierID](r, "id")
	if err != nil {
		return err
	}
	if err := plainEncoding(r); err != nil {
		return err
	}
	if r.ContentLength > s.config.MaxRequest {
		return refuse(CodeRequestTooLarge)
	}
	// Asked before the bytes come: whoever may not hand in here, or cannot now, need not send them.
	if _, err := s.config.Catalogue.Dossier(r.Context(), c.token.Path, dossier); err != nil {
		return err
	}
	release, err := s.upload(c)
	if err != nil {
		return err
	}
	defer release()
	if err := s.spool.room(max(0, r.ContentLength)); err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, s.config.MaxRequest)
	if isForm(r) {
		return s.handInForm(w, r, c, dossier)
	}
	return s.handInBody(w, r, c, dossier)
}

// handInBody takes the request's body as one paper.
func (s *Server) handInBody(w http.ResponseWriter, r *http.Request, c *call, dossier catalogue.DossierID) error {
	var says slip
	q := r.URL.Query()
	for _, field := range []string{"name", "component", "kind", "queue", "batch"} {
		if err := says.set(field, q.Get(field)); err != nil {
			return err
		}
	}
	var err error
	if says.sha256, err = digest(r.Header); err != nil {
		return err
	}
	if r.ContentLength > s.config.MaxPaper {
		return refuse(CodePaperTooLarge)
	}
	result, err := s.takeFile(r.Context(), c, dossier, r.Body, says)
	if err != nil {
		return err
	}
	s.figures.acknowledged(c)
	answer(w, handedStatus([]handed{result}), handedJSON{Results: []handed{result}})
	return nil
}

// takeFile receives one file and keeps it.
func (s *Server) takeFile(ctx context.Context, c *call, dossier catalogue.DossierID, from reader, says slip) (handed, error) {
	f, err := s.spool.receive(from, s.config.MaxPaper)
	if err != nil {
		return handed{}, err
	}
	defer f.drop(ctx, s.log)
	return s.keep(ctx, c, dossier, f, says)
}

type reader interface{ Read(p []byte) (int, error) }

// handedJSON is the answer where all was kept.
type handedJSON struct {
	Results []handed `json:"results"`
}

// handedStatus is 201 where every paper is a new one, 200 where some were handed in before.
func handedStatus(all []handed) int {
	if slices.ContainsFunc(all, func(h handed) bool { return h.Again }) {
		return http.StatusOK
	}
	return http.StatusCreated
}

// ownFault tells whether an error is the file's own, so that the request's other files go on.
func ownFault(err error) bool {
	var refused *refusal
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.code {
	case CodePaperTooLarge, CodePaperEmpty, CodePaperUnknown, CodeChecksum, CodeInvalid:
		return true
	}
	return false
}

type knownIn struct {
	SHA256    string `json:"sha256"`
	Component string `json:"component"`
	Kind      string `json:"kind"`
	Queue     string `json:"queue"`
	Name      string `json:"name"`
}

// handInKnown hands in what is held already, by its checksum alone: only a scan that the caller may see as a whole, since a checksum
// must not open others' papers.
func (s *Server) handInKnown(w http.ResponseWriter, r *http.Request, c *call) error {
	dossier, err := number[catalogue.DossierID](r, "id")
	if err != nil {
		return err
	}
	var in knownIn
	if err := take(r, &in); err != nil {
		return err
	}
	var says slip
	for field, value := range map[string]string{
		"sha256": in.SHA256, "component": in.Component, "kind": in.Kind, "queue": in.Queue, "name": in.Name,
	} {
		if err := says.set(field, value); err != nil {
			return err
		}
	}
	if says.sha256 == "" {
		return invalid("sha256", "it is not 64 lowercase hex digits")
	}
	ctx := r.Context()
	same, err := s.config.Catalogue.PapersOfScan(ctx, c.token.Path, says.sha256)
	if err != nil {
		return err
	}
	if len(same) == 0 {
		return s.notHeld(ctx, c, says.sha256)
	}
	if says.name == "" {
		says.name = same[0].Name
	}
	scan := catalogue.Scan{SHA256: same[0].SHA256, Size: same[0].Size, MediaType: same[0].MediaType}
	result, err := s.enter(ctx, c, dossier, scan, says)
	if err != nil {
		return err
	}
	s.figures.acknowledged(c)
	answer(w, handedStatus([]handed{result}), handedJSON{Results: []handed{result}})
	return nil
}

// notHeld says why a scan cannot be handed in by its checksum: a part of it opens no others' pages.
func (s *Server) notHeld(ctx context.Context, c *call, sha256 string) error {
	part, err := s.config.Catalogue.HasPartOfScan(ctx, c.token.Path, sha256)
	switch {
	case err != nil:
		return err
	case part:
		return refuse(CodePartOfScan)
	}
	return refuse(CodeNotFound)
}
