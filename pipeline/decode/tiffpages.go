package decode

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

var errTIFFHead = errors.New("open the TIFF: it has no page")

// tiffPages gives the offsets of the directories that describe pages, in order. It stops after enough of them (0: never);
// more than most (0: 65,535, as many as TIFF can number) are a *LimitError. libtiff would stop at the first directory it
// cannot read, which loses the good pages behind it, and counts thumbnails.
func tiffPages(path string, most, enough int) (pages []uint64, err error) {
	f, err := os.Open(path) //nolint:gosec // the file that the caller names
	if err != nil {
		return nil, fmt.Errorf("open the TIFF: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if most <= 0 {
		most = 1<<16 - 1
	}
	chain, err := newTIFFChain(f)
	if err != nil {
		return nil, err
	}
	var thumbnails []uint64
	seen := map[uint64]bool{}
	for offset := chain.first; offset != 0 && !seen[offset] && (enough == 0 || len(pages) < enough); {
		seen[offset] = true
		next, thumbnail := chain.directory(offset)
		if thumbnail {
			thumbnails = append(thumbnails, offset)
		} else {
			pages = append(pages, offset)
		}
		if len(pages) > most || len(thumbnails) > most {
			return nil, &LimitError{What: limitPages, Most: int64(most)}
		}
		offset = next
	}
	if len(pages) == 0 {
		pages = thumbnails // somebody's pages are flagged wrongly
	}
	if len(pages) == 0 {
		return nil, errTIFFHead
	}
	return pages, nil
}

// tiffChain follows the linked list of a TIFF's directories (TIFF 6.0, section 2; BigTIFF where big).
type tiffChain struct {
	r     io.ReaderAt
	order binary.ByteOrder
	big   bool
	first uint64
}

func newTIFFChain(r io.ReaderAt) (*tiffChain, error) {
	var b [16]byte
	n, err := r.ReadAt(b[:], 0)
	if n < 8 {
		return nil, fmt.Errorf("open the TIFF: %w", err)
	}
	c := &tiffChain{r: r, order: binary.LittleEndian}
	if b[0] == 'M' {
		c.order = binary.BigEndian
	}
	const bigTIFF = 43
	if c.big = c.order.Uint16(b[2:]) == bigTIFF; !c.big {
		c.first = uint64(c.order.Uint32(b[4:]))
	} else if n == len(b) && c.order.Uint16(b[4:]) == 8 {
		c.first = c.order.Uint64(b[8:])
	}
	return c, nil
}

// directory gives the offset of the directory after the one at offset, 0 for none, and whether that one describes a
// thumbnail or a mask of a page.
func (c *tiffChain) directory(offset uint64) (next uint64, thumbnail bool) {
	const looked = 4 // entries are sorted and the subfile's type has the lowest tag of all
	countLen, entryLen, linkLen := 2, 12, 4
	if c.big {
		countLen, entryLen, linkLen = 8, 20, 8
	}
	b := make([]byte, countLen+looked*entryLen+linkLen)
	n, entries := c.read(b, offset), uint64(0)
	if n < countLen {
		return 0, false
	}
	if c.big {
		entries = c.order.Uint64(b)
	} else {
		entries = uint64(c.order.Uint16(b))
	}
	if entries > 1<<16 {
		return 0, false
	}
	for i := range min(int(entries), looked, (n-countLen)/entryLen) {
		thumbnail = thumbnail || c.isThumbnail(b[countLen+i*entryLen:][:entryLen])
	}
	at := offset + uint64(countLen) + entries*uint64(entryLen) //nolint:gosec // small constants
	if c.read(b[:linkLen], at) < linkLen {
		return 0, thumbnail
	}
	if c.big {
		return c.order.Uint64(b), thumbnail
	}
	return uint64(c.order.Uint32(b)), thumbnail
}

// isThumbnail looks whether an entry is NewSubfileType and names a reduced image (bit 0) or a mask (bit 2).
func (c *tiffChain) isThumbnail(entry []byte) bool {
	const newSubfileType, long = 254, 4
	if c.order.Uint16(entry) != newSubfileType || c.order.Uint16(entry[2:]) != long {
		return false
	}
	value := entry[8:]
	if c.big {
		value = entry[12:]
	}
	return c.order.Uint32(value)&(1|4) != 0
}

// read gives how many bytes of b could be filled from offset.
func (c *tiffChain) read(b []byte, offset uint64) int {
	if offset > 1<<62 {
		return 0
	}
	n, _ := c.r.ReadAt(b, int64(offset)) // where the file ends is told by n
	return n
}
