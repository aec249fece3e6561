package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sohoa/storage/catalogue"
)

// countedOffice is an office with five dossiers of March 2026: two of them with a paper, one completed without a result.
func countedOffice(t *testing.T, change func(*Config)) *world {
	t.Helper()
	w, _ := newOffice(t, catalogue.SignIns{}, change)
	ctx := t.Context()
	for n := range 5 {
		agency, state := "H50.13", catalogue.StateInWork
		if n == 4 {
			agency, state = "H50.14", catalogue.StateReturned
		}
		d, _, err := w.records.PutDossier(ctx, catalogue.Everywhere, catalogue.Dossier{
			Code: fmt.Sprintf("H50.13-260331-000%d", n), Agency: agency, State: state, Owner: catalogue.Owner{Name: "<b>Nguyễn</b>"},
		})
		must(t, err)
		if n < 2 {
			scan := catalogue.Scan{SHA256: strings.Repeat(fmt.Sprint(n), 64), Size: 1, MediaType: "image/tiff"}
			_, err := w.records.HandIn(ctx, catalogue.Everywhere, catalogue.HandIn{Dossier: d.ID, Scan: scan, Revision: "1"})
			must(t, err)
		}
	}
	return w
}

const march = "?ky=tuy-chon&tu=2026-03-01&den=2026-03-31"

func shown(t *testing.T, v *visit, path string) string {
	t.Helper()
	r := v.ask(t, http.MethodGet, path, nil)
	if r.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d: %s\n%s", path, r.StatusCode, r.text, v.w.log.String())
	}
	return string(r.text)
}

func says(t *testing.T, text string, all ...string) {
	t.Helper()
	plain := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " ")), " ")
	for _, one := range all {
		if !strings.Contains(plain, one) {
			t.Errorf("the page does not say %q: %s", one, plain)
		}
	}
}

func TestPageOfRates(t *testing.T) {
	t.Parallel()
	w := countedOffice(t, nil)
	boss := w.signedIn(t, "minh")
	text := shown(t, boss, "/thong-ke"+march+"&chi-tieu=components&theo=agency")
	says(t, text, "từ 01/03/2026 đến 31/03/2026", "Số hóa khi tiếp nhận 40,00 %", "2 trên 5 hồ sơ; còn thiếu 3", "Chưa đạt chỉ tiêu 80,00 %",
		"Sở Xây dựng (H50.13) 4 2 2 50,00 % 0 0 0,00 %", "Sở Y tế (H50.14) 1 0 1 0,00 %", "Tổng cộng 5 2 3 40,00 %", "Kỳ trước: Không có số liệu",
		"; so với kỳ trước (từ 01/02/2026 đến 28/02/2026)")
	// Of no completed dossier there is no figure.
	desk := w.signedIn(t, "lan")
	text = shown(t, desk, "/thong-ke"+march)
	says(t, text, "Kết quả điện tử Không có số liệu", "Sở Xây dựng")
	if strings.Contains(text, "Sở Y tế") {
		t.Error("the desk of one department sees another one's")
	}
	if r := desk.ask(t, http.MethodGet, "/thong-ke?co-quan=H50.14", nil); r.StatusCode != http.StatusNotFound {
		t.Errorf("another department's rates: %d", r.StatusCode)
	}
	if r := boss.ask(t, http.MethodGet, "/thong-ke?tu=31/02/2026", nil); r.StatusCode != http.StatusBadRequest {
		t.Errorf("a day that is none: %d", r.StatusCode)
	}
	for _, by := range catalogue.RateBys() {
		for _, period := range []string{"thang-nay", "thang-truoc", "quy-nay", "nam-nay", "nam-truoc", "tat-ca"} {
			shown(t, boss, "/thong-ke?ky="+period+"&theo="+string(by))
		}
	}
}

