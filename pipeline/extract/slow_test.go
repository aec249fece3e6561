package extract

import (
	"strings"
	"testing"
	"time"
)

// What nobody prints must not take long either: the page is a stranger's.
func TestHostilePagesAreQuick(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"many words":      "J " + strings.Repeat("ngày ", 8000),
		"a long word":     "J Số: " + strings.Repeat("a-", 20000),
		"slashes":         "L Số: " + strings.Repeat("/A", 10000),
		"many lines":      strings.Repeat("S KT. CHỦ TỊCH\n", 1500),
		"many titles":     strings.Repeat("C QUYẾT ĐỊNH\n", 1500),
		"many agencies":   "R Độc lập - Tự do - Hạnh phúc\n" + strings.Repeat("L SỞ Y TẾ GIAO THÔNG\n", 1500),
		"state names":     "J " + strings.Repeat("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM ", 300),
		"labels":          "C ĐƠN\n" + strings.Repeat("J Họ và tên Số định danh Số CCCD Họ tên\n", 800),
		"a long subject":  "R Độc lập - Tự do - Hạnh phúc\nC QUYẾT ĐỊNH\nC " + strings.Repeat("về việc ", 3000),
		"an agency's row": "R Độc lập - Tự do - Hạnh phúc\nL " + strings.Repeat("SỞ ", 4000),
	} {
		p := layOut(text)
		start := time.Now()
		Page(p)
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("%s: %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}
