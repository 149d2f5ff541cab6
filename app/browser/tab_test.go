package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of the browser, with cookies of its own. Whatever a page does
// that it should not fails the test: see [tab.hear].
type tab struct {
	t    testing.TB
	ctx  context.Context
	base string // all that may be asked for, without the last slash

	mu      sync.Mutex
	allowed int64    // a status of failure that is expected
	faults  []string // what was heard
	asked   []string // the addresses that were asked for
}

// open opens a tab that may show what is at base.
func open(t testing.TB, base string) *tab {
	t.Helper()
	browser, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	ctx, shut := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(shut)
	b := &tab{t: t, ctx: ctx, base: base}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	t.Cleanup(b.wasCalm)
	call(b, runtime.Enable, struct{}{})
	call(b, audits.Enable, struct{}{})
	call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.appear(desktop, light)
	return b
}

// hear notes what no page should do: an error or a warning in the console, what
// its policy forbids, a request that fails, or one to another host.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fault := func(format string, args ...any) { b.faults = append(b.faults, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		switch e.Type {
		case runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeWarning, runtime.ConsoleAPICalledTypeAssert:
			text, _ := json.Marshal(e.Args)
			fault("console.%s: %s", e.Type, text)
		}
	case *runtime.EventExceptionThrown:
		text, _ := json.Marshal(e.ExceptionDetails)
		fault("exception: %s", text)
	case *log.EventEntryAdded:
		failed := e.Entry.Source == log.EntrySourceNetwork && b.allowed != 0 && strings.Contains(e.Entry.Text, fmt.Sprintf("status of %d ", b.allowed))
		if (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) && !failed {
			fault("%s of %s: %s (%s)", e.Entry.Level, e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if e.Issue.Details.ContentSecurityPolicyIssueDetails != nil {
			text, _ := json.Marshal(e.Issue.Details.ContentSecurityPolicyIssueDetails)
			fault("against the content security policy: %s", text)
		}
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
		if !strings.HasPrefix(e.Request.URL, b.base+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			fault("a request to another host: %s", e.Request.URL)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled { // the browser cancels what a page asked for that is left
			fault("a request failed: %s %s", e.ErrorText, e.BlockedReason)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 && e.Response.Status != b.allowed {
			fault("status %d of %s", e.Response.Status, e.Response.URL)
		}
		if e.Type == network.ResourceTypeDocument {
			if policy := header(e.Response, "Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
				fault("the policy of %s is not strict: %q", e.Response.URL, policy)
			}
		}
	}
}

func header(r *network.Response, name string) string {
	for key, value := range r.Headers {
		if strings.EqualFold(key, name) {
			return fmt.Sprint(value)
		}
	}
	return ""
}

// allow says that answers of a status are no fault from now on; 0: none.
func (b *tab) allow(status int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = status
}

// wasAsked tells whether anything below a path was asked for.
func (b *tab) wasAsked(path string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.asked, func(url string) bool { return strings.HasPrefix(url, b.base+path) })
}

// takeFaults gives what was heard, and forgets it.
func (b *tab) takeFaults() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	faults := b.faults
	b.faults = nil
	return faults
}

// wasCalm fails the test with what was heard.
func (b *tab) wasCalm() {
	b.t.Helper()
	for _, fault := range b.takeFaults() {
		b.t.Error(fault)
	}
}

// within gives a context for one step.
func (b *tab) within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.ctx, patience)
}

// call sends a command of the DevTools protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

// ask evaluates an expression in the page, whatever the page's policy says.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%v: %s", err, expression)
	}
	return value
}

// visit goes to a path.
func (b *tab) visit(path string) {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	response, err := chromedp.Run(ctx, chromedp.NavigateResponse(b.base+path))
	b.loaded(path, response, err)
}

// leave does something that leads to another page, and waits until that is there.
func (b *tab) leave(what string, do ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	response, err := chromedp.RunResponse(ctx, do...)
	b.loaded(what, response, err)
}

func (b *tab) loaded(what string, response *network.Response, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v, faults %q", what, err, b.takeFaults())
	}
	if response == nil {
		b.t.Fatalf("%s: no answer", what)
	}
}

// wait waits until a condition holds in the page, an expression of JavaScript.
// It looks again whenever the page changes, and goes on when the page is left.
func (b *tab) wait(condition string) {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	var last error
	for ctx.Err() == nil {
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](seeing(`new Promise((resolve) => {
			const look = () => { try { return !!(`+condition+`); } catch { return false; } };
			if (look()) return resolve(true);
			const watch = new MutationObserver(() => { if (look()) done(true); });
			const done = (found) => { watch.disconnect(); resolve(found); };
			watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
			setTimeout(() => done(look()), 1000);
		})`), chromedp.EvalAwaitPromise))
		if holds {
			return
		}
		if ctx.Err() == nil {
			last = err
		}
	}
	b.t.Fatalf("this does not come: %s (%v)\n%s", condition, last, b.text())
}

// text is what the page shows, for a failure's message.
func (b *tab) text() string {
	ctx, cancel := b.within()
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// must fails the test unless a condition holds in the page right now.
func (b *tab) must(condition string) {
	b.t.Helper()
	if !ask[bool](b, seeing("!!("+condition+")")) {
		b.t.Errorf("this does not hold: %s\n%s", condition, b.text())
	}
}

// seeing lets an expression use what a visitor sees, by its name.
func seeing(expression string) string {
	return "(() => {" + sight + "return " + expression + ";})()"
}

const sight = `
const seen = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility({ visibilityProperty: true }));
const words = (e) => (e ? e.textContent : '').trim().replace(/\s+/g, ' ');
const say = (selector) => words(seen(selector)[0]);
const named = (selector, name) => seen(selector).find((e) => words(e) === name);
const button = (name) => named('button, a.button, summary', name);
const field = (label) => seen('label').find((l) => words(l).startsWith(label)).control;
`

// press clicks where an element is, given as an expression of JavaScript, as a
// mouse does: it must be seen and nothing may be above it.
func (b *tab) press(element string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		at, err := chromedp.Evaluate[[]float64](seeing(`(() => {
			const e = `+element+`;
			if (!e) return [];
			e.scrollIntoView({ block: 'center', behavior: 'instant' });
			const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
			const top = document.elementFromPoint(x, y);
			return e === top || e.contains(top) ? [x, y] : [];
		})()`))(ctx, t)
		if err != nil {
			return err
		}
		if len(at) != 2 {
			return fmt.Errorf("there is no %s to press", element)
		}
		_, err = chromedp.MouseClickXY(at[0], at[1])(ctx, t)
		return err
	})
}

// click presses something that stays on the page.
func (b *tab) click(element string) {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	if err := chromedp.Do(ctx, b.press(element)); err != nil {
		b.t.Fatalf("%v\n%s", err, b.text())
	}
}

// follow presses something that leads to another page.
func (b *tab) follow(element string) {
	b.t.Helper()
	b.leave(element, b.press(element))
}

// fill puts text into the field with a label, in place of what is there.
func (b *tab) fill(label, text string) {
	b.t.Helper()
	b.click("field(" + quote(label) + ")")
	ask[bool](b, seeing("(field("+quote(label)+").select(), true)"))
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// quote writes text as JavaScript does.
func quote(text string) string {
	quoted, _ := json.Marshal(text) // every text can be
	return string(quoted)
}
