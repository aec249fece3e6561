package pages

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sohoa/storage/catalogue"
)

// handedPaper is a paper in the list of what somebody handed in today.
type handedPaper struct {
	catalogue.Paper

	ComponentName string
	Sheets        []catalogue.PageRecord // those of its pages that are shown small
	Hidden        int                    // pages that are not
	Parts         []catalogue.BatchPart  // of a batch that was split
	Why           reason                 // where it could not be read
}

const (
	// mostHanded is how many papers of today are listed; all are counted.
	mostHanded = 100
	// mostSheets is how many pages of a paper are shown small.
	mostSheets = 12
	// mostCounted is how many papers of a day are counted.
	mostCounted = 5000
)

// today fills in what the visitor handed in today.
func (p *Pages) today(ctx context.Context, v *Visit, data *intakeData) error {
	now := time.Now().In(vietnam)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, vietnam)
	papers, err := v.Records.HandedIn(ctx, v.Reach, data.Actor, midnight, mostCounted)
	if err != nil {
		return err
	}
	counts := make(map[catalogue.PaperState]int)
	for i := range papers {
		if !papers[i].History {
			counts[papers[i].State]++
		}
	}
	for _, s := range paperStates() {
		if counts[s] > 0 {
			data.Sums = append(data.Sums, stateSum{s, counts[s]})
		}
	}
	if data.More = len(papers) > mostHanded; data.More {
		papers = papers[:mostHanded]
	}
	names := componentNames{of: v.Records}
	for i := range papers {
		one, err := p.handed(ctx, v, papers[i], &names)
		if err != nil {
			return err
		}
		data.Handed = append(data.Handed, one)
	}
	return nil
}

// handed is a paper as the list shows it.
func (p *Pages) handed(ctx context.Context, v *Visit, paper catalogue.Paper, names *componentNames) (one handedPaper, err error) {
	one = handedPaper{Paper: paper, Why: readFault(paper.Reason)}
	if one.ComponentName, err = names.name(ctx, v.Reach, &paper); err != nil {
		return one, err
	}
	if paper.Batch {
		b, err := v.Records.Batch(ctx, v.Reach, paper.ID)
		if err != nil {
			return one, err
		}
		one.Parts = b.Parts
		return one, nil
	}
	if paper.State == catalogue.PaperApproved || paper.State == catalogue.PaperReceived {
		return one, nil // nothing to look at, or not any more
	}
	_, one.Sheets, err = v.Records.PaperPages(ctx, v.Reach, paper.ID)
	if len(one.Sheets) > mostSheets {
		one.Hidden = len(one.Sheets) - mostSheets
		one.Sheets = one.Sheets[:mostSheets]
	}
	return one, err
}

// Sure tells whether recognition was sure of the paper: it may be approved at a glance. Where it saw nothing it was not.
func (h handedPaper) Sure() bool { return h.State == catalogue.PaperRead && h.Words > 0 }

// Empty tells whether nothing stands on the paper.
func (h handedPaper) Empty() bool { return h.State == catalogue.PaperRead && h.Words == 0 }

// Open tells whether the paper is a batch that waits to be split.
func (h handedPaper) Open() bool { return h.Batch && !h.Split }

// intakePaper is one line of the list, as it is now.
func (p *Pages) intakePaper(w http.ResponseWriter, r *http.Request, v *Visit) error {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || n < 1 {
		return catalogue.ErrNotFound
	}
	paper, err := v.Records.PaperOrBatch(r.Context(), v.Reach, catalogue.PaperID(n))
	if err != nil {
		return err
	}
	one, err := p.handed(r.Context(), v, paper, &componentNames{of: v.Records})
	if err != nil {
		return err
	}
	return p.renderBlock(w, r, v, http.StatusOK, "tiep-nhan", "handed", one)
}

// componentNames are the names of components, asked for once each.
type componentNames struct {
	of       *catalogue.Catalogue
	dossiers map[catalogue.DossierID]string // procedures
	known    map[string]catalogue.Procedure
}

func (n *componentNames) name(ctx context.Context, reach catalogue.Reach, p *catalogue.Paper) (string, error) {
	if p.Kind == catalogue.ResultPaper {
		return Kind(p.Kind), nil
	}
	if p.Component == "" {
		return "", nil
	}
	if n.known == nil {
		n.known, n.dossiers = make(map[string]catalogue.Procedure), make(map[catalogue.DossierID]string)
	}
	code, asked := n.dossiers[p.Dossier]
	if !asked {
		d, err := n.of.Dossier(ctx, reach, p.Dossier)
		if err != nil {
			return "", err
		}
		code = d.Procedure
		n.dossiers[p.Dossier] = code
	}
	procedure, asked := n.known[code]
	if !asked {
		var err error
		if procedure, err = n.of.ProcedureByCode(ctx, code); err != nil && !errors.Is(err, catalogue.ErrNotFound) {
			return "", err
		}
		n.known[code] = procedure
	}
	for _, c := range procedure.Components {
		if c.Code == p.Component {
			return c.Name, nil
		}
	}
	return p.Component, nil
}

