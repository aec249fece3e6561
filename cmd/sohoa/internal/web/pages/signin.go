package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sohoa/storage/catalogue"
)

// signInRoutes are signing in and out.
func (p *Pages) signInRoutes() []Route {
	code := []catalogue.Due{catalogue.DueCode}
	return []Route{
		{Pattern: "GET /dang-nhap", Open: true, Do: p.signInForm},
		{Pattern: "POST /dang-nhap", Open: true, Costly: true, Do: p.signIn},
		{Pattern: "GET /dang-nhap/ma", Due: code, Do: p.codeForm},
		{Pattern: "POST /dang-nhap/ma", Due: code, Costly: true, Do: p.enterCode},
		{Pattern: "POST /dang-xuat", Open: true, Do: p.signOut},
	}
}

// signInData is what the pages of signing in show.
type signInData struct {
	Login   string
	To      string // where they wanted to go
	Problem string // why they are not in
	Hint    string
	Issuer  bool // they may sign in at an OpenID Connect issuer
}

// whereTo is the page that somebody wanted before they had to sign in: one of ours, or none.
func whereTo(r *http.Request) string {
	if to := r.FormValue("den"); ours(to) {
		return to
	}
	return ""
}

// ours tells whether an address is none or a page of ours that somebody may want. To a browser one like //other.vn or /\other.vn is
// another host's.
func ours(to string) bool {
	u, err := url.Parse(to)
	return to == "" || err == nil && !u.IsAbs() && u.Host == "" && u.User == nil && strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") &&
		!strings.ContainsFunc(to, func(c rune) bool { return c == '\\' || c < ' ' }) && !strings.HasPrefix(u.Path, "/dang-")
}

