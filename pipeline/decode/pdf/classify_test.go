package pdf

import (
	"testing"
)

const wholePage = "q 300 0 0 400 0 0 cm /I1 Do Q\n"

func TestPageClasses(t *testing.T) {
	t.Parallel()
	m := newMaker()
	img := m.jpegImage(t, 300, 400)
	good, encodeGood := m.font(goodText)
	bad, encodeBad := m.font(badText)
	english, encodeEnglish := m.font(englishText)
	form := m.stream("/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Matrix [300 0 0 400 0 0] /Resources << /XObject << /I1 "+img+" >> >>",
		[]byte("/I1 Do"))
	outer := m.stream("/Type /XObject /Subtype /Form /BBox [0 0 300 400] /Resources << /XObject << /F2 "+form+" >> >>", []byte("/F2 Do"))
	stamp := m.stream("/Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /F1 "+good+" >> >>",
		[]byte("BT /F1 8 Tf 2 5 Td "+encodeGood("Giao")+" Tj ET"))
	annot := "/Annots [ << /Type /Annot /Subtype /Stamp /F 4 /Rect [10 370 110 390] /AP << /N " + stamp + " >> >> ]"
	hidden := "/Annots [ << /Type /Annot /Subtype /Stamp /F 2 /Rect [10 370 110 390] /AP << /N " + stamp + " >> >> ]"
	image := "/XObject << /I1 " + img + " >> "
	fontOf := func(f string) string { return "/Font << /F1 " + f + " >> " }
	unmapped := m.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")

	cases := []struct {
		name, content, resources, entries string
		class                             Class
		text                              Text
		overlay                           bool
	}{
		{"nothing", "", "", "", Empty, NoText, false},
		{"a white sheet", "1 g 0 0 300 400 re f", "", "", Empty, NoText, false},
		{"scan", wholePage, image, "", Scan, NoText, false},
		{"scan on a white sheet", "1 g 0 0 300 400 re f " + wholePage, image, "", Scan, NoText, false},
		{"scan, clipped to the page", "q 0 0 300 400 re W n " + wholePage + "Q", image, "", Scan, NoText, false},
		{"scan, clipped to a corner", "q 0 0 100 100 re W n " + wholePage + "Q", image, "", Mixed, NoText, false},
		{"scan in forms", "/F1 Do", "/XObject << /F1 " + outer + " >>", "", Scan, NoText, false},
		{"scan turned", wholePage, image, "/Rotate 90", Scan, NoText, false},
		{"scan with a stamp", wholePage, image, annot, Scan, NoText, true},
		{"scan with a hidden comment", wholePage, image, hidden, Scan, NoText, false},
		{"scan with a page number", wholePage + "BT /F1 8 Tf 150 10 Td (7) Tj ET", image + fontOf(unmapped), "", Scan, NoText, true},
		{"scan, half of it painted over", wholePage + "1 g 0 0 300 200 re f", image, "", Mixed, NoText, false},
		{"scan, small", "q 150 0 0 200 0 0 cm /I1 Do Q", image, "", Mixed, NoText, false},
		{"tiles", "q 300 0 0 200 0 0 cm /I1 Do Q q 300 0 0 200 0 200 cm /I1 Do Q", image, "", Mixed, NoText, false},
		{"layers", wholePage + wholePage, image, "", Mixed, NoText, false},
		{"layer of good text", wholePage + lines(goodText, encodeGood, "3 Tr"), image + fontOf(good), "", ScanWithText, KeepText, false},
		{"layer of bad text", wholePage + lines(badText, encodeBad, "3 Tr"), image + fontOf(bad), "", ScanWithText, ReadAnew, false},
		{"layer of English", wholePage + lines(englishText, encodeEnglish, "3 Tr"), image + fontOf(english), "", ScanWithText, ReadAnew, false},
		{"good text under the image", lines(goodText, encodeGood, "") + wholePage, image + fontOf(good), "", ScanWithText, KeepText, false},
		{"bad text under the image", lines(badText, encodeBad, "") + wholePage, image + fontOf(bad), "", ScanWithText, ReadAnew, false},
		{
			"tiles under good text", "q 300 0 0 200 0 0 cm /I1 Do Q q 300 0 0 200 0 200 cm /I1 Do Q\n" + lines(goodText, encodeGood, "3 Tr"),
			image + fontOf(good), "", Mixed, KeepText, false,
		},
		{"digital", lines(goodText, encodeGood, ""), fontOf(good), "", Digital, KeepText, false},
		{"digital English", lines(englishText, encodeEnglish, ""), fontOf(english), "", Digital, KeepText, false},
		{"digital with a logo", lines(goodText, encodeGood, "") + "q 60 0 0 60 200 300 cm /I1 Do Q", image + fontOf(good), "", Digital, KeepText, false},
		{
			"digital with a large picture", lines(englishText, encodeEnglish, "") + "q 300 0 0 250 0 0 cm /I1 Do Q", image + fontOf(english), "",
			Mixed, ReadAnew, false,
		},
		{
			"digital garbage", lines(englishText, func(string) string { return "(q#x%7 {z|}~ w$^k \\001\\002\\003 zx@qq)" }, ""), fontOf(unmapped), "",
			Mixed, ReadAnew, false,
		},
		{"drawing", "10 10 100 100 re S", "", "", Mixed, NoText, false},
		{"inline image", "q 300 0 0 400 0 0 cm BI /W 2 /H 2 /BPC 8 /CS /G ID \x00EI \xffEI Q", "", "", Mixed, NoText, false},
		{"no such image", "/I9 Do", image, "", Empty, NoText, false},
	}
	for _, c := range cases {
		m.page(c.content, c.resources, c.entries)
	}
	data := m.bytes()
	d, redo := open(t, data, Options{}), open(t, data, Options{Redo: true})
	for i, c := range cases {
		info, err := d.Page(t.Context(), i+1)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if info.Class != c.class || info.Text != c.text || info.Overlay != c.overlay {
			t.Errorf("%s: %s, text %q, overlay %v; want %s, %q, %v", c.name, info.Class, info.Text, info.Overlay, c.class, c.text, c.overlay)
		}
		again, err := redo.Page(t.Context(), i+1)
		if err != nil || again.Text == KeepText || again.Recognize() != (c.class != Empty) {
			t.Errorf("%s with redo: %+v, %v", c.name, again, err)
		}
	}
}