// paperStates are all states in their order.
func paperStates() []catalogue.PaperState {
	return []catalogue.PaperState{
		catalogue.PaperReceived, catalogue.PaperReading, catalogue.PaperRead, catalogue.PaperReview, catalogue.PaperApproved, catalogue.PaperFailed,
	}
}

// reason is why something went wrong, and what to do.
type reason struct{ What, Do string }

// readFault puts why a paper or page could not be read into words: the catalogue has "code: what IT wants to know".
func readFault(said string) reason {
	code, _, _ := strings.Cut(said, ":")
	known, ok := map[string]reason{
		"":          {},
		"empty":     {"Tệp rỗng.", "Kiểm tra máy quét rồi quét lại."},
		"format":    {"Không nhận ra loại tệp này.", "Quét lại thành PDF, TIFF hoặc JPEG."},
		"protected": {"Tệp PDF có mật khẩu.", "Bỏ mật khẩu rồi nộp lại, hoặc quét bản giấy."},
		"damaged":   {"Tệp bị hỏng.", "Quét lại giấy tờ rồi nộp bản mới."},
		"too_large": {"Tệp quá lớn hoặc quá nhiều trang.", "Quét ở 300 dpi và chia thành nhiều tệp."},
		"too_slow":  {"Trang quá phức tạp nên đọc không kịp thời gian cho phép.", "Thử “Đọc lại”; nếu vẫn lỗi, quét lại ở 200–300 dpi."},
		"memory":    {"Trang cần nhiều bộ nhớ hơn cho phép.", "Quét lại ở 200–300 dpi."},
		"crash":     {"Bộ đọc gặp sự cố với trang này.", "Thử “Đọc lại”; nếu vẫn lỗi, quét lại."},
		"machine":   {"Máy đọc đang gặp sự cố.", "Hệ thống sẽ tự thử lại; nếu kéo dài, báo bộ phận quản trị."},
		"reader":    {"Máy đọc đang gặp sự cố.", "Hệ thống sẽ tự thử lại; nếu kéo dài, báo bộ phận quản trị."},
		"missing":   {"Không tìm thấy bản quét trong kho.", "Nộp lại tệp; báo bộ phận quản trị nếu lặp lại."},
		"starts":    {"Đã bắt đầu đọc nhiều lần mà không xong.", "Thử “Đọc lại”; nếu vẫn lỗi, báo bộ phận quản trị."},
		"time":      {"Đọc quá thời gian cho phép.", "Thử “Đọc lại”; nếu vẫn lỗi, chia nhỏ tệp."},
		"wait":      {"Đang chờ hệ thống sẵn sàng.", "Không cần làm gì: hệ thống tự thử lại."},
	}[code]
	if !ok {
		return reason{"Không đọc được.", "Thử “Đọc lại”; nếu vẫn lỗi, quét lại giấy tờ."}
	}
	return known
}

// partReason puts why a part of a batch should be looked at into words.
func partReason(r catalogue.PartReason) string {
	switch r {
	case catalogue.ReasonNoCover:
		return "Không có tờ bìa phía trước."
	case catalogue.ReasonDamagedCover:
		return "Tờ bìa bị hỏng hoặc không do hệ thống này in."
	case catalogue.ReasonOtherVersion:
		return "Tờ bìa của phiên bản khác: hãy in lại."
	case catalogue.ReasonTwoCovers:
		return "Hai tờ bìa khác nhau trên một trang."
	case catalogue.ReasonUnknownDossier:
		return "Tờ bìa ghi hồ sơ không có, hoặc không thuộc phạm vi của bạn."
	case catalogue.ReasonUnreadPage:
		return "Có trang không đọc được, có thể là tờ bìa."
	case catalogue.ReasonOtherCode:
		return "Có trang mang mã của hồ sơ khác."
	case catalogue.ReasonNoPages:
		return "Sau tờ bìa không có trang nào."
	}
	return string(r)
}

// surely says how sure recognition was, in words.
func surely(confidence float64) string {
	const sure, rather = 90, 75
	switch {
	case confidence >= sure:
		return "nhận dạng chắc chắn"
	case confidence >= rather:
		return "nhận dạng khá chắc"
	case confidence > 0:
		return "nhận dạng chưa chắc"
	}
	return ""
}
