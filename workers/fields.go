package workers

import (
	"slices"

	"sohoa/pipeline/extract"
	"sohoa/storage/catalogue"
)

// fieldsOnto gives each page's text the fields that were found on it, as the catalogue keeps them: both call them the same.
func fieldsOnto(texts []catalogue.PageText, fields []extract.Field) {
	for i := range texts {
		for j := range fields {
			f := &fields[j]
			if f.Page != texts[i].Number {
				continue
			}
			box := f.Box()
			texts[i].Fields = append(texts[i].Fields, catalogue.FoundField{
				Name: catalogue.FieldName(f.Name), Value: f.Value, Normal: f.Normal, Confidence: f.Confidence, Origin: string(f.Origin), Differs: f.Differs,
				Place: catalogue.Place{X0: box.X0, Y0: box.Y0, X1: box.X1, Y1: box.Y1},
			})
		}
	}
}

// doubtful tells whether an officer should look at a paper for its fields: one of those that the law asks for was read with less confidence than
// below, or a code says otherwise than the words do. below is 0 where confidence does not matter.
func doubtful(fields []extract.Field, below float64) bool {
	return slices.ContainsFunc(fields, func(f extract.Field) bool {
		return f.Differs != "" || f.Confidence < below && slices.Contains(catalogue.LeastFields(), catalogue.FieldName(f.Name))
	})
}
