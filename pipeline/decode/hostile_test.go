package decode

import (
	"encoding/binary"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// testLimits keep the memory of a test that decodes thousands of broken files small.
func testLimits() Limits { return Limits{Pixels: 4_000_000, Pages: 50} }

// mustEnd decodes all pages of a file of any content and checks what every Sheet promises.
func mustEnd(tb testing.TB, path string, opt Options) {
	tb.Helper()
	const most = 10 * time.Second
	start := time.Now()
	n, err := Count(path, opt.Limits)
	if err != nil {
		n = 1 // decoding must fail or not, but end
	}
	if n < 1 || n > opt.Limits.Pages {
		tb.Fatalf("it counts %d pages", n)
	}
	for i := range min(n, 3) {
		s, err := Decode(path, i, opt)
		if err != nil {
			if err.Error() == "" {
				tb.Error("an error without a word")
			}
			continue
		}
		checkSheet(tb, s, opt)
	}
	if took := time.Since(start); took > most {
		tb.Errorf("it took %v", took)
	}
}

func checkSheet(tb testing.TB, s *Sheet, opt Options) {
	tb.Helper()
	size := s.Pixels.Bounds()
	if size.Min.X != 0 || size.Min.Y != 0 || size.Empty() {
		tb.Errorf("its pixels are %v", size)
	}
	if n := int64(s.Width) * int64(s.Height); n > opt.Limits.Pixels {
		tb.Errorf("%d pixels are above the limit", n)
	}
	if s.Scale <= 0 || s.Scale > 1 || s.Orientation < 1 || s.Orientation > 8 || s.DPI < 0 || s.DPI > 100_000 {
		tb.Errorf("it came with scale %v, orientation %d, %v dpi", s.Scale, s.Orientation, s.DPI)
	}
	if len(s.Warnings) > 10 {
		tb.Errorf("it came with %d warnings", len(s.Warnings))
	}
}

// seeds are small whole files of every format and kind, by name.
func seeds(tb testing.TB) map[string][]byte {
	tb.Helper()
	c := madePage(40, 32)
	g, bw := gray(c), blackAndWhite(c)
	tag, _ := colorMap()
	all := map[string][]byte{
		"tiff-gray": tiffOf(rawGray(g), rawGray(g)), "tiff-color-deflate": tiffOf(deflated(rawColor(c))),
		"tiff-g4": tiffG4(tb, bw), "tiff-tiles": tiffOf(tiledPage(rawColor(c), 3)),
		"tiff-palette": tiffIn(binary.BigEndian, tiffPage(40, 32, []uint16{8}, 3, g.Pix).with(tagColorMap, tag)),
		"tiff-planes":  tiffOf(tiffPage(40, 32, []uint16{8, 8, 8}, 2, planes(c)...).with(tagPlanar, uint16(2))),
		"tiff-oldjpeg": tiffOf(jpegInTIFF(encodedJPEG(tb, c), 40, 32).with(tagCompression, uint16(6))),
		"tiff-packed":  tiffOf(packBits(rawGray(g), 40)),
		"jpeg-color":   append(append([]byte{0xff, 0xd8}, exifSegment(6)...), encodedJPEG(tb, c)[2:]...),
		"jpeg-gray":    encodedJPEG(tb, g), "png-color": encodedPNG(tb, c), "png-gray": encodedPNG(tb, g),
		"png-exif": pngWith(encodedPNG(tb, g), "eXIf", exifSegment(3)[10:]),
		"bmp":      encodedBMP(tb, c), "pnm": encodedPNM(c), "pnm-bits": append([]byte("P4 40 32\n"), packedBits(bw)...),
		"webp-exif": webpWithEXIF(fromTestdata(tb, "lossless.webp"), 40, 32, exifSegment(6)[10:]),
	}
	names, err := filepath.Glob("testdata/*.*")
	if err != nil || len(names) < 10 {
		tb.Fatalf("testdata holds %d files, %v", len(names), err)
	}
	for _, name := range names {
		all[filepath.Base(name)] = fromTestdata(tb, filepath.Base(name))
	}
	return all
}

// Files cut short, with flipped bits and with runs overwritten end in a result or an error.
func TestDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	for name, data := range seeds(t) {
		t.Run(name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(7, uint64(len(data)))) //nolint:gosec // the same damage each time
			path := filepath.Join(dir, "damaged")
			try := func(data []byte) {
				if err := os.WriteFile(path, data, 0o600); err != nil {
					t.Fatal(err)
				}
				mustEnd(t, path, Options{Limits: testLimits()})
			}
			for i := range 12 {
				try(data[:len(data)*i/12])
			}
			for range 30 {
				broken := append([]byte{}, data...)
				for range 1 + rnd.IntN(4) {
					broken[rnd.IntN(len(broken))] ^= 1 << rnd.IntN(8)
				}
				try(broken)
			}
			for range 8 {
				broken := append([]byte{}, data...)
				at := rnd.IntN(len(broken))
				for i := at; i < min(len(broken), at+rnd.IntN(64)); i++ {
					broken[i] = byte(rnd.IntN(256)) //nolint:gosec // below 256
				}
				try(broken)
			}
		})
	}
}

// A strip that claims 4 GB, or 2^62 bytes in a BigTIFF, must not be allocated.
func TestClaimedStrip(t *testing.T) {
	g := gray(madePage(40, 32))
	for name, m := range map[string]madeTIFF{
		"plain": rawGray(g), "deflate": deflated(rawGray(g)), "rgba": tiffPage(40, 32, []uint16{16}, 1, doubled(g.Pix)),
	} {
		data := tiffOf(m)
		// The directory is the last thing in the file: find the entry for the byte counts and overwrite its value.
		at := strings.LastIndex(string(data), "\x17\x01\x04\x00")
		binary.LittleEndian.PutUint32(data[at+8:], 0xfffffff0)
		path := written(t, name, data)
		before := peakKB(t)
		_, _ = Decode(path, 0, Options{Limits: testLimits()})
		_, _, _ = TIFFPacked(path, 0)
		if grown := peakKB(t) - before; grown > 100_000 {
			t.Errorf("%s: decoding took %d KB", name, grown)
		}
	}
}

// peakKB is the most memory that the process ever held.
func peakKB(tb testing.TB) int {
	tb.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				tb.Fatal(err)
			}
			return n
		}
	}
	tb.Fatal("no VmHWM")
	return 0
}

// Real files from the test suites of other programs, where they are at hand.
func TestSharedHostileFiles(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "data", "hostile")
	if _, err := os.Stat(root); err != nil {
		t.Logf("the shared data is not here: %v", err)
		return
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		mustEnd(t, path, Options{Limits: Limits{Pixels: 200_000_000, Pages: 2000}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
