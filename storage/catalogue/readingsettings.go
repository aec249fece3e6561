package catalogue

import "context"

// ReadingSettings say when somebody should look at what was read. Workers and pages both ask for them.
type ReadingSettings struct {
	// ReviewBelow is the confidence, 0 to 100, below which a paper that is read gets PaperReview; 0: none does for that.
	ReviewBelow float64 `json:"review_below"`
	// DoubtBelow is the confidence below which a word is marked as doubtful; 0: none is.
	DoubtBelow float64 `json:"doubt_below"`
}

// ordinaryReadingSettings are those that nobody changed: most words that are read wrong are below.
func ordinaryReadingSettings() ReadingSettings {
	return ReadingSettings{ReviewBelow: 80, DoubtBelow: 80}
}

func (s *ReadingSettings) check() error {
	for _, one := range []struct {
		field string
		value float64
	}{{"review_below", s.ReviewBelow}, {"doubt_below", s.DoubtBelow}} {
		if !(one.value >= 0 && one.value <= 100) { // NaN is neither
			return &InvalidError{Field: one.field, Reason: "a confidence is from 0 to 100"}
		}
	}
	return nil
}

// Look tells whether somebody should look at a paper of so many words, of which recognition was so sure.
func (s *ReadingSettings) Look(words int, confidence float64) bool {
	return words > 0 && confidence < s.ReviewBelow
}

// readingSettings is the table of the one row.
const readingSettings = "reading_settings"

// ReadingSettings are those that hold.
func (c *Catalogue) ReadingSettings(ctx context.Context) (s ReadingSettings, err error) {
	err = c.view(ctx, "find the settings of reading", func(q querier) error {
		s, err = settingsOf(ctx, q, readingSettings, ordinaryReadingSettings)
		return err
	})
	return s, err
}

// PutReadingSettings changes them for everybody: for words at once, for papers from the next one on that is read.
func (c *Catalogue) PutReadingSettings(ctx context.Context, s ReadingSettings) error {
	if err := s.check(); err != nil {
		return err
	}
	return c.write(ctx, "put the settings of reading", func(q querier) error {
		return c.putSettings(ctx, q, readingSettings, s, "reading.settings", "reading")
	})
}
