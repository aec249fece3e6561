package catalogue

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// approvals are the acts by which approvals were taken back, as subject and why.
func approvals(t *testing.T, c *Catalogue) (said []string) {
	t.Helper()
	for _, a := range must[[]Act](t)(c.Acts(t.Context(), ActFilter{Action: "paper.unapprove"})) {
		said = append(said, fmt.Sprintf("%s %v by %s, approved by %v", a.Subject, a.Detail["because"], a.Actor, a.Detail["approved_by"]))
	}
	return said
}

// checked is how many dossiers of the components' figure were approved.
func checked(t *testing.T, c *Catalogue) int64 {
	t.Helper()
	return must[Rates](t)(c.Rates(t.Context(), Everywhere, RateQuery{})).Total[0].Checked
}

// What was approved and shows something else now is approved no more, with an act of its own, and who watches is told; a page that
// another agency has approved stays as it is.
func TestACorrectionTakesApprovalsBack(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		all := agencies(t, c)
		ctx, reach := t.Context(), all["H50.13"].Path
		lan, hoa := c.As(Actor{Name: "user:lan"}), c.As(Actor{Name: "user:hoa"})
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "một hai", ""), twoLines(2, "ba", ""))
		same := handIn(t, c, "H50.13.1", 2, func(h *HandIn) { h.Scan.SHA256 = sum(1) }) // of a unit within lan's reach
		foreign := handIn(t, c, "H50.14", 3, func(h *HandIn) { h.Scan.SHA256 = sum(1) })
		for _, p := range []Receipt{r, same, foreign} {
			must[Paper](t)(hoa.Approve(ctx, Everywhere, p.Paper.ID, AnyEdition))
		}
		correct := func(page int, text string) error {
			w := must[PageWords](t)(c.PageWords(ctx, reach, r.Paper.ID, page))
			_, err := lan.Correct(ctx, reach, r.Paper.ID, page, w.Version, Edit{0, 1, text, Place{}})
			return err
		}
		if err := correct(1, "Một"); !errors.Is(err, ErrApprovedElsewhere) {
			t.Fatalf("of another agency's approved paper: %v", err)
		}
		if err := correct(1, "một"); err != nil { // confirms it
			t.Fatal(err)
		}
		if w := must[PageWords](t)(c.PageWords(ctx, reach, r.Paper.ID, 1)); w.Text != "một hai\n" && w.Text != "một hai" || len(approvals(t, c)) > 0 || checked(t, c) != 3 {
			t.Errorf("refused, and yet %q, %q", w.Text, approvals(t, c))
		}
		must[Paper](t)(hoa.Unapprove(ctx, Everywhere, foreign.Paper.ID))
		clock.pass(time.Minute)
		since := clock.now()
		if err := correct(1, "Một"); err != nil {
			t.Fatal(err)
		}
		said := fmt.Sprint(approvals(t, c)[:2])
		want := fmt.Sprintf("[%s corrected by user:lan, approved by user:hoa %s corrected by user:lan, approved by user:hoa]", subject("paper", same.Paper.ID), subject("paper", r.Paper.ID))
		if said != want {
			t.Errorf("the audit says %s, want %s", said, want)
		}
		if changed := must[[]Paper](t)(c.PapersChanged(ctx, Everywhere, since.Add(-time.Second), 0, 10)); len(changed) != 3 || changed[0].State != PaperReview || changed[1].State != PaperReview {
			t.Errorf("who watches is told of %+v", changed)
		}
		if got := foundAs(t, c, Everywhere, Query{State: PaperApproved}); got != "" || checked(t, c) != 0 {
			t.Errorf("%q is found as approved, %d are counted", got, checked(t, c))
		}
	})
}

