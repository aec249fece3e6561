package catalogue

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestApproving(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		all := agencies(t, c)
		ctx := t.Context()
		lan := c.As(Actor{Name: "user:lan"})
		r := handIn(t, lan, "H50.13", 1, nil)
		if _, err := lan.Approve(ctx, Everywhere, r.Paper.ID); !errors.Is(err, ErrNotRead) {
			t.Errorf("before it is read: %v", err)
		}
		second := handIn(t, lan, "H50.13", 2, nil)
		third := handIn(t, c, "H50.13", 3, nil)
		for _, one := range []Receipt{r, second, third} {
			readPages(t, c, one.Work, twoLines(1, "đã đọc", "xong"))
		}
		waiting := func(f ReviewFilter) (ids []PaperID) {
			for _, p := range must[[]Paper](t)(c.ToReview(ctx, Everywhere, f)) {
				ids = append(ids, p.ID)
			}
			return ids
		}
		if got := fmt.Sprint(waiting(ReviewFilter{By: "user:lan"}), waiting(ReviewFilter{After: r.Paper.ID}), waiting(ReviewFilter{Limit: 1})); got != "[1 2] [2 3] [1]" {
			t.Errorf("%s wait", got)
		}
		if _, err := lan.Approve(ctx, all["H50.14"].Path, r.Paper.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("of another agency: %v", err)
		}
		clock.pass(time.Minute)
		since := clock.now()
		p := must[Paper](t)(lan.Approve(ctx, Everywhere, r.Paper.ID))
		if p.State != PaperApproved || p.ApprovedBy != "user:lan" || !p.Approved.Equal(since) {
			t.Errorf("%+v", p)
		}
		must[Paper](t)(lan.Approve(ctx, Everywhere, r.Paper.ID)) // once more is no other act
		if got := fmt.Sprint(waiting(ReviewFilter{})); got != "[2 3]" {
			t.Errorf("%s wait", got)
		}
		if got := foundAs(t, c, Everywhere, Query{State: PaperApproved}); got != "1/1!" {
			t.Errorf("%q is found", got)
		}
		w := must[PageWords](t)(c.PageWords(ctx, Everywhere, r.Paper.ID, 1))
		must[PageWords](t)(lan.Correct(ctx, Everywhere, r.Paper.ID, 1, w.Version, Edit{0, 1, "Đã", Place{}}))
		if p := must[Paper](t)(c.Paper(ctx, Everywhere, r.Paper.ID)); p.State != PaperApproved {
			t.Errorf("a correction made it %s", p.State)
		}
		clock.pass(time.Minute)
		if p := must[Paper](t)(lan.Unapprove(ctx, Everywhere, r.Paper.ID)); p.State != PaperReview || !p.Approved.IsZero() || p.ApprovedBy != "" {
			t.Errorf("%+v", p)
		}
		if changed := must[[]Paper](t)(c.PapersChanged(ctx, Everywhere, since.Add(time.Second), 0, 10)); len(changed) != 1 || changed[0].State != PaperReview {
			t.Errorf("who watches is told %+v", changed)
		}
		var acts []string
		for _, a := range must[[]Act](t)(c.Acts(ctx, ActFilter{Subject: "paper:1"})) {
			acts = append(acts, a.Action)
		}
		if got := strings.Join(acts, " "); got != "paper.unapprove paper.correct paper.approve paper.hand_in" {
			t.Errorf("the audit has %s", got)
		}
	})
}

func TestFieldsHaveAPlaceAndAreConfirmed(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "trang một", ""), twoLines(2, "Số 12", ""))
		set := func(name FieldName, v FieldValue) error {
			return c.As(Actor{Name: "user:lan"}).SetFields(ctx, Everywhere, r.Paper.ID, map[FieldName]FieldValue{name: v})
		}
		if err := set(FieldNumber, FieldValue{Value: "12", Page: 2, Place: Place{30, 0, 50, 50}}); err != nil {
			t.Fatal(err)
		}
		if err := set(FieldTitle, FieldValue{Value: "Đơn"}); err != nil {
			t.Fatal(err)
		}
		got := must[[]Field](t)(c.Fields(ctx, Everywhere, r.Paper.ID))
		if len(got) != 2 || got[0].Name != FieldTitle || got[0].Page != 0 || got[1].Page != 2 || got[1].Place != (Place{30, 0, 50, 50}) || got[1].Source != SourceTyped {
			t.Errorf("%+v", got)
		}
		var conflict *ConflictError
		if err := set(FieldNumber, FieldValue{Value: "13", Confirm: true}); !errors.As(err, &conflict) {
			t.Errorf("another value confirmed: %v", err)
		}
		if err := set(FieldNumber, FieldValue{Value: "12", Confirm: true}); err != nil {
			t.Fatal(err)
		}
		// Where the page goes to another place, so does the field.
		pages, _, err := c.PaperPages(ctx, Everywhere, r.Paper.ID)
		if err != nil {
			t.Fatal(err)
		}
		must[Paper](t)(c.Arrange(ctx, Everywhere, r.Paper.ID, 0, []PaperPage{pages[1], pages[0]}))
		if got := must[[]Field](t)(c.Fields(ctx, Everywhere, r.Paper.ID))[1]; got.Page != 1 || got.Source != SourceConfirmed || got.By != "user:lan" {
			t.Errorf("%+v", got)
		}
		var invalid *InvalidError
		for what, v := range map[string]FieldValue{
			"no such page": {Value: "1", Page: 3, Place: Place{0, 0, 1, 1}}, "no place": {Value: "1", Page: 1},
		} {
			if err := set(FieldNumber, v); !errors.As(err, &invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}
