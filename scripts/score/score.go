package score

// Score is how one reading, or a set of them, compares to the truth. All fields are counts, so scores add up.
type Score struct {
	Texts     int // how many readings were compared
	Hits      int // syllables that truth and reading share, as multisets
	Syllables int // of the truth
	Read      int // syllables of the reading
	Distance  int // Levenshtein distance of the whole texts in characters
	Length    int // characters of the truth
}

// Compare scores a reading against the true text, which may hold {hw:…} and {st:…}.
func Compare(truth, reading string) Score {
	t, r := fold(WithoutMarks(truth)), fold(reading)
	s := Score{Texts: 1, Distance: distance([]rune(t), []rune(r)), Length: len([]rune(t))}
	counts := make(map[string]int)
	for _, syllable := range Syllables(t) {
		counts[syllable]++
		s.Syllables++
	}
	for _, syllable := range Syllables(r) {
		s.Read++
		if counts[syllable] > 0 {
			counts[syllable]--
			s.Hits++
		}
	}
	return s
}

// Pool adds up scores.
func Pool(scores ...Score) Score {
	var sum Score
	for _, s := range scores {
		sum.Texts += s.Texts
		sum.Hits += s.Hits
		sum.Syllables += s.Syllables
		sum.Read += s.Read
		sum.Distance += s.Distance
		sum.Length += s.Length
	}
	return sum
}

// SyllableError is 1 − F1, from 0 (all read, nothing invented) to 1 (nothing in common). Two texts without syllables agree.
func (s Score) SyllableError() float64 {
	if s.Syllables+s.Read == 0 {
		return 0
	}
	return 1 - 2*float64(s.Hits)/float64(s.Syllables+s.Read)
}

// CharacterError is the CER: 0 is equal; invented text can take it above 1. Against an empty truth it is 1 as soon as
// anything was read.
func (s Score) CharacterError() float64 {
	switch {
	case s.Length > 0:
		return float64(s.Distance) / float64(s.Length)
	case s.Distance > 0:
		return 1
	}
	return 0
}
