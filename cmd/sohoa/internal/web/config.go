package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"sohoa/cmd/sohoa/internal/web/pages"
	"sohoa/storage/catalogue"
	"sohoa/storage/object"
)

// Queue carries work to the readers.
type Queue interface {
	// Enqueue may fail while the queue is away: the catalogue knows of the work, and a sweeper enqueues it later.
	Enqueue(ctx context.Context, t catalogue.Task) error
}

// Objects is where scans and readings are kept.
type Objects interface {
	PutFile(ctx context.Context, key object.Key, path string, size int64, sha256 string, fresh time.Duration) (existed bool, err error)
	Get(ctx context.Context, key object.Key) (*object.Object, error)
	Presign(ctx context.Context, key object.Key, ttl time.Duration, downloadName, mediaType string) (string, error)
}

// Problem is one thing that keeps the service from working.
type Problem struct {
	Part string `json:"part"` // "catalogue", "objects", "queue", …
	// Code is what anybody may know of the reason; "" is CodeUnavailable.
	Code Code `json:"code"`
	// Reason is all that is known, with hosts and paths: for the log and for IT.
	Reason string `json:"reason"`
}

// Missing is the problem that a part does not answer as it should.
func Missing(part string, err error) Problem {
	code := codeOf(err)
	if code == CodeInternal || code == CodeClientGone { // an error of the part's own, or of whoever asked it
		code = CodeUnavailable
	}
	return Problem{Part: part, Code: code, Reason: err.Error()}
}

// Folder is one that things are kept in, with a name for people.
type Folder struct{ Name, Path string }

// Config says what the API stands on and how much it takes.
type Config struct {
	Catalogue *catalogue.Catalogue
	Objects   Objects
	Queue     Queue
	Gallery   Gallery
	// Revision is that of the reader that is asked to read what is handed in.
	Revision string
	// Spool is the folder of uploads under way, on the data disk; this server's alone.
	Spool string

	// MaxPaper is the most bytes of one file. Defaults to 4 GiB.
	MaxPaper int64
	// MaxRequest is the most bytes of one request with several files. Defaults to twice MaxPaper.
	MaxRequest int64
	// MaxFiles is the most files of one request. Defaults to 100.
	MaxFiles int
	// MaxUploads is how many requests may bring files at once; the next is told to come back. Defaults to 64.
	MaxUploads int
	// TokenUploads is how many of them may be one token's. Defaults to half of them.
	TokenUploads int
	// MaxUnfinished is how many resumable uploads of one token may be open. Defaults to 500.
	MaxUnfinished int
	// MaxListeners is how many may watch events at once. Defaults to 1,000.
	MaxListeners int
	// TokenListeners is how many of them may be one token's. Defaults to half of them.
	TokenListeners int
	// Reserve is how many bytes of the spool's disk stay free. Defaults to 1 GiB; -1 is none.
	Reserve int64
	// UploadLife is how long a resumable upload is kept that nobody goes on with. Defaults to 24 hours.
	UploadLife time.Duration
	// Patience is for how long a client may take to send 16 KiB, or 256 KiB while more than three quarters of MaxUploads are
	// under way, or to take what it asked for. Defaults to a minute.
	Patience time.Duration
	// KeepTimeout is the most that putting a file into the store and the catalogue may take. Defaults to 15 minutes.
	KeepTimeout time.Duration
	// EnqueueTimeout is for how long an acknowledgement waits for the queue. Defaults to a second.
	EnqueueTimeout time.Duration
	// Poll is how often the catalogue is asked for changes while somebody watches. Defaults to 300 ms.
	Poll time.Duration
	// Recheck is how often a stream of events looks whether its token still holds. Defaults to 30 s.
	Recheck time.Duration

	// TokenRate and TokenBurst bound the requests of one token, a second and at once. Default to 100 and 200.
	TokenRate  rate.Limit
	TokenBurst int
	// AddressRate and AddressBurst bound the requests of one address, behind which a whole office may be. Default to 500
	// and 1,000.
	AddressRate  rate.Limit
	AddressBurst int
	// SignInRate and SignInBurst bound the passwords and codes that are looked at for one address. Default to 1 and 60.
	SignInRate  rate.Limit
	SignInBurst int
	// Proxies are whose X-Forwarded-For is believed. Defaults to nobody's.
	Proxies []netip.Prefix

	// PublicRates has the public rates answer without a token.
	PublicRates bool

	// Links answers downloads with a link into the store, where it can make one, also without ?link=1.
	Links bool
	// LinkLife is how long such a link works. Defaults to 5 minutes.
	LinkLife time.Duration

	// Ready names what is missing (see Missing); empty is ready. Defaults to looking at the catalogue.
	Ready func(ctx context.Context) []Problem
	// Metrics is where the API's figures are registered and what /metrics serves. Defaults to a new one.
	Metrics *prometheus.Registry
	// LocalMetrics serves /metrics without a token to this machine itself.
	LocalMetrics bool
	// Machines and Tasks ask the queue who works and what waits, for IT's pages; nil: they say that nobody knows.
	Machines func(ctx context.Context) ([]pages.Machine, error)
	Tasks    func(ctx context.Context) ([]pages.Tasks, error)
	// Issuer is the OpenID Connect issuer that people may sign in with; nil: none.
	Issuer *pages.Issuer
	// Folders are those of whose disks' room IT is told.
	Folders []Folder
	// Inspect is the queue's own inspection, for IT, at /it/queues/; may be nil.
	Inspect http.Handler
	// Log gets a line a request. Defaults to silence.
	Log *slog.Logger
}