// The same for pages that are arranged and split off; what stays as it is stays approved.
func TestArrangingTakesTheApprovalBack(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "một", ""), twoLines(2, "hai", ""))
		id := r.Paper.ID
		must[Paper](t)(c.Approve(ctx, Everywhere, id, AnyEdition))
		if p := must[Paper](t)(c.Arrange(ctx, Everywhere, id, 0, []PaperPage{{sum(1), 1, 0}, {sum(1), 2, 0}})); p.State != PaperApproved {
			t.Errorf("as it was, it is %s", p.State)
		}
		if p := must[Paper](t)(c.Arrange(ctx, Everywhere, id, 1, []PaperPage{{sum(1), 1, 90}, {sum(1), 2, 0}})); p.State != PaperReview {
			t.Errorf("turned, it is %s", p.State)
		}
		must[Paper](t)(c.Approve(ctx, Everywhere, id, AnyEdition))
		part := must[Paper](t)(c.SplitOff(ctx, Everywhere, id, 2, Part{Positions: []int{2}}))
		if p := must[Paper](t)(c.Paper(ctx, Everywhere, id)); p.State != PaperReview || part.State != PaperReview {
			t.Errorf("split, they are %s and %s", p.State, part.State)
		}
		if said := approvals(t, c); len(said) != 2 || checked(t, c) != 0 {
			t.Errorf("%q", said)
		}
	})
}

// A reading that says the same keeps approvals; one that says something else takes those of the papers back that show it.
func TestReadAnewApprovalsStayWhereTheWordsDo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "một", ""), twoLines(2, "hai", ""))
		part := must[Paper](t)(c.SplitOff(ctx, Everywhere, r.Paper.ID, 0, Part{Positions: []int{2}}))
		whole := handIn(t, c, "H50.14", 2, func(h *HandIn) { h.Scan.SHA256 = sum(1) })
		for _, id := range []PaperID{r.Paper.ID, part.ID, whole.Paper.ID} {
			must[Paper](t)(c.Approve(ctx, Everywhere, id, AnyEdition))
		}
		states := func() (said string) {
			for _, id := range []PaperID{r.Paper.ID, part.ID, whole.Paper.ID} {
				said += string(must[Paper](t)(c.Paper(ctx, Everywhere, id)).State) + " "
			}
			return said
		}
		reread(t, c, r.Work, twoLines(1, "một", ""), twoLines(2, "hai", ""))
		if got := states(); got != "approved approved approved " {
			t.Errorf("the same words: %s", got)
		}
		reread(t, c, r.Work, twoLines(1, "một", ""), twoLines(2, "hài", ""))
		if got := states(); got != "approved read read " || len(approvals(t, c)) != 2 || checked(t, c) != 1 {
			t.Errorf("other words on page 2: %s, %q, %d are counted", got, approvals(t, c), checked(t, c))
		}
	})
}

// Who approves has seen what the paper shows: where that was changed meanwhile it is refused.
func TestApprovingWhatWasChangedMeanwhile(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "một", ""), twoLines(2, "hai", ""))
		id := r.Paper.ID
		for what, change := range map[string]func(){
			"corrected": func() {
				w := must[PageWords](t)(c.PageWords(ctx, Everywhere, id, 1))
				must[PageWords](t)(c.Correct(ctx, Everywhere, id, 1, w.Version, Edit{0, 1, w.Text[w.Words[0].Start:w.Words[0].End] + "x", Place{}}))
			},
			"arranged": func() {
				p := must[Paper](t)(c.Paper(ctx, Everywhere, id))
				pages, _, err := c.PaperPages(ctx, Everywhere, id)
				if err != nil {
					t.Fatal(err)
				}
				pages[0].Turn = (pages[0].Turn + 90) % 360
				must[Paper](t)(c.Arrange(ctx, Everywhere, id, p.Arranged, pages))
			},
			"fields": func() {
				if err := c.PutFields(ctx, Everywhere, id, map[FieldName]string{FieldNumber: "12"}); err != nil {
					t.Fatal(err)
				}
			},
			"read": func() { reread(t, c, r.Work, twoLines(1, "khác", ""), twoLines(2, "hẳn", "")) },
		} {
			seen := must[Paper](t)(c.Paper(ctx, Everywhere, id)).Edition
			change()
			var conflict *ConflictError
			if _, err := c.Approve(ctx, Everywhere, id, seen); !errors.As(err, &conflict) || !conflict.Stale {
				t.Errorf("%s: %v", what, err)
			}
			now := must[Paper](t)(c.Paper(ctx, Everywhere, id))
			if now.Edition != seen+1 {
				t.Errorf("%s: edition %d after %d", what, now.Edition, seen)
			}
			if p := must[Paper](t)(c.Approve(ctx, Everywhere, id, now.Edition)); p.State != PaperApproved {
				t.Errorf("%s: %s", what, p.State)
			}
			must[Paper](t)(c.Unapprove(ctx, Everywhere, id))
		}
	})
}

