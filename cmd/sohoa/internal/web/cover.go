package web

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"

	"sohoa/storage/catalogue"
)

type coverJSON struct {
	Kind      catalogue.PaperKind `json:"kind"`
	Component string              `json:"component,omitempty"`
	Name      string              `json:"name,omitempty"`
	Code      string              `json:"code"`
}

type coversJSON struct {
	Covers []coverJSON `json:"covers"`
}

// covers are the cover sheets of a dossier, which part a feeder's scan.
func (s *Server) covers(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.DossierID](r, "id")
	if err != nil {
		return err
	}
	_, all, err := s.config.Catalogue.Covers(r.Context(), c.token.Path, id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, coversJSON{Covers: each(all, func(v *catalogue.Cover) coverJSON { return coverJSON(*v) })})
	return nil
}

// coverCode is the QR code of one of them, as a picture.
func (s *Server) coverCode(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.DossierID](r, "id")
	if err != nil {
		return err
	}
	q := queryOf(r)
	kind, component := oneOf(q, "kind", paperKinds()...), q.text("component")
	if q.err != nil {
		return q.err
	}
	if kind == "" {
		kind = catalogue.ComponentPaper
	}
	_, all, err := s.config.Catalogue.Covers(r.Context(), c.token.Path, id)
	if err != nil {
		return err
	}
	for _, v := range all {
		if v.Kind != kind || v.Component != component {
			continue
		}
		picture, err := qrSVG(v.Code)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
		_, _ = w.Write(picture) // a client that has gone sees nothing
		return nil
	}
	return refuse(CodeNotFound)
}

// qrSVG draws a QR code: a quarter of it may be lost. Its white border is part of the picture, four modules wide as the standard
// wants it.
func qrSVG(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.Q, qr.Unicode)
	if err != nil {
		return nil, fmt.Errorf("draw a QR code: %w", err)
	}
	const border = 4
	n := code.Bounds().Dx()
	var b strings.Builder
	fmt.Fprintf(&b, `%s<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[2]dv%[2]dH0z"/><path d="`,
		xml.Header, n+2*border, n+2*border)
	for y := range n {
		for x := 0; x < n; x++ {
			from := x
			for x < n && dark(code.At(x, y)) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+border, y+border, x-from, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return []byte(b.String()), nil
}

func dark(c interface{ RGBA() (r, g, b, a uint32) }) bool {
	r, _, _, _ := c.RGBA()
	return r < 0x8000
}

type batchPartJSON struct {
	Cover       int                    `json:"cover,omitempty"`
	First       int                    `json:"first,omitempty"`
	Last        int                    `json:"last,omitempty"`
	Dossier     catalogue.DossierID    `json:"dossier"`
	DossierCode string                 `json:"dossier_code"`
	Kind        catalogue.PaperKind    `json:"kind"`
	Component   string                 `json:"component,omitempty"`
	Reasons     []catalogue.PartReason `json:"reasons"`
	Paper       catalogue.PaperID      `json:"paper,omitempty"`
}

type batchJSON struct {
	Paper catalogue.PaperID `json:"paper"`
	Split *time.Time        `json:"split,omitempty"`
	Parts []batchPartJSON   `json:"parts"`
}

// batch tells what became of a feeder's scan.
func (s *Server) batch(w http.ResponseWriter, r *http.Request, c *call) error {
	id, err := number[catalogue.PaperID](r, "id")
	if err != nil {
		return err
	}
	b, err := s.config.Catalogue.Batch(r.Context(), c.token.Path, id)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, batchJSON{Paper: b.Paper, Split: whenSet(b.Split), Parts: each(b.Parts, func(p *catalogue.BatchPart) batchPartJSON {
		reasons := p.Reasons
		if reasons == nil {
			reasons = []catalogue.PartReason{}
		}
		return batchPartJSON{
			Cover: p.Cover, First: p.First, Last: p.Last, Dossier: p.Dossier, DossierCode: p.DossierCode, Kind: p.Kind, Component: p.Component,
			Reasons: reasons, Paper: p.Paper,
		}
	})})
	return nil
}

type scanJSON struct {
	HeldIn []place `json:"held_in"`
}

// scan tells where a scan is held already, within reach: asked for before its bytes are sent.
func (s *Server) scan(w http.ResponseWriter, r *http.Request, c *call) error {
	sum := r.PathValue("sha256")
	if !sha256Hex.MatchString(sum) {
		return refuse(CodeNotFound)
	}
	same, err := s.config.Catalogue.PapersOfScan(r.Context(), c.token.Path, sum)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, scanJSON{HeldIn: each(same, func(p *catalogue.Paper) place {
		return place{Paper: p.ID, Dossier: p.Dossier, DossierCode: p.DossierCode}
	})})
	return nil
}

// batchSaid reads whether a file is said to be a feeder's scan with cover sheets.
func batchSaid(value string) (bool, error) {
	if value == "" {
		return false, nil
	}
	yes, err := strconv.ParseBool(value)
	if err != nil {
		return false, invalid("batch", "it must be true or false")
	}
	return yes, nil
}
