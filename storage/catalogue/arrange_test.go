package catalogue

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// order is a paper's pages, as scan/number and turn.
func order(t *testing.T, c *Catalogue, id PaperID) string {
	t.Helper()
	pages, records, err := c.PaperPages(t.Context(), Everywhere, id)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i, p := range pages {
		said := fmt.Sprintf("%s/%d", strings.TrimLeft(p.SHA256, "0"), p.Number)
		if p.Turn > 0 {
			said += fmt.Sprintf("+%d", p.Turn)
		}
		if records[i].Number != i+1 || records[i].State != "read" {
			said += fmt.Sprintf(" %+v", records[i])
		}
		all = append(all, said)
	}
	return strings.Join(all, " ")
}

func TestPagesAreArranged(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		id := r.Paper.ID
		var conflict *ConflictError
		if _, err := c.Arrange(ctx, Everywhere, id, 0, []PaperPage{{sum(1), 1, 0}}); !errors.Is(err, ErrNotRead) {
			t.Errorf("before it is read: %v", err)
		}
		readPages(t, c, r.Work, twoLines(1, "trang một", ""), twoLines(2, "trang hai", ""), twoLines(3, "trang ba", ""))
		if got := order(t, c, id); got != "1/1 1/2 1/3" {
			t.Errorf("at first %s", got)
		}
		p := must[Paper](t)(c.Arrange(ctx, Everywhere, id, 0, []PaperPage{{sum(1), 3, 90}, {sum(1), 1, 0}}))
		if got := order(t, c, id); got != "1/3+90 1/1" || p.Pages != 2 || p.PagesRead != 2 || p.Arranged != 1 {
			t.Errorf("%s, %+v", got, p)
		}
		for query, want := range map[string]string{"ba": "1/1!", "một": "1/2!", "hai": "", "H50.13-260331-0001": "1/1!", `"trang một"`: "1/2!"} {
			if got := foundAs(t, c, Everywhere, Query{Text: query}); got != want {
				t.Errorf("%s: %q is found, want %q", query, got, want)
			}
		}
		if _, err := c.Arrange(ctx, Everywhere, id, 0, []PaperPage{{sum(1), 1, 0}}); !errors.As(err, &conflict) || !conflict.Stale {
			t.Errorf("arranged on what is no more: %v", err)
		}
		w := must[PageWords](t)(c.PageWords(ctx, Everywhere, id, 1))
		if w.Turn != 90 || w.Number != 1 {
			t.Errorf("%+v", w)
		}
		must[PageWords](t)(c.Correct(ctx, Everywhere, id, 1, w.Version, Edit{1, 1, "cuối", Place{}}))
		if got := foundAs(t, c, Everywhere, Query{Text: "cuối"}); got != "1/1!" {
			t.Errorf("corrected, %q is found", got)
		}
		var invalid *InvalidError
		for what, pages := range map[string][]PaperPage{
			"none": {}, "twice": {{sum(1), 1, 0}, {sum(1), 1, 90}}, "not there": {{sum(1), 4, 0}}, "of another scan": {{sum(2), 1, 0}},
			"turned a little": {{sum(1), 1, 45}},
		} {
			if _, err := c.Arrange(ctx, Everywhere, id, 1, pages); !errors.As(err, &invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		// What was left out can be taken back in.
		must[Paper](t)(c.Arrange(ctx, Everywhere, id, 1, []PaperPage{{sum(1), 1, 0}, {sum(1), 2, 0}, {sum(1), 3, 0}}))
		if got := foundAs(t, c, Everywhere, Query{Text: "hai"}); got != "1/2!" {
			t.Errorf("taken back in, %q is found", got)
		}
	})
}