// A period is compared with any other one: that before, the same a year before, one's own; the address says with which.
func TestPeriodsAreCompared(t *testing.T) {
	t.Parallel()
	w := countedOffice(t, nil)
	for n, day := range []string{"2025-03-10", "2025-03-11", "2024-07-01"} {
		d, _, err := w.records.PutDossier(t.Context(), catalogue.Everywhere, catalogue.Dossier{
			Code: fmt.Sprintf("H50.13-%s-000%d", day[2:4]+day[5:7]+day[8:], n), Agency: []string{"H50.13", "H50.13", "H50.14"}[n], Received: day,
		})
		must(t, err)
		if n > 0 {
			scan := catalogue.Scan{SHA256: strings.Repeat("0", 64), Size: 1, MediaType: "image/tiff"}
			_, err := w.records.HandIn(t.Context(), catalogue.Everywhere, catalogue.HandIn{Dossier: d.ID, Scan: scan, Revision: "1"})
			must(t, err)
		}
	}
	boss := w.signedIn(t, "minh")
	path := "/thong-ke" + march + "&chi-tieu=components&theo=agency"
	says(t, shown(t, boss, path+"&so-voi=nam-truoc-do"), "so với cùng kỳ năm trước (từ 01/03/2025 đến 31/03/2025)",
		"Cùng kỳ năm trước: 50,00 % ; ▼ giảm 10,00 điểm %", "Sở Xây dựng (H50.13) 4 2 2 50,00 % 0 0 0,00 % 50,00 % không đổi 0,00 % không đổi",
		"Sở Y tế (H50.14) 1 0 1 0,00 % 0 0 0,00 % Không có số liệu – Không có số liệu –")
	own := shown(t, boss, path+"&so-tu=01/07/2024&so-den=31/07/2024")
	says(t, own, "so với kỳ từ 01/07/2024 đến 31/07/2024", "Kỳ so sánh: 100,00 % ; ▼ giảm 60,00 điểm %", "Sở Y tế (H50.14) 1 0 1 0,00 % 0 0 0,00 % 100,00 % ▼ giảm 100,00 điểm %")
	if !strings.Contains(own, "so-voi=tuy-chon") || !strings.Contains(own, "so-tu=2024-07-01") || !strings.Contains(own, `value="31/07/2024"`) {
		t.Error("the other period is not kept in the addresses and the form")
	}
	months := shown(t, boss, "/thong-ke"+march+"&chi-tieu=components&theo=month&so-voi=nam-truoc-do")
	says(t, months, "03/2026 5 2 3 40,00 % 0 0 0,00 % 03/2025: 50,00 % ▼ giảm 10,00 điểm %")
	none := shown(t, boss, path+"&so-voi=khong")
	if strings.Contains(none, "Chênh lệch") || strings.Contains(none, "Kỳ trước:") {
		t.Error("it is compared though nobody wants it")
	}
	says(t, shown(t, boss, "/thong-ke?ky=tat-ca"), "không so sánh được: kỳ này không có ngày đầu")
	says(t, shown(t, boss, path+"&so-voi=tuy-chon"), "hãy nhập ngày của kỳ so sánh")
	if r := boss.ask(t, http.MethodGet, path+"&so-tu=31/02/2024", nil); r.StatusCode != http.StatusBadRequest {
		t.Errorf("a day that is none: %d", r.StatusCode)
	}
	table := boss.ask(t, http.MethodGet, "/thong-ke/tai-ve"+march+"&theo=agency&dang=csv&so-voi=nam-truoc-do", nil)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(table.text), "\ufeff"))).ReadAll()
	if err != nil || rows[0][9] != "Số hóa khi tiếp nhận: chênh lệch (điểm %)" || strings.Join(rows[4][8:10], ";") != "50.00;-10.00" || rows[3][8] != "" {
		t.Errorf("%v: %q", err, rows)
	}
}

var link = regexp.MustCompile(`href="(/thong-ke/ho-so\?[^"]*)"[^>]*>(?:[^<0-9]*)([0-9.]+)`)

// Each number that can be clicked leads to as many dossiers.
func TestNumbersLeadToTheirDossiers(t *testing.T) {
	t.Parallel()
	w := countedOffice(t, nil)
	boss := w.signedIn(t, "minh")
	seen := 0
	for _, by := range catalogue.RateBys() {
		text := shown(t, boss, "/thong-ke?ky=tat-ca&chi-tieu=components&theo="+string(by))
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			seen++
			address := strings.ReplaceAll(found[1], "&amp;", "&")
			list := shown(t, boss, address)
			says(t, list, found[2]+" hồ sơ")
			if strings.Contains(list, "Nguyễn") {
				t.Errorf("%s tells who the owners are", address)
			}
		}
	}
	if seen < 60 {
		t.Errorf("only %d numbers can be clicked", seen)
	}
}

func TestExportOfRates(t *testing.T) {
	t.Parallel()
	w := countedOffice(t, nil)
	_, err := w.records.PutAgency(t.Context(), "H50.14", "=1+1", "H50")
	must(t, err)
	boss := w.signedIn(t, "minh")
	r := boss.ask(t, http.MethodGet, "/thong-ke/tai-ve"+march+"&theo=agency&dang=csv", nil)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(r.text), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 5 || strings.Join(rows[4][:5], ";") != ";Tổng cộng;5;2;40.00" || !strings.HasPrefix(rows[3][1], "'=1+1") {
		t.Errorf("%v: %q", err, rows)
	}
	r = boss.ask(t, http.MethodGet, "/thong-ke/tai-ve"+march+"&theo=month&dang=xlsx", nil)
	f, err := excelize.OpenReader(strings.NewReader(string(r.text)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := f.GetRows(f.GetSheetName(0)); err != nil || len(got) != 5 || got[3][1] != "03/2026" || got[4][4] != "40.00" {
		t.Errorf("%v: %q", err, got)
	}
	if acts, err := w.records.Acts(t.Context(), catalogue.ActFilter{Action: "rates.export"}); err != nil || len(acts) != 2 || acts[0].Actor != "user:minh" {
		t.Errorf("the audit says %+v, %v", acts, err)
	}
}

func TestPublicPageOfRates(t *testing.T) {
	t.Parallel()
	closed := countedOffice(t, nil)
	if r := closed.browser().ask(t, http.MethodGet, "/cong-khai/so-lieu", nil); r.StatusCode != http.StatusNotFound {
		t.Errorf("closed: %d", r.StatusCode)
	}
	open := countedOffice(t, func(c *Config) { c.PublicRates = true })
	text := shown(t, open.browser(), "/cong-khai/so-lieu?"+url.Values{"ky": {"nam-nay"}}.Encode())
	says(t, text, "Số liệu số hóa hồ sơ: Tỉnh", "Sở Xây dựng")
	if strings.Contains(text, "-2603") || strings.Contains(text, "/thong-ke/ho-so") {
		t.Error("it tells dossiers")
	}
}
