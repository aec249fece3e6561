package pages

import (
	"net/http"
	"slices"
	"strings"

	"sohoa/storage/catalogue"
)

// entry is a line of the menu.
type entry struct {
	Path, Name string
	Roles      []catalogue.Role // nil: everybody
	Current    bool             // the page that is shown is below it
}

func menu() []entry {
	return []entry{
		{Path: "/tiep-nhan", Name: "Tiếp nhận", Roles: []catalogue.Role{catalogue.RoleDesk, catalogue.RoleIT}},
		{Path: "/ho-so", Name: "Hồ sơ"},
		{Path: "/tra-cuu", Name: "Tra cứu"},
		{Path: "/thong-ke", Name: "Thống kê"},
		{Path: "/van-hanh", Name: "Vận hành", Roles: []catalogue.Role{catalogue.RoleIT}},
	}
}

// menuFor is the menu as somebody sees it on a page. What has no page in this program is not in it.
func (p *Pages) menuFor(v *Visit, path string) (all []entry) {
	if v == nil || !v.SignedIn() {
		return nil
	}
	for _, e := range menu() {
		if e.Roles != nil && !v.Is(e.Roles...) || !p.has(e.Path) {
			continue
		}
		e.Current = path == e.Path || strings.HasPrefix(path, e.Path+"/")
		all = append(all, e)
	}
	return all
}

func (p *Pages) has(path string) bool {
	return slices.ContainsFunc(p.Routes(), func(r Route) bool { return r.Pattern == "GET "+path })
}

// begin sends everybody to the page where their work begins.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request, v *Visit) error {
	first := map[catalogue.Role]string{
		catalogue.RoleDesk: "/tiep-nhan", catalogue.RoleSupervisor: "/thong-ke", catalogue.RoleIT: "/van-hanh",
	}[v.User.Role]
	if !p.has(first) {
		first = "/tai-khoan"
	}
	http.Redirect(w, r, first, http.StatusSeeOther)
	return nil
}
