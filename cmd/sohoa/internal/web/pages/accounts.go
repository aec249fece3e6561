package pages

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sohoa/storage/catalogue"
	"sohoa/storage/catalogue/fold"
)

type accountsData struct {
	Accounts []catalogue.Account
	Agencies []catalogue.Agency
	Looked   string
	All      int // before what was looked for
}

// mostAccounts is how many accounts one page shows.
const mostAccounts = 500

// accounts lists those within reach whose login, name or agency has what is looked for.
func (p *Pages) accounts(w http.ResponseWriter, r *http.Request, v *Visit) error {
	all, err := v.Records.Accounts(r.Context(), v.Reach)
	if err != nil {
		return err
	}
	data := accountsData{Looked: strings.TrimSpace(r.URL.Query().Get("tim")), All: len(all)}
	wanted := bare(data.Looked)
	for i := range all {
		a := &all[i]
		if len(data.Accounts) < mostAccounts && strings.Contains(bare(a.Login+" "+a.Name+" "+a.Agency), wanted) {
			data.Accounts = append(data.Accounts, *a)
		}
	}
	if data.Agencies, err = v.Records.Agencies(r.Context(), v.Reach); err != nil {
		return err
	}
	return p.render(w, r, v, "van-hanh-tai-khoan", data)
}

// bare is a text without accents, capitals and signs.
func bare(text string) string {
	var words []string
	for _, t := range fold.Tokens(text) {
		words = append(words, t.Folded)
	}
	return strings.Join(words, " ")
}

// given is a password or token that is told once.
type given struct {
	Login, Secret string
	Token         bool
	Back          string
}

// addAccount adds a user of an agency within reach, and shows the password that they begin with.
func (p *Pages) addAccount(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	ctx := r.Context()
	u := userOf(r)
	u.Login = strings.ToLower(strings.TrimSpace(r.PostFormValue("login")))
	if err := within(ctx, v, u.Agency); err != nil {
		return err
	}
	_, err := v.Records.AccountByLogin(ctx, catalogue.Everywhere, u.Login)
	if err == nil {
		return &catalogue.ConflictError{Kind: "user", ID: u.Login, Reason: "the login is taken"}
	}
	if !errors.Is(err, catalogue.ErrNotFound) {
		return err
	}
	if _, err := v.Records.PutUser(ctx, u); err != nil {
		return err
	}
	return p.givePassword(w, r, v, u.Login)
}

func userOf(r *http.Request) catalogue.User {
	return catalogue.User{
		Name: r.PostFormValue("name"), Role: catalogue.Role(r.PostFormValue("role")), Agency: r.PostFormValue("agency"),
		Disabled: r.PostFormValue("disabled") != "",
	}
}

// within refuses an agency that the visitor does not reach.
func within(ctx context.Context, v *Visit, agency string) error {
	_, err := v.Records.AgencyByCode(ctx, v.Reach, agency)
	if errors.Is(err, catalogue.ErrNotFound) {
		return &catalogue.InvalidError{Field: "agency", Reason: "there is no agency with this code, or it is not yours"}
	}
	return err
}

func (p *Pages) givePassword(w http.ResponseWriter, r *http.Request, v *Visit, login string) error {
	plain, err := v.Records.ResetPassword(r.Context(), v.Reach, login)
	if err != nil {
		return err
	}
	return p.render(w, r, v, "mot-lan", given{Login: login, Secret: plain, Back: accountPath(login)})
}

func accountPath(login string) string { return "/van-hanh/tai-khoan/" + url.PathEscape(login) }

type oneAccountData struct {
	Account  catalogue.Account
	Sessions []catalogue.Session
	Agencies []catalogue.Agency
	Own      bool
	Said     string
}

func (p *Pages) oneAccount(w http.ResponseWriter, r *http.Request, v *Visit) error {
	ctx := r.Context()
	a, err := v.Records.AccountByLogin(ctx, v.Reach, r.PathValue("login"))
	if err != nil {
		return err
	}
	data := oneAccountData{Account: a, Own: a.ID == v.User.ID, Said: map[string]string{
		"sua": "Đã lưu thay đổi.", "mo-khoa": "Đã mở khóa đăng nhập.", "go-hai-lop": "Đã gỡ xác thực hai lớp.",
		"ket-thuc": "Đã kết thúc các phiên đăng nhập.", "go-lien-ket": "Đã gỡ liên kết OpenID Connect.",
	}[r.URL.Query().Get("xong")]}
	if data.Sessions, err = v.Records.Sessions(ctx, a.ID); err != nil {
		return err
	}
	if data.Agencies, err = v.Records.Agencies(ctx, v.Reach); err != nil {
		return err
	}
	return p.render(w, r, v, "van-hanh-mot-tai-khoan", data)
}

