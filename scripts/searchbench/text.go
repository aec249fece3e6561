package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"sohoa/storage/catalogue"
)

// world is what the made pages are about.
type world struct {
	agencies  []agency
	syllables []string // the frequent ones first
	paths     map[string]catalogue.Reach
}

type agency struct{ code, parent string }

// phrases stand on many pages each, word for word.
var phrases = strings.Split(`giấy phép lái xe|số hóa hồ sơ|thủ tục hành chính|Ủy ban nhân dân tỉnh|Sở Giao thông vận tải|kết quả giải quyết|
giấy chứng nhận đăng ký|Cộng hòa xã hội chủ nghĩa Việt Nam|Độc lập - Tự do - Hạnh phúc|quyền sử dụng đất|bộ phận một cửa|cán bộ công chức|
theo quy định của pháp luật|đề nghị cấp lại|kinh doanh vận tải|đơn vị có liên quan|tổ chức thực hiện|kể từ ngày ký`, "|")

var families = strings.Fields("Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý")

var given = strings.Fields("An Bình Cường Dũng Đức Giang Hà Hải Hạnh Hiền Hoa Hòa Hùng Hương Khánh Lan Linh Long Mai Minh Nam Nga Ngọc Phúc Quang Quân Sơn Tâm Thảo Thắng Trang Tuấn Vân Yến")

func newWorld() *world {
	w := &world{paths: make(map[string]catalogue.Reach)}
	w.agencies = append(w.agencies, agency{"H50", ""})
	for d := 1; d <= 20; d++ {
		dept := fmt.Sprintf("H50.%d", d)
		w.agencies = append(w.agencies, agency{dept, "H50"})
		for u := 1; u <= 10; u++ {
			w.agencies = append(w.agencies, agency{fmt.Sprintf("%s.%d", dept, u), dept})
		}
	}
	// Some four thousand syllables: initials by rhymes with tones.
	initials := strings.Fields("th t c đ nh ng tr h l v b m n s ch qu d ph kh g gi x r k")
	rhymes := strings.Fields("ông ành iên á ân ường ủ ệnh uyết ình ợp ồng ác àn ước ại ộ ý ong ểm an ên ực ính ội ứng úc ải ấp inh ất ận ền âm ói ới iệu ược oa oà uy ào ươi ách ai ao ay ây em êm et ết ia iếm im iêm in ít iu o oan oc ôi om ôm ơn u ua uôi ui um un uân ung ư ưa ưng ươm uổi yêu ẩn ẫu ắc ẵn ặng")
	for _, r := range rhymes {
		for _, i := range initials {
			w.syllables = append(w.syllables, i+r)
		}
	}
	random := rand.New(rand.NewPCG(1, 1))
	random.Shuffle(len(w.syllables), func(i, j int) { w.syllables[i], w.syllables[j] = w.syllables[j], w.syllables[i] })
	return w
}

