package pages

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"sohoa/storage/catalogue"
)

// Service is what runs beneath the pages, as IT sees it.
type Service interface {
	// Missing names the parts that do not answer.
	Missing(ctx context.Context) []Missing
	// Machines are the processes that read papers; Tasks are what the queue carries, by queue. Either may fail while the queue is away.
	Machines(ctx context.Context) ([]Machine, error)
	Tasks(ctx context.Context) ([]Tasks, error)
	// Rooms are the folders that things are kept in, and how much room their disks have.
	Rooms() []Room
	// Load is how many requests bring files now, and how many watch events.
	Load() (uploads, watchers int)
	// Retry gives what failed of a paper another try, in the visitor's name; catalogue.ErrNotDue where nothing failed.
	Retry(ctx context.Context, v *Visit, id catalogue.PaperID) error
}

// Missing is a part that does not answer, and all that is known of why.
type Missing struct{ Part, Message, Reason string }

// Machine is one process that reads papers.
type Machine struct {
	Host         string
	PID          int
	Jobs, Active int
	Since        time.Time
	Longest      time.Duration // of the tasks under way
}

// Tasks are what the queue carries of one queue.
type Tasks struct {
	Queue                  catalogue.Queue
	Waiting, Active, Later int
}

// Room is a folder, and how much room its disk has.
type Room struct {
	Name, Folder string
	Free, All    int64
}

// Used is how much of the disk is taken, in percent.
func (r Room) Used() int {
	if r.All == 0 {
		return 0
	}
	return int(100 * (r.All - r.Free) / r.All)
}

var (
	// ErrForbidden is the answer to who may see a page, but not this of it.
	ErrForbidden = errors.New("this is for the agency at the root")
	// ErrOwnAccount is the answer to who would shut themselves out, or whose session, left alone by its owner, would be used to take
	// the account over: what asks for the old password or a code in /tai-khoan is not had here without.
	ErrOwnAccount = errors.New("nobody disables, demotes or resets their own account")
)

// operationsRoutes are the pages of IT.
func (p *Pages) operationsRoutes() []Route {
	it := []catalogue.Role{catalogue.RoleIT}
	all := []Route{
		{Pattern: "GET /van-hanh", Do: p.operations},
		{Pattern: "GET /van-hanh/kho", Do: p.holdings},
		{Pattern: "GET /van-hanh/giay-to-loi", Do: p.failedPapers},
		{Pattern: "POST /van-hanh/giay-to-loi", Do: p.retryPapers},

		{Pattern: "GET /van-hanh/tai-khoan", Do: p.accounts},
		{Pattern: "POST /van-hanh/tai-khoan", Costly: true, Do: p.addAccount},
		{Pattern: "GET /van-hanh/tai-khoan/{login}", Do: p.oneAccount},
		{Pattern: "POST /van-hanh/tai-khoan/{login}", Do: p.changeAccount},
		{Pattern: "POST /van-hanh/tai-khoan/{login}/mat-khau", Costly: true, Do: p.resetPassword},
		{Pattern: "POST /van-hanh/tai-khoan/{login}/{act}", Do: p.actOnAccount},

		{Pattern: "GET /van-hanh/co-quan", Do: p.agencies},
		{Pattern: "POST /van-hanh/co-quan", Do: p.putAgency},

		{Pattern: "GET /van-hanh/thu-tuc", Do: p.procedures},
		{Pattern: "GET /van-hanh/thu-tuc/sua", Do: p.oneProcedure},
		{Pattern: "POST /van-hanh/thu-tuc/sua", Do: p.putProcedure},

		{Pattern: "GET /van-hanh/ma-truy-cap", Do: p.tokens},
		{Pattern: "POST /van-hanh/ma-truy-cap", Do: p.addToken},
		{Pattern: "POST /van-hanh/ma-truy-cap/{id}", Do: p.revokeToken},

		{Pattern: "GET /van-hanh/nhat-ky", Do: p.auditLog},

		{Pattern: "GET /van-hanh/ty-le", Do: p.rateSettings},
		{Pattern: "POST /van-hanh/ty-le", Do: p.putRateSettings},

		{Pattern: "GET /van-hanh/nhan-dang", Do: p.readingSettings},
		{Pattern: "POST /van-hanh/nhan-dang", Do: p.putReadingSettings},
	}
	all = append(all, agencyImport().routes(p)...)
	all = append(all, procedureImport().routes(p)...)
	for i := range all {
		all[i].Roles = it
	}
	return all
}

// operationsMenu is the second line of the menu, on IT's pages.
func operationsMenu(path string) []entry {
	all := []entry{
		{Path: "/van-hanh", Name: "Tổng quan"},
		{Path: "/van-hanh/giay-to-loi", Name: "Giấy tờ lỗi"},
		{Path: "/van-hanh/kho", Name: "Kho lưu trữ"},
		{Path: "/van-hanh/tai-khoan", Name: "Tài khoản"},
		{Path: "/van-hanh/co-quan", Name: "Cơ quan"},
		{Path: "/van-hanh/thu-tuc", Name: "Thủ tục"},
		{Path: "/van-hanh/ma-truy-cap", Name: "Mã truy cập"},
		{Path: "/van-hanh/ty-le", Name: "Cách tính tỷ lệ"},
		{Path: "/van-hanh/nhan-dang", Name: "Ngưỡng nhận dạng"},
		{Path: "/van-hanh/nhat-ky", Name: "Nhật ký"},
	}
	best := 0
	for i, e := range all {
		if path == e.Path || len(path) > len(e.Path) && path[:len(e.Path)+1] == e.Path+"/" {
			best = i // the last one is the longest
		}
	}
	all[best].Current = true
	return all
}

