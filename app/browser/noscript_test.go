package browser

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestWithoutScript does what matters in a browser that runs no scripts.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	s := startTown(t)
	b := open(t, start(t))
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})

	b.visit("/")
	b.add("Town library", s.URL+"/library", "1s")
	b.reloadUntil(`say('#state .verdict') === 'up'`)
	b.follow(`button('Check now')`)
	b.must(`say('.flash') === 'A check is under way.'`)
	s.learned(t)
	s.defaced.Store(true)
	b.reloadUntil(`say('#state .verdict') === 'changed'`)
	b.must(`say('#state .why').includes('hacked by')`)
	b.must(`seen('#changes .d-add').some((e) => words(e).includes('Hacked by R3d Heron'))`)
	b.follow(`button('Accept as the new normal')`)
	b.must(`say('.flash').startsWith('Accepted')`)
	b.reloadUntil(`say('#state .verdict') === 'up'`)
	if b.wasAsked("/events") {
		t.Error("a script ran")
	}
}

// add adds an asset by the form on an empty overview, and comes to its page.
func (b *tab) add(name, url, interval string) {
	b.t.Helper()
	b.fill("URL", url)
	b.fill("Name", name)
	b.fill("Check every", interval)
	b.follow(`button('Add and check')`)
	b.must(`say('h1') === ` + quote(name))
}

// reloadUntil loads the page again until a condition holds in it.
func (b *tab) reloadUntil(condition string) {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	for ctx.Err() == nil {
		if ask[bool](b, seeing("!!("+condition+")")) {
			return
		}
		b.leave("reload", chromedp.Reload())
	}
	b.t.Fatalf("this does not come: %s\n%s", condition, b.text())
}
