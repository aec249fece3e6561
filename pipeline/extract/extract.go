package extract

import (
	"slices"

	"sohoa/pipeline/page"
)

// Page gives the fields that a page says by itself, in the order of Names, each once. Of a page that is none's first those of the
// head are not looked for.
func Page(p *page.Page) []Field {
	if len(p.Blocks) == 0 && len(p.Codes) == 0 {
		return nil
	}
	s := newSheet(p)
	var all []Field
	if s.head() || s.kind != nil {
		agencies := s.agencies()
		issuer := ""
		if len(agencies) > 0 {
			issuer = agencies[0].Value
		}
		all = slices.Concat(all, s.title(), s.codeFields(issuer), agencies, s.issued(), s.subject(), s.validity())
		agree(all)
	}
	all = slices.Concat(all, s.signature(), s.ownerFields(), s.codesInText())
	all = s.withCodes(all)
	for i := range all {
		all[i].Value, all[i].Normal = tidy(all[i].Value), tidy(all[i].Normal)
	}
	all = slices.DeleteFunc(all, func(f Field) bool { return len(f.Value) > mostValue })
	slices.SortStableFunc(all, func(a, b Field) int { return slices.Index(Names(), a.Name) - slices.Index(Names(), b.Name) })
	return slices.CompactFunc(all, func(a, b Field) bool { return a.Name == b.Name })
}

// mostValue is how many bytes a value has at most: what is longer is a text that was taken for a field.
const mostValue = 1500

// OfPaper are a paper's fields, in the order of Names: each is what the first page says that has it. all are those of its pages, in
// their order.
func OfPaper(all []Field) (fields []Field) {
	for _, name := range Names() {
		if i := slices.IndexFunc(all, func(f Field) bool { return f.Name == name }); i >= 0 {
			fields = append(fields, all[i])
		}
	}
	return fields
}
