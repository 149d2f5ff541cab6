package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/http/httpguts"
	"golang.org/x/sync/errgroup"

	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/roles/dialguard"
	"webmon/roles/executor/fetch"
	"webmon/store"
	"webmon/store/asseturl"
)

// maxChecksAtOnce bounds how many targets one check command asks at a time.
const maxChecksAtOnce = 16

// checked is one target's outcome.
type checked struct {
	page    *plugins.Page
	outcome plugins.Outcome
}

// alarming tells whether the outcome makes the command exit with 1: a finding
// that someone should look at, or a plugin that failed.
func (c checked) alarming() bool {
	for _, report := range c.outcome.Reports {
		if report.Error != "" {
			return true
		}
		for _, finding := range report.Findings {
			if finding.Severity != plugins.Info {
				return true
			}
		}
	}
	return false
}

// checkFlags are the flags of the check command.
type checkFlags struct {
	timeout  time.Duration
	insecure bool
	headers  []string
	method   string
	asserts  []string
	json     bool
	verbose  bool
}

func newCheckCommand() *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:     "check URL...",
		Short:   "check URLs once, here and now, and print what the plugins say",
		GroupID: groupTools,
		Long: `check fetches each URL once, lets every plugin look at the page, and prints what
they say. It needs no Redis and no running webmon, and remembers nothing, so
findings that compare with earlier checks cannot appear.

Exit code: 0 when all is well; 1 when a finding is a warning or worse (findings
of severity info do not count; a target that is down is a finding); 2 when the
check could not run, for example because a URL is malformed.`,
		Example: `  webmon check https://example.com/
  webmon check --json --timeout 3s http://127.0.0.1:8080/ http://127.0.0.1:8081/health
  webmon check --assert "status == 200 && timing.ttfb < 0.3" https://example.com/
  webmon check --header "Authorization: Bearer TOKEN" --method HEAD https://example.com/`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("give at least one URL; see webmon check --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, urls []string) error { return runCheck(cmd, urls, flags) },
	}
	f := cmd.Flags()
	f.DurationVar(&flags.timeout, "timeout", time.Duration(store.DefaultTimeout), "time for the whole fetch, redirects and body included")
	f.BoolVar(&flags.insecure, "insecure", false, "accept any TLS certificate")
	f.StringArrayVar(&flags.headers, "header", nil, `send this header, as "Name: value"; may be given several times`)
	f.StringVar(&flags.method, "method", http.MethodGet, "HTTP method")
	addAssertFlag(f, &flags.asserts, "have it fail when this does not hold")
	f.BoolVar(&flags.json, "json", false, "print JSON: an array with one object for each URL")
	f.BoolVarP(&flags.verbose, "verbose", "v", false, "print every metric, also those of large families")
	return cmd
}

func runCheck(cmd *cobra.Command, urls []string, flags checkFlags) error {
	assets, err := flags.assets(urls)
	if err != nil {
		return err
	}
	registry := builtin.Registry()
	if err := checkAssertFlag(registry, nil, flags.asserts); err != nil {
		return err
	}
	all, err := checkAll(cmd.Context(), registry, assets)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if flags.json {
		err = printJSON(out, all)
	} else {
		err = newReportPrinter(out, registry.Definitions(), flags.verbose).print(all)
	}
	if err != nil {
		return fmt.Errorf("print report: %w", err)
	}
	for _, one := range all {
		if one.alarming() {
			return exitFinding
		}
	}
	return nil
}

// assets makes an asset of each URL. It refuses them all when one is bad, so
// that a command either runs whole or not at all.
func (flags checkFlags) assets(urls []string) ([]store.Asset, error) {
	if flags.timeout < store.MinTimeout || flags.timeout > store.MaxTimeout {
		return nil, fmt.Errorf("--timeout: %v is refused: give a duration from %s to %s", flags.timeout, store.Duration(store.MinTimeout), store.Duration(store.MaxTimeout))
	}
	// A method is a token, as the name of a header is.
	if !httpguts.ValidHeaderFieldName(flags.method) {
		return nil, fmt.Errorf("--method: %q is no HTTP method", flags.method)
	}
	headers, err := parseHeaders(flags.headers)
	if err != nil {
		return nil, err
	}
	assets := make([]store.Asset, len(urls))
	for i, raw := range urls {
		url, err := asseturl.Normalize(raw)
		if err != nil {
			return nil, fmt.Errorf("URL %d of %d: %w", i+1, len(urls), err)
		}
		assets[i] = store.Asset{
			URL:        url,
			Timeout:    store.Duration(flags.timeout),
			Enabled:    true,
			Assertions: assertionsOf(flags.asserts),
			Request:    store.Request{Method: flags.method, Headers: headers, InsecureTLS: flags.insecure},
		}
	}
	return assets, nil
}

func parseHeaders(lines []string) (map[string]string, error) {
	headers := map[string]string{}
	for _, line := range lines {
		name, value, found := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !found || !httpguts.ValidHeaderFieldName(name):
			// The line may hold a secret: it is not shown.
			return nil, errors.New(`--header: write "Name: value", the name in letters, digits and dashes`)
		case !httpguts.ValidHeaderFieldValue(value):
			return nil, fmt.Errorf("--header: the value of %s holds characters that HTTP forbids", name)
		}
		headers[http.CanonicalHeaderKey(name)] = value
	}
	return headers, nil
}

// checkAll checks the assets at the same time; the outcomes are in their order.
func checkAll(ctx context.Context, registry *plugins.Registry, assets []store.Asset) ([]checked, error) {
	// Whoever types a command may reach from here what it may reach.
	guard, err := dialguard.New(dialguard.Options{Private: true})
	if err != nil {
		return nil, err
	}
	fetcher, err := fetch.New(fetch.Options{UserAgent: "webmon/" + currentBuild().version, Guard: guard})
	if err != nil {
		return nil, err
	}
	defer fetcher.Close()

	all := make([]checked, len(assets))
	var group errgroup.Group
	group.SetLimit(maxChecksAtOnce)
	for i, asset := range assets {
		suite, err := registry.Asserting(asset.Plugins, asset.Assertions)
		if err != nil {
			return nil, err
		}
		group.Go(func() error {
			page := fetcher.Fetch(ctx, asset)
			all[i] = checked{page: page, outcome: suite.Inspect(ctx, page, nil)}
			return nil
		})
	}
	return all, group.Wait()
}
