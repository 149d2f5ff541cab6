package app_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// An assertion decides what a check says of a page that is otherwise well.
func TestAssertionsSystem(t *testing.T) {
	t.Parallel()
	p := start(t, 3, "all", "--data", filepath.Join(t.TempDir(), "data"), "--listen", "127.0.0.1:0", "--control", "tcp://127.0.0.1:*")
	c := client{t, p.Address("api")}
	site, _ := pages(t)
	c.webmon(0, "asset", "add", site+"/good", "--interval=0s", "--name=Good", "--assert", "status == 200")
	c.webmon(0, "asset", "add", site+"/slow", "--interval=0s", "--name=Slow", "--assert", "status == 200 && timing.total < 0")
	out, _ := c.webmon(1, "run", "--all")
	if !strings.Contains(out, "timing.total < 0 does not hold: timing.total is") || !strings.Contains(out, "2 checked, 1 not up") || strings.Contains(out, "Good") {
		t.Errorf("run prints\n%s", out)
	}
	out, _ = c.webmon(0, "backtest", "stored", "--asset", "Slow", "--assert", "timing.total < 60")
	if !strings.Contains(out, "Assets: 1.") {
		t.Errorf("backtest prints\n%s", out)
	}
}
