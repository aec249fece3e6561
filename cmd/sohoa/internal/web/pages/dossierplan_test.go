package pages

import (
	"strings"
	"testing"
	"time"

	"sohoa/storage/catalogue"
)

func TestDaysOfSheets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "20260331080000": "2026-03-31", "20260331": "2026-03-31", "31/03/2026": "2026-03-31", "1/3/2026 8:05": "2026-03-01",
		"2026-03-31": "2026-03-31", "2026-03-31T23:30:00Z": "2026-04-01", "46112": "2026-03-31", "46112.99": "2026-03-31",
	} {
		if got, ok := sheetDay(text); got != want || !ok {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
	for _, text := range []string{"31/02/2026", "x", "0", "-1", "NaN", "Inf", "1e9", "20261331", "01/01/0001"} {
		if got, ok := sheetDay(text); ok {
			t.Errorf("%q is %q", text, got)
		}
	}
}

func TestRowsOfAList(t *testing.T) {
	t.Parallel()
	l := newListReader([]catalogue.Agency{{Code: "H50.13", Name: "Sở Xây dựng"}, {Code: "A", Name: "Phòng"}, {Code: "B", Name: "Phòng"}},
		[]catalogue.Procedure{{Code: "1.002810"}})
	var ok bool
	if l.at, ok = findColumns(strings.Split("STT,ma ho so,MaTTHC,TRẠNG THÁI,Đơn vị xử lý,LoaiDoiTuong,NgayTra", ",")); !ok {
		t.Fatal("the columns are not found")
	}
	d, err := l.read(strings.Split("1,H50.13-260331-0001,1.00281,đã trả kết quả,sở xây dựng,Cá nhân,", ","))
	if err != nil || d.Procedure != "1.002810" || d.State != catalogue.StateReturned || d.Agency != "H50.13" || d.Owner.Kind != 1 || d.Resolved != "" {
		t.Errorf("%+v, %v", d, err)
	}
	_, err = l.read(strings.Split("1,H50-1,x,11,Phòng,5,"+time.DateOnly, ","))
	for _, name := range []string{"Mã hồ sơ", "Trạng thái", "Đơn vị xử lý", "Loại đối tượng"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v", err)
		}
	}
	if d, err := l.read([]string{"1", "H50.13-260331-0001"}); err != nil || (d != catalogue.Dossier{Code: "H50.13-260331-0001"}) {
		t.Errorf("%+v, %v", d, err)
	}
}
