package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckAsserts(t *testing.T) {
	t.Parallel()
	server := site(t)
	webmon(t, nil, "check", server.URL, "--assert", "status == 200 && htmlstats.links == 1", "--assert", `seo.title == "Hello"`).printed(t, server.URL+"/  up", "passed_count     2")
	got := webmon(t, nil, "check", server.URL, "--assert", "htmlstats.links > 5 && body_bytes > 1")
	if got.code != 1 || !strings.Contains(got.stdout, "critical assertion_failed: htmlstats.links > 5 && body_bytes > 1 does not hold: htmlstats.links is 1.") ||
		!strings.Contains(got.stdout, server.URL+"/  down") {
		t.Errorf("exit code %d, stdout\n%s", got.code, got.stdout)
	}
	webmon(t, nil, "check", server.URL, "--assert", "extract.value_price < 1").refused(t, `--assert "extract.value_price < 1"`, "the options of extract name nothing")
	webmon(t, nil, "check", server.URL, "--assert", "timing.tffb < 1").refused(t, `--assert "timing.tffb < 1"`, "at character 1", "timing.ttfb")
}

func TestBacktestAsserts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, title := range []string{"Shop", "Shop", "Casino"} {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.html", i)), []byte("<!doctype html><title>"+title+"</title><p>"+title), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	webmon(t, nil, "backtest", dir, "--plugin", "assertions", "--assert", `seo.title contains "Shop"`).printed(t,
		"2.html", `seo.title contains "Shop" does not hold: seo.title is "Casino"`)
	webmon(t, nil, "backtest", dir, "--assert", "seo.titel == 1").refused(t, "seo.title")
	price := `--set=extract.values=[{"name":"price","kind":"css","expression":"p"}]`
	webmon(t, nil, "backtest", dir, price, "--assert", "extract.value_prise < 1").refused(t, `--assert "extract.value_prise < 1"`, "extract.value_price?")
	webmon(t, nil, "backtest", dir, price, "--assert", "extract.value_price < 1").exits(t, 0)
}

func TestAssetAsserts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.run("asset", "add", "http://a.example", "--name=A", "--assert", "status == 200", "--assert", "timing.ttfb < 0.3").printed(t, "A")
	d.run("asset", "show", "A").printed(t, "assertion", "status == 200, else down", "timing.ttfb < 0.3, else down")
	d.run("asset", "add", "http://b.example", "--assert", "stauts == 200").refused(t, "body.assertions[0].expr", "do you mean status?")

	d.run("asset", "edit", "A", "--assert", `seo.title != ""`, "--remove-assert", "status == 200").printed(t, "A")
	var exprs []string
	for _, held := range d.assets()[0].Assertions {
		exprs = append(exprs, held.Expr)
	}
	if got := strings.Join(exprs, "; "); got != `timing.ttfb < 0.3; seo.title != ""` {
		t.Errorf("the assertions are %s", got)
	}
	d.run("asset", "edit", "A", "--remove-assert", "status == 200").refused(t, `has no assertion "status == 200"`)
	d.run("asset", "list", "-o", "csv").printed(t, "assertions", "timing.ttfb < 0.3")

	text := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(text, []byte("url: http://a.example/\nname: A\nassertions:\n  - expr: status < 500\n    severity: warning\n    verdict: degraded\n    message: It fails.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.run("asset", "edit", "A", "--from", text, "--yes").exits(t, 0, "A")
	d.run("asset", "show", "A").printed(t, "It fails. (status < 500), else degraded")
}

func TestPluginsShowNames(t *testing.T) {
	t.Parallel()
	webmon(t, nil, "plugins", "show", "timing").printed(t, "IN ASSERTIONS", "timing.ttfb")
	webmon(t, nil, "plugins", "show", "seo").printed(t, "FACT", "seo.title", "The title")
}
