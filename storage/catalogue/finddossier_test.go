package catalogue

import (
	"fmt"
	"testing"
)

func TestFindDossiers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		all := agencies(t, c)
		for i, d := range []Dossier{
			{Agency: "H50.13", Owner: Owner{Name: "Trần Thị Bích", Number: "045012345678"}},
			{Agency: "H50.13", Owner: Owner{Name: "Nguyễn Văn Đạt"}},
			{Agency: "H50.14", Owner: Owner{Name: "Nguyễn Thị Bích Đào"}},
		} {
			d.Code = fmt.Sprintf("%s-260331-%04d", d.Agency, i+1)
			if _, _, err := c.PutDossier(t.Context(), Everywhere, d); err != nil {
				t.Fatal(err)
			}
		}
		handIn(t, c, "H50.13", 7, nil)
		r := handIn(t, c, "H50.13", 8, nil)
		read(t, c, r.Work, 1, "giấy phép lái xe hạng B2")
		for text, want := range map[string][]string{
			"":                {},
			"h50.13-2603":     {"H50.13-260331-0008", "H50.13-260331-0007", "H50.13-260331-0002", "H50.13-260331-0001"},
			"H50.14":          {},
			"bích":            {"H50.13-260331-0001"},
			"tran bich":       {"H50.13-260331-0001"},
			"0450123":         {"H50.13-260331-0001"},
			"dat":             {"H50.13-260331-0002"},
			"0007":            {"H50.13-260331-0007"},
			"hang b2":         {"H50.13-260331-0008"},
			"khong co ai":     {},
			"'; DROP TABLE--": {},
		} {
			found := must[[]Dossier](t)(c.FindDossiers(t.Context(), all["H50.13"].Path, text, 8))
			var codes []string
			for _, d := range found {
				codes = append(codes, d.Code)
			}
			if fmt.Sprint(codes) != fmt.Sprint(want) {
				t.Errorf("%q: %v, want %v", text, codes, want)
			}
		}
		if found := must[[]Dossier](t)(c.FindDossiers(t.Context(), Everywhere, "H50", 2)); len(found) != 2 {
			t.Errorf("%d dossiers, want 2", len(found))
		}
	})
}
