package inject

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"webmon/app/backtest"
)

// Options say what to write.
type Options struct {
	Out   string // the folder to write to, one folder a history; made when it is missing
	Every int    // attack every so many versions; 0: about Sample of them
	Seed  uint64 // of all that is random
}

const (
	// Sample is about how many versions of a history are attacked, unless
	// [Options.Every] says otherwise.
	Sample = 12
	// firstVersion is the first normal learned version that is attacked,
	// counted from 1: before, nothing can be known of the page.
	firstVersion = 3
)

// Written tells what was written for one history.
type Written struct {
	Dir      string
	Pages    int            // of the history itself
	Attacked int            // versions
	Probes   int            // all labels together
	Skipped  map[string]int // by attack: how often it did not fit the version
}

// Run copies each history into a folder of its own, with probes after a sample
// of its versions, and tells of each when it is done. A folder that is there
// already is an error: nothing is written over.
func Run(histories []backtest.History, opts Options, each func(Written) error) error {
	switch {
	case opts.Out == "":
		return errors.New("no folder to write to is named")
	case opts.Every < 0:
		return fmt.Errorf("every %d versions: give 1 or more, or 0 for about %d versions in all", opts.Every, Sample)
	}
	in := injector{histories: histories, opts: opts}
	taken := map[string]bool{}
	for i, history := range histories {
		written, err := in.history(i, folderName(history.Dir, taken))
		if err != nil {
			return fmt.Errorf("folder %s: %w", history.Dir, err)
		}
		if err := each(written); err != nil {
			return err
		}
	}
	return nil
}

// folderName is the last part of dir, with a number when it is taken.
func folderName(dir string, taken map[string]bool) string {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	base := filepath.Base(dir)
	name := base
	for i := 2; taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	taken[name] = true
	return name
}

type injector struct {
	histories []backtest.History
	opts      Options
}

func (in *injector) history(number int, name string) (Written, error) {
	history := in.histories[number]
	out := filepath.Join(in.opts.Out, name)
	written := Written{Dir: out, Pages: len(history.Pages), Skipped: map[string]int{}}
	if err := os.MkdirAll(in.opts.Out, 0o777); err != nil {
		return written, err
	}
	if err := os.Mkdir(out, 0o777); err != nil {
		return written, fmt.Errorf("%w; name another folder, or remove it first", err)
	}
	index := newIndex(out)
	chosen := sample(history.Pages, in.opts.Every)
	for i, page := range history.Pages {
		body, err := os.ReadFile(history.Path(page))
		if err != nil {
			return written, err
		}
		kept, err := index.copy(i, page, body)
		if err != nil {
			return written, err
		}
		if !chosen[i] {
			continue
		}
		loaded, err := history.Load(page)
		if err != nil {
			return written, err
		}
		if !loaded.IsHTML() || loaded.Truncated || bytes.IndexByte(body, 0) >= 0 {
			for _, attack := range Attacks() {
				written.Skipped[attack.Name]++
			}
			continue
		}
		written.Attacked++
		v := &victim{body: body, anatomy: read(body), ascii: !surelyUTF8(body, page.ContentType)}
		v.other = func(r *rand.Rand) []byte { return in.other(r, number, v) }
		probe := kept
		probe.Role, probe.Time = backtest.Probe, after(history.Pages, i)
		for _, attack := range Attacks() {
			attacked, fits := attack.on(v, in.random(name, page.File, attack.Name))
			if !fits {
				written.Skipped[attack.Name]++
				continue
			}
			probe.Label = attack.Name
			probe.File = probeName(kept.File, attack.Name)
			if err := index.add(probe, attacked); err != nil {
				return written, err
			}
			written.Probes++
		}
	}
	return written, index.write()
}

// on applies the attack. It does not fit a page that it leaves as it was.
func (a Attack) on(v *victim, r *rand.Rand) (attacked []byte, fits bool) {
	attacked = v.apply(a.edits(v, r))
	return attacked, !bytes.Equal(attacked, v.body)
}

// random is the source of chance for one attack on one page. It does not
// depend on which other attacks there are.
func (in *injector) random(folder, file, attack string) *rand.Rand {
	return rand.New(rand.NewPCG(in.opts.Seed, xxhash.Sum64String(strings.Join([]string{folder, file, attack}, "\x00"))))
}

// other gives a page of another site from the other histories, in UTF-8, or
// nothing when none is found. Histories of the same site are no other site.
func (in *injector) other(r *rand.Rand, not int, v *victim) []byte {
	const (
		tries     = 8
		leastText = 500 // bytes; less may be an error page
	)
	if len(in.histories) < 2 {
		return nil
	}
	for range tries {
		history := in.histories[(not+between(r, 1, len(in.histories)-1))%len(in.histories)]
		page := pick(r, history.Pages)
		if !attackable(page) {
			continue
		}
		loaded, err := history.Load(page)
		if err != nil || !loaded.IsHTML() || loaded.Truncated {
			continue
		}
		anatomy := read(loaded.Body)
		sameSite := anatomy.site != "" && anatomy.site == v.site
		sameTitle := bytes.Equal(loaded.Body[anatomy.title.start:anatomy.title.end], v.body[v.title.start:v.title.end])
		if anatomy.textLen >= leastText && !sameSite && !sameTitle {
			return loaded.Body
		}
	}
	return nil
}

// attackable tells whether a page is one that was good.
func attackable(page backtest.Saved) bool {
	return page.Role == backtest.Learn && page.Label == backtest.Normal && page.Status >= 200 && page.Status < 300
}

// sample chooses the versions to attack, by their index: every so many from the
// first one on that can be known, or about Sample, spread evenly.
func sample(pages []backtest.Saved, every int) map[int]bool {
	var fit []int
	for i, page := range pages {
		if attackable(page) {
			fit = append(fit, i)
		}
	}
	chosen := map[int]bool{}
	if len(fit) < firstVersion {
		return chosen
	}
	fit = fit[firstVersion-1:]
	if every > 0 {
		for i := 0; i < len(fit); i += every {
			chosen[fit[i]] = true
		}
		return chosen
	}
	steps := min(Sample, len(fit))
	for i := range steps {
		chosen[fit[i*(len(fit)-1)/max(steps-1, 1)]] = true
	}
	return chosen
}

// after gives a time between version i and the next.
func after(pages []backtest.Saved, i int) time.Time {
	at := pages[i].Time
	if i+1 < len(pages) {
		if gap := pages[i+1].Time.Sub(at); gap > 0 {
			return at.Add(gap / 2).Truncate(time.Second)
		}
	}
	return at.Add(time.Minute)
}

// surelyUTF8 tells whether words may be added in UTF-8.
func surelyUTF8(body []byte, contentType string) bool {
	_, params, _ := mime.ParseMediaType(contentType)
	charset := strings.ToLower(params["charset"])
	return utf8.Valid(body) && (charset == "" || charset == "utf-8")
}
