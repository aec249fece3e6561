package pages

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"sohoa/cmd/sohoa/internal/sheet"
	"sohoa/storage/catalogue"
)

// sheetProblem says why a sheet cannot be read; "" where it is not the sheet's fault.
func sheetProblem(err error) string {
	var large *sheet.LargeError
	switch {
	case errors.As(err, &large):
		most := map[sheet.Bound]string{
			sheet.Bytes: Size(large.Most), sheet.Unpacked: Size(large.Most) + " sau khi giải nén", sheet.Rows: Number(large.Most) + " dòng",
			sheet.Columns: Number(large.Most) + " cột", sheet.CellSize: Size(large.Most) + " trong một ô",
		}[large.What]
		return "Bảng quá lớn, có hơn " + most + ": hãy chia thành nhiều tệp."
	case errors.Is(err, sheet.ErrNotUTF8):
		return "Tệp CSV phải ở bảng mã UTF-8: trong Excel chọn “CSV UTF-8” khi lưu."
	case errors.Is(err, sheet.ErrNotSheet):
		return "Không đọc được tệp này: chỉ nhận XLSX hoặc CSV."
	}
	return ""
}

// uploaded reads the one file of a form, whole: nothing of it touches a disk.
func uploaded(r *http.Request, field string, most int64) ([]byte, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, most+1<<16) // with what is around it
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, formError(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, &catalogue.InvalidError{Field: "file", Reason: "there is none"}
		}
		if err != nil {
			return nil, formError(err)
		}
		if part.FormName() != field {
			continue
		}
		content, err := io.ReadAll(io.LimitReader(part, most+1))
		if err != nil {
			return nil, formError(err)
		}
		if int64(len(content)) > most {
			return nil, &http.MaxBytesError{Limit: most}
		}
		return content, nil
	}
}

// formError says of what a browser sent that it is no form, where nothing else is wrong with it.
func formError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	if errors.Is(err, http.ErrNotMultipart) || errors.Is(err, http.ErrMissingBoundary) || strings.Contains(err.Error(), "multipart") {
		return &catalogue.InvalidError{Field: "form", Reason: "it is not what a form sends"}
	}
	return err
}
