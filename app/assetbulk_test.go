package app

import (
	"fmt"
	"strings"
	"testing"
)

// brief says of each asset what these tests are about.
func (d *desk) brief() string {
	d.t.Helper()
	var all []string
	for _, a := range d.assets() {
		var exprs []string
		for _, held := range a.Assertions {
			exprs = append(exprs, held.Expr)
		}
		all = append(all, fmt.Sprintf("%s %s %v %v r%d", a.Name, a.Interval, a.Tags, exprs, a.Revision))
	}
	return strings.Join(all, "\n")
}

func TestAssetEditMany(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.run("asset", "add", "http://a.example", "--name=A", "--tag=shop", "--tag=old", "--interval=1m").printed(t, "A")
	d.run("asset", "add", "http://b.example", "--name=B", "--tag=shop", "--interval=30s", "--tag=fast", "--assert=status == 200").printed(t, "B")
	d.run("asset", "add", "http://c.example", "--name=C", "--interval=1m").printed(t, "C")
	before := d.brief()
	edit := []string{"asset", "edit", "--with-tag=shop", "--interval=30s", "--tag=fast", "--remove-tag=old", "--assert=status == 200"}

	dry := d.run(append(edit, "--dry-run")...)
	if dry.code != 0 || dry.stdout != "" || !strings.Contains(dry.stderr, "1 asset to change, 1 as they should be") || !strings.Contains(dry.stderr, `interval: "60s" → "30s"`) {
		t.Errorf("dry run: exit code %d, stdout %s\nstderr %s", dry.code, dry.stdout, dry.stderr)
	}
	if asked := d.run(edit...); asked.code != 2 || !strings.Contains(asked.stderr, "give --yes") {
		t.Errorf("nobody was asked: exit code %d, %s", asked.code, asked.stderr)
	}
	if got := d.brief(); got != before {
		t.Fatalf("it was changed without a yes:\n%s", got)
	}

	if done := d.run(append(edit, "--yes")...); done.code != 0 || !strings.Contains(done.stdout, "http") || !strings.Contains(done.stderr, "1 changed, 0 refused") {
		t.Errorf("exit code %d, stdout %s\nstderr %s", done.code, done.stdout, done.stderr)
	}
	want := "A 30s [fast shop] [status == 200] r2\nB 30s [fast shop] [status == 200] r1\nC 60s [] [] r1"
	if got := d.brief(); got != want {
		t.Errorf("the assets are\n%s\nwant\n%s", got, want)
	}
	if again := d.run(append(edit, "--yes")...); again.code != 0 || !strings.Contains(again.stderr, "nothing to change: 2 assets are as they should be") {
		t.Errorf("again: exit code %d, %s", again.code, again.stderr)
	}

	d.run("asset", "edit", "--all", "--set=htmlstats.k=6", "--with-text=EXAMPLE", "--yes", "-o", "json").exits(t, 0, `"htmlstats":{"k":6}`)
	if got := strings.Count(d.run("asset", "list", "-o", "json").stdout, `"htmlstats":{"k":6}`); got != 3 {
		t.Errorf("%d assets have the option", got)
	}
	before = d.brief()
	if bad := d.run("asset", "edit", "--all", "--interval=never", "--yes"); bad.code != 2 || !strings.Contains(bad.stderr, "body.interval") || !strings.Contains(bad.stderr, "; nothing was changed") {
		t.Errorf("exit code %d, stderr %s", bad.code, bad.stderr)
	}
	if same := d.run("asset", "edit", "--with-text=c.example", "--interval=1m", "--yes"); same.code != 0 || !strings.Contains(same.stderr, "nothing to change: 1 asset is") {
		t.Errorf("1m is not 60s: exit code %d, stderr %s", same.code, same.stderr)
	}
	d.run("asset", "edit", "--with-tag=nope", "--interval=1m", "--yes").refused(t, "no asset is like that")
	d.run("asset", "edit", "A", "--with-tag=shop", "--interval=1m").refused(t, "not both")
	d.run("asset", "edit", "--all", "--yes").refused(t, "say by flags")
	d.run("asset", "edit", "--all", "--name=x", "--yes").refused(t, "--name is about one asset")
	d.run("asset", "edit", "A", "--interval=1m", "--dry-run").refused(t, "--dry-run")
	d.run("asset", "edit", "--interval=1m").refused(t, "give the id of one asset")
	if got := d.brief(); got != before {
		t.Errorf("what was refused changed something:\n%s\nbefore\n%s", got, before)
	}
}

// What the API refuses of single assets is told, and the others are changed.
func TestAssetEditManyInPart(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	many := []string{"asset", "add", "http://full.example", "--name=Full"}
	for i := range 32 {
		many = append(many, fmt.Sprintf("--tag=t%02d", i))
	}
	d.run(many...).printed(t, "Full") // even if it is the first
	d.run("asset", "add", "http://a.example", "--name=A").printed(t, "A")
	d.run("asset", "add", "http://b.example", "--name=B").printed(t, "B")
	got := d.run("asset", "edit", "--all", "--tag=more", "--yes")
	if got.code != 1 || !strings.Contains(got.stderr, "2 changed, 1 refused") || !strings.Contains(got.stderr, "Full: ") || !strings.Contains(got.stderr, "33 tags") {
		t.Errorf("exit code %d, stderr %s", got.code, got.stderr)
	}
	if brief := d.brief(); strings.Count(brief, "more") != 2 {
		t.Errorf("the assets are\n%s", brief)
	}
}