func TestPapersAreSplitAndMerged(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		agencies(t, c)
		ctx := t.Context()
		r := handIn(t, c, "H50.13", 1, nil)
		id := r.Paper.ID
		readPages(t, c, r.Work, twoLines(1, "trang một", ""), twoLines(2, "trang hai", ""), twoLines(3, "trang ba", ""))
		part := must[Paper](t)(c.SplitOff(ctx, Everywhere, id, 0, Part{Positions: []int{2}}))
		if part.Dossier != r.Paper.Dossier || part.State != PaperReview || part.Pages != 1 || part.Name != "đơn.tif" {
			t.Errorf("%+v", part)
		}
		elsewhere, _, err := c.PutDossier(ctx, Everywhere, Dossier{Code: "H50.14-260331-0007", Agency: "H50.14"})
		if err != nil {
			t.Fatal(err)
		}
		third := must[Paper](t)(c.SplitOff(ctx, Everywhere, id, 1, Part{Positions: []int{2}, Dossier: elsewhere.ID, Kind: ResultPaper, Component: "KQ"}))
		if third.DossierCode != "H50.14-260331-0007" || third.Kind != ResultPaper || third.Component != "KQ" {
			t.Errorf("%+v", third)
		}
		if got := order(t, c, id) + ", " + order(t, c, part.ID) + ", " + order(t, c, third.ID); got != "1/1, 1/2, 1/3" {
			t.Errorf("split into %s", got)
		}
		for query, want := range map[string]string{"một": "1/1!", "hai": "1/1!", "ba": "7/1!"} {
			if got := foundAs(t, c, Everywhere, Query{Text: query}); got != want {
				t.Errorf("%s: %q is found, want %q", query, got, want)
			}
		}
		// Handing in the same scan is what it was: the same paper, once more.
		again := handIn(t, c, "H50.13", 1, nil)
		if !again.Again || again.Paper.ID != id {
			t.Errorf("handed in again: %+v", again)
		}
		var invalid *InvalidError
		if _, err := c.SplitOff(ctx, Everywhere, id, 2, Part{Positions: []int{1}}); !errors.As(err, &invalid) {
			t.Errorf("all pages split off: %v", err)
		}
		if _, err := c.Merge(ctx, Everywhere, id, 2, []PaperID{third.ID}); !errors.As(err, &invalid) {
			t.Errorf("merged over two dossiers: %v", err)
		}
		second := must[Receipt](t)(c.HandIn(ctx, Everywhere, HandIn{Dossier: r.Paper.Dossier, Scan: Scan{sum(9), 5, "image/png"}, Revision: "1", Component: "X"}))
		if _, err := c.Merge(ctx, Everywhere, id, 2, []PaperID{second.Paper.ID}); !errors.Is(err, ErrNotRead) {
			t.Errorf("merged before it is read: %v", err)
		}
		readPages(t, c, second.Work, twoLines(1, "trang chín", ""))
		must[Paper](t)(c.Approve(ctx, Everywhere, id, AnyEdition))
		p := must[Paper](t)(c.Merge(ctx, Everywhere, id, 2, []PaperID{second.Paper.ID, part.ID}))
		if got := order(t, c, id); got != "1/1 9/1 1/2" || p.Pages != 3 || p.State != PaperReview {
			t.Errorf("merged: %s, %+v", got, p)
		}
		if _, err := c.Paper(ctx, Everywhere, part.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("what was merged: %v", err)
		}
		if all := must[[]Paper](t)(c.Papers(ctx, Everywhere, r.Paper.Dossier)); len(all) != 1 {
			t.Errorf("the dossier has %+v", all)
		}
		if got := foundAs(t, c, Everywhere, Query{Text: "trang", Dossier: r.Paper.DossierCode}); got != "1/3! 1/2! 1/1!" {
			t.Errorf("%q is found", got)
		}
		again = must[Receipt](t)(c.HandIn(ctx, Everywhere, HandIn{Dossier: r.Paper.Dossier, Scan: Scan{sum(9), 5, "image/png"}, Revision: "1", Component: "X"}))
		if !again.Again || again.Paper.ID != id {
			t.Errorf("handed in again what was merged: %+v", again)
		}
		w := must[PageWords](t)(c.PageWords(ctx, Everywhere, id, 2))
		must[PageWords](t)(c.Correct(ctx, Everywhere, id, 2, w.Version, Edit{1, 1, "mười", Place{}}))
		if got := foundAs(t, c, Everywhere, Query{Text: "mười"}); got != "1/2!" {
			t.Errorf("corrected, %q is found", got)
		}
		reread(t, c, second.Work, twoLines(1, "trang chin", ""))
		if got := foundAs(t, c, Everywhere, Query{Text: "mười"}); got != "1/2!" {
			t.Errorf("read anew, %q is found", got)
		}
		if orphans := must[[]string](t)(c.Orphans(ctx)); len(orphans) > 0 {
			t.Errorf("orphans: %q", orphans)
		}
	})
}

