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
	}
	all = slices.Concat(all, s.signature(), s.ownerFields(), s.codesInText())
	all = s.withCodes(all)
	for i := range all {
		all[i].Value, all[i].Normal = tidy(all[i].Value), tidy(all[i].Normal)
	}
	slices.SortStableFunc(all, func(a, b Field) int { return slices.Index(Names(), a.Name) - slices.Index(Names(), b.Name) })
	return slices.CompactFunc(all, func(a, b Field) bool { return a.Name == b.Name })
}

// Paper gathers the fields of a paper's pages: each is what the first page says that has it. The zero value is ready to use.
type Paper struct{ fields []Field }

// Add takes the next page.
func (c *Paper) Add(p *page.Page) { c.Take(Page(p)) }

// Take is Add for a page whose fields are known.
func (c *Paper) Take(fields []Field) {
	for _, f := range fields {
		if !slices.ContainsFunc(c.fields, func(g Field) bool { return g.Name == f.Name }) {
			c.fields = append(c.fields, f)
		}
	}
}

// Fields are those of the pages so far, in the order of Names.
func (c *Paper) Fields() []Field {
	all := slices.Clone(c.fields)
	slices.SortStableFunc(all, func(a, b Field) int { return slices.Index(Names(), a.Name) - slices.Index(Names(), b.Name) })
	return all
}