// A field that an officer changes takes the approval back, as a corrected word does; one that is confirmed, or said again, does not.
func TestAFieldTakesTheApprovalBack(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		readPages(t, c, r.Work, twoLines(1, "một hai", ""))
		id := r.Paper.ID
		set := func(v FieldValue) Paper {
			t.Helper()
			if err := c.As(Actor{Name: "user:lan"}).SetFields(ctx, Everywhere, id, map[FieldName]FieldValue{FieldNumber: v}); err != nil {
				t.Fatal(err)
			}
			return must[Paper](t)(c.Paper(ctx, Everywhere, id))
		}
		set(FieldValue{Value: "12"})
		approved := must[Paper](t)(c.As(Actor{Name: "user:hoa"}).Approve(ctx, Everywhere, id, AnyEdition))
		for _, same := range []FieldValue{{Value: " 12 "}, {Value: "12", Confirm: true}} {
			if p := set(same); p.State != PaperApproved || p.Edition != approved.Edition || len(approvals(t, c)) > 0 {
				t.Errorf("%+v: %+v, %q", same, p, approvals(t, c))
			}
		}
		if p := set(FieldValue{Value: "13"}); p.State != PaperReview || p.Edition != approved.Edition+1 || checked(t, c) != 0 {
			t.Errorf("changed: %+v, %d are counted", p, checked(t, c))
		}
		if got := approvals(t, c); len(got) != 1 || got[0] != subject("paper", id)+" fields by user:lan, approved by user:hoa" {
			t.Errorf("the audit says %q", got)
		}
		var stale *ConflictError
		if _, err := c.Approve(ctx, Everywhere, id, approved.Edition); !errors.As(err, &stale) || !stale.Stale {
			t.Errorf("approved as it was: %v", err)
		}
		must[Paper](t)(c.Approve(ctx, Everywhere, id, AnyEdition))
		if p := set(FieldValue{}); p.State != PaperReview {
			t.Errorf("taken away: %+v", p)
		}
	})
}

func TestApproving(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, clock *clock) {
		all := agencies(t, c)
		ctx := t.Context()
		lan := c.As(Actor{Name: "user:lan"})
		r := handIn(t, lan, "H50.13", 1, nil)
		if _, err := lan.Approve(ctx, Everywhere, r.Paper.ID, AnyEdition); !errors.Is(err, ErrNotRead) {
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
		if _, err := lan.Approve(ctx, all["H50.14"].Path, r.Paper.ID, AnyEdition); !errors.Is(err, ErrNotFound) {
			t.Errorf("of another agency: %v", err)
		}
		clock.pass(time.Minute)
		since := clock.now()
		p := must[Paper](t)(lan.Approve(ctx, Everywhere, r.Paper.ID, AnyEdition))
		if p.State != PaperApproved || p.ApprovedBy != "user:lan" || !p.Approved.Equal(since) {
			t.Errorf("%+v", p)
		}
		must[Paper](t)(lan.Approve(ctx, Everywhere, r.Paper.ID, AnyEdition)) // once more is no other act
		if got := fmt.Sprint(waiting(ReviewFilter{})); got != "[2 3]" {
			t.Errorf("%s wait", got)
		}
		if got := foundAs(t, c, Everywhere, Query{State: PaperApproved}); got != "1/1!" {
			t.Errorf("%q is found", got)
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
		if got := strings.Join(acts, " "); got != "paper.unapprove paper.approve paper.hand_in" {
			t.Errorf("the audit has %s", got)
		}
	})
}
