package facsimile

import (
	"fmt"
	"image"

	"sohoa/pipeline/decode"
	"sohoa/pipeline/page"
)

// packG4 packs a black and white image without loss.
func packG4(img image.Image) (*page.Facsimile, error) {
	g, ok := img.(*image.Gray)
	if !ok {
		return nil, fmt.Errorf("pack %T as black and white: not grey", img)
	}
	w, h := g.Rect.Dx(), g.Rect.Dy()
	row := (w + 7) / 8
	bits := make([]byte, row*h)
	for y := range h {
		dst := bits[y*row : (y+1)*row]
		for x, v := range g.Pix[y*g.Stride : y*g.Stride+w] {
			if v < 128 {
				dst[x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	data, err := decode.EncodeG4(bits, w, h)
	if err != nil {
		return nil, err
	}
	return &page.Facsimile{
		Width: w, Height: h, Orientation: 1, Filter: page.CCITT, K: -1, Data: data, ColorSpace: page.Gray, Bits: 1,
	}, nil
}

// Qualities of JPEG: at the first nobody tells the picture from the scan; below the last letters fray.
const (
	bestQuality  = 90
	worstQuality = 50
	qualityStep  = 8
)

// packJPEG packs an image as JPEG of at most room bytes if any quality that can be read does it. The note says when the
// quality had to be lowered.
func packJPEG(img image.Image, room int) (*page.Facsimile, string, error) {
	for q := bestQuality; ; q -= qualityStep {
		data, err := decode.EncodeJPEG(img, q)
		if err != nil {
			return nil, "", err
		}
		if len(data) > room && q-qualityStep >= worstQuality {
			continue
		}
		f := &page.Facsimile{
			Width: img.Bounds().Dx(), Height: img.Bounds().Dy(), Orientation: 1,
			Filter: page.DCT, Data: data, ColorSpace: page.RGB, Bits: 8,
		}
		if _, gray := img.(*image.Gray); gray {
			f.ColorSpace = page.Gray
		}
		note := ""
		if q < bestQuality {
			note = fmt.Sprintf("the picture was packed at JPEG quality %d so as not to outgrow the scan", q)
		}
		return f, note, nil
	}
}
