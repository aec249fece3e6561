package score

import "math/bits"

// Both computations fill the dynamic-programming table column by column, 64 rows of it in one machine word. A page of
// 10,000 characters against another takes some milliseconds; the plain table takes half a second.

// wordBits is how many rows of the table one word holds.
const wordBits = 64

// positions notes for each element of pattern, as bits, where it stands.
func positions[T comparable](pattern []T) map[T][]uint64 {
	words := (len(pattern) + wordBits - 1) / wordBits
	at := make(map[T][]uint64)
	for i, e := range pattern {
		if at[e] == nil {
			at[e] = make([]uint64, words)
		}
		at[e][i/wordBits] |= 1 << (i % wordBits)
	}
	return at
}

// distance is the Levenshtein distance: the fewest insertions, deletions and replacements that turn a into b. It is Myers'
// bit-vector algorithm in Hyyrö's form for long patterns ("A bit-vector algorithm for computing Levenshtein and Damerau edit
// distances", 2003): per word, up and down have a bit for each row whose cell is one more or one less than the cell above.
func distance[T comparable](a, b []T) int {
	a, b = trimCommon(a, b)
	if len(a) == 0 {
		return len(b)
	}
	at := positions(a)
	words := (len(a) + wordBits - 1) / wordBits
	none := make([]uint64, words)
	up, down := make([]uint64, words), make([]uint64, words)
	for i := range up {
		up[i] = ^uint64(0)
	}
	last := uint64(1) << ((len(a) - 1) % wordBits)
	result := len(a)
	for _, e := range b {
		equal := at[e]
		if equal == nil {
			equal = none
		}
		carryUp, carryDown := uint64(1), uint64(0) // row 0 grows by one with each column
		for i := range words {
			x := equal[i] | carryDown
			zero := (((x & up[i]) + up[i]) ^ up[i]) | x | down[i]
			right, left := down[i]|^(zero|up[i]), up[i]&zero
			if i == words-1 {
				if right&last != 0 {
					result++
				}
				if left&last != 0 {
					result--
				}
			}
			outUp, outDown := right>>(wordBits-1), left>>(wordBits-1)
			right, left = right<<1|carryUp, left<<1|carryDown
			carryUp, carryDown = outUp, outDown
			up[i], down[i] = left|^(zero|right), right&zero
		}
	}
	return result
}

// trimCommon drops what both begin and end with: it costs nothing to turn into itself.
func trimCommon[T comparable](a, b []T) (restA, restB []T) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

// Common is how much of two lists agrees in order: the length of their longest common subsequence (Hyyrö, "Bit-parallel
// LCS-length computation revisited", 2004: a row whose bit is clear is one where the subsequence grew).
func Common[T comparable](a, b []T) int {
	whole := len(a)
	a, b = trimCommon(a, b)
	trimmed := whole - len(a)
	at := positions(a)
	words := (len(a) + wordBits - 1) / wordBits
	rows := make([]uint64, words)
	for i := range rows {
		rows[i] = ^uint64(0)
	}
	for _, e := range b {
		equal := at[e]
		if equal == nil {
			continue
		}
		carry := uint64(0)
		for i := range words {
			hit := rows[i] & equal[i]
			sum, out := bits.Add64(rows[i], hit, carry)
			rows[i] = sum | (rows[i] &^ equal[i])
			carry = out
		}
	}
	grown := 0
	for i, row := range rows {
		if i == words-1 && len(a)%wordBits != 0 {
			row |= ^uint64(0) << (len(a) % wordBits)
		}
		grown += bits.OnesCount64(^row)
	}
	return trimmed + grown
}
