package pdf

import (
	"context"
	"errors"
	"fmt"

	"sohoa/pipeline/confine"
	"sohoa/pipeline/page"
)

// Facsimile gives the image of a scanned page as it stands in the file, byte for byte, with what PDF needs to show it and
// Orientation set to how the page shows it. A page whose image cannot stand in a PDF/A-1, or that shows more than its
// image, is a *CannotStandError: render it. In a signed or encrypted document, which is never rewritten, an overlay (the
// signature's stamp) does not matter: the image alone is what there is to read.
func (d *Document) Facsimile(ctx context.Context, n int) (*page.Facsimile, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ctx, cancel := confine.WithLimit(ctx, d.opt.Limits.Time)
	defer cancel()
	info, err := d.page(ctx, n)
	if err != nil {
		return nil, err
	}
	plan, err := d.plan(info)
	if err != nil {
		return nil, err
	}
	if err := d.checkProfile(ctx, n, plan); err != nil {
		return nil, err
	}
	f := plan.facsimile
	if plan.globals != nil {
		if f.Globals, err = d.streamBytes(ctx, plan.globals.ref); err != nil {
			return nil, fmt.Errorf("take the image of page %d: %w", n, err)
		}
	}
	if f.Data, err = d.imageBytes(ctx, info); err != nil {
		return nil, fmt.Errorf("take the image of page %d: %w", n, err)
	}
	if f.Data, err = plan.finish(f.Data); err != nil {
		return nil, cannot(n, err.Error())
	}
	return &f, nil
}

func cannot(n int, reason string) error { return &CannotStandError{Page: n, Reason: reason} }

// plan is how a page's image will stand.
type plan struct {
	facsimile page.Facsimile
	globals   *stream // of JBIG2
	profile   *stream // an ICC profile to be looked at
	bare      bool    // samples without a filter
	packed    bool    // an image format's bytes, deflated once more
	endless   bool    // fax data that need not have an end mark
}

// plan decides from the image's dictionary.
func (d *Document) plan(info *PageInfo) (*plan, error) {
	im := info.Image
	switch {
	case im == nil:
		return nil, cannot(info.Number, "the page is not one image")
	case im.Orientation == 0:
		return nil, cannot(info.Number, "it stands askew")
	case info.Overlay && !d.Signed && !d.Encrypted:
		return nil, cannot(info.Number, "something else is shown over it")
	case int64(im.Height) > d.opt.Limits.Pixels/int64(im.Width):
		return nil, cannot(info.Number, fmt.Sprintf("it has %d×%d pixels, more than allowed", im.Width, im.Height))
	case overhang(im.Area) > mostOverhang:
		return nil, cannot(info.Number, "the page shows a part of it only")
	}
	s := d.objects.stream(fmt.Sprintf("%d %d R", im.ref.num, im.ref.gen))
	if s == nil {
		return nil, cannot(info.Number, "it is missing")
	}
	p := &plan{facsimile: page.Facsimile{Width: im.Width, Height: im.Height, Orientation: im.Orientation}}
	if err := d.objects.planSamples(p, s.dict, im.stencil); err != nil {
		return nil, cannot(info.Number, err.Error())
	}
	if err := d.objects.planFilter(p, s.dict); err != nil {
		return nil, cannot(info.Number, err.Error())
	}
	return p, nil
}

// mostOverhang is how much of an image's width or height may lie beyond the page's edges: what a page hides must stay
// hidden, but scanners round.
const mostOverhang = 0.02

func overhang(a Area) float64 {
	w, h := a.X1-a.X0, a.Y1-a.Y0
	return max(-a.X0/w, -a.Y0/h, (a.X1-1)/w, (a.Y1-1)/h)
}

// planSamples decides on colour space, depth and direction of the samples.
func (o *objects) planSamples(p *plan, d dict, stencil bool) error {
	f := &p.facsimile
	if d["/SMask"] != nil || d["/Mask"] != nil {
		return errors.New("it is transparent in places")
	}
	f.Bits = o.integer(d["/BitsPerComponent"], 8)
	space := o.get(d["/ColorSpace"])
	if f.ColorSpace = o.baseSpace(space); f.ColorSpace != "" {
		p.profile = o.profile(space)
	}
	filter := lastFilter(o, d)
	if a, ok := space.([]any); ok && len(a) > 0 && (o.name(a[0]) == "Indexed" || o.name(a[0]) == "I") {
		if f.Palette, ok = o.palette(a); !ok {
			return errors.New("its palette is not grey or RGB")
		}
		f.ColorSpace, p.profile = page.Indexed, o.profile(a)
	}
	if stencil || filter == "CCITTFaxDecode" || filter == "JBIG2Decode" {
		f.Bits = 1
		if stencil || space == nil {
			f.ColorSpace = page.Gray
		}
	}
	switch {
	case f.ColorSpace == "":
		return errors.New("its colours are not grey, RGB or a palette of them")
	case f.Bits != 1 && f.Bits != 2 && f.Bits != 4 && f.Bits != 8:
		return fmt.Errorf("its samples have %d bits", f.Bits)
	}
	return o.planDecode(f, o.array(d["/Decode"]))
}

