package catalogue

import (
	"errors"
	"math"
	"testing"
)

// Settings that are data: the ordinary ones until somebody changes them, within their bounds, told to the audit.
func TestReadingSettings(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, c *Catalogue, _ *clock) {
		ctx := t.Context()
		if s := must[ReadingSettings](t)(c.ReadingSettings(ctx)); s != (ReadingSettings{80, 80}) {
			t.Errorf("nobody changed them: %+v", s)
		}
		for _, put := range []ReadingSettings{{72.5, 90}, {0, 100}} {
			if err := c.PutReadingSettings(ctx, put); err != nil {
				t.Fatal(err)
			}
			if s := must[ReadingSettings](t)(c.ReadingSettings(ctx)); s != put {
				t.Errorf("%+v, not %+v", s, put)
			}
		}
		for _, bad := range []ReadingSettings{{-1, 80}, {80, 100.5}, {math.NaN(), 80}, {80, math.Inf(1)}} {
			var invalid *InvalidError
			if err := c.PutReadingSettings(ctx, bad); !errors.As(err, &invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if acts := must[[]Act](t)(c.Acts(ctx, ActFilter{Action: "reading.settings"})); len(acts) != 2 || acts[0].Detail["settings"] == nil {
			t.Errorf("the audit says %+v", acts)
		}
	})
	low, none := ReadingSettings{ReviewBelow: 80}, ReadingSettings{}
	if !low.Look(3, 79.9) || low.Look(3, 80) || low.Look(0, 0) || none.Look(3, 0.1) {
		t.Error("who looks at what is wrong")
	}
}
