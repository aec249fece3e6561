package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// RateSettings is what sources dispute of the rates: which states of a dossier count, and what is aimed at.
type RateSettings struct {
	// Received are the states of the dossiers that were received: the denominator of FigureComponents and FigureReuse.
	Received []DossierState `json:"received"`
	// Scope are those of the dossiers that should be digitized: the denominator of FigureDossiers.
	Scope []DossierState `json:"scope"`
	// Resolved are those of the dossiers that are completed: the denominator of FigureResults.
	Resolved []DossierState `json:"resolved"`
	// Targets are what figures should reach, as hundredths of a percent; a figure without one has none.
	Targets map[Figure]Percent `json:"targets"`
}

// ordinaryRateSettings are those that nobody changed: Quyết định 766/QĐ-TTg counts what was accepted and what came of it.
func ordinaryRateSettings() RateSettings {
	received := []DossierState{
		StateAccepted, StateInWork, StateSupplement, StatePayment, StateWithdrawn, StateStopped, StateResolved, StateReturned,
	}
	return RateSettings{
		Received: received, Scope: slices.Clone(received), Resolved: []DossierState{StateResolved, StateReturned},
		Targets: map[Figure]Percent{FigureComponents: 8000, FigureDossiers: 8000, FigureResults: 8000, FigureReuse: 5000},
	}
}

func (s *RateSettings) check() error {
	for _, states := range []struct {
		field string
		all   *[]DossierState
	}{{"received", &s.Received}, {"scope", &s.Scope}, {"resolved", &s.Resolved}} {
		*states.all = slices.Compact(slices.Sorted(slices.Values(*states.all)))
		for _, state := range *states.all {
			if state < StateRegistered || state > lastDossierState {
				return &InvalidError{Field: states.field, Reason: "states are 1 to 10"}
			}
		}
		if len(*states.all) == 0 {
			return &InvalidError{Field: states.field, Reason: "at least one state must count"}
		}
	}
	for figure, target := range s.Targets {
		if !slices.Contains(FigureNames(), figure) {
			return &InvalidError{Field: "targets", Reason: "there is no such figure"}
		}
		if target < 0 || target > whole {
			return &InvalidError{Field: "targets", Reason: "a target is from 0 to 100 %"}
		}
	}
	return nil
}

// RateSettings are those that hold.
func (c *Catalogue) RateSettings(ctx context.Context) (s RateSettings, err error) {
	err = c.view(ctx, "find the settings of the rates", func(q querier) error {
		s, err = rateSettings(ctx, q)
		return err
	})
	return s, err
}

func rateSettings(ctx context.Context, q querier) (s RateSettings, err error) {
	var value string
	err = q.row(ctx, "SELECT value FROM rate_settings WHERE id = 1", nil, &value)
	if isNotFound(err) {
		return ordinaryRateSettings(), nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(value), &s)
	}
	return s, err
}

// PutRateSettings changes them for everybody, from the next question on, for what was counted before too.
func (c *Catalogue) PutRateSettings(ctx context.Context, s RateSettings) error {
	if err := s.check(); err != nil {
		return err
	}
	value, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("put the settings of the rates: %w", err)
	}
	return c.write(ctx, "put the settings of the rates", func(q querier) error {
		_, err := q.exec(ctx, `INSERT INTO rate_settings (id, value, changed_at) VALUES (1, ?, ?)
			ON CONFLICT (id) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at`, string(value), millis(c.now()))
		if err != nil {
			return err
		}
		return c.record(ctx, q, "rates.settings", "rates", map[string]any{"settings": s})
	})
}
