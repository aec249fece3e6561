package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maker writes small PDFs.
type maker struct {
	objects []string
	kids    []int
	root    string // more of the catalog
	count   int    // claimed instead of the number of pages
}

// Objects 1 and 2 are the catalog and the page tree.
func newMaker() *maker { return &maker{objects: []string{"", ""}} }

// add gives the new object's reference.
func (m *maker) add(format string, args ...any) string {
	m.objects = append(m.objects, fmt.Sprintf(format, args...))
	return fmt.Sprintf("%d 0 R", len(m.objects))
}

func (m *maker) stream(dict string, data []byte) string {
	return m.add("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data)
}

// page adds a page: resources and entries are written as they are.
func (m *maker) page(content, resources, entries string) {
	c := m.stream("", []byte(content))
	m.add("<< /Type /Page /Parent 2 0 R /Contents %s /Resources << %s >> %s >>", c, resources, entries)
	m.kids = append(m.kids, len(m.objects))
}

func (m *maker) bytes() []byte {
	var kids strings.Builder
	for _, k := range m.kids {
		fmt.Fprintf(&kids, "%d 0 R ", k)
	}
	count := m.count
	if count == 0 {
		count = len(m.kids)
	}
	m.objects[0] = fmt.Sprintf("<< /Type /Catalog /Pages 2 0 R %s >>", m.root)
	m.objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 300 400] >>", kids.String(), count)
	var b bytes.Buffer
	b.WriteString("%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
	at := make([]int, len(m.objects))
	for i, o := range m.objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

func writeFile(tb testing.TB, data []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "made.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// open opens a made document; the test closes it.
func open(tb testing.TB, data []byte, opt Options) *Document {
	tb.Helper()
	opt.WorkDir = tb.TempDir()
	d, err := Open(tb.Context(), writeFile(tb, data), opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Error(err)
		}
	})
	return d
}

// scanned is a small picture with a different tone in each corner, so that no turn looks like another.
func scanned(w, h int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(200)
			switch {
			case x < w/3 && y < h/3:
				v = 0
			case x >= w-w/3 && y < h/3:
				v = 80
			case x < w/3 && y >= h-h/3:
				v = 140
			}
			img.SetGray(x, y, color.Gray{Y: v})
		}
	}
	return img
}

func jpegOf(tb testing.TB, img image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func zipped(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// jpegImage adds a JPEG image and gives its reference.
func (m *maker) jpegImage(tb testing.TB, w, h int) string {
	tb.Helper()
	return m.stream(fmt.Sprintf(
		"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", w, h),
		jpegOf(tb, scanned(w, h)))
}

// font adds a font whose codes from 33 on are the text's characters, and gives its reference and an encoder.
func (m *maker) font(text string) (ref string, encode func(string) string) {
	codes := map[rune]int{}
	var chars strings.Builder
	n := 0
	for _, r := range text {
		if _, ok := codes[r]; ok || r == ' ' {
			continue
		}
		codes[r] = 33 + n
		n++
		fmt.Fprintf(&chars, "<%02x> <%04x>\n", codes[r], r)
	}
	cmap := "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n" +
		"1 begincodespacerange <00> <ff> endcodespacerange\n" +
		fmt.Sprintf("%d beginbfchar\n<20> <0020>\n%sendbfchar\nendcmap end end\n", n+1, chars.String())
	u := m.stream("", []byte(cmap))
	ref = m.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode %s >>", u)
	return ref, func(s string) string {
		var b strings.Builder
		for _, r := range s {
			code := 32
			if r != ' ' {
				code = codes[r]
			}
			fmt.Fprintf(&b, "%02x", code)
		}
		return "<" + b.String() + ">"
	}
}

const (
	goodText = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015 và đề nghị của Giám đốc Sở Giao thông vận tải " +
		"về việc công bố danh mục thủ tục hành chính thuộc phạm vi chức năng quản lý của ngành trên địa bàn tỉnh"
	badText = "Can cir LuQt T6 chirc chinh quy~n dja phuang ngay 19 thang 6 nam 2015 va dê nghi ciia Giam d6c Sô Giao thong vQn tai " +
		"vê viêc cong bo danh muc thu tuc hanh chinh thuôc pham vi chirc nang quan ly ciia nganh tren dia ban tinh"
	englishText = "The quick brown fox jumps over the lazy dog while seven wizards are boxing in the rain and nobody knows why"
)

// lines sets a text in lines of a few words from the top of the page.
func lines(text string, encode func(string) string, before string) string {
	var b strings.Builder
	words := strings.Fields(text)
	y := 370
	for len(words) > 0 {
		n := min(6, len(words))
		fmt.Fprintf(&b, "BT %s /F1 10 Tf 20 %d Td %s Tj ET\n", before, y, encode(strings.Join(words[:n], " ")))
		words = words[n:]
		y -= 20
	}
	return b.String()
}
