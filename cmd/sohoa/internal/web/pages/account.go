package pages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"sohoa/storage/catalogue"
	"sohoa/storage/catalogue/password"
)

// accountRoutes are what everybody does with their own account.
func (p *Pages) accountRoutes() []Route {
	word, factor := []catalogue.Due{catalogue.DuePassword}, []catalogue.Due{catalogue.DueFactor}
	return []Route{
		{Pattern: "GET /tai-khoan", Due: word, Do: p.accountPage},
		{Pattern: "POST /tai-khoan/mat-khau", Due: word, Costly: true, Do: p.changePassword},
		{Pattern: "GET /tai-khoan/hai-lop", Due: factor, Do: p.factorPage},
		{Pattern: "POST /tai-khoan/hai-lop", Due: factor, Do: p.confirmFactor},
		{Pattern: "GET /tai-khoan/hai-lop/qr.png", Due: factor, Do: p.factorCode},
		{Pattern: "POST /tai-khoan/hai-lop/go", Costly: true, Do: p.removeFactor},
		{Pattern: "POST /tai-khoan/hai-lop/du-phong", Costly: true, Do: p.renewRecovery},
		{Pattern: "GET /tai-khoan/phien", Do: p.whose},
		{Pattern: "POST /tai-khoan/phien/{id}", Do: p.endOwnSession},
	}
}

// accountData is what /tai-khoan shows.
type accountData struct {
	Account  catalogue.Account
	Sessions []catalogue.Session
	This     catalogue.SessionID
	Recovery int           // codes left
	Due      catalogue.Due // what has to be done here first
	Said     string        // what was done
	Problem  string        // of which form, and why
	At       string
	Hint     string
}

// whose tells a page that is open whether its person is signed in again; assets/session.js asks.
func (p *Pages) whose(w http.ResponseWriter, _ *http.Request, v *Visit) error {
	secure(w.Header())
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(map[string]string{"login": v.User.Login}); err != nil {
		return fmt.Errorf("tell who is signed in: %w", err)
	}
	return nil
}

func (p *Pages) accountPage(w http.ResponseWriter, r *http.Request, v *Visit) error {
	said := map[string]string{
		"mat-khau": "Đã đổi mật khẩu. Các phiên đăng nhập khác đã kết thúc.",
		"go":       "Đã gỡ xác thực hai lớp.",
		"phien":    "Đã kết thúc phiên đăng nhập.",
	}[r.URL.Query().Get("xong")]
	return p.showAccount(w, r, v, http.StatusOK, accountData{Said: said})
}

// showAccount shows the page with what a form of it has to say.
func (p *Pages) showAccount(w http.ResponseWriter, r *http.Request, v *Visit, status int, data accountData) error {
	ctx := r.Context()
	var err error
	if data.Account, err = v.Records.AccountOf(ctx, v.User.ID); err != nil {
		return err
	}
	if data.Sessions, err = v.Records.Sessions(ctx, v.User.ID); err != nil {
		return err
	}
	if data.Recovery, err = v.Records.RecoveryLeft(ctx, v.User.ID); err != nil {
		return err
	}
	_, this, err := v.Records.SessionUser(ctx, v.Session)
	if err != nil {
		return err
	}
	data.This, data.Due = this.ID, v.Due
	return p.renderBlock(w, r, v, status, "tai-khoan", "layout.html", data)
}

// passwordProblem says why a password cannot be somebody's new one.
func passwordProblem(err error) (problem string) {
	switch {
	case errors.Is(err, password.ErrShort):
		return fmt.Sprintf("Mật khẩu mới cần ít nhất %d ký tự.", password.Least)
	case errors.Is(err, password.ErrLong):
		return fmt.Sprintf("Mật khẩu mới có quá %d ký tự.", password.Most)
	case errors.Is(err, password.ErrText):
		return "Mật khẩu mới có ký tự không gõ được."
	case errors.Is(err, password.ErrLogin):
		return "Mật khẩu mới không được giống tên đăng nhập."
	case errors.Is(err, password.ErrCommon):
		return "Mật khẩu này quá phổ biến nên dễ bị đoán."
	case errors.Is(err, catalogue.ErrSamePassword):
		return "Mật khẩu mới phải khác mật khẩu cũ."
	}
	return ""
}

