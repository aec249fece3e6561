package catalogue

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
)

// readFields does all the work on a reading of one page with fields.
func readFields(t *testing.T, c *Catalogue, r Reading, pages ...PageText) {
	t.Helper()
	ctx := t.Context()
	must[Reading](t)(c.Begin(ctx, r.ID, r.Revision, StepSplit, time.Minute))
	must[Reading](t)(c.Split(ctx, r, "tiff", len(pages), time.Minute))
	for n := range pages {
		must[Reading](t)(c.BeginPage(ctx, r.ID, r.Revision, n+1, time.Minute))
		if _, _, err := c.EndPage(ctx, r, PageRecord{Number: n + 1, State: "read", Source: "recognized", Confidence: 90, Words: 3}, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	must[Reading](t)(c.Begin(ctx, r.ID, r.Revision, StepBind, time.Minute))
	if err := c.Bound(ctx, r, Summary{Words: 3, Confidence: 90}, pages); err != nil {
		t.Fatal(err)
	}
}

func foundField(name FieldName, value, normal string, confidence float64) FoundField {
	return FoundField{Name: name, Value: value, Normal: normal, Confidence: confidence, Place: Place{X0: 10, Y0: 10, X1: 40, Y1: 20}}
}

func textWith(n int, text string, fields ...FoundField) PageText {
	return PageText{Number: n, Text: text, Width: 100, Height: 100, Fields: fields}
}

// shownFields are the fields of a paper as NAME: VALUE (SOURCE).
func shownFields(t *testing.T, c *Catalogue, id PaperID) map[FieldName]string {
	t.Helper()
	all := make(map[FieldName]string)
	for _, f := range must[[]Field](t)(c.Fields(t.Context(), Everywhere, id)) {
		all[f.Name] = fmt.Sprintf("%s (%s)", f.Value, f.Source)
	}
	return all
}

func wantFields(t *testing.T, c *Catalogue, id PaperID, want map[FieldName]string) {
	t.Helper()
	if got := shownFields(t, c, id); !maps.Equal(got, want) {
		t.Errorf("fields are %v, want %v", got, want)
	}
}

func TestFoundFields(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		r := handIn(t, c, "H50.13", 1, nil)
		readFields(t, c, r.Work,
			textWith(1, "trang một", foundField(FieldNumber, "", "", 0), foundField(FieldNotation, "QĐ-SXD", "QĐ-SXD", 98), foundField(FieldIssued, "ngày 18 tháng 2 năm 2025", "2025-02-18", 96)),
			textWith(2, "trang hai", foundField(FieldNumber, "17", "17", 90), foundField(FieldSigner, "Lê Văn Tám", "LÊ VĂN TÁM", 91)))
		id := r.Paper.ID
		// The first page that has a field says it, also where it could not be read there.
		wantFields(t, c, id, map[FieldName]string{
			FieldNumber: " (recognized)", FieldNotation: "QĐ-SXD (recognized)", FieldIssued: "2025-02-18 (recognized)", FieldSigner: "Lê Văn Tám (recognized)",
		})
		all := must[[]Field](t)(c.Fields(t.Context(), Everywhere, id))
		at := slices.IndexFunc(all, func(f Field) bool { return f.Name == FieldIssued })
		if f := all[at]; f.Page != 1 || f.Place != (Place{10, 10, 40, 20}) || f.Confidence != 96 || f.Found == nil || f.Found.Value != "ngày 18 tháng 2 năm 2025" {
			t.Errorf("the day: %+v, found %+v", f, f.Found)
		}
		officer := c.As(Actor{Name: "user:lan"})
		err := officer.SetFields(t.Context(), Everywhere, id, map[FieldName]FieldValue{
			FieldNumber: {Value: "209"}, FieldNotation: {Value: "QĐ-SXD", Confirm: true}, FieldSigner: {Value: ""},
		})
		if err != nil {
			t.Fatal(err)
		}
		said := map[FieldName]string{FieldNumber: "209 (typed)", FieldNotation: "QĐ-SXD (confirmed)", FieldIssued: "2025-02-18 (recognized)"}
		wantFields(t, c, id, said)
		if f := must[[]Field](t)(c.Fields(t.Context(), Everywhere, id))[0]; f.Name != FieldNumber || f.Page != 1 || f.Found == nil {
			t.Errorf("what was typed lost its place: %+v", f)
		}
		for _, query := range []string{`"209/QĐ-SXD"`, "2025-02-18"} {
			if h := must[Hits](t)(c.Search(t.Context(), Everywhere, Query{Text: query})); len(h.Hits) != 1 || h.Hits[0].Paper != id {
				t.Errorf("%s finds %d papers", query, len(h.Hits))
			}
		}
		// A reading anew changes what nobody looked at, and nothing else; what an officer took away stays away.
		edition := must[Paper](t)(c.Paper(t.Context(), Everywhere, id)).Edition
		reread(t, c, r.Work,
			textWith(1, "trang một", foundField(FieldNumber, "283", "283", 80), foundField(FieldNotation, "OĐ-SXD", "OĐ-SXD", 50), foundField(FieldIssued, "ngày 13 tháng 2 năm 2025", "2025-02-13", 60)),
			textWith(2, "trang hai", foundField(FieldSigner, "Lê Văn Tâm", "LÊ VĂN TÂM", 91)))
		said[FieldIssued] = "2025-02-13 (recognized)"
		wantFields(t, c, id, said)
		if now := must[Paper](t)(c.Paper(t.Context(), Everywhere, id)).Edition; now == edition {
			t.Error("a paper that says something else is the same edition")
		}
		// What was approved stays as it was approved, while its words do.
		must[Paper](t)(officer.Approve(t.Context(), Everywhere, id, AnyEdition))
		reread(t, c, r.Work,
			textWith(1, "trang một", foundField(FieldIssued, "ngày 11 tháng 2 năm 2025", "2025-02-11", 99), foundField(FieldIssuer, "SỞ XÂY DỰNG", "SỞ XÂY DỰNG", 99)),
			textWith(2, "trang hai"))
		said[FieldIssuer] = "SỞ XÂY DỰNG (recognized)"
		wantFields(t, c, id, said)
		if p := must[Paper](t)(c.Paper(t.Context(), Everywhere, id)); p.State != PaperApproved {
			t.Errorf("the paper is %s", p.State)
		}
	})
}

