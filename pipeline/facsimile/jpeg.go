package facsimile

import (
	"encoding/binary"
	"fmt"
	"image"
	"os"

	"sohoa/pipeline/decode"
	"sohoa/pipeline/page"
)

// fromJPEG passes a JPEG byte for byte unless a PDF/A cannot show it.
func (s *source) fromJPEG() (*page.Facsimile, []string, error) {
	head, err := decode.JPEGHeader(s.path)
	if err != nil {
		return nil, nil, err
	}
	if reason := s.unfit(head); reason != "" {
		return s.repackJPEG(reason)
	}
	data, err := os.ReadFile(s.path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the file: %w", err)
	}
	f := &page.Facsimile{
		Width: head.Width, Height: head.Height, Orientation: s.sheet.Orientation,
		Filter: page.DCT, Data: data, ColorSpace: page.RGB, Bits: 8,
	}
	if head.Gray {
		f.ColorSpace = page.Gray
	}
	return f, nil, nil
}

// unfit says why a JPEG cannot stand in a PDF/A as it is; empty where it can.
func (s *source) unfit(head decode.JPEGHead) string {
	switch {
	case head.CMYK:
		// Device colours must be those of the output intent, a screen's (ISO 19005-1, 6.2.3.3).
		return "its colours are printing inks"
	case head.Arithmetic:
		return "its coding is unknown to PDF"
	case head.RGB && !head.Adobe:
		// Without Adobe's marker PDF takes three samples for YCbCr (PDF 1.4 reference, table 3.23); libjpeg looks at their names.
		return "PDF would take its colours for others"
	case s.sheet.Incomplete:
		return "it is damaged, and readers would show different things"
	case s.bytes > mostBytes:
		return "it is too large to be held"
	}
	return ""
}

func (s *source) repackJPEG(reason string) (*page.Facsimile, []string, error) {
	notes := []string{"the JPEG could not stand in the PDF as it is: " + reason + "; it was packed anew"}
	img := s.sheet.Stored
	if s.sheet.Scale < 1 { // it may have been decoded smaller for reading
		whole, err := decode.Decode(s.path, s.index, decode.Options{Orientation: s.sheet.Orientation})
		if err != nil {
			return nil, nil, err
		}
		if img = whole.Stored; whole.Scale < 1 {
			notes = append(notes, fmt.Sprintf("its picture has %d×%d pixels of the scan's %d×%d",
				img.Bounds().Dx(), img.Bounds().Dy(), whole.Width, whole.Height))
		}
	}
	f, note, err := s.packJPEG(img)
	if err != nil {
		return nil, nil, err
	}
	if note != "" {
		notes = append(notes, note)
	}
	return f, notes, nil
}

// passJPEGInTIFF passes the JPEG that a TIFF's page is, if a PDF reader understands it without the TIFF around it.
func passJPEGInTIFF(data []byte, orientation int) (*page.Facsimile, bool) {
	frame, ok := jpegFrame(data)
	if !ok {
		return nil, false
	}
	f := &page.Facsimile{
		Width: frame.width, Height: frame.height, Orientation: orientation,
		Filter: page.DCT, Data: data, ColorSpace: page.RGB, Bits: 8,
	}
	if frame.components == 1 {
		f.ColorSpace = page.Gray
	}
	return f, true
}

type frame struct{ width, height, components int }

// jpegFrame finds the frame header of a baseline or progressive JPEG of 8 bits with one sample or three that are not named
// R, G and B (ITU-T T.81, B.2.2).
func jpegFrame(data []byte) (frame, bool) {
	const startOfFrame, progressive, startOfScan, adobe = 0xc0, 0xc2, 0xda, 0xee
	for i := 2; i+4 <= len(data) && data[i] == 0xff; {
		marker, n := data[i+1], int(binary.BigEndian.Uint16(data[i+2:]))
		if n < 2 || i+2+n > len(data) || marker == startOfScan || marker == adobe {
			break
		}
		if body := data[i+4 : i+2+n]; marker >= startOfFrame && marker <= progressive && len(body) >= 6 {
			f := frame{
				width: int(binary.BigEndian.Uint16(body[3:])), height: int(binary.BigEndian.Uint16(body[1:])),
				components: int(body[5]),
			}
			fits := body[0] == 8 && f.width > 0 && f.height > 0 && len(body) >= 6+3*f.components &&
				(f.components == 1 || f.components == 3 && body[6] != 'R')
			return f, fits
		}
		i += 2 + n
	}
	return frame{}, false
}

// quality is one way to pack a picture.
type quality struct {
	figure    int // libjpeg's
	fullColor bool
}

// qualities are the ways to pack a picture, best first. Measured on 38 scans and photos: at 90 with full colour all of more
// than 2 Mpixel keep at least 42 dB, at half colour a seal over small text falls to 36. Small pages, whose letters have few
// pixels, need 95 for 40 dB and can afford it. Below 50 letters fray.
func qualities(pixels int) []quality {
	const small = 2_000_000
	q := []quality{{90, true}, {90, false}, {82, false}, {74, false}, {66, false}, {58, false}, {50, false}}
	if pixels < small {
		q = append([]quality{{95, true}}, q...)
	}
	return q
}

// packJPEG packs an image as JPEG that fits into the room there is, if any quality that can be read does. The note says
// when a person might see the difference.
func (s *source) packJPEG(img image.Image) (f *page.Facsimile, note string, err error) {
	_, gray := img.(*image.Gray)
	best := 0
	for _, q := range qualities(img.Bounds().Dx() * img.Bounds().Dy()) {
		if gray && !q.fullColor && q.figure == 90 {
			continue // grey has no colour to save
		}
		data, err := decode.EncodeJPEG(img, q.figure, q.fullColor)
		if err != nil {
			return nil, "", err
		}
		f, best = described(img, page.DCT, data), q.figure
		if len(data) <= s.room() {
			break
		}
	}
	const unseen = 90
	if best < unseen || len(f.Data) > s.room() {
		note = fmt.Sprintf("the picture was packed at JPEG quality %d so as not to outgrow the scan", best)
	}
	return f, note, nil
}
