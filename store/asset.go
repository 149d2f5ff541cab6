package store

import (
	"encoding/json"
	"time"

	"webmon/plugins"
)

// Asset is one thing that is watched.
type Asset struct {
	ID       string   `json:"-"`
	URL      string   `json:"url"`
	Name     string   `json:"name,omitempty"`
	Tags     []string `json:"tags,omitempty"` // sorted, no duplicates
	Interval Duration `json:"interval"`       // 0: only on demand
	Timeout  Duration `json:"timeout"`        // for the whole fetch, redirects and body included
	Enabled  bool     `json:"enabled"`        // false: never scheduled

	Request    Request                    `json:"request,omitzero"`
	Plugins    map[string]json.RawMessage `json:"plugins,omitempty"` // options by plugin name
	Assertions []plugins.Assertion        `json:"assertions,omitempty"`
	Retention  Retention                  `json:"retention,omitzero"`
	Alerts     Alerts                     `json:"alerts,omitzero"`

	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
	Revision int64     `json:"-"` // counts the asset's versions from 1

	Status Status `json:"-"` // what the checks say; kept apart from what people write
}

// Request says how an asset is asked for.
type Request struct {
	Method       string            `json:"method,omitempty"` // empty: GET
	Headers      map[string]string `json:"headers,omitempty"`
	Body         string            `json:"body,omitempty"`
	BasicAuth    *BasicAuth        `json:"basic_auth,omitempty"`
	BearerToken  string            `json:"bearer_token,omitempty"`
	MaxRedirects *int              `json:"max_redirects,omitempty"` // nil: 10; 0: follow none, report the redirect itself
	InsecureTLS  bool              `json:"insecure_tls,omitempty"`  // accept any certificate
	UserAgent    string            `json:"user_agent,omitempty"`    // empty: the executor's own
}

// BasicAuth is a name and a password for HTTP basic authentication.
type BasicAuth struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// Retention bounds how many results are kept, and for how long. A zero field
// means the store's default. Results are dropped when either bound is passed.
type Retention struct {
	Count int      `json:"count,omitempty"`
	Age   Duration `json:"age,omitempty"`
}

// Status is what the latest checks say of an asset.
type Status struct {
	Verdict plugins.Verdict // of the last check; plugins.Unknown before the first
	Since   time.Time       // when the verdict became this one; zero before the first check
	Checked time.Time       // when the last check began; zero before the first
	Next    time.Time       // when the schedule runs it next; zero when it does not
	Skipped int64           // scheduled checks left out: the one before was pending, or nobody claimed it in time
	Failed  int64           // jobs that were given up

	Incident string // id of the open one; empty for none
}

// The limits of what an asset may hold.
const (
	MaxURL         = 2048
	MaxName        = 200
	MaxTags        = 32
	MaxTag         = 64
	MaxHeaders     = 64
	MaxBody        = 64 << 10
	MinInterval    = time.Second
	MaxInterval    = 366 * 24 * time.Hour
	MinTimeout     = 10 * time.Millisecond
	MaxTimeout     = 5 * time.Minute
	MaxRedirects   = 50
	DefaultTimeout = 10 * time.Second
	DefaultPeriod  = time.Minute // the interval of an asset that names none
)