// What papers there were before they could be parts of a scan are so after the step, with all that hangs on them.
func TestPapersAreMadeAnewForParts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "old.db")
	c, err := Open(Config{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // of a test
	old, err := sql.Open("sqlite3", "file:"+path+"?_foreign_keys=on")
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close() //nolint:errcheck // of a test
	do := func(query string) {
		t.Helper()
		if _, err := old.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range steps(sqliteDialect) {
		if text := must[string](t)(step.text()); step.version < 4 {
			do(c.engine.types().Replace(text))
		}
	}
	do(`INSERT INTO agencies (id, code, name, path) VALUES (1, 'H50', 'Tỉnh', '/1/');
		INSERT INTO dossiers (id, code, agency_id, owner_name, owner_number, owner_kind, subject, state, created_at, changed_at)
			VALUES (1, 'H50-260331-0001', 1, '', '', 0, '', 2, 1, 1);
		INSERT INTO scans (sha256, size, media_type, created_at) VALUES ('a', 1, 'image/png', 1);
		INSERT INTO readings (id, sha256, revision, step, queue, format, pages, failed_pages, blank_pages, words, confidence, review, starts, failures,
			reason, due_at, created_at, changed_at, finished_at) VALUES (1, 'a', '1', 'done', 'desk', 'tiff', 1, 0, 0, 1, 90, 0, 0, 0, '', 1, 1, 1, 1);
		UPDATE scans SET current_reading = 1, latest_reading = 1;
		INSERT INTO papers (id, dossier_id, sha256, kind, component, name, reused, handed_in_by, created_at, approved_at, approved_by)
			VALUES (7, 1, 'a', 'component', 'X', 'đơn', 0, 'system', 5, 9, 'user:lan');
		INSERT INTO fields (paper_id, name, value, source, changed_at, changed_by) VALUES (7, 'number', '12', 'typed', 6, 'user:lan');
		INSERT INTO search_pages (id, paper_id, number) VALUES (41, 7, 1);`)
	text := must[[]byte](t)(fs.ReadFile(migrations, "migrations/0004_review.sqlite3.sql"))
	tx := must[*sql.Tx](t)(old.BeginTx(t.Context(), nil))
	if _, err := tx.ExecContext(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	var said string
	err = old.QueryRowContext(t.Context(), `SELECT p.component || ' ' || p.changed_at || ' ' || p.approved_by || ' ' || f.value || ' ' || x.id
		FROM papers p JOIN fields f ON f.paper_id = p.id JOIN search_pages x ON x.paper_id = p.id WHERE p.id = 7`).Scan(&said)
	if err != nil || said != "X 9 user:lan 12 41" {
		t.Errorf("%q, %v", said, err)
	}
	var dangling int
	if err := old.QueryRowContext(t.Context(), "SELECT count(*) FROM pragma_foreign_key_check").Scan(&dangling); err != nil || dangling > 0 {
		t.Errorf("%d rows name what is not there (%v)", dangling, err)
	}
	// The names of tables are in the keys of others as they were.
	if _, err := old.ExecContext(t.Context(), "INSERT INTO fields (paper_id, name, value, source, changed_at, changed_by) VALUES (8, 'x', '', '', 0, '')"); err == nil {
		t.Error("a field of no paper was taken")
	}
}
