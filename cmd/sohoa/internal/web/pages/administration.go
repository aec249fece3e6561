package pages

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/storage/catalogue"
)

type proceduresData struct {
	Procedures []catalogue.Procedure
	Looked     string
	All        int
	Root       bool
	Said       string
}

// mostProcedures is how many procedures one page shows.
const mostProcedures = 300

func (p *Pages) procedures(w http.ResponseWriter, r *http.Request, v *Visit) error {
	all, err := v.Records.Procedures(r.Context())
	if err != nil {
		return err
	}
	query := r.URL.Query()
	data := proceduresData{Looked: strings.TrimSpace(query.Get("tim")), All: len(all), Root: v.Reach.Root()}
	if query.Get("xong") != "" {
		data.Said = "Đã lưu thủ tục."
	}
	wanted := bare(data.Looked)
	for i := range all {
		if len(data.Procedures) < mostProcedures && strings.Contains(bare(all[i].Code+" "+all[i].Name+" "+all[i].FieldName), wanted) {
			data.Procedures = append(data.Procedures, all[i])
		}
	}
	return p.render(w, r, v, "van-hanh-thu-tuc", data)
}

type procedureData struct {
	Procedure catalogue.Procedure
	Fresh     bool
	Blank     []int // rows for components that are added
}

// oneProcedure is the form of a procedure, or of a new one.
func (p *Pages) oneProcedure(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !v.Reach.Root() {
		return ErrForbidden
	}
	data := procedureData{Fresh: true, Blank: make([]int, 4), Procedure: catalogue.Procedure{Result: true}}
	if code := r.URL.Query().Get("ma"); code != "" {
		all, err := v.Records.Procedures(r.Context())
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(one catalogue.Procedure) bool { return one.Code == code })
		if at < 0 {
			return catalogue.ErrNotFound
		}
		data.Procedure, data.Fresh = all[at], false
	}
	return p.render(w, r, v, "van-hanh-mot-thu-tuc", data)
}

// putProcedure keeps a procedure as the form has it: components without a code and a name are taken away.
func (p *Pages) putProcedure(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !v.Reach.Root() {
		return ErrForbidden
	}
	if err := readForm(r); err != nil {
		return err
	}
	one := catalogue.Procedure{
		Code: strings.TrimSpace(r.PostFormValue("code")), Name: r.PostFormValue("name"), FieldCode: r.PostFormValue("field_code"),
		FieldName: r.PostFormValue("field_name"), Result: r.PostFormValue("result") != "",
	}
	codes, names, required := r.PostForm["component_code"], r.PostForm["component_name"], r.PostForm["component_required"]
	if len(names) != len(codes) || len(required) != len(codes) {
		return &catalogue.InvalidError{Field: "components", Reason: "a component lacks a part"}
	}
	for i, code := range codes {
		part := catalogue.Component{Code: strings.TrimSpace(code), Name: strings.TrimSpace(names[i]), Required: required[i] == "1"}
		if part.Code != "" || part.Name != "" {
			one.Components = append(one.Components, part)
		}
	}
	if err := v.Records.PutProcedure(r.Context(), one); err != nil {
		return err
	}
	leadOn(w, r, "/van-hanh/thu-tuc?"+url.Values{"xong": {"1"}, "tim": {one.Code}}.Encode())
	return nil
}

type tokensData struct {
	Tokens   []catalogue.Token
	Agencies []catalogue.Agency
	Accounts []catalogue.Account
	Scopes   []catalogue.Scope
	Said     string
}

// ScopeName is what a scope allows, as people call it.
func ScopeName(s catalogue.Scope) string {
	switch s {
	case catalogue.ScopeIntake:
		return "Nộp giấy tờ"
	case catalogue.ScopeRead:
		return "Xem và tra cứu"
	case catalogue.ScopeReview:
		return "Kiểm tra và duyệt"
	case catalogue.ScopeOperate:
		return "Quản trị"
	}
	return string(s)
}

