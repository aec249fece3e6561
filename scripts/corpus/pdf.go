package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
)

// errNotJPEG says that a PDF was asked to hold something else.
var errNotJPEG = errors.New("the PDF of a scanner holds JPEG pages only")

// EncodePDF writes scans as one PDF, a JPEG image filling each page and no text, as a scanner's own software does.
func EncodePDF(w io.Writer, scans []Scan) error {
	var b bytes.Buffer
	offsets := []int{}
	object := func(n int, body string, stream []byte) {
		for len(offsets) < n {
			offsets = append(offsets, 0)
		}
		offsets[n-1] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\n", n, body)
		if stream != nil {
			b.WriteString("stream\n")
			b.Write(stream)
			b.WriteString("\nendstream\n")
		}
		b.WriteString("endobj\n")
	}
	b.WriteString("%PDF-1.4\n%\xE2\xE3\xCF\xD3\n")
	object(1, "<< /Type /Catalog /Pages 2 0 R >>", nil)
	kids := ""
	for i, s := range scans {
		if s.Format != FormatJPEG {
			return fmt.Errorf("page %d: %w", i+1, errNotJPEG)
		}
		var data bytes.Buffer
		if err := Encode(&data, s); err != nil {
			return fmt.Errorf("page %d: %w", i+1, err)
		}
		cfg, err := jpeg.DecodeConfig(bytes.NewReader(data.Bytes()))
		if err != nil {
			return fmt.Errorf("page %d: %w", i+1, err)
		}
		n := 3 + 3*i
		kids += fmt.Sprintf("%d 0 R ", n)
		pw, ph := float64(cfg.Width)*72/s.DPI, float64(cfg.Height)*72/s.DPI
		object(n, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R /Resources << /XObject << /Im0 %d 0 R >> >> >>",
			pw, ph, n+1, n+2), nil)
		draw := fmt.Sprintf("q %.2f 0 0 %.2f 0 0 cm /Im0 Do Q", pw, ph)
		object(n+1, fmt.Sprintf("<< /Length %d >>", len(draw)), []byte(draw))
		object(n+2, fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length %d >>",
			cfg.Width, cfg.Height, data.Len()), data.Bytes())
	}
	object(2, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(scans), kids), nil)
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, xref)
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}
