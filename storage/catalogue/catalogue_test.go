package catalogue

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		tree := agencies(t, c)
		ctx := t.Context()
		must[User](t)(c.PutUser(ctx, User{Login: "an", Name: "An", Role: RoleDesk, Agency: "H50.13"}))
		token, secret, err := c.AddToken(ctx, NewToken{Name: "desk", Login: "an", Expires: time.Hour})
		if err != nil || token.Path != tree["H50.13"].Path || !token.Allows(ScopeIntake) || token.Allows(ScopeOperate) || token.Actor() != "user:an" {
			t.Fatalf("%+v, %v", token, err)
		}
		refused := func(why, secret string) {
			t.Helper()
			if _, err := c.Authenticate(ctx, secret); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", why, err)
			}
		}
		got := must[Token](t)(c.Authenticate(ctx, secret))
		if got.ID != token.ID || got.Login != "an" {
			t.Errorf("%+v", got)
		}
		if got := must[Token](t)(c.Authenticate(ctx, secret)); !got.LastUsed.Equal(clock.now()) {
			t.Errorf("last used at %v", got.LastUsed)
		}
		refused("another", secret+"x")
		refused("nothing", "")
		must[User](t)(c.PutUser(ctx, User{Login: "an", Name: "An", Role: RoleDesk, Agency: "H50.13", Disabled: true}))
		refused("a disabled user's", secret)
		must[User](t)(c.PutUser(ctx, User{Login: "an", Name: "An", Role: RoleSupervisor, Agency: "H50.13"}))
		if got := must[Token](t)(c.Authenticate(ctx, secret)); got.Allows(ScopeIntake) || !got.Allows(ScopeRead) {
			t.Errorf("after the role was lowered: %v", got.Scopes)
		}
		clock.pass(time.Hour)
		refused("an expired one", secret)
		_, machine, err := c.AddToken(ctx, NewToken{Name: "scanner", Role: RoleDesk, Agency: "H50.14", Scopes: []Scope{ScopeIntake}})
		if err != nil {
			t.Fatal(err)
		}
		id := must[Token](t)(c.Authenticate(ctx, machine)).ID
		if err := c.RevokeToken(ctx, tree["H50.13"].Path, id); !errors.Is(err, ErrNotFound) {
			t.Errorf("revoked from another agency: %v", err)
		}
		if err := c.RevokeToken(ctx, Everywhere, id); err != nil {
			t.Error(err)
		}
		refused("a revoked one", machine)
		var invalid *InvalidError
		if _, _, err := c.AddToken(ctx, NewToken{Name: "more", Role: RoleDesk, Agency: "H50", Scopes: []Scope{ScopeOperate}}); !errors.As(err, &invalid) {
			t.Errorf("a scope beyond the role: %v", err)
		}
	})
}

func TestFieldsProceduresAndAudit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		c = c.As(Actor{Name: "user:an", Remote: "10.1.2.3"})
		r := handIn(t, c, "H50.13", 1, nil)
		if err := c.PutFields(ctx, Everywhere, r.Paper.ID, map[FieldName]string{FieldNotation: "QĐ-SGTVT", FieldNumber: "123"}); err != nil {
			t.Fatal(err)
		}
		if err := c.PutFields(ctx, Everywhere, r.Paper.ID, map[FieldName]string{FieldNumber: ""}); err != nil {
			t.Fatal(err)
		}
		fields := must[[]Field](t)(c.Fields(ctx, Everywhere, r.Paper.ID))
		if len(fields) != 1 || fields[0].Name != FieldNotation || fields[0].Value != "QĐ-SGTVT" || fields[0].By != "user:an" {
			t.Errorf("%+v", fields)
		}
		var invalid *InvalidError
		if err := c.PutFields(ctx, Everywhere, r.Paper.ID, map[FieldName]string{FieldIssued: "31/3/2022"}); !errors.As(err, &invalid) {
			t.Errorf("a wrong day: %v", err)
		}
		p := Procedure{Code: "1.002809", Name: "Đổi giấy phép lái xe", FieldCode: "GPLX", FieldName: "Đường bộ", Result: true, Components: []Component{
			{Code: "DON", Name: "Đơn đề nghị", Required: true}, {Code: "GKSK", Name: "Giấy khám sức khỏe"},
		}}
		for range 2 {
			if err := c.PutProcedure(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		if all := must[[]Procedure](t)(c.Procedures(ctx)); len(all) != 1 || fmt.Sprint(all[0]) != fmt.Sprint(p) {
			t.Errorf("%+v", all)
		}
		if err := c.Record(ctx, "paper.download", "paper:1", map[string]any{"part": "pdf"}); err != nil {
			t.Fatal(err)
		}
		// Each change told of itself; what could not be left no trace.
		var told []string
		for _, a := range must[[]Act](t)(c.Acts(ctx, ActFilter{Actor: "user:an"})) {
			if a.Remote != "10.1.2.3" {
				t.Errorf("an act came from %q", a.Remote)
			}
			told = append(told, a.Action)
		}
		want := "paper.download procedure.put procedure.put paper.fields paper.fields paper.hand_in dossier.put"
		if got := strings.Join(told, " "); got != want {
			t.Errorf("the audit has %s, not %s", got, want)
		}
		downloads := must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "paper.download"}))
		if len(downloads) != 1 || downloads[0].Detail["part"] != "pdf" || len(must[[]Act](t)(c.Acts(ctx, ActFilter{Actor: "user:binh"}))) != 0 {
			t.Errorf("%+v", downloads)
		}
	})
}

func TestMigrateTwiceAndCheck(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		if n := must[int](t)(c.Migrate(t.Context())); n != 0 {
			t.Errorf("%d steps done again", n)
		}
		if err := c.Check(t.Context()); err != nil {
			t.Error(err)
		}
	})
	c := must[*Catalogue](t)(Open(Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "empty.db")}))
	defer c.Close()
	if err := c.Check(t.Context()); !errors.Is(err, ErrOldSchema) {
		t.Errorf("an empty database: %v", err)
	}
}

func TestAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	c := must[*Catalogue](t)(Open(Config{URL: "postgres://nobody:secret@127.0.0.1:1/none"}))
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := c.Check(ctx)
	if !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the password is told: %v", err)
	}
	if _, err := Open(Config{URL: "mysql://x"}); err == nil {
		t.Error("an unknown engine was opened")
	}
}
