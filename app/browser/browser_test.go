// Package browser walks through the dashboard as people do, in a real browser.
package browser

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"webmon/app/apptest"
)

var race = flag.Bool("race-detector", true, "build webmon with the race detector")

// patience bounds every wait of these tests. Nothing depends on how long
// anything takes before that.
const patience = 2 * time.Minute

var (
	folder string // for what these tests make
	// binary is the program under test.
	binary = sync.OnceValues(func() (string, error) { return apptest.Build(folder, *race) })
	// chromium is the one browser of all tests: a context of chromedp.
	chromium = sync.OnceValues(startBrowser)
	endings  []func() // of the browser
)

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "webmon-browser-"); err != nil {
		panic(err)
	}
	code := m.Run()
	for _, end := range endings {
		end()
	}
	os.RemoveAll(folder)
	os.Exit(code)
}

func startBrowser() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, errors.New(`chromium is missing: "make deps-browser" installs it`)
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path),
		chromedp.UserDataDir(filepath.Join(folder, "profile")),
		chromedp.Headless,
		chromedp.NoSandbox, // containers run it as root
		chromedp.DisableGPU,
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-default-apps", true),
		chromedp.Flag("disable-extensions", true),
		chromedp.Flag("disable-breakpad", true),
		chromedp.Flag("disable-crash-reporter", true),
		chromedp.Flag("disable-dev-shm-usage", true), // it is small in containers
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("font-render-hinting", "none"),
		// No name leads anywhere, so nothing of the browser's own leaves the machine.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	ctx, _ := chromedp.NewContext(allocator)
	endings = append(endings, func() { _ = chromedp.Cancel(ctx) }, end)
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return ctx, nil
}