// pathWith is a path of ours, and where to go after it.
func pathWith(path, to string, more ...string) string {
	query := url.Values{}
	if to != "" {
		query.Set("den", to)
	}
	for _, name := range more {
		query.Set(name, "1")
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// signInForm is the page of signing in. Who is in goes on; who has just signed in and is not has a browser that did not keep the
// cookie.
func (p *Pages) signInForm(w http.ResponseWriter, r *http.Request, v *Visit) error {
	to := whereTo(r)
	switch {
	case v.SignedIn() && to != "":
		http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // whereTo gives pages of ours alone
		return nil
	case v.SignedIn():
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	case v.User.Login != "":
		http.Redirect(w, r, pathWith(p.DuePath(v.Due), to), http.StatusSeeOther)
		return nil
	}
	data := signInData{To: to, Issuer: p.config.Issuer != nil}
	switch {
	case r.FormValue("vao") != "":
		data.Problem = "Trình duyệt không giữ được phiên đăng nhập."
		data.Hint = "Hãy mở trang này bằng địa chỉ bắt đầu bằng https:// và cho phép cookie, rồi đăng nhập lại."
	case r.FormValue("ra") != "":
		data.Hint = "Đã đăng xuất."
	}
	return p.render(w, r, v, "dang-nhap", data)
}

// signIn takes login and password. Whoever was signed in with this browser before is signed out: the session is always a new one.
func (p *Pages) signIn(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	data := signInData{Login: r.PostFormValue("login"), To: whereTo(r), Issuer: p.config.Issuer != nil}
	s, err := v.Records.SignIn(r.Context(), data.Login, r.PostFormValue("password"), p.origin(r, v))
	if status, problem, hint := signInProblem(err, time.Now()); status != 0 {
		data.Problem, data.Hint = problem, hint
		const longest = 64
		data.Login = strings.ToValidUTF8(data.Login[:min(len(data.Login), longest)], "")
		return p.renderBlock(w, r, v, status, "dang-nhap", "layout.html", data)
	}
	if err != nil {
		return err
	}
	return p.enter(w, r, v, s, data.To)
}

// enter gives a browser its new session and sends it on.
func (p *Pages) enter(w http.ResponseWriter, r *http.Request, v *Visit, s catalogue.Session, to string) error {
	if v.Session != "" {
		if err := v.Records.EndSession(r.Context(), v.Session); err != nil {
			return err
		}
	}
	p.keepSession(w, r, s)
	http.Redirect(w, r, pathWith("/dang-nhap", to, "vao"), http.StatusSeeOther)
	return nil
}

// signInProblem says why somebody is not in: the same for every account, also for none. status 0: it is none of these.
func signInProblem(err error, now time.Time) (status int, problem, hint string) {
	var locked *catalogue.LockedError
	switch {
	case errors.As(err, &locked):
		return http.StatusTooManyRequests, "Đăng nhập sai quá nhiều lần.",
			"Hãy thử lại sau " + wait(locked.Until.Sub(now)) + " (lúc " + Clock(locked.Until.Add(time.Minute-time.Second)) + "), hoặc nhờ bộ phận quản trị mở khóa."
	case errors.Is(err, catalogue.ErrSignIn):
		return http.StatusUnprocessableEntity, "Tên đăng nhập hoặc mật khẩu không đúng.",
			"Kiểm tra phím Caps Lock và bộ gõ tiếng Việt. Nếu quên mật khẩu, hãy nhờ bộ phận quản trị cấp lại."
	}
	return 0, "", ""
}

// wait is a time to wait, rounded up: 30 giây, 2 phút.
func wait(d time.Duration) string {
	if d < time.Minute {
		return strconv.Itoa(max(1, int((d+time.Second-1)/time.Second))) + " giây"
	}
	return strconv.Itoa(int((d+time.Minute-1)/time.Minute)) + " phút"
}

// codeForm asks for the second factor.
func (p *Pages) codeForm(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if v.Due != catalogue.DueCode {
		http.Redirect(w, r, pathWith("/dang-nhap", whereTo(r)), http.StatusSeeOther)
		return nil
	}
	return p.render(w, r, v, "dang-nhap-ma", signInData{Login: v.User.Login, To: whereTo(r)})
}

// enterCode takes it.
func (p *Pages) enterCode(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	if v.Due != catalogue.DueCode {
		return p.codeForm(w, r, v)
	}
	s, err := v.Records.EnterCode(r.Context(), v.Session, r.PostFormValue("code"))
	data := signInData{Login: v.User.Login, To: whereTo(r)}
	if status, problem, hint := codeProblem(err, time.Now()); status != 0 {
		data.Problem, data.Hint = problem, hint
		return p.renderBlock(w, r, v, status, "dang-nhap-ma", "layout.html", data)
	}
	if err != nil {
		return err
	}
	p.keepSession(w, r, s)
	http.Redirect(w, r, pathWith("/dang-nhap", data.To, "vao"), http.StatusSeeOther)
	return nil
}

// codeProblem says why a code was not taken.
func codeProblem(err error, now time.Time) (status int, problem, hint string) {
	if status, problem, hint = signInProblem(err, now); status == http.StatusUnprocessableEntity {
		problem = "Mã xác thực không đúng hoặc đã được dùng."
		hint = "Chờ ứng dụng hiện mã mới rồi nhập lại. Nếu mã luôn sai, kiểm tra giờ của điện thoại."
	}
	return status, problem, hint
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if v.Session != "" {
		if err := v.Records.EndSession(r.Context(), v.Session); err != nil {
			return err
		}
	}
	p.dropSession(w, r)
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, pathWith("/dang-nhap", "", "ra"), http.StatusSeeOther)
	return nil
}

// origin is where a sign-in comes from.
func (p *Pages) origin(r *http.Request, v *Visit) catalogue.Origin {
	from := catalogue.Origin{Remote: v.Remote, Agent: r.UserAgent()}
	if c, err := r.Cookie(p.browserCookie(r).Name); err == nil {
		from.Browser = c.Value
	}
	return from
}

// readForm reads a form of fields, which is small.
func readForm(r *http.Request) error {
	const most = 1 << 20
	r.Body = http.MaxBytesReader(nil, r.Body, most)
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return &catalogue.InvalidError{Field: "form", Reason: "it is not what a form sends"}
	}
	return nil
}
