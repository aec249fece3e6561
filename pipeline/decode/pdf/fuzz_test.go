package pdf

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// FuzzContent runs any bytes as a content stream: it must end, without panic, within its limits.
func FuzzContent(f *testing.F) {
	for _, seed := range []string{
		"q 300 0 0 400 0 0 cm /I1 Do Q", "BT 3 Tr /F1 12 Tf (a\\(b\\)\\101) Tj [(x) -20 <41 4>] TJ ET", "BI /W 2 /H 2 /F [/A85 /DCT] ID xxEI Q",
		"1e9 -.5 --5 +3 4-4 c 0 0 1 1 re W n f*", "<< /a [ << >> ] >> BDC /x#41#4 gs % comment\n EMC", "BI /W 99999999 /H 99999999 /BPC 16 /CS /CMYK ID ",
		"/F2 Do /F2 Do", "nan inf -inf cm", "(((", "<<<", "]]>>",
	} {
		f.Add([]byte(seed))
	}
	o := &objects{index: map[ref]span{}, cache: map[ref]any{
		{1, 0}: &stream{ref: ref{1, 0}, dict: dict{"/Subtype": "/Image", "/Width": 4.0, "/Height": 4.0, "/ColorSpace": "/DeviceGray"}},
		{2, 0}: &stream{ref: ref{2, 0}, dict: dict{"/Subtype": "/Form", "/Matrix": []any{1.0, 0.0, 0.0, 1.0, 1e300, 0.0}}},
	}}
	resources := dict{"/XObject": dict{"/I1": "1 0 R", "/F2": "2 0 R"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := newInterpreter(o, rect{0, 0, 300, 400}, func(ref) ([]byte, bool) { return data, len(data) < 2000 })
		in.run(data, resources, identity(), rect{0, 0, 300, 400}, 0)
		if len(in.out.pictures) > mostPictures || in.ops > mostOps+1 {
			t.Errorf("%d pictures, %d operators", len(in.out.pictures), in.ops)
		}
		for _, p := range in.out.pictures {
			if a := p.visible.area(); math.IsNaN(a) || a < 0 || a > 300*400+1 {
				t.Errorf("a picture shows %g of the page", a)
			}
		}
	})
}

func FuzzLayout(f *testing.F) {
	f.Add([]byte(`<page width="1" height="2"><block><line><word xMin="0" yMin="0" xMax="1" yMax="1">a&amp;</word></line></block></page>`))
	f.Add([]byte(`<word>x</word><line><page><word xMax="NaN">`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range parseLayout(data) {
			for _, b := range p.layout(Grid{Width: 10, Height: 10, Area: WholePage()}) {
				for _, l := range b.Lines {
					if l.Box.X0 < 0 || l.Box.X1 > 10 || l.Box.Empty() {
						t.Errorf("a line at %v of 10×10 pixels", l.Box)
					}
				}
			}
		}
	})
}

// FuzzObjects reads any bytes as qpdf's JSON.
func FuzzObjects(f *testing.F) {
	f.Add([]byte("{\n      \"obj:1 0 R\": {\n        \"value\": {\n          \"/Kids\": [\n \"1 0 R\"] } },\n      \"trailer\": {\n        \"value\": { \"/Root\": {\"/Pages\": \"1 0 R\"} } }\n"))
	f.Add([]byte("      \"obj:1 0 R\": {\"stream\": {\"dict\": {\"/ByteRange\": 1}}}\n      \"trailer\": {\"value\": \"1 0 R\"}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "objects.json")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := openObjects(name)
		if err != nil {
			t.Fatal(err)
		}
		leaves, _ := o.pages(10) //nolint:errcheck // any document will do
		for _, l := range leaves {
			if w, h := l.size(); !(w > 0) || !(h > 0) {
				t.Errorf("a page of %g×%g points", w, h)
			}
			p := o.dict(o.object(l.ref))
			o.appearances(p)
			o.contentRefs(p)
		}
		o.signed()
		if err := o.close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestDocEncodingGoesBack(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"abc": "abc", "\u02d8\u02dc": "\x18\x1f", "•ž€ÿ": "\x80\x9e\xa0\xff", "ﬁ": "\x93", "\x00\x17\x7e": "\x00\x17\x7e",
	} {
		if got, ok := encodeDoc(in); !ok || string(got) != want {
			t.Errorf("%q: %q, %v; want %q", in, got, ok, want)
		}
	}
	if _, ok := encodeDoc("Việt"); ok {
		t.Error("ệ is not in PDFDocEncoding")
	}
}
