package page

// Reading is what was read of one paper: the head of NAME.json; its pages follow one by one so that a paper of 2,000
// pages needs no more memory than one of ten.
type Reading struct {
	File     string `json:"file,omitempty"` // base name of the scan; none where that is nobody's business
	SHA256   string `json:"sha256"`         // of the scan, hex
	Format   string `json:"format"`         // tiff, jpeg, png, webp, bmp, pdf
	Engine   string `json:"engine"`         // e.g. "tesseract 5.3.0"
	Revision string `json:"revision"`
}
