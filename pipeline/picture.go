package pipeline

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"

	"github.com/disintegration/imaging"

	"sohoa/pipeline/child"
	"sohoa/pipeline/decode"
	"sohoa/pipeline/decode/pdf"
)

// picturesOnly is the configuration of a child that makes pictures and has no model.
const picturesOnly = "pictures"

// pictureJob is what such a child is asked for.
type pictureJob struct {
	Path  string
	Index int      // of the page in the file, from 0
	Area  pdf.Area // of the page; what lies beyond it is white
	Width int
	Turn  int
	// Limits are on what is decoded.
	Limits decode.Limits
}

// pictureQuality is libjpeg's: text stays clear, and an A4 page of 1,000 columns has some 100 kB.
const pictureQuality = 75

// servePictures is such a child's life.
func servePictures(in io.Reader) error {
	answers, err := child.OwnStdout()
	if err != nil {
		return err
	}
	defer answers.Close() //nolint:errcheck // it ends with it
	return child.Serve(in, answers, makePicture)
}

// makePicture decodes a page and gives it as a JPEG.
func makePicture(job pictureJob) ([]byte, error) {
	opt := decode.Options{Limits: job.Limits}
	if about, err := decode.Describe(job.Path, job.Index); err == nil && job.Width > 0 {
		across := about.Width
		if job.Turn%180 != 0 {
			across = about.Height
		}
		// A JPEG is decoded smaller where twice the wanted columns are left: what is left is averaged.
		opt.ScaleNum = min(8, max(1, int(math.Ceil(16*float64(job.Width)/float64(max(across, 1))))))
	}
	sheet, err := decode.Decode(job.Path, job.Index, opt)
	if err != nil {
		return nil, err
	}
	picture := cutTo(sheet.Pixels, job.Area)
	size := picture.Bounds().Size()
	across := size.X
	if job.Turn%180 != 0 {
		across = size.Y
	}
	if job.Width > 0 && across > job.Width {
		factor := float64(job.Width) / float64(across)
		w, h := max(1, int(math.Round(float64(size.X)*factor))), max(1, int(math.Round(float64(size.Y)*factor)))
		_, gray := picture.(*image.Gray)
		picture = imaging.Resize(picture, w, h, imaging.Box)
		if gray {
			picture = grayOf(picture)
		}
	}
	jpeg, err := decode.EncodeJPEG(turnPicture(picture, job.Turn), pictureQuality, false)
	if err != nil {
		return nil, fmt.Errorf("make the picture of page %d: %w", job.Index+1, err)
	}
	return jpeg, nil
}

// cutTo gives a part of a page, white where it reaches beyond it.
func cutTo(img image.Image, area pdf.Area) image.Image {
	if area == pdf.WholePage() || area == (pdf.Area{}) {
		return img
	}
	b := img.Bounds()
	x := func(share float64) int { return int(math.Round(share * float64(b.Dx()))) }
	y := func(share float64) int { return int(math.Round(share * float64(b.Dy()))) }
	wanted := image.Rect(x(area.X0), y(area.Y0), x(area.X1), y(area.Y1)).Add(b.Min)
	// An area of several pages is none that a page's image has.
	const most = 3
	if wanted.Empty() || wanted.Dx() > most*b.Dx() || wanted.Dy() > most*b.Dy() {
		return img
	}
	canvas := imaging.New(wanted.Dx(), wanted.Dy(), color.White)
	inside := wanted.Intersect(b)
	return imaging.Paste(canvas, imaging.Crop(img, inside), inside.Min.Sub(wanted.Min))
}

// grayOf makes an image grey that has no colour.
func grayOf(img image.Image) image.Image {
	c, ok := img.(*image.NRGBA)
	if !ok {
		return img
	}
	g := image.NewGray(c.Bounds())
	for i := range g.Pix {
		g.Pix[i] = c.Pix[4*i]
	}
	return g
}

// turnPicture turns clockwise.
func turnPicture(img image.Image, degrees int) image.Image {
	_, gray := img.(*image.Gray)
	switch degrees {
	case 90:
		img = imaging.Rotate270(img) // it counts the other way round
	case 180:
		img = imaging.Rotate180(img)
	case 270:
		img = imaging.Rotate90(img)
	}
	if gray {
		img = grayOf(img)
	}
	return img
}
