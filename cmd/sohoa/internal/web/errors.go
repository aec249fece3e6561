package web

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"

	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// Code is an error's name for programs; it stays the same from release to release.
type Code string

// The codes.
const (
	CodeInternal        Code = "internal"
	CodeUnauthorized    Code = "unauthorized"
	CodeForbidden       Code = "forbidden"
	CodeBeyondYours     Code = "beyond_yours"
	CodeOwnAccount      Code = "own_account"
	CodeIssuer          Code = "issuer"
	CodeCrossOrigin     Code = "cross_origin"
	CodeNotFound        Code = "not_found"
	CodeMethod          Code = "method_not_allowed"
	CodeInvalid         Code = "invalid"
	CodeConflict        Code = "conflict"
	CodeStale           Code = "changed_meanwhile"
	CodeStillReading    Code = "still_reading"
	CodePartOfScan      Code = "part_of_scan"
	CodeElsewhere       Code = "approved_elsewhere"
	CodeNoPicture       Code = "no_picture"
	CodeNothingFailed   Code = "nothing_failed"
	CodeNotReadYet      Code = "not_read_yet"
	CodeBadRequest      Code = "bad_request"
	CodeNotJSON         Code = "not_json"
	CodeEncoding        Code = "encoding_unsupported"
	CodeRequestTooLarge Code = "request_too_large"
	CodePaperTooLarge   Code = "paper_too_large"
	CodePaperEmpty      Code = "paper_empty"
	CodePaperUnknown    Code = "paper_format_unknown"
	CodeChecksum        Code = "checksum_mismatch"
	CodeTooManyFiles    Code = "too_many_files"
	CodeNoFile          Code = "no_file"
	CodeSomeRefused     Code = "some_refused"
	CodeTooSlow         Code = "too_slow"
	CodeCutOff          Code = "cut_off"
	CodeTooMany         Code = "too_many_requests"
	CodeTooManyOpen     Code = "too_many_uploads_open"
	CodeTooManyAtOnce   Code = "too_many_at_once"
	CodeBusy            Code = "busy"
	CodeUnavailable     Code = "unavailable"
	CodeStoreFull       Code = "store_full"
	CodeSpoolFull       Code = "spool_full"
	CodeOldSchema       Code = "old_schema"
	CodeClientGone      Code = "client_gone"
	CodeTusVersion      Code = "tus_version"
	CodeTusRequest      Code = "tus_request"
	CodeTusOffset       Code = "tus_offset"
	CodeTusLocked       Code = "tus_locked"
	CodeTusUnsupported  Code = "tus_unsupported"
	CodeUploadOpen      Code = "upload_incomplete"
)

// said is what people and programs are told of a code.
type said struct {
	status  int
	message string
	hint    string
	retry   time.Duration // Retry-After; 0: none
}

const (
	// statusClientGone is in the log alone: nobody is left to read it.
	statusClientGone = 499
	soon             = 2 * time.Second
	later            = 5 * time.Second
	full             = time.Minute
)

