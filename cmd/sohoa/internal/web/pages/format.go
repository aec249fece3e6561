package pages

import (
	"fmt"
	"html/template"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"sohoa/storage/catalogue"
)

// vietnam is the time of all pages. It is fixed: Vietnam has no summer time, and a machine may lack the table of zones.
var vietnam = time.FixedZone("ICT", 7*60*60)

// functions are what templates call.
func (p *Pages) functions() template.FuncMap {
	return template.FuncMap{
		"asset": p.assetAddress,
		"day":   Day, "moment": Moment, "clock": Clock, "machineTime": machineTime,
		"number": number, "decimal": Decimal, "size": Size,
		"paperState": PaperState, "dossierState": DossierState, "kind": Kind, "role": Role, "ownerKind": OwnerKind,
		"roles": catalogue.Roles, "browserName": browserName,
		"operationsMenu": operationsMenu, "queueName": QueueName, "partName": partName, "span": span, "segment": url.PathEscape,
		"tiers": func(n int) []struct{} { return make([]struct{}, n) }, "scopeName": ScopeName,
		"momentSecond": momentSecond, "actionName": ActionName, "readFault": readFault, "subjectPath": subjectPath, "detail": detail,
		"surely": surely, "partReason": partReason,
		"add": func(a, b int) int { return a + b },
	}
}

// Day shows a day that is kept as 2026-03-31 as 31/03/2026; what is none stays as it is.
func Day(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.Format("02/01/2006")
}

// typedDay is a day as people type it, 31/3/2026 or 31032026, as it is kept: 2026-03-31. What is none stays as it is: whoever takes
// it says what is wrong. Fields for days are text, since what the browser has for days follows the browser's language, and in most
// of them 03/04 is the fourth of March.
func typedDay(text string) string {
	text = strings.TrimSpace(text)
	for _, form := range []string{"2/1/2006", "2-1-2006", "2.1.2006", "02012006"} {
		if at, err := time.Parse(form, text); err == nil {
			return at.Format(time.DateOnly)
		}
	}
	return text
}

// Moment shows an instant as 31/03/2026 08:05 in Vietnam; "" for none.
func Moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(vietnam).Format("02/01/2006 15:04")
}

// Clock shows the time of the day of an instant as 08:05 in Vietnam; "" for none.
func Clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(vietnam).Format("15:04")
}

// momentSecond shows an instant to the second, in Vietnam.
func momentSecond(at time.Time) string { return at.In(vietnam).Format("02/01/2006 15:04:05") }

// span shows how long something takes: 12 giây, 5 phút, 3 giờ, 2 ngày; "không" for none.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "không"
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " giây"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " phút"
	case d < 24*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " giờ"
	}
	return Number(int(d/(24*time.Hour))) + " ngày"
}

// partName is a part of the service as people call it.
func partName(part string) string {
	switch part {
	case "catalogue":
		return "Cơ sở dữ liệu"
	case "objects":
		return "Kho tệp"
	case "queue":
		return "Hàng đợi"
	}
	return part
}

// machineTime is an instant for <time datetime>.
func machineTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// Today is the day that it is in Vietnam, as it is kept.
func Today(now time.Time) string { return now.In(vietnam).Format(time.DateOnly) }

// Number shows a whole number as 1.234.567.
func Number[T ~int | ~int64](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "." + digits[at:]
	}
	return sign + digits
}

// number is Number for templates, which know no type parameters.
func number(n reflect.Value) (string, error) {
	if !n.CanInt() {
		return "", fmt.Errorf("%v is no whole number", n)
	}
	return Number(n.Int()), nil
}

// Decimal shows a number with so many decimals as 1.234,56.
func Decimal(x float64, decimals int) string {
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	whole, fraction, has := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "." + whole[at:]
	}
	if has {
		whole += "," + fraction
	}
	if strings.HasPrefix(text, "-") {
		return "-" + whole
	}
	return whole
}

// Size shows a number of bytes as people at a desk count them: 1,4 MB.
func Size(n int64) string {
	const kilo = 1000
	x := float64(n)
	for _, unit := range []string{"byte", "kB", "MB", "GB"} {
		if x < kilo {
			if unit == "byte" {
				return Number(n) + " byte"
			}
			return Decimal(x, 1) + " " + unit
		}
		x /= kilo
	}
	return Decimal(x, 1) + " TB"
}

// PaperState is a paper's state as officers call it.
func PaperState(s catalogue.PaperState) string {
	switch s {
	case catalogue.PaperReceived:
		return "Đã nhận, chờ đọc"
	case catalogue.PaperReading:
		return "Đang đọc"
	case catalogue.PaperRead:
		return "Đã đọc"
	case catalogue.PaperReview:
		return "Cần kiểm tra"
	case catalogue.PaperApproved:
		return "Đã duyệt"
	case catalogue.PaperFailed:
		return "Không đọc được"
	}
	return string(s)
}

// DossierState is a dossier's state as the national portal calls it.
func DossierState(s catalogue.DossierState) string {
	switch s {
	case catalogue.StateRegistered:
		return "Mới đăng ký"
	case catalogue.StateAccepted:
		return "Được tiếp nhận"
	case catalogue.StateRefused:
		return "Không được tiếp nhận"
	case catalogue.StateInWork:
		return "Đang xử lý"
	case catalogue.StateSupplement:
		return "Yêu cầu bổ sung"
	case catalogue.StatePayment:
		return "Nghĩa vụ tài chính"
	case catalogue.StateWithdrawn:
		return "Công dân rút"
	case catalogue.StateStopped:
		return "Dừng xử lý"
	case catalogue.StateResolved:
		return "Xử lý xong"
	case catalogue.StateReturned:
		return "Đã trả kết quả"
	}
	return "Không rõ"
}

// Kind is what a paper is in its dossier.
func Kind(k catalogue.PaperKind) string {
	if k == catalogue.ResultPaper {
		return "Kết quả giải quyết"
	}
	return "Thành phần hồ sơ"
}

// Role is a role as people call it.
func Role(r catalogue.Role) string {
	switch r {
	case catalogue.RoleDesk:
		return "Cán bộ một cửa"
	case catalogue.RoleSupervisor:
		return "Lãnh đạo"
	case catalogue.RoleIT:
		return "Quản trị"
	}
	return string(r)
}

// OwnerKind is what kind of owner a dossier has.
func OwnerKind(kind int) string {
	switch kind {
	case 1:
		return "Cá nhân"
	case 2:
		return "Doanh nghiệp"
	case 3:
		return "Cơ quan nhà nước"
	case 4:
		return "Khác"
	}
	return "Không rõ"
}
