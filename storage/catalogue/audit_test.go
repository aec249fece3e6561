package catalogue

import (
	"testing"
)

// The database itself refuses to change the audit.
func TestTheAuditIsOnlyAddedTo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		ctx := t.Context()
		if err := c.Record(ctx, "a", "b:1", nil); err != nil {
			t.Fatal(err)
		}
		changes := []string{"UPDATE audit SET actor = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1"}
		if c.Engine() == "postgres" {
			changes = append(changes, "TRUNCATE audit")
		} else {
			changes = append(changes, "INSERT OR REPLACE INTO audit (id, at, actor, action, subject, remote, detail) VALUES (1, 0, '', '', '', '', '{}')")
		}
		for _, change := range changes {
			err := c.write(ctx, "change the audit", func(q querier) error { _, err := q.exec(ctx, change); return err })
			if err == nil {
				t.Errorf("%s: it was done", change)
			}
		}
		if acts := must[[]Act](t)(c.Acts(ctx, ActFilter{})); len(acts) != 1 || acts[0].Action != "a" {
			t.Errorf("%+v", acts)
		}
	})
}
