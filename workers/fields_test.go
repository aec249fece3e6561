package workers

import (
	"slices"
	"testing"

	"sohoa/pipeline/extract"
	"sohoa/pipeline/page"
	"sohoa/storage/catalogue"
)

// What the pipeline finds the catalogue can keep.
func TestFieldsHaveTheSameNames(t *testing.T) {
	t.Parallel()
	for _, name := range extract.Names() {
		if !slices.Contains(catalogue.FieldNames(), catalogue.FieldName(name)) {
			t.Errorf("the catalogue has no field %s", name)
		}
	}
}

func TestFieldsOntoTheirPages(t *testing.T) {
	t.Parallel()
	texts := []catalogue.PageText{{Number: 1}, {Number: 2}}
	fieldsOnto(texts, []extract.Field{
		{Name: extract.Number, Value: "7", Confidence: 90, Page: 2, Origin: extract.Recognized, Boxes: []page.Box{{X0: 5, Y0: 5, X1: 9, Y1: 9}, {X0: 1, Y0: 8, X1: 4, Y1: 12}}},
		{Name: extract.Issuer, Value: "SỞ", Page: 1, Origin: extract.Code, Differs: "SƠ"},
	})
	if len(texts[0].Fields) != 1 || texts[0].Fields[0].Origin != catalogue.OriginCode || texts[0].Fields[0].Differs != "SƠ" {
		t.Errorf("page 1: %+v", texts[0].Fields)
	}
	if len(texts[1].Fields) != 1 || texts[1].Fields[0].Place != (catalogue.Place{X0: 1, Y0: 5, X1: 9, Y1: 12}) {
		t.Errorf("page 2: %+v", texts[1].Fields)
	}
}

func TestDoubtfulFields(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		field extract.Field
		want  bool
	}{
		"sure":                       {extract.Field{Name: extract.Number, Value: "7", Confidence: 96}, false},
		"unsure":                     {extract.Field{Name: extract.Number, Value: "7", Confidence: 60}, true},
		"not readable":               {extract.Field{Name: extract.Number}, true},
		"unsure of what nobody asks": {extract.Field{Name: extract.Signer, Value: "Lê Tám", Confidence: 10}, false},
		"a code that differs":        {extract.Field{Name: extract.DossierCode, Value: "H50-250101-0001", Confidence: 99, Differs: "H50-250101-0002"}, true},
	} {
		if got := doubtful([]extract.Field{c.field}, 80); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
	}
	if doubtful([]extract.Field{{Name: extract.Number, Value: "7", Confidence: 10}}, 0) {
		t.Error("where confidence does not matter, a field's does")
	}
}
