package extract

// distance is the number of letters to add, drop or change to make b of a; most+1 where it is more than most.
func distance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	if a == b {
		return 0
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal, least := row[0], i+1
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
			least = min(least, row[j+1])
		}
		if least > most {
			return most + 1
		}
	}
	return min(row[len(b)], most+1)
}

// near tells whether two folded texts are the same but for misreadings: one letter in six, and none in a text of five.
func near(a, b string) bool {
	most := max(len(a), len(b)) / 6
	if most == 0 && len(b) > 5 {
		most = 1
	}
	return distance(a, b, most) <= most
}

// differ is the number of letters in which two folded texts that are near differ; -1 for others.
func differ(a, b string) int {
	if !near(a, b) {
		return -1
	}
	return distance(a, b, len(b))
}

// find looks for a folded pattern of letters among the letters of a line and gives the word in which it begins. Up to
// a sixth of its letters may be wrong, and what parts words does not count.
func find(f *folded, pattern string) (first int, ok bool) {
	most := len(pattern) / 6
	// Sellers: the row holds the cost of the pattern's beginnings that end here, and where each of them began.
	row, from := make([]int, len(pattern)+1), make([]int, len(pattern)+1)
	for j := range row {
		row[j] = j
	}
	best, bestFrom := most+1, 0
	for i := range len(f.text) {
		c := f.text[i]
		if !alphanumeric(c) {
			continue
		}
		diagonal, diagonalFrom := 0, i
		row[0] = 0
		from[0] = i
		for j := range len(pattern) {
			cost, at := diagonal, diagonalFrom
			if c != pattern[j] {
				cost++
			}
			if v := row[j+1] + 1; v < cost {
				cost, at = v, from[j+1]
			}
			if v := row[j] + 1; j > 0 && v < cost {
				cost, at = v, from[j]
			}
			diagonal, diagonalFrom = row[j+1], from[j+1]
			row[j+1], from[j+1] = cost, at
		}
		if cost := row[len(pattern)]; cost < best {
			best, bestFrom = cost, from[len(pattern)]
		}
	}
	if best > most {
		return 0, false
	}
	return f.word[bestFrom], true
}