// A paper that is some pages of a scan has the fields of these.
func TestFoundFieldsOfParts(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		r := handIn(t, c, "H50.13", 1, nil)
		readFields(t, c, r.Work, textWith(1, "một", foundField(FieldNumber, "1", "1", 99)), textWith(2, "hai", foundField(FieldNumber, "2", "2", 99)))
		id := r.Paper.ID
		wantFields(t, c, id, map[FieldName]string{FieldNumber: "1 (recognized)"})
		p := must[Paper](t)(c.Arrange(t.Context(), Everywhere, id, 0, []PaperPage{{SHA256: sum(1), Number: 2}, {SHA256: sum(1), Number: 1}}))
		wantFields(t, c, id, map[FieldName]string{FieldNumber: "2 (recognized)"})
		must[Paper](t)(c.Arrange(t.Context(), Everywhere, id, p.Arranged, []PaperPage{{SHA256: sum(1), Number: 1}}))
		wantFields(t, c, id, map[FieldName]string{FieldNumber: "1 (recognized)"})
		// The same scan in another dossier has them at once.
		other := handIn(t, c, "H50.14", 2, func(h *HandIn) { h.Scan.SHA256 = sum(1) })
		wantFields(t, c, other.Paper.ID, map[FieldName]string{FieldNumber: "1 (recognized)"})
		// An invalid day must not be kept, and no field that there is not.
		for _, bad := range []FoundField{foundField(FieldIssued, "ngày 31/2", "31/2/2025", 1), foundField("made_up", "x", "x", 1)} {
			err := c.write(t.Context(), "put", func(q querier) error { return putFound(t.Context(), q, sum(1), []PageText{textWith(1, "một", bad)}) })
			if err == nil {
				t.Errorf("%+v was kept", bad)
			}
		}
	})
}