// queueRow is one queue as IT sees it.
type queueRow struct {
	catalogue.Backlog
	Tasks
	Known bool // what the queue carries
}

// QueueName is a queue as people call it.
func QueueName(q catalogue.Queue) string {
	switch q {
	case catalogue.Desk:
		return "Cán bộ đang chờ"
	case catalogue.Batch:
		return "Nhập hàng loạt"
	case catalogue.Reread:
		return "Đọc lại"
	}
	return string(q)
}

type operationsData struct {
	Missing           []Missing
	Queues            []queueRow
	Machines          []Machine
	QueueAway         bool
	Uploads, Watchers int
	Failed            int
	MoreFailed        bool
	At                time.Time
	Root              bool
}

// operations is what IT looks at first.
func (p *Pages) operations(w http.ResponseWriter, r *http.Request, v *Visit) error {
	ctx := r.Context()
	data := operationsData{At: time.Now(), Root: v.Reach.Root()}
	const most = 100
	failed, err := v.Records.FailedPapers(ctx, v.Reach, most)
	if err != nil {
		return err
	}
	data.Failed, data.MoreFailed = len(failed), len(failed) == most
	if data.Root {
		if err := p.fillOperations(ctx, v, &data); err != nil {
			return err
		}
	}
	return p.render(w, r, v, "van-hanh", data)
}

// fillOperations adds what concerns the whole installation.
func (p *Pages) fillOperations(ctx context.Context, v *Visit, data *operationsData) error {
	service := p.config.Service
	data.Missing = service.Missing(ctx)
	data.Uploads, data.Watchers = service.Load()
	backlogs, err := v.Records.Backlogs(ctx)
	if err != nil {
		return err
	}
	tasks, errTasks := service.Tasks(ctx)
	if errTasks == nil {
		data.Machines, errTasks = service.Machines(ctx)
	}
	data.QueueAway = errTasks != nil // why is in the log, and in Missing
	for _, b := range backlogs {
		row := queueRow{Backlog: b}
		for _, t := range tasks {
			if t.Queue == b.Queue {
				row.Tasks, row.Known = t, true
			}
		}
		data.Queues = append(data.Queues, row)
	}
	return nil
}

type holdingsData struct {
	Holdings catalogue.Holdings
	Rooms    []Room
	Root     bool
}

// holdings is how much is kept, and how much more can be.
func (p *Pages) holdings(w http.ResponseWriter, r *http.Request, v *Visit) error {
	data := holdingsData{Root: v.Reach.Root()}
	if data.Root {
		var err error
		if data.Holdings, err = v.Records.Holdings(r.Context()); err != nil {
			return err
		}
		data.Rooms = p.config.Service.Rooms()
	}
	return p.render(w, r, v, "van-hanh-kho", data)
}

type failedData struct {
	Papers []catalogue.Paper
	More   bool
	Said   string
}

// mostFailed is how many papers that could not be read are shown, and retried at once.
const mostFailed = 200

func (p *Pages) failedPapers(w http.ResponseWriter, r *http.Request, v *Visit) error {
	all, err := v.Records.FailedPapers(r.Context(), v.Reach, mostFailed+1)
	if err != nil {
		return err
	}
	data := failedData{Papers: all, More: len(all) > mostFailed}
	if data.More {
		data.Papers = all[:mostFailed]
	}
	if done, err := strconv.Atoi(r.URL.Query().Get("xong")); err == nil {
		data.Said = "Đã cho đọc lại " + Number(done) + " giấy tờ."
		if rest, err := strconv.Atoi(r.URL.Query().Get("con")); err == nil && rest > 0 {
			data.Said += " " + Number(rest) + " giấy tờ không còn lỗi hoặc đã được người khác cho đọc lại."
		}
	}
	return p.render(w, r, v, "van-hanh-giay-to-loi", data)
}

// retryPapers gives the chosen ones another try.
func (p *Pages) retryPapers(w http.ResponseWriter, r *http.Request, v *Visit) error {
	if err := readForm(r); err != nil {
		return err
	}
	chosen := r.PostForm["giay-to"]
	if len(chosen) == 0 || len(chosen) > mostFailed {
		return &catalogue.InvalidError{Field: "papers", Reason: "none or too many were chosen"}
	}
	done, rest := 0, 0
	for _, text := range chosen {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return catalogue.ErrNotFound
		}
		err = p.config.Service.Retry(r.Context(), v, catalogue.PaperID(id))
		switch {
		case err == nil:
			done++
		case errors.Is(err, catalogue.ErrNotDue), errors.Is(err, catalogue.ErrNotFound):
			rest++
		default:
			return err
		}
	}
	leadOn(w, r, "/van-hanh/giay-to-loi?xong="+strconv.Itoa(done)+"&con="+strconv.Itoa(rest))
	return nil
}

// leadOn sends a browser to another page after what it asked for was done; htmx is told so by a head.
func leadOn(w http.ResponseWriter, r *http.Request, to string) {
	if r.Header.Get("HX-Request") == "true" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // a path of ours, whose parts are escaped
}
