package pages

import (
	"net/http"
	"strconv"
	"strings"

	"sohoa/storage/catalogue"
)

// readingSettingsData is when somebody should look at what was read, as a form.
type readingSettingsData struct {
	ReviewBelow, DoubtBelow string
	Said                    string
}

func (p *Pages) readingSettings(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !v.Reach.Root() {
		return ErrForbidden
	}
	s, err := v.Records.ReadingSettings(r.Context())
	if err != nil {
		return err
	}
	data := readingSettingsData{ReviewBelow: typedDecimal(s.ReviewBelow), DoubtBelow: typedDecimal(s.DoubtBelow)}
	if r.URL.Query().Get("xong") != "" {
		data.Said = "Đã lưu ngưỡng nhận dạng."
	}
	return p.render(w, r, v, "van-hanh-nhan-dang", data)
}

// putReadingSettings keeps them, for everybody.
func (p *Pages) putReadingSettings(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !v.Reach.Root() {
		return ErrForbidden
	}
	if err := readForm(r); err != nil {
		return err
	}
	var s catalogue.ReadingSettings
	for _, one := range []struct {
		field string
		into  *float64
	}{{"review_below", &s.ReviewBelow}, {"doubt_below", &s.DoubtBelow}} {
		var err error
		text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(r.PostFormValue(one.field)), "%"))
		if *one.into, err = strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64); err != nil {
			return &catalogue.InvalidError{Field: one.field, Reason: "it is no number"}
		}
	}
	if err := v.Records.PutReadingSettings(r.Context(), s); err != nil {
		return err
	}
	leadOn(w, r, "/van-hanh/nhan-dang?xong=1")
	return nil
}

// typedDecimal is a number as people type it: 80, or 82,5.
func typedDecimal(x float64) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), ".", ",", 1)
}
