package language

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestIsSyllable(t *testing.T) {
	t.Parallel()
	const yes = `hòa hoà Hòa HOÀ ủy uỷ Ủy khỏe khoẻ thủy thuỷ quý quỷ quốc quyết quyền quỳnh quê quả gì gìn giếng giêng giá giữ giải
		nghiêng nghị nghề ngày người nguyễn khuya khuỷu khuyến ngoéo ngoằn xoong đường được những trường thương của cứu rượu
		yêu yếu yên y ý ỷ ăn ông ở ơn uống ướt in an ích ạch tuần thuế huế huýt hoạch loắt toàn oái kỹ kĩ lý lí mỹ sỹ tỷ tỉ vỹ kính
		kẻ kê ghi ghế phường pin rưng sự vượt xuất bướu buýt nhuần đ̣ất`
	for s := range strings.FieldsSeq(strings.ReplaceAll(yes, "đ̣ất", "đất")) {
		for _, form := range []string{s, strings.ToUpper(s), norm.NFD.String(s)} {
			if !IsSyllable(form) {
				t.Errorf("%q is a syllable", form)
			}
		}
	}
	const no = `english of str mw céng héi xaõ coäng nh ng đ th q ngi nge ka cê ci ghà ngê gê côngg ww zoo fe jo hàoi hoàá cảc̣
		các̀ càc mảt tộôi tiêng1 a1 éo̸ hãch tìch nhấtt 123 - aa oo uu ươ iê quu quo qo xz toàn. hà-nội`
	for s := range strings.FieldsSeq(no) {
		if IsSyllable(s) {
			t.Errorf("%q is no syllable", s)
		}
	}
	if IsSyllable("") || IsSyllable(strings.Repeat("a", 1000)) || IsSyllable("\xff") {
		t.Error("nothing, a long run or broken bytes are syllables")
	}
}

// TestEverySyllableTakesOneTone builds what the tables allow: with a tone it must be accepted on one letter or, where both
// placements are in use, on two, and a stop takes two tones of five.
func TestEverySyllableTakesOneTone(t *testing.T) {
	t.Parallel()
	for rime := range strings.FieldsSeq(rimes) {
		for _, tone := range []rune{grave, acute, tilde, hookAbove, dotBelow} {
			letters := []rune(rime)
			places := 0
			for at := range letters {
				if toneFits(rime, tone, at) {
					places++
				}
			}
			stop := strings.HasSuffix(rime, "c") || strings.HasSuffix(rime, "ch") || strings.HasSuffix(rime, "p") || strings.HasSuffix(rime, "t")
			want := 1
			switch {
			case stop && tone != acute && tone != dotBelow:
				want = 0
			case rime == "oa" || rime == "oe" || rime == "uy":
				want = 2
			}
			if places != want {
				t.Errorf("%s with U+%04X on %d letters, want %d", rime, tone, places, want)
			}
		}
	}
}

func FuzzIsSyllable(f *testing.F) {
	f.Add("nghiêng")
	f.Add("h\u0300o\u0301a")
	f.Fuzz(func(t *testing.T, s string) {
		if IsSyllable(s) != IsSyllable(norm.NFC.String(s)) {
			t.Errorf("%q depends on the normal form", s)
		}
	})
}