func (p *Pages) tokens(w http.ResponseWriter, r *http.Request, v *Visit) error {
	ctx := r.Context()
	data := tokensData{Scopes: v.User.Role.Scopes()}
	if r.URL.Query().Get("xong") != "" {
		data.Said = "Đã thu hồi mã truy cập."
	}
	var err error
	if data.Tokens, err = v.Records.Tokens(ctx, v.Reach); err != nil {
		return err
	}
	slices.Reverse(data.Tokens)
	if data.Agencies, err = v.Records.Agencies(ctx, v.Reach); err != nil {
		return err
	}
	if data.Accounts, err = v.Records.Accounts(ctx, v.Reach); err != nil {
		return err
	}
	return p.render(w, r, v, "van-hanh-ma-truy-cap", data)
}

// addToken makes a token with no more reach than the visitor's, and shows it once.
func (p *Pages) addToken(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	ctx := r.Context()
	const mostDays = 3650
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil || days < 0 || days > mostDays {
		return &catalogue.InvalidError{Field: "days", Reason: "it must be 0 to 3650"}
	}
	fresh := catalogue.NewToken{
		Name: strings.TrimSpace(r.PostFormValue("name")), Login: r.PostFormValue("login"), Expires: time.Duration(days) * 24 * time.Hour,
	}
	if fresh.Login != "" {
		if _, err := v.Records.AccountByLogin(ctx, v.Reach, fresh.Login); err != nil {
			return err
		}
	} else {
		fresh.Role, fresh.Agency = catalogue.Role(r.PostFormValue("role")), r.PostFormValue("agency")
		if err := within(ctx, v, fresh.Agency); err != nil {
			return err
		}
	}
	for _, s := range r.PostForm["scope"] {
		fresh.Scopes = append(fresh.Scopes, catalogue.Scope(s))
	}
	t, secret, err := v.Records.AddToken(ctx, fresh)
	if err != nil {
		return err
	}
	return p.render(w, r, v, "mot-lan", given{Login: t.Name, Secret: secret, Token: true, Back: "/van-hanh/ma-truy-cap"})
}

func (p *Pages) revokeToken(w http.ResponseWriter, r *http.Request, v *Visit) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return catalogue.ErrNotFound
	}
	if err := v.Records.RevokeToken(r.Context(), v.Reach, catalogue.TokenID(id)); err != nil {
		return err
	}
	leadOn(w, r, "/van-hanh/ma-truy-cap?xong=1")
	return nil
}

type auditData struct {
	Acts                               []catalogue.Act
	Actor, Action, Subject, From, Till string
	Actions                            [][2]string
	Next                               string // the address of the next page; "" on the last one
}

// auditLog lists who did what, in the whole installation.
func (p *Pages) auditLog(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if !v.Reach.Root() {
		return ErrForbidden
	}
	query := r.URL.Query()
	data := auditData{
		Actor: strings.TrimSpace(query.Get("nguoi")), Action: query.Get("viec"), Subject: strings.TrimSpace(query.Get("doi-tuong")),
		From: query.Get("tu"), Till: query.Get("den"), Actions: actionNames(),
	}
	const most = 50
	f := catalogue.ActFilter{Actor: data.Actor, Action: data.Action, Subject: data.Subject, Limit: most + 1}
	if f.Actor != "" && f.Actor != catalogue.System && f.Actor != "unknown" && !strings.Contains(f.Actor, ":") {
		f.Actor = "user:" + strings.ToLower(f.Actor)
	}
	var err error
	if f.Since, err = dayStart("from", data.From); err != nil {
		return err
	}
	if f.Until, err = dayStart("till", data.Till); err != nil {
		return err
	}
	if !f.Until.IsZero() {
		f.Until = f.Until.AddDate(0, 0, 1) // the day itself too
	}
	if id, err := strconv.ParseInt(query.Get("sau"), 10, 64); err == nil {
		at, _ := strconv.ParseInt(query.Get("luc"), 10, 64)
		f.Behind = catalogue.Act{ID: id, At: time.UnixMilli(at)}
	}
	if data.Acts, err = v.Records.Acts(r.Context(), f); err != nil {
		return err
	}
	if len(data.Acts) > most {
		data.Acts = data.Acts[:most]
		last := data.Acts[most-1]
		query.Set("sau", strconv.FormatInt(last.ID, 10))
		query.Set("luc", strconv.FormatInt(last.At.UnixMilli(), 10))
		data.Next = "/van-hanh/nhat-ky?" + query.Encode()
	}
	return p.render(w, r, v, "van-hanh-nhat-ky", data)
}

