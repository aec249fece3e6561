package texts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// What is judged on is left out; what shares a preamble with it stays.
func TestLeaveOut(t *testing.T) {
	t.Parallel()
	const preamble = "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;\n"
	const body = "Điều 1. Công bố kèm theo Quyết định này danh mục thủ tục hành chính lĩnh vực đường bộ thuộc thẩm quyền giải quyết của Sở Xây dựng.\n"
	dir := folder(t, map[string]string{"a.txt": "### judged\n" + preamble + body + "### other\n" + preamble +
		"Điều 1. Bổ nhiệm có thời hạn ông Nguyễn Văn An giữ chức vụ Trưởng phòng Quản lý vận tải kể từ ngày ký.\n"})
	docs, err := Read(dir)
	if err != nil || len(docs) != 3 || docs[1].Name != "judged" {
		t.Fatalf("%+v, %v", docs, err)
	}
	var told strings.Builder
	kept, err := LeaveOut(docs, folder(t, map[string]string{"x.gt.txt": preamble + body + "{hw:209}"}), &told)
	if err != nil || len(kept) != 2 || kept[1].Name != "other" || !strings.Contains(told.String(), "left out: judged has 100 % of x.gt.txt") {
		t.Errorf("kept %+v, %v; told: %s", kept, err, told.String())
	}
	if _, err := LeaveOut(docs, t.TempDir(), &told); err == nil {
		t.Error("a folder without true texts leaves nothing out, silently")
	}
	if _, err := Read(t.TempDir()); err == nil {
		t.Error("a folder without texts is read")
	}
}
