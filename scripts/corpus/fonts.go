package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

// Family names a typeface of a Debian package.
type Family string

// The typefaces. All have the 134 letters of Vietnamese; a test checks every glyph that the papers use.
const (
	LiberationSerif Family = "LiberationSerif" // fonts-liberation2, metrics of Times New Roman
	LiberationSans  Family = "LiberationSans"  // fonts-liberation2, metrics of Arial
	Tinos           Family = "Tinos"           // fonts-croscore
	Arimo           Family = "Arimo"           // fonts-croscore
	FreeSerif       Family = "FreeSerif"       // fonts-freefont-ttf
	Termes          Family = "texgyretermes"   // fonts-texgyre
)

// Families are all typefaces.
func Families() []Family {
	return []Family{LiberationSerif, LiberationSans, Tinos, Arimo, FreeSerif, Termes}
}

// Style is a cut of a family.
type Style struct{ Bold, Italic bool }

// ErrNoFonts says that none of the typefaces was found.
var ErrNoFonts = errors.New("no typeface with Vietnamese letters found: install fonts-liberation2")

// Fonts are the typefaces found on this machine. They can be used by several goroutines.
type Fonts struct {
	cuts map[Family]map[Style]*sfnt.Font
}

// FontFolders is where Debian's packages put them.
func FontFolders() []string {
	return []string{
		"/usr/share/fonts/truetype/liberation2", "/usr/share/fonts/truetype/liberation", "/usr/share/fonts/truetype/croscore",
		"/usr/share/fonts/truetype/freefont", "/usr/share/texmf/fonts/opentype/public/tex-gyre",
	}
}

// LoadFonts reads the typefaces from folders. A family that is not installed whole, or whose version lacks Vietnamese
// letters (Debian's old fonts-liberation does), is left out; papers that ask for it are set in another of its kind.
func LoadFonts(folders []string) (*Fonts, error) {
	f := &Fonts{cuts: map[Family]map[Style]*sfnt.Font{}}
	for _, family := range Families() {
		cuts := map[Style]*sfnt.Font{}
		for style, name := range cutFiles(family) {
			font, err := findFont(folders, name)
			if err != nil {
				return nil, err
			}
			if font != nil && covers(font, "ạẫộửữỵĐđƯơỀỸ") {
				cuts[style] = font
			}
		}
		if len(cuts) == 4 {
			f.cuts[family] = cuts
		}
	}
	if len(f.cuts) == 0 {
		return nil, ErrNoFonts
	}
	return f, nil
}

// cutFiles names the four files of a family.
func cutFiles(family Family) map[Style]string {
	type names struct{ regular, bold, italic, both string }
	n := names{"-Regular.ttf", "-Bold.ttf", "-Italic.ttf", "-BoldItalic.ttf"}
	switch family {
	case FreeSerif:
		n = names{".ttf", "Bold.ttf", "Italic.ttf", "BoldItalic.ttf"}
	case Termes:
		n = names{"-regular.otf", "-bold.otf", "-italic.otf", "-bolditalic.otf"}
	}
	f := string(family)
	return map[Style]string{{}: f + n.regular, {Bold: true}: f + n.bold, {Italic: true}: f + n.italic, {true, true}: f + n.both}
}

// findFont reads the first file of a name; none is no error.
func findFont(folders []string, name string) (*sfnt.Font, error) {
	for _, folder := range folders {
		data, err := os.ReadFile(filepath.Join(folder, name)) //nolint:gosec // folders come from the caller
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read font %s: %w", name, err)
		}
		font, err := opentype.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("parse font %s: %w", name, err)
		}
		return font, nil
	}
	return nil, nil
}

// covers tells whether a font has a glyph for every letter of a text.
func covers(font *sfnt.Font, text string) bool {
	var buf sfnt.Buffer
	for _, r := range text {
		if i, err := font.GlyphIndex(&buf, r); err != nil || i == 0 {
			return false
		}
	}
	return true
}

// Has tells whether a family was found.
func (f *Fonts) Has(family Family) bool { return f.cuts[family] != nil }

// cut gives a cut of a family, or of the nearest family that was found.
func (f *Fonts) cut(family Family, style Style) *sfnt.Font {
	order := []Family{family, LiberationSerif, Tinos, Termes, FreeSerif, LiberationSans, Arimo}
	if family == Arimo || family == LiberationSans {
		order = []Family{family, LiberationSans, Arimo, LiberationSerif, Tinos, Termes, FreeSerif}
	}
	for _, candidate := range order {
		if cuts := f.cuts[candidate]; cuts != nil {
			return cuts[style]
		}
	}
	return nil // LoadFonts gives no empty set
}