const (
	gibibyte = 1 << 30
	// mostJSON is the most bytes of a request's JSON.
	mostJSON = 1 << 20
	// slowest is how many bytes a client sends at least within Config.Patience.
	slowest = 16 << 10
	// hurried is how many times as fast it has to be while places for uploads are scarce.
	hurried = 16
)

// WithDefaults fills what was not set.
func (c Config) WithDefaults() Config {
	c.MaxPaper = cmp.Or(c.MaxPaper, 4*gibibyte)
	c.MaxRequest = cmp.Or(c.MaxRequest, 2*c.MaxPaper)
	c.MaxFiles = cmp.Or(c.MaxFiles, 100)
	c.MaxUploads = cmp.Or(c.MaxUploads, 64)
	c.TokenUploads = cmp.Or(c.TokenUploads, (c.MaxUploads+1)/2)
	c.MaxUnfinished = cmp.Or(c.MaxUnfinished, 500)
	c.MaxListeners = cmp.Or(c.MaxListeners, 1000)
	c.TokenListeners = cmp.Or(c.TokenListeners, (c.MaxListeners+1)/2)
	c.Reserve = cmp.Or(c.Reserve, gibibyte)
	c.UploadLife = cmp.Or(c.UploadLife, 24*time.Hour)
	c.Patience = cmp.Or(c.Patience, time.Minute)
	c.KeepTimeout = cmp.Or(c.KeepTimeout, 15*time.Minute)
	c.EnqueueTimeout = cmp.Or(c.EnqueueTimeout, time.Second)
	c.Poll = cmp.Or(c.Poll, 300*time.Millisecond)
	c.Recheck = cmp.Or(c.Recheck, 30*time.Second)
	c.TokenRate = cmp.Or(c.TokenRate, 100)
	c.TokenBurst = cmp.Or(c.TokenBurst, 200)
	c.AddressRate = cmp.Or(c.AddressRate, 500)
	c.AddressBurst = cmp.Or(c.AddressBurst, 1000)
	c.SignInRate = cmp.Or(c.SignInRate, 1)
	c.SignInBurst = cmp.Or(c.SignInBurst, 60)
	c.LinkLife = cmp.Or(c.LinkLife, 5*time.Minute)
	if c.Ready == nil {
		c.Ready = c.catalogueReady
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) catalogueReady(ctx context.Context) []Problem {
	if err := c.Catalogue.Check(ctx); err != nil {
		return []Problem{Missing("catalogue", err)}
	}
	return nil
}

// Validate names the first field that cannot be.
func (c Config) Validate() error {
	switch {
	case c.Catalogue == nil || c.Objects == nil || c.Queue == nil || c.Gallery == nil:
		return errors.New("web: catalogue, objects, queue and gallery are needed")
	case c.Revision == "":
		return errors.New("web: no revision of the reader")
	case c.Spool == "":
		return errors.New("web: no folder for uploads")
	case c.MaxPaper < 1 || c.MaxFiles < 1 || c.MaxUploads < 1 || c.MaxUnfinished < 1 || c.MaxListeners < 1 ||
		c.TokenUploads < 1 || c.TokenListeners < 1 || c.Reserve < -1:
		return errors.New("web: a limit is not positive")
	case c.MaxRequest < c.MaxPaper:
		return fmt.Errorf("web: a request of %d bytes has no room for a paper of %d", c.MaxRequest, c.MaxPaper)
	case c.UploadLife <= 0 || c.Patience <= 0 || c.KeepTimeout <= 0 || c.EnqueueTimeout <= 0 || c.Poll <= 0 || c.Recheck <= 0 || c.LinkLife <= 0:
		return errors.New("web: a time is not positive")
	case c.TokenRate <= 0 || c.TokenBurst < 1 || c.AddressRate <= 0 || c.AddressBurst < 1 || c.SignInRate <= 0 || c.SignInBurst < 1:
		return errors.New("web: a rate is not positive")
	}
	return nil
}