func TestOneBadPage(t *testing.T) {
	t.Parallel()
	m := newMaker()
	img := m.jpegImage(t, 300, 400)
	res := "/XObject << /I1 " + img + " >>"
	m.page(wholePage, res, "")
	broken := m.stream("/Filter /FlateDecode", []byte("this is not deflated"))
	m.add("<< /Type /Page /Parent 2 0 R /Contents %s >>", broken)
	m.kids = append(m.kids, len(m.objects))
	m.page(wholePage, res, "")
	d := open(t, m.bytes(), Options{})
	for n, want := range map[int]Class{1: Scan, 2: Mixed, 3: Scan} {
		info, err := d.Page(t.Context(), n)
		if err != nil || info.Class != want {
			t.Errorf("page %d: %+v, %v; want %s", n, info, err, want)
		}
	}
	if info, err := d.Page(t.Context(), 2); err != nil || len(info.Warnings) == 0 {
		t.Errorf("the bad page says nothing: %+v, %v", info, err)
	}
}

func TestManyPagesFewProcesses(t *testing.T) {
	t.Parallel()
	m := newMaker()
	img := m.jpegImage(t, 30, 40)
	for range 300 {
		m.page(wholePage, "/XObject << /I1 "+img+" >>", "")
	}
	d := open(t, m.bytes(), Options{})
	if d.Pages() != 300 {
		t.Fatalf("%d pages", d.Pages())
	}
	for n := 300; n > 0; n -= 100 {
		if info, err := d.Page(t.Context(), n); err != nil || info.Class != Scan {
			t.Errorf("page %d: %+v, %v", n, info, err)
		}
	}
	if looked := len(d.infos); looked > 3*batch {
		t.Errorf("%d pages were looked at for three", looked)
	}
}

func BenchmarkScan24(b *testing.B) {
	m := newMaker()
	for range 24 {
		img := m.jpegImage(b, 1240, 1754)
		m.page(wholePage, "/XObject << /I1 "+img+" >>", "")
	}
	path := writeFile(b, m.bytes())
	for b.Loop() {
		d, err := Open(b.Context(), path, Options{WorkDir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		for n := 1; n <= 24; n++ {
			if _, err := d.Facsimile(b.Context(), n); err != nil {
				b.Fatal(err)
			}
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/24, "ms/page")
}