// planDecode accepts the two decode arrays that scanners write: as it is, and inverted.
func (o *objects) planDecode(f *page.Facsimile, decode []any) error {
	if len(decode) == 0 {
		return nil
	}
	top := 1.0
	if f.ColorSpace == page.Indexed {
		top = float64(int(1)<<f.Bits - 1)
	}
	as, inverted := true, true
	for i, v := range decode {
		n, ok := o.number(v)
		if !ok {
			return errors.New("its decode array is broken")
		}
		low := i%2 == 0
		as = as && (low && n == 0 || !low && n == top)
		inverted = inverted && (low && n == top || !low && n == 0)
	}
	switch {
	case as:
	case inverted && f.ColorSpace != page.Indexed:
		f.Inverted = true
	default:
		return errors.New("its decode array changes the tones")
	}
	return nil
}

// filters are the names of a stream's filters, in the order of decoding.
func filters(o *objects, d dict) []string {
	v := o.get(d["/Filter"])
	if n := o.name(v); n != "" {
		return []string{n}
	}
	var out []string
	for _, f := range o.array(v) {
		out = append(out, o.name(f))
	}
	return out
}

// lastFilter is the one that makes samples; "" for none.
func lastFilter(o *objects, d dict) string {
	f := filters(o, d)
	if len(f) == 0 {
		return ""
	}
	return f[len(f)-1]
}

// planFilter decides on the packing.
func (o *objects) planFilter(p *plan, d dict) error {
	f := &p.facsimile
	chain := filters(o, d)
	last := lastFilter(o, d)
	switch {
	case len(chain) <= 1:
	case len(chain) == 2 && chain[0] == "FlateDecode" && last == "DCTDecode":
		p.packed = true // some writers deflate JPEGs too
	default:
		return errors.New("it is packed several times over")
	}
	params := o.dict(d["/DecodeParms"])
	if a := o.array(d["/DecodeParms"]); len(a) > 0 {
		params = o.dict(a[len(a)-1])
	}
	switch last {
	case "":
		f.Filter, p.bare = page.Flate, true
	case "FlateDecode":
		f.Filter = page.Flate
		return o.planPredictor(f, params)
	case "DCTDecode":
		f.Filter = page.DCT
		if _, ok := params["/ColorTransform"]; ok {
			return errors.New("its JPEG colours depend on the PDF")
		}
		if f.Bits != 8 || f.ColorSpace == page.Indexed {
			return errors.New("a JPEG image with a palette or few bits")
		}
	case "CCITTFaxDecode":
		f.Filter = page.CCITT
		return o.planFax(p, params)
	case "JBIG2Decode":
		f.Filter = page.JBIG2
		p.globals = o.stream(params["/JBIG2Globals"])
	default:
		return fmt.Errorf("PDF/A-1 has no %s", last)
	}
	return nil
}

func (o *objects) planPredictor(f *page.Facsimile, params dict) error {
	predictor := o.integer(params["/Predictor"], 1)
	if predictor <= 1 {
		return nil
	}
	if predictor < 10 {
		return fmt.Errorf("its rows are predicted in a way (%d) that is not kept", predictor)
	}
	f.PNGPredictor = true
	if o.integer(params["/Colors"], 1) != samples(f) || o.integer(params["/BitsPerComponent"], 8) != f.Bits ||
		o.integer(params["/Columns"], 1) != f.Width {
		return errors.New("its rows are not those of the image")
	}
	return nil
}

func (o *objects) planFax(p *plan, params dict) error {
	f := &p.facsimile
	f.K = o.integer(params["/K"], 0)
	f.BlackIs1, _ = o.get(params["/BlackIs1"]).(bool)
	f.ByteAlign, _ = o.get(params["/EncodedByteAlign"]).(bool)
	f.EndOfLine, _ = o.get(params["/EndOfLine"]).(bool)
	if o.integer(params["/Columns"], 1728) != f.Width {
		return errors.New("its fax lines are not as wide as the image")
	}
	if end, ok := o.get(params["/EndOfBlock"]).(bool); ok && !end {
		p.endless = true
		if f.K >= 0 {
			return errors.New("its fax data has no end mark")
		}
	}
	return nil
}
