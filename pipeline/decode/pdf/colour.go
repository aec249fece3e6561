package pdf

import (
	"encoding/binary"
	"math"

	"sohoa/pipeline/page"
)

// grey tells whether an image dictionary's samples are grey for sure.
func (o *objects) grey(d dict) bool {
	space := o.get(d["/ColorSpace"])
	if a, ok := space.([]any); ok && len(a) > 0 {
		switch o.name(a[0]) {
		case "CalGray":
			return true
		case "ICCBased":
			return len(a) > 1 && o.integer(o.dict(a[1])["/N"], 0) == 1
		case "Indexed", "I":
			palette, ok := o.palette(a)
			for i := 0; ok && i+2 < len(palette); i += 3 {
				if palette[i] != palette[i+1] || palette[i] != palette[i+2] {
					return false
				}
			}
			return ok
		}
		return false
	}
	n := o.name(space)
	return n == "DeviceGray" || n == "CalGray" || n == "G"
}

// palette gives an Indexed colour space's table as RGB triples, where it is a string over grey or RGB.
func (o *objects) palette(space []any) ([]byte, bool) {
	if len(space) != 4 {
		return nil, false
	}
	high := o.integer(space[2], -1)
	table, ok := o.bytes(space[3])
	if !ok || high < 0 || high > 255 {
		return nil, false
	}
	base := o.baseSpace(space[1])
	switch {
	case base == page.RGB && len(table) >= 3*(high+1):
		return table[:3*(high+1)], true
	case base == page.Gray && len(table) >= high+1:
		out := make([]byte, 0, 3*(high+1))
		for _, v := range table[:high+1] {
			out = append(out, v, v, v)
		}
		return out, true
	}
	return nil, false
}

// baseSpace is the plain colour space that v is, by its number of components for an ICC profile; "" for any other. Whether
// a profile is sRGB is asked apart.
func (o *objects) baseSpace(v any) page.ColorSpace {
	v = o.get(v)
	if a, ok := v.([]any); ok {
		if len(a) < 2 {
			return ""
		}
		switch o.name(a[0]) {
		case "CalGray":
			return page.Gray
		case "CalRGB":
			if o.likeSRGB(o.dict(a[1])) {
				return page.RGB
			}
		case "ICCBased":
			switch o.integer(o.dict(a[1])["/N"], 0) {
			case 1:
				return page.Gray
			case 3:
				return page.RGB
			}
		}
		return ""
	}
	switch o.name(v) {
	case "DeviceGray", "CalGray", "G":
		return page.Gray
	case "DeviceRGB", "RGB":
		return page.RGB
	}
	return ""
}

// profile is the ICC profile of an image's colour space or of its palette's base; nil for none.
func (o *objects) profile(space any) *stream {
	a := o.array(space)
	if len(a) < 2 {
		return nil
	}
	switch o.name(a[0]) {
	case "ICCBased":
		return o.stream(a[1])
	case "Indexed", "I":
		if base := o.array(a[1]); len(base) > 1 && o.name(base[0]) == "ICCBased" {
			return o.stream(base[1])
		}
	}
	return nil
}

// likeSRGB tells whether a CalRGB space is sRGB for the eye.
func (o *objects) likeSRGB(d dict) bool {
	gamma := o.array(d["/Gamma"])
	m := o.array(d["/Matrix"])
	if len(gamma) != 3 || len(m) != 9 {
		return false
	}
	for _, g := range gamma {
		if v, ok := o.number(g); !ok || v < 1.7 || v > 2.5 {
			return false
		}
	}
	want := [9]float64{0.412, 0.213, 0.019, 0.358, 0.715, 0.119, 0.180, 0.072, 0.950}
	for i, w := range want {
		if v, ok := o.number(m[i]); !ok || math.Abs(v-w) > 0.05 {
			return false
		}
	}
	return true
}

// standsAsSRGB tells whether an ICC profile is near enough to sRGB (or, with one component, to its grey) that nobody sees
// a difference: its colorants are sRGB's within a hundredth or two. Profiles by table are refused.
func standsAsSRGB(icc []byte, components int) bool {
	const header, entry = 132, 12
	if len(icc) < header {
		return false
	}
	if components == 1 {
		return string(icc[16:20]) == "GRAY"
	}
	if string(icc[16:20]) != "RGB " {
		return false
	}
	want := map[string][3]float64{ // adapted to D50, as profiles hold them
		"rXYZ": {0.4361, 0.2225, 0.0139}, "gXYZ": {0.3851, 0.7169, 0.0971}, "bXYZ": {0.1431, 0.0606, 0.7141},
	}
	found := 0
	count := int(min(binary.BigEndian.Uint32(icc[128:]), 200))
	for i := range count {
		at := header + i*entry
		if at+entry > len(icc) {
			return false
		}
		w, ok := want[string(icc[at:at+4])]
		if !ok {
			continue
		}
		offset := int64(binary.BigEndian.Uint32(icc[at+4:]))
		if offset+20 > int64(len(icc)) {
			return false
		}
		for k, x := range w {
			v := float64(int32(binary.BigEndian.Uint32(icc[offset+8+int64(4*k):]))) / 65536 //nolint:gosec // s15Fixed16 is signed
			if math.Abs(v-x) > 0.02 {
				return false
			}
		}
		found++
	}
	return found == 3
}
