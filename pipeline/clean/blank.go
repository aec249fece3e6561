package clean

// A page is blank when nothing on it can be text: fewer letter-sized blobs than the shortest line anybody prints ("Trang 1")
// once specks and what shines through are gone.
const fewestLetters = 5

func blank(blobs []blob) bool {
	n := 0
	for _, b := range blobs {
		if letterSized(b) {
			n++
		}
	}
	return n < fewestLetters
}
