package pdf

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"

	"sohoa/pipeline/confine"
	"sohoa/pipeline/page"
)

// imagesAtOnce bounds the bytes of images that one call takes out of the file.
const imagesAtOnce = 48 << 20

// imageBytes takes the image of a page out of the file, and those of the pages after it in the same go.
func (d *Document) imageBytes(ctx context.Context, info *PageInfo) ([]byte, error) {
	want := info.Image.ref
	e, ok := d.images[want]
	if ok {
		delete(d.images, want)
		return e.take(mostImage)
	}
	refs, room := []ref{want}, int64(imagesAtOnce)
	for n := info.Number + 1; n < info.Number+batch; n++ {
		next := d.infos[n]
		if next == nil || next.Image == nil || next.Image.ref == want {
			continue
		}
		r := next.Image.ref
		if room -= d.lengthOf(r); room < 0 {
			break
		}
		refs = append(refs, r)
	}
	d.dropImages()
	got, err := d.tools.extract(ctx, d.path, refs, "none", mostImage)
	if err != nil && len(refs) > 1 && ctx.Err() == nil && !confine.MachineFault(err) {
		got, err = d.tools.extract(ctx, d.path, refs[:1], "none", mostImage)
	}
	if err != nil {
		return nil, err
	}
	d.images = got
	e, ok = got[want]
	if !ok {
		return nil, errors.New("the image is not in the file")
	}
	delete(d.images, want)
	return e.take(mostImage)
}

// dropImages removes what was taken out and not asked for. A file that cannot be removed goes with the folder.
func (d *Document) dropImages() {
	for r, e := range d.images {
		_, _ = e.take(0) //nolint:errcheck // it removes the file
		delete(d.images, r)
	}
}

func (d *Document) dictOf(r ref) dict {
	return d.objects.dict(fmt.Sprintf("%d %d R", r.num, r.gen))
}

func (d *Document) lengthOf(r ref) int64 {
	return int64(max(d.objects.integer(d.dictOf(r)["/Length"], 1<<20), 0))
}

// streamBytes takes one stream, decoded.
func (d *Document) streamBytes(ctx context.Context, r ref) ([]byte, error) {
	got, err := d.tools.extract(ctx, d.path, []ref{r}, "generalized", mostStream)
	if err != nil {
		return nil, err
	}
	e, ok := got[r]
	if !ok {
		return nil, errors.New("a stream is missing")
	}
	return e.takeContent(mostStream)
}

// checkProfile asks whether the image's ICC profile can be left out under sRGB.
func (d *Document) checkProfile(ctx context.Context, n int, p *plan) error {
	if p.profile == nil {
		return nil
	}
	good, known := d.profiles[p.profile.ref]
	if !known {
		icc, err := d.streamBytes(ctx, p.profile.ref)
		if err != nil {
			return fmt.Errorf("take the colour profile of page %d: %w", n, err)
		}
		good = standsAsSRGB(icc, d.objects.integer(p.profile.dict["/N"], 0))
		d.profiles[p.profile.ref] = good
	}
	if !good {
		return cannot(n, "its colours are not those of sRGB")
	}
	return nil
}

// samples is the number of samples a pixel.
func samples(f *page.Facsimile) int {
	if f.ColorSpace == page.RGB {
		return 3
	}
	return 1
}

func rowBytes(f *page.Facsimile) int { return (f.Width*samples(f)*f.Bits + 7) / 8 }

// deflate packs bare samples, which must be want bytes or more.
func deflate(data []byte, want int) ([]byte, error) {
	if len(data) < want {
		return nil, fmt.Errorf("it has %d bytes of %d", len(data), want)
	}
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, err := z.Write(data[:want])
	if err := errors.Join(err, z.Close()); err != nil {
		return nil, fmt.Errorf("pack it: %w", err)
	}
	return out.Bytes(), nil
}

// finish makes the bytes as taken from the file ready to stand, and checks that they are what the dictionary says, as far
// as their heads tell.
func (p *plan) finish(data []byte) ([]byte, error) {
	f := &p.facsimile
	if p.packed {
		// A JPEG is not larger than its samples, but for its heads and profiles.
		data = inflate(data, int64(rowBytes(f))*int64(f.Height)+1<<20)
	}
	switch {
	case len(data) == 0:
		return nil, errors.New("it is empty")
	case p.bare:
		return deflate(data, rowBytes(f)*f.Height)
	case f.Filter == page.DCT:
		return data, p.lookAtJPEG(data)
	case f.Filter == page.JBIG2 && bytes.HasPrefix(data, []byte("\x97JB2\r\n\x1a\n")):
		return nil, errors.New("it is a JBIG2 file with its header, which PDF does not have")
	case p.endless && !bytes.HasSuffix(data, faxEnd()):
		// All rows are there; whoever wants an end mark finds one after the last row's filling bits.
		return append(data, faxEnd()...), nil
	}
	return data, nil
}

// faxEnd is the mark at the end of G4 data, EOFB: twice 000000000001.
func faxEnd() []byte { return []byte{0x00, 0x10, 0x01} }

func (p *plan) lookAtJPEG(data []byte) error {
	f := &p.facsimile
	w, h, components, ok := jpegSize(data)
	switch {
	case !ok:
		return errors.New("it is no JPEG that can be understood")
	case w != f.Width || h != f.Height:
		return fmt.Errorf("its JPEG has %d×%d pixels, the PDF says %d×%d", w, h, f.Width, f.Height)
	case components != samples(f):
		return fmt.Errorf("its JPEG has %d components, the PDF says %d", components, samples(f))
	}
	return nil
}

// jpegSize reads a JPEG's frame header.
func jpegSize(data []byte) (w, h, components int, ok bool) {
	if len(data) < 4 || data[0] != 0xFF || data[1] != 0xD8 {
		return 0, 0, 0, false
	}
	at := 2
	for at+4 <= len(data) {
		if data[at] != 0xFF {
			return 0, 0, 0, false
		}
		marker := data[at+1]
		switch {
		case marker == 0xFF: // fill
			at++
			continue
		case marker == 0x01 || marker >= 0xD0 && marker <= 0xD7:
			at += 2
			continue
		}
		length := int(data[at+2])<<8 | int(data[at+3])
		frame := marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
		if frame && length >= 8 && at+10 <= len(data) {
			d := data[at+4:]
			return int(d[3])<<8 | int(d[4]), int(d[1])<<8 | int(d[2]), int(d[5]), d[0] == 8
		}
		if length < 2 || marker == 0xDA || marker == 0xD9 {
			return 0, 0, 0, false
		}
		at += 2 + length
	}
	return 0, 0, 0, false
}