// table is all that the API says when it refuses: what happened, and what to do.
var table = map[Code]said{
	CodeInternal:        {500, "Hệ thống gặp lỗi bên trong.", "Hãy thử lại; nếu vẫn lỗi, báo cho bộ phận quản trị kèm mã tham chiếu.", 0},
	CodeUnauthorized:    {401, "Chưa đăng nhập hoặc mã truy cập không còn hiệu lực.", "Đăng nhập lại rồi tiếp tục; chương trình gửi mã truy cập còn hiệu lực trong tiêu đề Authorization: Bearer.", 0},
	CodeForbidden:       {403, "Tài khoản hoặc mã truy cập này không được phép làm việc đó.", "Nhờ bộ phận quản trị cấp quyền phù hợp.", 0},
	CodeBeyondYours:     {403, "Không thể cấp quyền hoặc phạm vi rộng hơn của chính mình.", "Chọn vai trò, quyền và cơ quan trong phạm vi của mình.", 0},
	CodeOwnAccount:      {409, "Không thể tự khóa, đổi vai trò, cấp mật khẩu hay gỡ bảo vệ cho chính mình ở đây.", "Đổi mật khẩu và xác thực hai lớp tại trang Tài khoản; việc khác nhờ một quản trị khác.", 0},
	CodeIssuer:          {502, "Không đăng nhập được qua hệ thống của cơ quan.", "Hãy thử lại sau, hoặc dùng tên đăng nhập và mật khẩu; báo cho bộ phận quản trị kèm mã tham chiếu.", 0},
	CodeCrossOrigin:     {403, "Yêu cầu đến từ một trang web khác nên bị từ chối.", "Mở trang của hệ thống rồi thao tác tại đó.", 0},
	CodeNotFound:        {404, "Không tìm thấy.", "Kiểm tra lại mã, hoặc xem nội dung có thuộc cơ quan của mình không.", 0},
	CodeMethod:          {405, "Địa chỉ này không nhận phương thức đó.", "Xem tài liệu tại /api/v1/openapi.yaml.", 0},
	CodeInvalid:         {400, "Có giá trị không hợp lệ.", "Sửa giá trị được nêu trong “field” rồi gửi lại.", 0},
	CodeConflict:        {409, "Không thực hiện được vì trái với dữ liệu đã có.", "Kiểm tra lại mã và cơ quan.", 0},
	CodeStale:           {409, "Nội dung này đã được người khác sửa trong lúc bạn xem.", "Xem bản mới rồi sửa lại nếu vẫn cần.", 0},
	CodeStillReading:    {409, "Giấy tờ chưa đọc xong nên chưa sửa hoặc duyệt được.", "Chờ đến khi trạng thái là “đã đọc” rồi làm lại.", 0},
	CodeElsewhere:       {409, "Giấy tờ này cũng nằm trong hồ sơ đã duyệt của cơ quan khác nên không sửa được.", "Nhờ cơ quan đó bỏ duyệt rồi sửa lại, hoặc nộp bản quét khác.", 0},
	CodePartOfScan:      {403, "Giấy tờ này chỉ là một phần của bản quét; các trang khác có thể thuộc hồ sơ khác.", "Dùng bản PDF hai lớp hoặc văn bản: có đủ các trang của giấy tờ này. Muốn nộp vào hồ sơ khác thì gửi tệp.", 0},
	CodeNoPicture:       {422, "Không hiển thị được trang này.", "Tải bản gốc về để xem.", 0},
	CodeNothingFailed:   {409, "Giấy tờ này không có lỗi nào để đọc lại.", "Chỉ đọc lại giấy tờ ở trạng thái lỗi hoặc có trang lỗi.", 0},
	CodeNotReadYet:      {404, "Giấy tờ chưa có kết quả nhận dạng.", "Chờ đến khi trạng thái là “đã đọc” rồi tải lại.", 0},
	CodeBadRequest:      {400, "Yêu cầu không đúng định dạng.", "Xem tài liệu tại /api/v1/openapi.yaml.", 0},
	CodeNotJSON:         {415, "Nội dung phải là JSON.", "Gửi với Content-Type: application/json.", 0},
	CodeEncoding:        {415, "Không nhận nội dung đã nén.", "Gửi nguyên tệp, không dùng Content-Encoding.", 0},
	CodeRequestTooLarge: {413, "Yêu cầu vượt quá dung lượng cho phép.", "Chia thành nhiều lần gửi nhỏ hơn.", 0},
	CodePaperTooLarge:   {413, "Tệp vượt quá dung lượng cho phép.", "Chia tệp thành nhiều phần, hoặc quét với dung lượng nhỏ hơn.", 0},
	CodePaperEmpty:      {422, "Tệp rỗng.", "Kiểm tra máy quét rồi quét lại.", 0},
	CodePaperUnknown:    {415, "Không nhận loại tệp này.", "Chỉ nhận TIFF, JPEG, PNG, WebP, BMP, PNM hoặc PDF.", 0},
	CodeChecksum:        {422, "Tệp nhận được không khớp với mã kiểm tra.", "Tệp bị hỏng khi truyền: hãy gửi lại.", 0},
	CodeTooManyFiles:    {413, "Quá nhiều tệp trong một lần gửi.", "Chia thành nhiều lần gửi.", 0},
	CodeNoFile:          {422, "Không có tệp nào trong yêu cầu.", "Chọn ít nhất một tệp rồi gửi lại.", 0},
	CodeSomeRefused:     {422, "Có tệp không được nhận; các tệp khác đã được lưu.", "Xem kết quả từng tệp, sửa và gửi lại tệp bị từ chối.", 0},
	CodeTooSlow:         {408, "Đường truyền quá chậm nên yêu cầu bị dừng.", "Kiểm tra mạng rồi gửi lại; với tệp lớn hãy dùng tải lên nối tiếp.", 0},
	CodeCutOff:          {400, "Đường truyền bị ngắt khi đang gửi.", "Gửi lại.", 0},
	CodeTooMany:         {429, "Quá nhiều yêu cầu trong thời gian ngắn.", "Chờ một lát rồi thử lại.", time.Second},
	CodeTooManyOpen:     {429, "Có quá nhiều lần tải lên còn dở dang.", "Hoàn tất hoặc hủy các lần tải lên cũ.", full},
	CodeTooManyAtOnce:   {429, "Mã truy cập này đang gửi hoặc theo dõi quá nhiều lần cùng lúc.", "Chờ các lần trước kết thúc rồi thử lại.", soon},
	CodeBusy:            {503, "Hệ thống đang bận.", "Chờ vài giây rồi thử lại.", soon},
	CodeUnavailable:     {503, "Kho lưu trữ tạm thời không truy cập được.", "Chờ vài giây rồi thử lại; giấy tờ đã được nhận không bị mất.", later},
	CodeStoreFull:       {507, "Kho lưu trữ đã đầy.", "Báo cho bộ phận quản trị để thêm dung lượng, rồi gửi lại.", full},
	CodeSpoolFull:       {507, "Đĩa của máy chủ gần đầy nên chưa nhận thêm tệp.", "Báo cho bộ phận quản trị để thêm dung lượng, rồi gửi lại.", full},
	CodeOldSchema:       {503, "Cơ sở dữ liệu chưa được nâng cấp cho phiên bản này.", "Báo cho bộ phận quản trị chạy “sohoa migrate”.", full},
	CodeClientGone:      {statusClientGone, "Yêu cầu đã bị hủy.", "Gửi lại.", 0},
	CodeTusVersion:      {412, "Phiên bản giao thức tải lên không được hỗ trợ.", "Dùng tus 1.0.0 (tiêu đề Tus-Resumable: 1.0.0).", 0},
	CodeTusRequest:      {400, "Yêu cầu tải lên nối tiếp không đúng.", "Kiểm tra các tiêu đề Upload-Length, Upload-Offset và Content-Type.", 0},
	CodeTusOffset:       {409, "Vị trí tải lên không khớp với máy chủ.", "Gửi HEAD để biết vị trí rồi tiếp tục từ đó.", 0},
	CodeTusLocked:       {423, "Lần tải lên này đang được xử lý.", "Chờ vài giây rồi thử lại.", soon},
	CodeTusUnsupported:  {501, "Máy chủ không hỗ trợ cách tải lên này.", "Không dùng Upload-Concat và Upload-Defer-Length.", 0},
	CodeUploadOpen:      {409, "Tệp chưa được tải lên hết.", "Tiếp tục tải lên từ vị trí mà HEAD trả về.", 0},
}

