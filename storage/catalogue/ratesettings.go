package catalogue

import (
	"context"
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

// rateSettingsTable is the table of the one row.
const rateSettingsTable = "rate_settings"

func rateSettings(ctx context.Context, q querier) (RateSettings, error) {
	return settingsOf(ctx, q, rateSettingsTable, ordinaryRateSettings)
}

// PutRateSettings changes them for everybody, from the next question on, for what was counted before too.
func (c *Catalogue) PutRateSettings(ctx context.Context, s RateSettings) error {
	if err := s.check(); err != nil {
		return err
	}
	return c.write(ctx, "put the settings of the rates", func(q querier) error {
		return c.putSettings(ctx, q, rateSettingsTable, s, "rates.settings", "rates")
	})
}
