package pdf

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"sohoa/scripts/services"
)

// sample is a document of a scan with a layer and a digital page.
func sample(tb testing.TB) *maker {
	tb.Helper()
	m := newMaker()
	img := m.jpegImage(tb, 60, 80)
	good, encode := m.font(goodText)
	font := "/Font << /F1 " + good + " >> "
	m.page(wholePage+lines(goodText, encode, "3 Tr"), "/XObject << /I1 "+img+" >> "+font, "")
	m.page(lines(goodText, encode, ""), font, "")
	return m
}

func TestLimits(t *testing.T) {
	t.Parallel()
	many := newMaker()
	for range 6 {
		many.page("", "", "")
	}
	claims := newMaker()
	claims.page("", "", "")
	claims.count = 100_000
	for i := range 100_100 { // poppler believes a count only where there are as many objects
		claims.objects = append(claims.objects, fmt.Sprint(i))
	}
	lies := newMaker()
	for range 6 {
		lies.page("", "", "")
	}
	lies.count = 1
	for name, c := range map[string]struct {
		m    *maker
		most int
	}{"six pages": {many, 5}, "a claim": {claims, 2000}, "a lie": {lies, 5}} {
		start := time.Now()
		d, err := Open(t.Context(), writeFile(t, c.m.bytes()), Options{WorkDir: t.TempDir(), Limits: Limits{Pages: c.most}})
		var limit *LimitError
		if !errors.As(err, &limit) || limit.What != "pages" {
			t.Errorf("%s: %v, %v; want a LimitError", name, d, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: refused after %v", name, took)
		}
	}
}

func TestRenderingIsLimited(t *testing.T) {
	t.Parallel()
	m := newMaker()
	m.page("10 10 100 100 re f", "", "/MediaBox [0 0 14400 14400]")
	d := open(t, m.bytes(), Options{Limits: Limits{Pixels: 1e6}})
	r, err := d.Render(t.Context(), 1, 300)
	if err != nil {
		t.Fatal(err)
	}
	if img := readPGM(t, r.Path); !r.Lowered || img.Rect.Dx()*img.Rect.Dy() > 1e6 || img.Rect.Dx() < 900 || img.Rect.Dx() != r.Grid.Width {
		t.Errorf("rendered %v at %g dpi, lowered %v, grid %+v", img.Rect, r.DPI, r.Lowered, r.Grid)
	}
	if _, err := d.Render(t.Context(), 1, 0); err == nil {
		t.Error("0 dpi were rendered")
	}
	if _, err := d.Page(t.Context(), 2); !errors.Is(err, ErrNoPage) {
		t.Errorf("page 2 of 1: %v", err)
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	const signature = "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 1 2 3] /Contents <00> >>"
	for name, c := range map[string]struct {
		make func(*maker)
		want bool
	}{
		"none": {func(*maker) {}, false},
		"a signed field": {func(m *maker) {
			v := m.add("%s", signature)
			f := m.add("<< /FT /Sig /T (S1) /V %s >>", v)
			m.root = "/AcroForm << /Fields [" + f + "] /SigFlags 3 >>"
		}, true},
		"a field with its value in itself": {func(m *maker) {
			m.root = "/AcroForm << /Fields [" + m.add("<< /FT /Sig /T (S1) /V %s >>", signature) + "] >>"
		}, true},
		"an empty field": {func(m *maker) {
			m.root = "/AcroForm << /Fields [" + m.add("<< /FT /Sig /T (S1) >>") + "] >>"
		}, false},
		"rights of a reader":   {func(m *maker) { m.root = "/Perms << /UR3 " + m.add("%s", signature) + " >>" }, false},
		"a certified document": {func(m *maker) { m.root = "/Perms << /DocMDP " + m.add("%s", signature) + " >>" }, true},
	} {
		m := sample(t)
		c.make(m)
		if d := open(t, m.bytes(), Options{}); d.Signed != c.want || d.Encrypted || d.Damaged {
			t.Errorf("%s: signed %v, encrypted %v, damaged %v", name, d.Signed, d.Encrypted, d.Damaged)
		}
	}
}

func TestSignedScanWithStampGivesItsImage(t *testing.T) {
	t.Parallel()
	m := newMaker()
	img := m.jpegImage(t, 60, 80)
	stamp := m.stream("/Type /XObject /Subtype /Form /BBox [0 0 100 20]", []byte("0 0 100 20 re S"))
	m.page(wholePage, "/XObject << /I1 "+img+" >>", "/Annots [ << /Type /Annot /Subtype /Widget /F 4 /Rect [10 370 110 390] /AP << /N "+stamp+" >> >> ]")
	unsigned := open(t, m.bytes(), Options{})
	m.root = "/AcroForm << /Fields [" + m.add("<< /FT /Sig /T (S1) /V << /ByteRange [0 1 2 3] /Contents <00> >> >>") + "] >>"
	signed := open(t, m.bytes(), Options{})
	var cannot *CannotStandError
	if _, err := unsigned.Facsimile(t.Context(), 1); !errors.As(err, &cannot) {
		t.Errorf("unsigned: %v; the stamp would be lost", err)
	}
	if f, err := signed.Facsimile(t.Context(), 1); err != nil || len(f.Data) == 0 {
		t.Errorf("signed: %v", err)
	}
}

func TestEncrypted(t *testing.T) {
	t.Parallel()
	plain := writeFile(t, sample(t).bytes())
	for name, c := range map[string]struct {
		user string
		want bool // it opens
	}{"no password to open": {"", true}, "a password to open": {"secret", false}} {
		locked := filepath.Join(t.TempDir(), "locked.pdf")
		if out, err := exec.CommandContext(t.Context(), "qpdf", "--encrypt", c.user, "owner", "256", "--", plain, locked).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		d, err := Open(t.Context(), locked, Options{WorkDir: t.TempDir()})
		var encrypted *EncryptedError
		if !c.want {
			if !errors.As(err, &encrypted) || encrypted.Hint() == "" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		info, err := d.Page(t.Context(), 1)
		if err != nil || !d.Encrypted || info.Class != ScanWithText || info.Text != KeepText {
			t.Errorf("%s: encrypted %v, %+v, %v", name, d.Encrypted, info, err)
		}
		if f, err := d.Facsimile(t.Context(), 1); err != nil || string(f.Data[:2]) != "\xff\xd8" {
			t.Errorf("%s: the image is not decrypted: %v", name, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNotPDFs(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{"empty": "", "text": "no PDF at all", "head alone": "%PDF-1.7\n"} {
		var broken *BrokenError
		if _, err := Open(t.Context(), writeFile(t, []byte(data)), Options{WorkDir: t.TempDir()}); !errors.As(err, &broken) {
			t.Errorf("%s: %v; want a BrokenError", name, err)
		}
	}
	if _, err := Open(t.Context(), filepath.Join(t.TempDir(), "missing.pdf"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

// TestDamaged cuts and flips a good document; each must end in pages or a clear error, and leave nothing behind.
func TestDamaged(t *testing.T) {
	t.Parallel()
	whole := sample(t).bytes()
	rnd := rand.New(rand.NewPCG(1, 2))
	var files [][]byte
	for i := range 8 {
		files = append(files, whole[:len(whole)*(i+1)/9])
	}
	for range 12 {
		flipped := append([]byte(nil), whole...)
		for range 20 {
			flipped[rnd.IntN(len(flipped))] ^= 1 << rnd.IntN(8)
		}
		files = append(files, flipped)
	}
	for i, data := range files {
		dir := t.TempDir()
		d, err := Open(t.Context(), writeFile(t, data), Options{WorkDir: dir, Limits: Limits{Pixels: 4e6, Time: 20 * time.Second}})
		var (
			broken *BrokenError
			limit  *LimitError
			locked *EncryptedError
		)
		switch {
		case err == nil:
			for n := 1; n <= min(3, d.Pages()); n++ {
				readAnyhow(t, d, n)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		case !errors.As(err, &broken) && !errors.As(err, &limit) && !errors.As(err, &locked):
			t.Errorf("file %d: not a clear error: %v", i, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("file %d left %v behind, %v", i, left, err)
		}
	}
}

// readAnyhow asks for everything; it must come back.
func readAnyhow(t *testing.T, d *Document, n int) {
	t.Helper()
	info, err := d.Page(t.Context(), n)
	if err != nil {
		var broken *BrokenError
		if !errors.As(err, &broken) {
			t.Errorf("page %d: not a clear error: %v", n, err)
		}
		return
	}
	_, imageErr := d.Facsimile(t.Context(), n)
	_, renderErr := d.Render(t.Context(), n, 50)
	_, wordsErr := d.Words(t.Context(), n, info.GridAt(50))
	if imageErr != nil && renderErr != nil && wordsErr != nil {
		t.Logf("page %d: %v; %v; %v", n, imageErr, renderErr, wordsErr)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	d := open(t, sample(t).bytes(), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Page(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("page: %v", err)
	}
	if _, err := Open(ctx, writeFile(t, sample(t).bytes()), Options{WorkDir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	if info, err := d.Page(t.Context(), 1); err != nil || info.Class != ScanWithText {
		t.Errorf("after a cancelled call: %+v, %v", info, err)
	}
}

// Where there is no room for temporary files, pages are not called damaged, or without text, for good.
func TestNoRoomIsNoDamage(t *testing.T) {
	t.Parallel()
	work := t.TempDir()
	services.SmallDisk(t, work, "size=16m")
	d, err := Open(t.Context(), writeFile(t, sample(t).bytes()), Options{WorkDir: work})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	filler := filepath.Join(work, "filler")
	if err := os.WriteFile(filler, make([]byte, 15<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Page(t.Context(), 1); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("look at a page: %v", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if info, err := d.Page(t.Context(), 1); err != nil || info.Class != ScanWithText || info.Text != KeepText {
		t.Errorf("with room again: %+v, %v", info, err)
	}
	// 900 dpi are 19 MB: poppler itself would say that all is well.
	if _, err := d.Render(t.Context(), 2, 900); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("render a page: %v", err)
	}
}

func TestRenderingCutShort(t *testing.T) {
	t.Parallel()
	head := "P6\n30 40\n255\n"
	for _, c := range []struct {
		bytes int
		whole bool
	}{{3 * 30 * 40, true}, {2 * 30 * 40, false}, {0, false}} {
		name := writeFile(t, append([]byte(head), make([]byte, c.bytes)...))
		err := checkSize(name, Grid{Width: 30, Height: 40})
		if c.whole && err != nil || !c.whole && !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%d bytes: %v", c.bytes, err)
		}
	}
}