// fieldHints say, for a value that cannot be, what can.
var fieldHints = map[string]string{
	"code":            "Mã hồ sơ có dạng H50.13-220331-0001; mã cơ quan, thủ tục gồm chữ, số và . _ / -.",
	"dossier_code":    "Không có hồ sơ nào với mã này trong phạm vi của mình: kiểm tra lại mã hồ sơ.",
	"held":            "Chỉ dùng lại giấy tờ của cùng chủ hồ sơ, ở một hồ sơ khác.",
	"reason":          "Chọn lý do thu hồi: sai hồ sơ, trùng, quét hỏng hoặc không cần.",
	"agency":          "Dùng mã một cơ quan đã có trong phạm vi của mình.",
	"parent":          "Dùng mã một cơ quan đã có trong phạm vi của mình.",
	"kind":            "Dùng “component” (thành phần hồ sơ) hoặc “result” (kết quả giải quyết).",
	"queue":           "Dùng “desk” (cán bộ đang chờ) hoặc “batch” (nhập hàng loạt).",
	"batch":           "Dùng “true” cho lô quét có tờ bìa, ngoài ra là “false”.",
	"confidence_from": "Độ tin cậy là số nguyên từ 0 đến 100.",
	"confidence_till": "Độ tin cậy là số nguyên từ 0 đến 100.",
	"component":       "Mã thành phần gồm 1 đến 64 chữ, số và . _ / -.",
	"sha256":          "Mã kiểm tra SHA-256 gồm 64 chữ số hệ mười sáu viết thường.",
	"name":            "Tên quá dài hoặc có ký tự không in được.",
	"state":           "Trạng thái hồ sơ là số từ 1 đến 10.",
	"received":        "Ngày có dạng 2026-03-31.",
	"due":             "Ngày có dạng 2026-03-31.",
	"resolved":        "Ngày có dạng 2026-03-31.",
	"issued_on":       "Ngày có dạng 2026-03-31.",
	"valid_until":     "Ngày có dạng 2026-03-31.",
	"login":           "Tên đăng nhập gồm 2 đến 64 ký tự a-z, 0-9 và . _ @ -.",
	"role":            "Vai trò là “desk”, “supervisor” hoặc “it”.",
	"days":            "Số ngày từ 0 đến 3650.",
	"rows":            "Bảng đã thay đổi từ lúc xem: hãy chọn tệp và xem lại.",
	"file":            "Chọn một tệp.",
	"dossiers":        "Gửi từ 1 đến 1.000 hồ sơ trong một lần.",
	"papers":          "Chọn từ 1 đến 200 giấy tờ.",
	"scopes":          "Quyền là “intake”, “read”, “review”, “rates” hoặc “operate”, không vượt quá vai trò.",
	"from":            "Ngày có dạng 31/03/2026 (qua API: 2026-03-31).",
	"till":            "Ngày có dạng 31/03/2026 (qua API: 2026-03-31), không trước ngày bắt đầu.",
	"by":              "Chọn ngày, tháng, quý, năm, cơ quan, thủ tục hoặc lĩnh vực; thu hẹp thời gian nếu có quá nhiều nhóm.",
	"review_below":    "Độ tin cậy là số từ 0 đến 100.",
	"doubt_below":     "Độ tin cậy là số từ 0 đến 100.",
	"behind":          "Tìm lại từ đầu: chỗ để tiếp không thuộc lần tìm này.",
	"compare":         "Chọn kỳ có ngày đầu và ngày cuối, hoặc nhập ngày của kỳ so sánh.",
	"compare_from":    "Ngày có dạng 31/03/2026 (qua API: 2026-03-31).",
	"compare_till":    "Ngày có dạng 31/03/2026 (qua API: 2026-03-31), không trước ngày đầu của kỳ so sánh.",
	"targets":         "Chỉ tiêu là số phần trăm từ 0 đến 100.",
	"limit":           "Số lượng phải là số nguyên trong giới hạn.",
	"text":            "Chữ sửa lại quá dài hoặc có ký tự không in được.",
	"width":           "Chiều rộng ảnh là 200, 1000 hoặc 2000.",
	"pages":           "Mỗi trang của bản quét chỉ đứng một lần, và giấy tờ phải còn ít nhất một trang.",
	"positions":       "Chọn ít nhất một trang để tách, và để lại ít nhất một trang.",
	"others":          "Chỉ ghép các giấy tờ khác của cùng một hồ sơ.",
	"turn":            "Trang được xoay 0, 90, 180 hoặc 270 độ.",
	"content_type":    "Không nhận loại nội dung này.",
}