// changeAccount changes name, role, agency, and whether the account is shut.
func (p *Pages) changeAccount(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	ctx := r.Context()
	old, err := v.Records.AccountByLogin(ctx, v.Reach, r.PathValue("login"))
	if err != nil {
		return err
	}
	u := userOf(r)
	u.Login = old.Login
	if err := within(ctx, v, u.Agency); err != nil {
		return err
	}
	if old.ID == v.User.ID && (u.Disabled || u.Role != old.Role || u.Agency != old.Agency) {
		return ErrOwnAccount
	}
	if _, err := v.Records.PutUser(ctx, u); err != nil {
		return err
	}
	leadOn(w, r, accountPath(old.Login)+"?xong=sua")
	return nil
}

func (p *Pages) resetPassword(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if r.PathValue("login") == v.User.Login {
		return ErrOwnAccount
	}
	return p.givePassword(w, r, v, r.PathValue("login"))
}

// actOnAccount does one of the things that IT does for somebody.
func (p *Pages) actOnAccount(w http.ResponseWriter, r *http.Request, v *Visit) error {
	acts := map[string]func(context.Context, catalogue.Reach, string) error{
		"mo-khoa": v.Records.Unlock, "go-hai-lop": v.Records.ResetFactor, "ket-thuc": v.Records.EndSessions, "go-lien-ket": v.Records.UnbindIdentities,
	}
	name, login := r.PathValue("act"), r.PathValue("login")
	act, known := acts[name]
	if !known {
		return catalogue.ErrNotFound
	}
	if login == v.User.Login && (name == "go-hai-lop" || name == "go-lien-ket") {
		return ErrOwnAccount
	}
	if err := act(r.Context(), v.Reach, login); err != nil {
		return err
	}
	leadOn(w, r, accountPath(login)+"?xong="+name)
	return nil
}

type agenciesData struct {
	Agencies []agencyRow
	Said     string
}

type agencyRow struct {
	catalogue.Agency
	Depth int
	Top   bool // the visitor's own
}

func (p *Pages) agencies(w http.ResponseWriter, r *http.Request, v *Visit) error {
	all, err := v.Records.Agencies(r.Context(), v.Reach)
	if err != nil {
		return err
	}
	data := agenciesData{Said: map[string]string{"1": "Đã lưu cơ quan."}[r.URL.Query().Get("xong")]}
	for _, a := range inTree(all) {
		depth := strings.Count(string(a.Path), "/") - strings.Count(string(v.Reach), "/")
		data.Agencies = append(data.Agencies, agencyRow{Agency: a, Depth: max(0, depth), Top: a.Path == v.Reach})
	}
	return p.render(w, r, v, "van-hanh-co-quan", data)
}

// inTree puts agencies below the one above them, in the order of their codes.
func inTree(all []catalogue.Agency) (sorted []catalogue.Agency) {
	all = slices.SortedFunc(slices.Values(all), func(a, b catalogue.Agency) int { return strings.Compare(a.Code, b.Code) })
	known, below := make(map[string]bool), make(map[string][]catalogue.Agency)
	for _, a := range all {
		known[a.Code] = true
	}
	for _, a := range all {
		above := a.Parent
		if !known[above] {
			above = ""
		}
		below[above] = append(below[above], a)
	}
	var walk func(code string)
	walk = func(code string) {
		for _, a := range below[code] {
			sorted = append(sorted, a)
			walk(a.Code)
		}
	}
	walk("")
	return sorted
}

// putAgency adds an agency below one within reach, or renames one within reach.
func (p *Pages) putAgency(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	ctx := r.Context()
	code, parent := strings.TrimSpace(r.PostFormValue("code")), r.PostFormValue("parent")
	old, err := v.Records.AgencyByCode(ctx, catalogue.Everywhere, code)
	switch {
	case err == nil && !v.Reach.Covers(old.Path):
		return &catalogue.ConflictError{Kind: "agency", ID: code, Reason: "the code is taken, and the agency is not yours"}
	case err == nil:
		parent = cmp.Or(parent, old.Parent)
	case !errors.Is(err, catalogue.ErrNotFound):
		return err
	default:
		if err := within(ctx, v, parent); err != nil {
			return err
		}
	}
	if _, err := v.Records.PutAgency(ctx, code, r.PostFormValue("name"), parent); err != nil {
		return err
	}
	leadOn(w, r, "/van-hanh/co-quan?xong=1")
	return nil
}