// dayStart is when a day begins in Vietnam; zero for none.
func dayStart(field, day string) (time.Time, error) {
	if day == "" {
		return time.Time{}, nil
	}
	if at, err := time.ParseInLocation(time.DateOnly, typedDay(day), vietnam); err == nil {
		return at, nil
	}
	return time.Time{}, &catalogue.InvalidError{Field: field, Reason: "it is no day like 31/03/2026"}
}

// actionNames are what the audit knows, as people call it.
func actionNames() [][2]string {
	return [][2]string{
		{"sign_in", "Đăng nhập"},
		{"sign_in.refused", "Đăng nhập bị từ chối"},
		{"sign_out", "Đăng xuất"},
		{"session.ended", "Kết thúc phiên"},
		{"password.changed", "Đổi mật khẩu"},
		{"password.set", "Cấp mật khẩu"},
		{"factor.set", "Bật xác thực hai lớp"},
		{"factor.removed", "Gỡ xác thực hai lớp"},
		{"recovery.used", "Dùng mã dự phòng"},
		{"recovery.renewed", "Tạo mã dự phòng mới"},
		{"identity.bound", "Liên kết OpenID Connect"},
		{"identity.unbound", "Gỡ liên kết OpenID Connect"},
		{"dossier.put", "Ghi hồ sơ"},
		{"dossier.import", "Nhập danh sách hồ sơ"},
		{"dossier.import_begun", "Bắt đầu nhập danh sách hồ sơ"},
		{"dossier.import_broken", "Nhập danh sách hồ sơ bị dừng"},
		{"dossier.view", "Xem hồ sơ"},
		{"paper.hand_in", "Nộp giấy tờ"},
		{"paper.view", "Xem giấy tờ"},
		{"paper.download", "Tải giấy tờ"},
		{"paper.fields", "Sửa trường thông tin"},
		{"paper.correct", "Sửa chữ nhận dạng"},
		{"paper.approve", "Duyệt giấy tờ"},
		{"paper.unapprove", "Bỏ duyệt"},
		{"paper.arrange", "Sắp trang"},
		{"paper.split", "Tách giấy tờ"},
		{"paper.merge", "Gộp giấy tờ"},
		{"paper.merged", "Được gộp vào giấy tờ khác"},
		{"paper.retry", "Cho đọc lại"},
		{"paper.refile", "Chuyển giấy tờ"},
		{"paper.take_back", "Thu hồi giấy tờ"},
		{"dossier.paper_left", "Chuyển giấy tờ sang hồ sơ khác"},
		{"batch.split", "Tách lô quét"},
		{"user.put", "Ghi tài khoản"},
		{"user.unlocked", "Mở khóa đăng nhập"},
		{"token.add", "Tạo mã truy cập"},
		{"token.revoke", "Thu hồi mã truy cập"},
		{"agency.put", "Ghi cơ quan"},
		{"procedure.put", "Ghi thủ tục"},
		{"rates.settings", "Đổi cách tính tỷ lệ"},
		{"reading.settings", "Đổi ngưỡng nhận dạng"},
		{"rates.export", "Tải về số liệu tỷ lệ"},
		{"queue.inspect", "Can thiệp hàng đợi"},
	}
}

// ActionName is what somebody did, as people call it.
func ActionName(action string) string {
	for _, one := range actionNames() {
		if one[0] == action {
			return one[1]
		}
	}
	return action
}

// subjectPath is the page of what an act was about; "" where there is none.
func subjectPath(subject string) string {
	kind, id, _ := strings.Cut(subject, ":")
	if _, err := strconv.ParseInt(id, 10, 64); err != nil {
		return ""
	}
	switch kind {
	case "paper":
		return "/giay-to/" + id
	case "dossier":
		return "/ho-so/" + id
	}
	return ""
}

// detail is an act's detail on one line.
func detail(of map[string]any) string {
	if len(of) == 0 {
		return ""
	}
	text, err := json.Marshal(of)
	if err != nil {
		return ""
	}
	return string(text)
}
