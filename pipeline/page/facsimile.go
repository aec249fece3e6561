package page

// Filter names how a facsimile's bytes are packed, in PDF's words.
type Filter string

// The filters that PDF/A-1 can hold and that we write.
const (
	DCT   Filter = "DCTDecode"
	CCITT Filter = "CCITTFaxDecode"
	JBIG2 Filter = "JBIG2Decode"
	Flate Filter = "FlateDecode"
)

// ColorSpace names how a facsimile's samples are coloured.
type ColorSpace string

// The colour spaces that PDF/A-1 can hold under an sRGB output intent.
const (
	Gray    ColorSpace = "DeviceGray"
	RGB     ColorSpace = "DeviceRGB"
	Indexed ColorSpace = "Indexed" // one byte or less a pixel into Palette, which is RGB
)

// Facsimile is the picture of one page that the two-layer PDF shows: a PDF image stream, ready to be embedded. Where the
// scanner's own bytes can stand in a PDF/A they are Data, byte for byte.
type Facsimile struct {
	Width, Height int // of the stored raster, before Orientation
	// Orientation is the EXIF orientation, 1–8, in which the stored raster is shown; 0 counts as 1.
	Orientation int
	Filter      Filter
	Data        []byte
	Globals     []byte // JBIG2: the shared segments, if any
	ColorSpace  ColorSpace
	Palette     []byte // Indexed: RGB triples
	Bits        int    // a sample: 1, 2, 4 or 8
	// CCITT: K as in the PDF specification (-1 G4, 0 G3 1-D, >0 mixed), BlackIs1, ByteAlign, EndOfLine.
	K                              int
	BlackIs1, ByteAlign, EndOfLine bool
	// Flate: PNG predictors in Data (Predictor 15 with Colors, Bits and Width), as a PNG's own IDAT has.
	PNGPredictor bool
	// Inverted is set where the samples are stored the other way round (PDF: /Decode [1 0 …]).
	Inverted bool
}
