package browser

import (
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeyboard uses the dashboard without a mouse.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	s := startTown(t)
	b := open(t, start(t))

	b.visit("/")
	b.key(kb.Tab)
	b.must(`words(document.activeElement) === 'Skip to the content'`)
	b.key(kb.Enter)
	b.wait(`document.activeElement.id === 'main'`)
	b.tabTo(`document.activeElement === field('URL')`)
	b.write(s.URL + "/library")
	b.tabTo(`document.activeElement === field('Name')`)
	b.write("Town library")
	b.leave("Enter in a form", chromedp.KeyEvent(kb.Enter))
	b.becomes(`say('#state .verdict') === 'up'`)
	b.tabTo(`words(document.activeElement) === 'Check now'`)
	b.leave("Enter on Check now", chromedp.KeyEvent(kb.Enter))
	b.must(`say('.flash') === 'A check is under way.'`)
	b.tabTo(`words(document.activeElement) === 'Learn anew'`)
	b.key(" ")
	b.must(`button('Forget and learn anew')`)

	asset := ask[string](b, `location.pathname`)
	for _, path := range []string{"/", asset, asset + "/edit", asset + "/delete", "/import", "/incidents", "/processes"} {
		b.visit(path)
		b.tour(path)
	}
}

// key presses a key, wherever the focus is.
func (b *tab) key(key string) {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(key)); err != nil {
		b.t.Fatal(err)
	}
}

// write enters text where the focus is.
func (b *tab) write(text string) {
	b.t.Helper()
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// maxStops is more than any page has places to be with the focus.
const maxStops = 300

// tabTo presses Tab until a condition holds.
func (b *tab) tabTo(condition string) {
	b.t.Helper()
	for range maxStops {
		b.key(kb.Tab)
		if ask[bool](b, seeing("!!("+condition+")")) {
			return
		}
	}
	b.t.Fatalf("Tab does not lead to %s\n%s", condition, b.text())
}

// nameOf gives an element a name for messages, which is the same after it was
// drawn anew.
const nameOf = `((e) => [e.tagName.toLowerCase(), words(e).slice(0, 60) || e.ariaLabel || e.name || '', e.getAttribute('href') || e.getAttribute('formaction') || e.value || ''].join(' '))`

// tour goes through a page with Tab, and checks that everything one can use is
// come by, and that one sees where one is.
func (b *tab) tour(page string) {
	b.t.Helper()
	wanted := ask[[]string](b, seeing(`seen('a[href], button, input:not([type=hidden]), select, textarea, summary').map(`+nameOf+`)`))
	type stop struct {
		Name      string
		End, Seen bool
	}
	reached := map[string]bool{}
	for range maxStops {
		b.key(kb.Tab)
		at := ask[stop](b, seeing(`(() => {
			const e = document.activeElement;
			if (!e || e === document.body) return { Name: '', End: true, Seen: true };
			const style = getComputedStyle(e), r = e.getBoundingClientRect();
			return { Name: `+nameOf+`(e), End: false,
				Seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth };
		})()`))
		if at.End || reached[at.Name] && at.Name == wanted[0] {
			break
		}
		reached[at.Name] = true
		if !at.Seen {
			b.t.Errorf("%s: one does not see that the focus is on %s", page, at.Name)
		}
	}
	for _, name := range wanted {
		if !reached[name] {
			b.t.Errorf("%s: Tab does not lead to %s", page, name)
		}
	}
}