func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	wrong := func(status int, problem, hint string) error {
		return p.showAccount(w, r, v, status, accountData{At: "password", Problem: problem, Hint: hint})
	}
	fresh := r.PostFormValue("new")
	if fresh != r.PostFormValue("again") {
		return wrong(http.StatusUnprocessableEntity, "Hai lần nhập mật khẩu mới không giống nhau.", "")
	}
	s, err := v.Records.ChangePassword(r.Context(), v.Session, r.PostFormValue("old"), fresh)
	if problem := passwordProblem(err); problem != "" {
		return wrong(http.StatusUnprocessableEntity, problem, "Một câu dài, dễ nhớ với riêng mình là mật khẩu tốt.")
	}
	if status, problem, hint := signInProblem(err, time.Now()); status != 0 {
		if status == http.StatusUnprocessableEntity {
			problem, hint = "Mật khẩu đang dùng không đúng.", ""
		}
		return wrong(status, problem, hint)
	}
	if err != nil {
		return err
	}
	p.keepSession(w, r, s)
	to := "/tai-khoan?xong=mat-khau"
	if s.Due != catalogue.DueNothing {
		to = p.DuePath(s.Due)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// factorData is what setting up a second factor shows.
type factorData struct {
	Setup    catalogue.FactorSetup
	Groups   []string // the secret, as it is easily typed
	Demanded bool     // the role must have one
	Problem  string
	Hint     string
	Recovery []string // told once
	NoKey    bool
}

// factorPage shows a second factor that is being set up. Looking again shows the same one.
func (p *Pages) factorPage(w http.ResponseWriter, r *http.Request, v *Visit) error {
	return p.showFactor(w, r, v, http.StatusOK, factorData{})
}

func (p *Pages) showFactor(w http.ResponseWriter, r *http.Request, v *Visit, status int, data factorData) error {
	var err error
	data.Setup, err = v.Records.BeginFactor(r.Context(), v.Session)
	var taken *catalogue.ConflictError
	switch {
	case errors.As(err, &taken):
		http.Redirect(w, r, "/tai-khoan", http.StatusSeeOther)
		return nil
	case errors.Is(err, catalogue.ErrNoKey):
		data.NoKey = true
	case err != nil:
		return err
	}
	data.Demanded = v.Due == catalogue.DueFactor
	const group = 4
	for secret := data.Setup.Secret; secret != ""; {
		n := min(group, len(secret))
		data.Groups, secret = append(data.Groups, secret[:n]), secret[n:]
	}
	return p.renderBlock(w, r, v, status, "hai-lop", "layout.html", data)
}

// factorCode is the QR code that an authenticator app scans.
func (p *Pages) factorCode(w http.ResponseWriter, r *http.Request, v *Visit) error {
	setup, err := v.Records.BeginFactor(r.Context(), v.Session)
	if err != nil {
		return err
	}
	code, err := qr.Encode(setup.URL, qr.M, qr.Auto)
	if err != nil {
		return fmt.Errorf("draw a QR code: %w", err)
	}
	const pixels = 5
	side := pixels * code.Bounds().Dx()
	if code, err = barcode.Scale(code, side, side); err != nil {
		return fmt.Errorf("draw a QR code: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, code); err != nil {
		return fmt.Errorf("draw a QR code: %w", err)
	}
	secure(w.Header())
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(b.Bytes()) // a browser that has gone sees nothing
	return nil
}

// confirmFactor begins to ask for the second factor, and shows the recovery codes.
func (p *Pages) confirmFactor(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	s, recovery, err := v.Records.ConfirmFactor(r.Context(), v.Session, r.PostFormValue("code"))
	if status, problem, hint := codeProblem(err, time.Now()); status != 0 {
		return p.showFactor(w, r, v, status, factorData{Problem: problem, Hint: hint})
	}
	var taken *catalogue.ConflictError
	if errors.As(err, &taken) { // sent twice
		http.Redirect(w, r, "/tai-khoan", http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	p.keepSession(w, r, s)
	v.Session, v.Due = s.Secret, s.Due
	return p.render(w, r, v, "ma-du-phong", factorData{Recovery: recovery})
}

func (p *Pages) removeFactor(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	err := v.Records.RemoveFactor(r.Context(), v.Session, r.PostFormValue("code"))
	if status, problem, hint := codeProblem(err, time.Now()); status != 0 {
		return p.showAccount(w, r, v, status, accountData{At: "factor", Problem: problem, Hint: hint})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/tai-khoan?xong=go", http.StatusSeeOther)
	return nil
}

func (p *Pages) renewRecovery(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	codes, err := v.Records.RenewRecovery(r.Context(), v.Session, r.PostFormValue("code"))
	if status, problem, hint := codeProblem(err, time.Now()); status != 0 {
		return p.showAccount(w, r, v, status, accountData{At: "factor", Problem: problem, Hint: hint})
	}
	if err != nil {
		return err
	}
	return p.render(w, r, v, "ma-du-phong", factorData{Recovery: codes})
}

// endOwnSession ends one of the visitor's sessions, at another browser or at this one.
func (p *Pages) endOwnSession(w http.ResponseWriter, r *http.Request, v *Visit) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return catalogue.ErrNotFound
	}
	if err := v.Records.EndSessionOf(r.Context(), v.User.ID, catalogue.SessionID(id)); err != nil {
		return err
	}
	http.Redirect(w, r, "/tai-khoan?xong=phien", http.StatusSeeOther)
	return nil
}

// browserName is what people call a browser that names itself so.
func browserName(agent string) string {
	// The order matters: most call themselves by others' names, too.
	names := [][2]string{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"coc_coc", "Cốc Cốc"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
	}
	systems := [][2]string{{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}}
	pick := func(from [][2]string) string {
		for _, one := range from {
			if strings.Contains(agent, one[0]) {
				return one[1]
			}
		}
		return ""
	}
	switch name, system := pick(names), pick(systems); {
	case name != "" && system != "":
		return name + ", " + system
	case name != "":
		return name
	}
	return "Trình duyệt khác"
}
