package main

import (
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layout says which of webmon's packages may import which. "x" is one package,
// "x/..." also every package below it. The first line that fits a package is
// its rule. Tests are free; the rules are about what ends up in the program.
var layout = []struct {
	pkg    string
	may    []string
	reason string
}{
	{"webmon", []string{"webmon/app"},
		"main only hands over to app"},
	{"webmon/app/...", []string{"webmon/..."},
		"app puts the process together, so it alone knows everyone"},
	{"webmon/nearest", nil,
		"which word is meant is a matter of letters only"},
	{"webmon/configs", []string{"webmon/nearest"},
		"configuration is plain data; app turns it into the options of the parts"},
	{"webmon/roles/api/chart", []string{"webmon/plugins"},
		"charts are pure: numbers in, pictures out; of the plugins they know the words only"},
	{"webmon/roles/api/client", []string{"webmon/plugins", "webmon/store/token"},
		"the client is what an API looks like from outside: of its insides it knows the words only, so that anybody may use it"},
	{"webmon/roles/api/dashboard", []string{"webmon/roles/api/client", "webmon/plugins", "webmon/store/token"},
		"the dashboard is a client of the API within its process: it shows nothing and does nothing that the API cannot"},
	{"webmon/roles/api/...", []string{"webmon/roles/api/...", "webmon/store/...", "webmon/zmqwire", "webmon/plugins"},
		"roles meet over ZeroMQ and Redis only, or they could not run as separate processes"},
	{"webmon/roles/dispatcher/notify/maintenance", nil,
		"whether a window is open depends on a clock and nothing else"},
	{"webmon/roles/dispatcher/notify/mail", nil,
		"a mail is text for a server; of whom it tells, nobody here knows"},
	{"webmon/roles/dispatcher/...", []string{"webmon/roles/dispatcher/...", "webmon/roles/dialguard", "webmon/store/...", "webmon/zmqwire", "webmon/plugins"},
		"roles meet over ZeroMQ and Redis only, or they could not run as separate processes; alerts connect to whom a file says, past the guard"},
	{"webmon/roles/dialguard", nil,
		"whom webmon may connect to is decided in one place for all roles that connect, so it is none's"},
	{"webmon/roles/executor/...", []string{"webmon/roles/executor/...", "webmon/roles/dialguard", "webmon/store/...", "webmon/zmqwire", "webmon/plugins"},
		"roles meet over ZeroMQ and Redis only, or they could not run as separate processes"},
	{"webmon/store/...", []string{"webmon/store/...", "webmon/plugins"},
		"the store keeps what plugins report, but must not depend on any one plugin"},
	{"webmon/zmqwire/...", []string{"webmon/zmqwire/..."},
		"the wire carries ids and commands and knows nothing of what they mean"},
	{"webmon/plugins/htmlscan", nil,
		"a scanner reads bytes and knows nothing of pages or plugins"},
	{"webmon/plugins/scriptscan", nil,
		"a scanner reads bytes and knows nothing of pages or plugins"},
	{"webmon/plugins/textscan", nil,
		"a scanner reads bytes and knows nothing of pages or plugins"},
	{"webmon/plugins/lexicon", nil,
		"a scanner reads bytes and knows nothing of pages or plugins"},
	{"webmon/plugins/services", nil,
		"a list of names knows nothing of pages or plugins"},
	{"webmon/plugins/assertion", []string{"webmon/nearest"},
		"the language of assertions is about names and values, whoever measured them"},
	{"webmon/plugins", []string{"webmon/plugins/assertion", "webmon/plugins/htmlscan", "webmon/plugins/scriptscan", "webmon/plugins/textscan", "webmon/plugins/lexicon"},
		"the contract is what everyone else stands on, so it stands on nothing but what a page is read and asserted with, once for all"},
	{"webmon/plugins/selector", []string{"webmon/plugins", "webmon/plugins/htmlscan"},
		"selectors find elements in the source, by the rules the outline is read with"},
	{"webmon/plugins/content", []string{"webmon/plugins", "webmon/plugins/selector", "webmon/plugins/textscan"},
		"content looks at parts of a page that selectors name, and reads words of what is no HTML"},
	{"webmon/plugins/baseline", []string{"webmon/plugins"},
		"the statistics of single numbers are shared by the plugins that watch some"},
	{"webmon/plugins/builtin", []string{"webmon/plugins/..."},
		"builtin is the one list of all plugins"},
	{"webmon/plugins/htmlstats", []string{"webmon/plugins", "webmon/plugins/lexicon", "webmon/plugins/selector", "webmon/plugins/services"},
		"htmlstats looks past elements that selectors name"},
	{"webmon/plugins/...", []string{"webmon/plugins", "webmon/plugins/baseline", "webmon/plugins/lexicon", "webmon/plugins/services"},
		"a plugin knows the contract only: not its neighbours, not storage, not the wire"},
}

// keepers says which packages may use a library, because one package keeps
// what the library is for.
var keepers = []struct {
	module string // and every package below it
	may    []string
	reason string
}{
	{"github.com/pebbe/zmq4", []string{"webmon/zmqwire/..."},
		"every socket is in zmqwire, where the rules of threads and LINGER are kept"},
	{"github.com/redis/rueidis", []string{"webmon/store/..."},
		"every Redis command is in store, where the keys and scripts are"},
	{"github.com/knadh/koanf", []string{"webmon/configs"},
		"configuration is read in one place"},
	{"github.com/spf13/cobra", []string{"webmon/app/..."},
		"commands are made in app"},
	{"github.com/labstack/echo", []string{"webmon/roles/api/..."},
		"the HTTP API is the api role's"},
	{"github.com/danielgtaylor/huma", []string{"webmon/roles/api/..."},
		"the HTTP API is the api role's"},
	{"github.com/expr-lang/expr", []string{"webmon/plugins/assertion"},
		"expressions are bounded in one place, before the library runs them"},
	{"gonum.org/v1/plot", []string{"webmon/roles/api/chart"},
		"pictures are drawn in one place, which knows nothing of where the numbers come from"},
	{"github.com/swaggest/swgui", []string{"webmon/roles/api/viewer"},
		"the description of the API is shown in one place"},
	{"code.dny.dev/ssrf", []string{"webmon/roles/dialguard"},
		"whom webmon may connect to is decided in one place"},
	{"github.com/nicholas-fedor/shoutrrr", []string{"webmon/roles/dispatcher/notify/shout"},
		"shoutrrr makes connections of its own, so it is used where they are guarded"},
	{"github.com/wneessen/go-mail", []string{"webmon/roles/dispatcher/notify/mail"},
		"mails are sent in one place, by connections that the caller makes"},
	{"github.com/netresearch/go-cron", []string{"webmon/roles/dispatcher/notify/maintenance"},
		"cron expressions are looked up where changes of the clock are minded"},
	{"testing", nil, // test-only packages are not looked at
		"test helpers must not be linked into the program; put them into a package named ...test"},
}

func TestLayout(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	if len(packages) < 2 {
		t.Fatalf("found only %d packages", len(packages))
	}
	for _, p := range packages {
		if testOnly(p.ImportPath) {
			continue
		}
		for _, imported := range p.Imports { // of files that are no tests
			if err := checkImport(p.ImportPath, imported); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestLayoutRefuses proves that the rules above can fail.
func TestLayoutRefuses(t *testing.T) {
	t.Parallel()
	for _, forbidden := range [][2]string{
		{"webmon", "webmon/store"},
		{"webmon/roles/api", "webmon/roles/executor"},
		{"webmon/roles/executor/fetch", "webmon/roles/dispatcher"},
		{"webmon/roles/api", "webmon/configs"},
		{"webmon/roles/api/chart", "webmon/store"},
		{"webmon/roles/api", "gonum.org/v1/plot"},
		{"webmon/roles/api/dashboard", "webmon/store"},
		{"webmon/roles/api/client", "webmon/store"},
		{"webmon/roles/api", "webmon/plugins/assertion"},
		{"webmon/plugins", "github.com/expr-lang/expr/vm"},
		{"webmon/plugins/assertion", "webmon/plugins"},
		{"webmon/roles/dialguard", "webmon/roles/executor"},
		{"webmon/roles/executor/fetch", "code.dny.dev/ssrf"},
		{"webmon/roles/dispatcher/notify/channel", "github.com/nicholas-fedor/shoutrrr/pkg/router"},
		{"webmon/roles/dispatcher/notify/mail", "webmon/store"},
		{"webmon/store", "webmon/plugins/htmlstats"},
		{"webmon/store/asseturl", "webmon/zmqwire"},
		{"webmon/plugins", "webmon/plugins/builtin"},
		{"webmon/plugins/timing", "webmon/plugins/content"},
		{"webmon/plugins/timing", "webmon/store"},
		{"webmon/plugins/timing", "webmon/plugins/htmlscan"},
		{"webmon/plugins/htmlscan", "webmon/plugins"},
		{"webmon/zmqwire", "webmon/store"},
		{"webmon/app", "webmon/store/storetest"},
		{"webmon/app", "github.com/pebbe/zmq4"},
		{"webmon/roles/api", "github.com/redis/rueidis/rueidiscompat"},
		{"webmon/store", "testing"},
		{"webmon/utils", "webmon/store"},
	} {
		if checkImport(forbidden[0], forbidden[1]) == nil {
			t.Errorf("%s may import %s", forbidden[0], forbidden[1])
		}
	}
}

// listPackages finds every package of this module. It reads the files itself
// and does not ask "go list", because go's test cache notices only files that
// the test opens.
func listPackages(t *testing.T) []*build.Package {
	t.Helper()
	var packages []*build.Package
	err := filepath.WalkDir(".", func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if base := entry.Name(); dir != "." && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
			return fs.SkipDir // what go itself leaves out
		}
		p, err := build.ImportDir(dir, 0)
		var none *build.NoGoError
		if errors.As(err, &none) {
			return nil
		}
		if err != nil {
			return err
		}
		p.ImportPath = path.Join("webmon", filepath.ToSlash(dir))
		packages = append(packages, p)
		return nil
	})
	if err != nil {
		t.Fatalf("find packages: %v", err)
	}
	return packages
}

func checkImport(from, imported string) error {
	for _, keeper := range keepers {
		if fits(imported, keeper.module+"/...") && !slices.ContainsFunc(keeper.may, matcher(from)) {
			return fmt.Errorf("%s must not import %s: %s", from, imported, keeper.reason)
		}
	}
	if !fits(imported, "webmon/...") {
		return nil
	}
	if testOnly(imported) {
		return fmt.Errorf("%s must not import %s: that package is for tests only", from, imported)
	}
	for _, rule := range layout {
		if fits(from, rule.pkg) {
			if slices.ContainsFunc(rule.may, matcher(imported)) {
				return nil
			}
			return fmt.Errorf("%s must not import %s: %s", from, imported, rule.reason)
		}
	}
	return fmt.Errorf("%s has no rule: add one to the table in layout_test.go", from)
}

func fits(pkg, pattern string) bool {
	parent, below := strings.CutSuffix(pattern, "/...")
	return pkg == parent || below && strings.HasPrefix(pkg, parent+"/")
}

func matcher(pkg string) func(pattern string) bool {
	return func(pattern string) bool { return fits(pkg, pattern) }
}

// testOnly tells whether a package holds helpers for tests: its name ends so.
// A backtest is none of these tests.
func testOnly(pkg string) bool {
	name := path.Base(pkg)
	return strings.HasSuffix(name, "test") && name != "backtest"
}
