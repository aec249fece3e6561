package password

import (
	"crypto/rand"
	"strings"
)

// Random makes a password for somebody to type once: 20 of 32 characters (100 bits) that are not mistaken for each other, in
// groups of five.
func Random() string {
	const group, groups = 5, 4
	text := strings.ToLower(rand.Text()) // 26 characters a-z and 2-7
	said := make([]string, groups)
	for i := range said {
		said[i] = text[i*group : (i+1)*group]
	}
	return strings.Join(said, "-")
}