// page makes some 300 syllables as an official paper has them: a few very often, phrases, names, numbers.
func (w *world) page(random *rand.Rand) string {
	var b strings.Builder
	for words := 0; words < 300; {
		switch random.IntN(40) {
		case 0, 1, 2:
			p := phrases[random.IntN(len(phrases))]
			b.WriteString(strings.TrimSpace(p))
			words += 4
		case 3:
			b.WriteString(w.name(random))
			words += 3
		case 4:
			fmt.Fprintf(&b, "%d/%d/QĐ-UBND", random.IntN(5000), 2010+random.IntN(16))
			words += 4
		case 5:
			fmt.Fprintf(&b, "%02d/%02d/%d", 1+random.IntN(28), 1+random.IntN(12), 2010+random.IntN(16))
			words += 3
		default:
			// The n-th most frequent syllable comes about 1/n as often as the first.
			n := int(float64(len(w.syllables)) * pow(random.Float64(), 4))
			b.WriteString(w.syllables[min(n, len(w.syllables)-1)])
			words++
		}
		if random.IntN(12) == 0 {
			b.WriteByte('\n')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func pow(x float64, n int) float64 {
	y := 1.0
	for range n {
		y *= x
	}
	return y
}

func (w *world) name(random *rand.Rand) string {
	return families[random.IntN(len(families))] + " " + given[random.IntN(len(given))] + " " + given[random.IntN(len(given))]
}

// codeOf is the code of the dossier of paper n, and numberOf what n that was.
func codeOf(n int) string { return fmt.Sprintf("H50.13-%06d-%04d", n/10_000, n%10_000) }

func numberOf(code string) (n int, err error) {
	var high, low int
	_, err = fmt.Sscanf(code, "H50.13-%06d-%04d", &high, &low)
	return high*10_000 + low, err
}

// handIn puts paper n into the catalogue and its index.
func (w *world) handIn(ctx context.Context, c *catalogue.Catalogue, n, pages int) error {
	random := rand.New(rand.NewPCG(2, uint64(n)))
	a := w.agencies[random.IntN(len(w.agencies))]
	d, _, err := c.PutDossier(ctx, catalogue.Everywhere, catalogue.Dossier{
		Code: codeOf(n), Agency: a.code, Procedure: fmt.Sprintf("1.%06d", random.IntN(200)),
		Owner: catalogue.Owner{Name: w.name(random), Kind: 1}, Received: fmt.Sprintf("%d-%02d-%02d", 2022+random.IntN(4), 1+random.IntN(12), 1+random.IntN(28)),
	})
	if err != nil {
		return err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d", n))
	scan := catalogue.Scan{SHA256: hex.EncodeToString(sum[:]), Size: 1, MediaType: "image/tiff"}
	receipt, err := c.HandIn(ctx, catalogue.Everywhere, catalogue.HandIn{Dossier: d.ID, Scan: scan, Revision: "1", Queue: catalogue.Batch})
	if err != nil {
		return err
	}
	if receipt.Work.Step == catalogue.StepDone { // an earlier run came as far
		return nil
	}
	texts := make([]catalogue.PageText, pages)
	for i := range texts {
		t := catalogue.PageText{Number: i + 1, Text: w.page(random), Width: 2480, Height: 3508}
		at := 0
		for n, word := range strings.Fields(t.Text) {
			start := at + strings.Index(t.Text[at:], word)
			at = start + len(word)
			x, y := 300+n%12*150, 300+n/12*60
			t.Words = append(t.Words, catalogue.WordBox{Start: start, End: at, X0: x, Y0: y, X1: x + 120, Y1: y + 40, Confidence: 95})
		}
		texts[i] = t
	}
	if n%oneIn > 0 {
		return c.Reindex(ctx, scan.SHA256, texts)
	}
	return w.read(ctx, c, receipt.Work, texts)
}

// oneIn is that one paper in so many goes the whole way, and is to be looked at in the end; the others are indexed as if it
// were still being read, which takes a tenth of the transactions.
const oneIn = 1000

// read ends the reading of a paper as the workers do, without having read it.
func (*world) read(ctx context.Context, c *catalogue.Catalogue, r catalogue.Reading, texts []catalogue.PageText) error {
	const patience = time.Minute
	if _, err := c.Split(ctx, r, "tiff", len(texts), patience); err != nil {
		return err
	}
	sum := catalogue.Summary{Confidence: 70, Review: true}
	for _, t := range texts {
		sum.Words += len(t.Words)
		record := catalogue.PageRecord{Number: t.Number, State: "read", Source: "recognized", Confidence: 70, Words: len(t.Words), Width: t.Width, Height: t.Height}
		if _, _, err := c.EndPage(ctx, r, record, patience); err != nil {
			return err
		}
	}
	return c.Bound(ctx, r, sum, texts)
}

// question is one kind of what people ask.
type question struct {
	name string
	ask  func(n int) (catalogue.Reach, catalogue.Query)
}

func (w *world) questions() []question {
	random := rand.New(rand.NewPCG(3, 3))
	everywhere := func(text func() string) func(int) (catalogue.Reach, catalogue.Query) {
		return func(int) (catalogue.Reach, catalogue.Query) {
			return catalogue.Everywhere, catalogue.Query{Text: text()}
		}
	}
	phrase := func() string { return strings.TrimSpace(phrases[random.IntN(len(phrases))]) }
	frequent := func() string { return w.syllables[random.IntN(20)] }
	rare := func() string { return w.syllables[len(w.syllables)-1-random.IntN(200)] }
	middle := func() string { return w.syllables[200+random.IntN(400)] }
	plain := strings.NewReplacer("ấ", "a", "é", "e", "á", "a", "ố", "o", "ó", "o", "ồ", "o", "ơ", "o", "ủ", "u", "ụ", "u", "à", "a", "í", "i", "ế", "e", "ả", "a", "đ", "d", "ă", "a", "ý", "y", "ậ", "a", "ứ", "u", "ạ", "a")
	return []question{
		{"one frequent word", everywhere(frequent)},
		{"one rare word", everywhere(rare)},
		{"three frequent words", everywhere(func() string { return frequent() + " " + frequent() + " " + frequent() })},
		{"frequent with rare", everywhere(func() string { return frequent() + " " + rare() })},
		{"three words of the middle", everywhere(func() string { return middle() + " " + middle() + " " + middle() })},
		{"a phrase's words", everywhere(phrase)},
		{"without accents", everywhere(func() string { return plain.Replace(phrase()) })},
		{"a phrase in quotes", everywhere(func() string { return `"` + phrase() + `"` })},
		{"a phrase that is nowhere", everywhere(func() string { return `"` + frequent() + " " + frequent() + " " + frequent() + " " + frequent() + `"` })},
		{"a name", everywhere(func() string { return w.name(random) })},
		{"a name in quotes", everywhere(func() string { return `"` + w.name(random) + `"` })},
		{"a number", everywhere(func() string { return fmt.Sprintf("%d/%d/QĐ-UBND", random.IntN(5000), 2010+random.IntN(16)) })},
		{"a number that is nowhere", everywhere(func() string { return fmt.Sprintf("%d/%d/QĐ-UBND", 6000+random.IntN(5000), 2010+random.IntN(16)) })},
		{"a dossier code", everywhere(func() string { return codeOf(random.IntN(1000)) })},
		{"in one unit", func(int) (catalogue.Reach, catalogue.Query) {
			return catalogue.Everywhere, catalogue.Query{Text: phrase(), Agency: w.agencies[2+random.IntN(9)].code}
		}},
		{"in one department, frequent", func(int) (catalogue.Reach, catalogue.Query) {
			return catalogue.Everywhere, catalogue.Query{Text: frequent(), Agency: "H50.7"}
		}},
		{"of one day", func(int) (catalogue.Reach, catalogue.Query) {
			day := fmt.Sprintf("2024-%02d-%02d", 1+random.IntN(12), 1+random.IntN(28))
			return catalogue.Everywhere, catalogue.Query{Text: frequent(), ReceivedFrom: day, ReceivedTill: day}
		}},
		{"of one year", func(int) (catalogue.Reach, catalogue.Query) {
			return catalogue.Everywhere, catalogue.Query{Text: phrase(), ReceivedFrom: "2023-01-01", ReceivedTill: "2023-12-31"}
		}},
		{"of a state that few have", func(int) (catalogue.Reach, catalogue.Query) {
			return catalogue.Everywhere, catalogue.Query{State: catalogue.PaperReview}
		}},
		{"a phrase in a state that most have", func(int) (catalogue.Reach, catalogue.Query) {
			return catalogue.Everywhere, catalogue.Query{Text: phrase(), State: catalogue.PaperReceived}
		}},
		{"a frequent word in a state that none has", func(int) (catalogue.Reach, catalogue.Query) {
			return catalogue.Everywhere, catalogue.Query{Text: frequent(), State: catalogue.PaperApproved}
		}},
		{"a procedure in a unit", func(int) (catalogue.Reach, catalogue.Query) {
			return catalogue.Everywhere, catalogue.Query{Text: frequent(), Agency: "H50.3.2", Procedure: fmt.Sprintf("1.%06d", random.IntN(200))}
		}},
	}
}
