package pages

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"sohoa/cmd/sohoa/internal/sheet"
	"sohoa/storage/catalogue"
)

// exportRates answers with all figures of each group as a table to keep.
func (p *Pages) exportRates(w http.ResponseWriter, r *http.Request, v *Visit) error {
	f := readRatesFilter(r, time.Now())
	rates, err := v.Records.Rates(r.Context(), v.Reach, f.Query)
	if err != nil {
		return err
	}
	if err := v.Records.Record(r.Context(), "rates.export", "rates", map[string]any{"agency": rates.Agency.Code, "from": f.Query.From, "till": f.Query.Till}); err != nil {
		return err
	}
	write, media, extension := sheet.WriteXLSX, sheet.MediaXLSX, "xlsx"
	if r.URL.Query().Get("dang") == "csv" {
		write, media, extension = sheet.WriteCSV, sheet.MediaCSV, "csv"
	}
	var b bytes.Buffer
	if err := write(&b, exported(&f, &rates)); err != nil {
		return err
	}
	secure(w.Header())
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="thong-ke-so-hoa-%s.%s"`, Today(time.Now()), extension))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b.Bytes()) // a browser that has gone needs nothing
	return nil
}

// exported is a row a group and the total, with all figures side by side.
func exported(f *ratesFilter, r *catalogue.Rates) sheet.Table {
	t := sheet.Table{
		Name: "Thống kê số hóa",
		Notes: []string{
			"Thống kê số hóa hồ sơ: " + r.Agency.Name + ", " + periodInWords(f.Query.From, f.Query.Till),
			"Tỷ lệ theo Cổng: có tệp. Tỷ lệ thực chất: tệp đã được đọc và được cán bộ duyệt. Ô trống: không có số liệu.",
		},
		Head: []string{"Mã", groupsInWords(f.Query.By)},
	}
	columns := []string{"mẫu số", "có tệp", "tỷ lệ theo Cổng (%)", "đã đọc", "đã duyệt", "tỷ lệ thực chất (%)"}
	if r.Compared != nil {
		t.Notes[0] += "; " + comparedInWords(f, r)
		columns = append(columns, "kỳ so sánh, theo Cổng (%)", "chênh lệch (điểm %)", "kỳ so sánh, thực chất (%)", "chênh lệch thực chất (điểm %)")
	}
	for _, figure := range catalogue.FigureNames() {
		for _, column := range columns {
			t.Head = append(t.Head, FigureName(figure)+": "+column)
		}
	}
	cell := func(p catalogue.Percent, some bool) any {
		if !some {
			return nil
		}
		return sheet.Percent(p)
	}
	line := func(key, name string, figures catalogue.Figures, others *catalogue.Figures) {
		row := []any{key, name}
		for _, s := range figures {
			row = append(row, s.Of, s.Filed, cell(s.Portal()), s.Read, s.Checked, cell(s.Honest()))
			if others != nil {
				was := others.Of(s.Figure)
				row = append(row, cell(was.Portal()), cell(catalogue.Points(s.Portal, was.Portal)), cell(was.Honest()), cell(catalogue.Points(s.Honest, was.Honest)))
			} else if r.Compared != nil {
				row = append(row, nil, nil, nil, nil)
			}
		}
		t.Rows = append(t.Rows, row)
	}
	for _, g := range r.Groups {
		name, _ := groupName(f.Query.By, g)
		line(g.Key, name, g.Figures, g.ComparedFigures())
	}
	line("", "Tổng cộng", r.Total, r.ComparedTotal())
	return t
}
