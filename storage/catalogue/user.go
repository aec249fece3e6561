package catalogue

import (
	"context"
	"regexp"
	"slices"
	"time"
)

// UserID numbers a user.
type UserID int64

// Role is what somebody is for.
type Role string

// The roles.
const (
	RoleDesk       Role = "desk"       // cán bộ một cửa
	RoleSupervisor Role = "supervisor" // lãnh đạo
	RoleIT         Role = "it"         // quản trị
)

// Roles are all roles.
func Roles() []Role { return []Role{RoleDesk, RoleSupervisor, RoleIT} }

// User is a person with an account.
type User struct {
	ID       UserID
	Login    string
	Name     string
	Role     Role
	Agency   string // code
	Path     Reach  // the agency's: what the user may see
	Disabled bool
	Created  time.Time
}

var loginPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`)

const userColumns = `SELECT u.id, u.login, u.name, u.role, a.code, a.path, u.disabled, u.created_at
	FROM users u JOIN agencies a ON a.id = u.agency_id`

func scanUser(scan func(dest ...any) error) (u User, err error) {
	var created int64
	err = scan(&u.ID, &u.Login, &u.Name, &u.Role, &u.Agency, &u.Path, &u.Disabled, &created)
	u.Created = instant(created)
	return u, err
}

// PutUser adds the user with this login, or changes name, role, agency and Disabled. Tokens of a disabled user are refused, and
// their sessions end.
func (c *Catalogue) PutUser(ctx context.Context, u User) (put User, err error) {
	if !loginPattern.MatchString(u.Login) {
		return put, &InvalidError{Field: "login", Reason: "it must have 2 to 64 of a-z, 0-9 and . _ @ -, and begin with a letter or digit"}
	}
	if !slices.Contains(Roles(), u.Role) {
		return put, &InvalidError{Field: "role", Reason: `it must be "desk", "supervisor" or "it"`}
	}
	u.Name = tidy(u.Name)
	if err := checkText("name", u.Name, 200); err != nil {
		return put, err
	}
	err = c.write(ctx, "put user", func(q querier) error {
		agency, err := agencyByCode(ctx, q, u.Agency)
		if isNotFound(err) {
			return &InvalidError{Field: "agency", Reason: "there is no agency with this code"}
		}
		if err != nil {
			return err
		}
		_, err = q.exec(ctx, `INSERT INTO users (login, name, role, agency_id, disabled, created_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (login) DO UPDATE SET name = excluded.name, role = excluded.role, agency_id = excluded.agency_id,
			disabled = excluded.disabled`, u.Login, u.Name, u.Role, agency.ID, flag(u.Disabled), millis(c.now()))
		if err != nil {
			return err
		}
		put, err = scanUser(func(dest ...any) error { return q.row(ctx, userColumns+" WHERE u.login = ?", []any{u.Login}, dest...) })
		if err != nil {
			return err
		}
		if put.Disabled {
			if err := endSessions(ctx, q, put.ID, 0); err != nil {
				return err
			}
		}
		return c.record(ctx, q, "user.put", subject("user", put.ID), map[string]any{"role": put.Role, "agency": put.Agency, "disabled": put.Disabled})
	})
	return put, err
}

// Users are those of agencies within reach, in the order of their logins.
func (c *Catalogue) Users(ctx context.Context, reach Reach) (all []User, err error) {
	from, to := reach.bounds()
	err = c.view(ctx, "list users", func(q querier) error {
		all = nil
		return q.each(ctx, userColumns+" WHERE a.path >= ? AND a.path < ? ORDER BY u.login", []any{from, to}, func(scan func(...any) error) error {
			u, err := scanUser(scan)
			all = append(all, u)
			return err
		})
	})
	return all, err
}
