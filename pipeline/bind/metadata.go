package bind

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Meta is what the PDF says about itself. Every field may be empty; nothing is taken from the clock, so that the same
// paper gives the same bytes.
type Meta struct {
	Title    string
	Author   string
	Subject  string
	Keywords string
	// Creator is the program that the paper comes from (a scanner's), Producer the one that writes the PDF.
	Creator  string
	Producer string
	Created  time.Time
	Modified time.Time // the zero time counts as Created
	Language string    // BCP 47; empty is vi-VN
}

// withDefaults cleans the texts (XML can hold neither control characters nor broken UTF-8) and fills in what is missing.
func (m Meta) withDefaults() Meta {
	for _, s := range []*string{&m.Title, &m.Author, &m.Subject, &m.Keywords, &m.Creator, &m.Producer, &m.Language} {
		*s = cleanText(*s)
	}
	if m.Language == "" {
		m.Language = "vi-VN"
	}
	if m.Modified.IsZero() {
		m.Modified = m.Created
	}
	// PDF/A compares Info and XMP to the second.
	m.Created, m.Modified = m.Created.Truncate(time.Second), m.Modified.Truncate(time.Second)
	return m
}

// maxMetaText bounds one text of the metadata, in bytes; PDF 1.4 allows strings of 65,535 bytes.
const maxMetaText = 8192

func cleanText(s string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, r == 0xFFFE, r == 0xFFFF:
			return -1
		case r < 0x20 || r == 0x7f:
			return ' '
		}
		return r
	}, s))
	if len(s) > maxMetaText {
		s = strings.ToValidUTF8(s[:maxMetaText], "")
	}
	return norm.NFC.String(s)
}

// info is the document information dictionary; xmp says the same.
func (m Meta) info() string {
	var b strings.Builder
	b.WriteString("<<")
	for _, e := range []struct{ key, value string }{
		{"Title", m.Title},
		{"Author", m.Author},
		{"Subject", m.Subject},
		{"Keywords", m.Keywords},
		{"Creator", m.Creator},
		{"Producer", m.Producer},
	} {
		if e.value != "" {
			fmt.Fprintf(&b, "/%s%s", e.key, textString(e.value))
		}
	}
	for _, e := range []struct {
		key string
		at  time.Time
	}{{"CreationDate", m.Created}, {"ModDate", m.Modified}} {
		if !e.at.IsZero() {
			fmt.Fprintf(&b, "/%s(%s)", e.key, pdfDate(e.at))
		}
	}
	b.WriteString(">>")
	return b.String()
}

func pdfDate(t time.Time) string {
	_, offset := t.Zone()
	if offset == 0 {
		return t.Format("D:20060102150405Z")
	}
	zone := t.Format("-0700")
	return t.Format("D:20060102150405") + zone[:3] + "'" + zone[3:] + "'"
}

// xmp is the metadata packet, without padding: PDF/A does not ask for it and nobody edits it in place.
func (m Meta) xmp() []byte {
	var b bytes.Buffer
	b.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` + "\n" +
		`<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">` +
		"<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>\n")

	b.WriteString(`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>application/pdf</dc:format>`)
	element(&b, "dc:language", m.Language, "<rdf:Bag><rdf:li>", "</rdf:li></rdf:Bag>")
	element(&b, "dc:title", m.Title, `<rdf:Alt><rdf:li xml:lang="x-default">`, "</rdf:li></rdf:Alt>")
	element(&b, "dc:creator", m.Author, "<rdf:Seq><rdf:li>", "</rdf:li></rdf:Seq>")
	element(&b, "dc:description", m.Subject, `<rdf:Alt><rdf:li xml:lang="x-default">`, "</rdf:li></rdf:Alt>")
	b.WriteString("</rdf:Description>\n")

	b.WriteString(`<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">`)
	element(&b, "pdf:Keywords", m.Keywords, "", "")
	element(&b, "pdf:Producer", m.Producer, "", "")
	b.WriteString("</rdf:Description>\n")

	b.WriteString(`<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">`)
	element(&b, "xmp:CreatorTool", m.Creator, "", "")
	if !m.Created.IsZero() {
		element(&b, "xmp:CreateDate", m.Created.Format(time.RFC3339), "", "")
	}
	if !m.Modified.IsZero() {
		element(&b, "xmp:ModifyDate", m.Modified.Format(time.RFC3339), "", "")
	}
	b.WriteString("</rdf:Description>\n</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>")
	return b.Bytes()
}

// element writes one property where it has a value, wrapped in the array kind that XMP asks of it.
func element(b *bytes.Buffer, name, value, open, end string) {
	if value == "" {
		return
	}
	fmt.Fprintf(b, "<%s>%s", name, open)
	// A bytes.Buffer never fails.
	_ = xml.EscapeText(b, []byte(value))
	fmt.Fprintf(b, "%s</%s>", end, name)
}