// refusal is a request, or one file of it, that the API itself does not take.
type refusal struct {
	code   Code
	field  string // whose value it is, as the API has it
	detail string // for developers, in English; told to the client
	err    error  // for the log
}

func (e *refusal) Error() string {
	text := string(e.code)
	if e.field != "" {
		text += " " + e.field
	}
	if e.detail != "" {
		text += ": " + e.detail
	}
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

func (e *refusal) Unwrap() error { return e.err }

func refuse(code Code) error { return &refusal{code: code} }

// invalid says of one value of a request that it cannot be.
func invalid(field, detail string) error {
	return &refusal{code: CodeInvalid, field: field, detail: detail}
}

// codeOf is the one place where errors become codes.
func codeOf(err error) Code {
	var refused *refusal
	var invalid *catalogue.InvalidError
	var conflict *catalogue.ConflictError
	var repeated *catalogue.RepeatedError
	var tooLarge *http.MaxBytesError
	var key *object.KeyError
	switch {
	case errors.As(err, &refused):
		return refused.code
	case errors.As(err, &invalid), errors.As(err, &key):
		return CodeInvalid
	case errors.As(err, &conflict) && conflict.Stale:
		return CodeStale
	case errors.As(err, &conflict), errors.As(err, &repeated):
		return CodeConflict
	case errors.As(err, &tooLarge):
		return CodeRequestTooLarge
	case errors.Is(err, pages.ErrForbidden):
		return CodeForbidden
	case errors.Is(err, pages.ErrIssuer):
		return CodeIssuer
	case errors.Is(err, pages.ErrOwnAccount):
		return CodeOwnAccount
	case errors.Is(err, catalogue.ErrNotFound):
		return CodeNotFound
	case errors.Is(err, catalogue.ErrApprovedElsewhere):
		return CodeElsewhere
	case errors.Is(err, catalogue.ErrNotRead):
		return CodeStillReading
	case errors.Is(err, catalogue.ErrNotDue):
		return CodeNothingFailed
	case errors.Is(err, catalogue.ErrOldSchema):
		return CodeOldSchema
	case errors.Is(err, catalogue.ErrFull), errors.Is(err, object.ErrFull):
		return CodeStoreFull
	case errors.Is(err, catalogue.ErrUnavailable), errors.Is(err, object.ErrUnavailable):
		return CodeUnavailable
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return CodeSpoolFull
	case errors.Is(err, os.ErrDeadlineExceeded):
		return CodeTooSlow
	case errors.Is(err, context.DeadlineExceeded):
		return CodeUnavailable
	case errors.Is(err, context.Canceled):
		return CodeClientGone
	}
	return CodeInternal
}

// Failure is an error as clients see it.
type Failure struct {
	Code      Code   `json:"code"`
	Message   string `json:"message"`
	Hint      string `json:"hint"`
	Field     string `json:"field,omitempty"`
	Detail    string `json:"detail,omitempty"`
	Reference string `json:"reference"`
}

// failure puts an error into words, and tells its status and for how long to wait before trying again.
func failure(err error, reference string) (f Failure, s said) {
	code := codeOf(err)
	s = table[code]
	f = Failure{Code: code, Message: s.message, Hint: s.hint, Reference: reference}
	var refused *refusal
	var invalid *catalogue.InvalidError
	var conflict *catalogue.ConflictError
	var repeated *catalogue.RepeatedError
	switch {
	case errors.As(err, &refused):
		f.Field, f.Detail = refused.field, refused.detail
	case errors.As(err, &invalid):
		f.Field, f.Detail = invalid.Field, invalid.Reason
	case errors.As(err, &repeated):
		f.Field, f.Detail = "code", repeated.Error()
	case errors.As(err, &conflict):
		f.Field, f.Detail = conflict.Kind, conflict.Reason
	}
	if hint := fieldHints[f.Field]; hint != "" && code == CodeInvalid {
		f.Hint = hint
	}
	return f, s
}

// fail answers with an error.
func (s *Server) fail(w http.ResponseWriter, x *exchange, err error) {
	f, said := failure(err, x.id)
	x.failed(f.Code, err)
	s.answerFailure(w, x, said, failed{Error: f})
}

// failed is the body of an answer that refuses.
type failed struct {
	Error   Failure  `json:"error"`
	Results []handed `json:"results,omitempty"`
}

func (s *Server) answerFailure(w http.ResponseWriter, x *exchange, said said, body failed) {
	if x.begun() {
		// The head is out: all that is left is not to pretend that the body is whole.
		panic(http.ErrAbortHandler)
	}
	head := w.Header()
	for _, name := range []string{"Content-Disposition", "Content-Length", "ETag", "Last-Modified", "Accept-Ranges", "Cache-Control", "Content-Type"} {
		head.Del(name)
	}
	if said.retry > 0 {
		head.Set("Retry-After", strconv.Itoa(int(said.retry/time.Second)))
	}
	answer(w, said.status, body)
}
