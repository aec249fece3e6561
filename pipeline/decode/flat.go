package decode

import (
	"image"
	"image/color"
)

// flat makes of any image that Go's decoders give a grey or an opaque colour one, with its origin at 0, 0 and no gaps
// between rows: what is transparent lies on white paper. It works in place where it can.
func flat(img image.Image) image.Image {
	b := img.Bounds()
	size := image.Rect(0, 0, b.Dx(), b.Dy())
	switch p := img.(type) {
	case *image.Gray:
		return p
	case *image.Gray16:
		out := image.NewGray(size)
		for i := range out.Pix {
			out.Pix[i] = p.Pix[2*i] // the high byte
		}
		return out
	case *image.Paletted:
		return flatPalette(p, size)
	case *image.NRGBA:
		onWhite(p.Pix)
		return p
	case *image.RGBA: // what PNG and BMP without transparency give; premultiplied
		addPaper(p.Pix)
		return &image.NRGBA{Pix: p.Pix, Stride: p.Stride, Rect: size}
	case *image.RGBA64:
		out := image.NewNRGBA(size)
		for i := range out.Pix {
			out.Pix[i] = p.Pix[2*i]
		}
		addPaper(out.Pix)
		return out
	case *image.NRGBA64:
		out := image.NewNRGBA(size)
		for i := range out.Pix {
			out.Pix[i] = p.Pix[2*i]
		}
		onWhite(out.Pix)
		return out
	case *image.YCbCr:
		return fromVideo(p)
	case *image.NYCbCrA:
		out := fromVideo(&p.YCbCr)
		for y := range size.Max.Y {
			for x := range size.Max.X {
				out.Pix[y*out.Stride+4*x+3] = p.A[y*p.AStride+x]
			}
		}
		onWhite(out.Pix)
		return out
	}
	out := image.NewNRGBA(size)
	for y := range size.Max.Y {
		for x := range size.Max.X {
			out.Set(x, y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	onWhite(out.Pix)
	return out
}

// onWhite lays colours (not multiplied by their transparency) onto white, in place.
func onWhite(pix []byte) {
	for i := 0; i+3 < len(pix); i += 4 {
		p := pix[i : i+4 : i+4]
		if a := p[3]; a != 255 {
			p[0], p[1], p[2], p[3] = over(p[0], a), over(p[1], a), over(p[2], a), 255
		}
	}
}

// over is a sample of transparency a on white.
func over(v, a byte) byte {
	return byte((uint32(v)*uint32(a) + 255*uint32(255-a) + 127) / 255) //nolint:gosec // a mean of bytes
}

// flatPalette looks colours up; a palette of greys makes a grey image.
func flatPalette(p *image.Paletted, size image.Rectangle) image.Image {
	var colors [256][4]byte
	for i := range colors {
		colors[i][3] = 255 // an index beyond the palette: decoders differ, black is the usual choice
	}
	gray := true
	for i, c := range p.Palette[:min(256, len(p.Palette))] {
		n, _ := color.NRGBAModel.Convert(c).(color.NRGBA)
		colors[i] = [4]byte{over(n.R, n.A), over(n.G, n.A), over(n.B, n.A), 255}
		gray = gray && colors[i][0] == colors[i][1] && colors[i][1] == colors[i][2]
	}
	if gray {
		for i, v := range p.Pix {
			p.Pix[i] = colors[v][0]
		}
		return &image.Gray{Pix: p.Pix, Stride: p.Stride, Rect: size}
	}
	out := image.NewNRGBA(size)
	for y := range size.Max.Y {
		dst := out.Pix[y*out.Stride:]
		for x, v := range p.Pix[y*p.Stride:][:size.Max.X] {
			*(*[4]byte)(dst[4*x:]) = colors[v]
		}
	}
	return out
}

// fromVideo converts the YCbCr of lossy WebP. Unlike JPEG's, which package image assumes, it is that of video: black is 16
// and white 235 (RFC 6386, section 9.2; ITU-R BT.601), so that package image would show paper as light grey.
func fromVideo(p *image.YCbCr) *image.NRGBA {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	clamp := func(v int32) byte { return byte(min(max(v, 0), 255<<16) >> 16) } //nolint:gosec // clamped
	for y := range h {
		dst := out.Pix[y*out.Stride:][:4*w]
		luma := p.Y[y*p.YStride:][:w]
		c := p.COffset(p.Rect.Min.X, p.Rect.Min.Y+y)
		cb, cr := p.Cb[c:], p.Cr[c:]
		for x, v := range luma {
			// Coefficients of BT.601 times 2^16.
			l, u, r := (int32(v)-16)*76309+1<<15, int32(cb[x/2])-128, int32(cr[x/2])-128
			q := dst[4*x : 4*x+4 : 4*x+4]
			q[0], q[1], q[2], q[3] = clamp(l+104597*r), clamp(l-25674*u-53279*r), clamp(l+132201*u), 255
		}
	}
	return out
}
