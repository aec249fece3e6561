package bind

import (
	"encoding/binary"
	"math"
)

// curvePoints is how finely the profile's tone curve is sampled; readers interpolate, and with 256 points the error
// stays below half a level of 8 bits.
const curvePoints = 256

// sRGBProfile builds an ICC version 2 display profile of sRGB (IEC 61966-2-1): primaries adapted to D50 and the
// standard's own tone curve. PDF/A needs one so that DeviceRGB and DeviceGray mean something.
func sRGBProfile() []byte {
	curve := tag("curv")
	curve = binary.BigEndian.AppendUint32(curve, curvePoints)
	for i := range curvePoints {
		v := float64(i) / (curvePoints - 1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		curve = binary.BigEndian.AppendUint16(curve, uint16(math.Round(v*65535)))
	}
	elements := []struct {
		names []string
		data  []byte
	}{
		{[]string{"desc"}, description("sRGB IEC61966-2.1")},
		{[]string{"cprt"}, append(tag("text"), "Public domain\x00"...)},
		{[]string{"wtpt"}, xyz(0.9505, 1, 1.0891)},
		{[]string{"rXYZ"}, xyz(0.43607, 0.22249, 0.01392)},
		{[]string{"gXYZ"}, xyz(0.38515, 0.71687, 0.09708)},
		{[]string{"bXYZ"}, xyz(0.14307, 0.06061, 0.71410)},
		{[]string{"rTRC", "gTRC", "bTRC"}, curve},
	}
	const count = 9
	offset := 128 + 4 + 12*count
	table := binary.BigEndian.AppendUint32(nil, count)
	var body []byte
	for _, e := range elements {
		for _, name := range e.names {
			table = append(table, name...)
			table = binary.BigEndian.AppendUint32(table, uint32(offset+len(body))) //nolint:gosec // a few kilobytes
			table = binary.BigEndian.AppendUint32(table, uint32(len(e.data)))      //nolint:gosec // a few kilobytes
		}
		body = append(body, e.data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	profile := profileHeader(uint32(offset + len(body))) //nolint:gosec // a few kilobytes
	return append(append(profile, table...), body...)
}

// profileHeader is the fixed head of 128 bytes.
func profileHeader(size uint32) []byte {
	h := make([]byte, 128)
	be := binary.BigEndian
	be.PutUint32(h[0:], size)
	be.PutUint32(h[8:], 0x02100000) // version 2.1
	copy(h[12:], "mntrRGB XYZ ")
	for i, v := range []uint16{2024, 1, 1, 0, 0, 0} { // a fixed date: the profile never changes
		be.PutUint16(h[24+2*i:], v)
	}
	copy(h[36:], "acsp")
	copy(h[68:], xyz(0.96420, 1, 0.82491)[8:]) // the D50 illuminant
	return h
}

// tag begins an ICC tag: its kind and four bytes that are reserved.
func tag(kind string) []byte {
	return append([]byte(kind), 0, 0, 0, 0)
}

func xyz(values ...float64) []byte {
	b := tag("XYZ ")
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(math.Round(v*65536)))
	}
	return b
}

// description is version 2's textDescriptionType: ASCII, and empty Unicode and ScriptCode parts.
func description(s string) []byte {
	b := tag("desc")
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)+1)) //nolint:gosec // a short name
	b = append(append(b, s...), 0)
	return append(b, make([]byte, 4+4+2+1+67)...)
}
