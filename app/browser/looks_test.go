package browser

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/emulation"
)

// size is that of a window or a screen, in CSS pixels.
type size struct {
	width, height int64
	mobile        bool
}

var (
	desktop = size{1280, 900, false}
	phone   = size{390, 844, true}
)

const (
	light = "light"
	dark  = "dark"
)

// appear shows the page at a size and in a scheme of colours.
func (b *tab) appear(s size, scheme string) { b.appearScaled(s, scheme, 1) }

func (b *tab) appearScaled(s size, scheme string, scale float64) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: s.width, Height: s.height, DeviceScaleFactor: scale, Mobile: s.mobile,
	})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"}, // colours on their way are none that anybody reads
	}})
}

// axe is the source of axe-core, which "make deps-browser" installs.
var axe = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile("../../build/tools/node_modules/axe-core/axe.min.js")
	if err != nil {
		return "", fmt.Errorf(`axe-core is missing: "make deps-browser" installs it: %w`, err)
	}
	return string(source), nil
})

// violation is what axe-core says against a page.
type violation struct {
	ID, Impact string
	Nodes      []struct{ Target, HTML, Why string }
}

// colours are the rules that dark colours can break and light ones keep.
var colours = []string{"color-contrast", "link-in-text-block"}

// violations asks axe-core about the page as it appears now: whether it keeps the
// rules, or all rules when none are given.
func (b *tab) violations(rules ...string) []violation {
	b.t.Helper()
	source, err := axe()
	if err != nil {
		b.t.Fatal(err)
	}
	if !ask[bool](b, `!!window.axe`) {
		ask[any](b, source+`;true`)
	}
	return ask[[]violation](b, `(async () => {
		const rules = `+list(rules)+`;
		const found = await axe.run(document, { resultTypes: ['violations'], ...(rules.length && { runOnly: rules }) });
		return found.violations.map((v) => ({ ID: v.id, Impact: v.impact,
			Nodes: v.nodes.map((n) => ({ Target: n.target.join(' '), HTML: n.html.slice(0, 300), Why: n.failureSummary })) }));
	})()`)
}

// list is texts as JavaScript writes them.
func list(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// look looks at the page as a critic does, in the light and in the dark, at a
// desk and on a phone. What is wrong in several of them is told once.
func (b *tab) look(page string) {
	b.t.Helper()
	told := map[string]bool{}
	for _, s := range []size{desktop, phone} {
		for _, scheme := range []string{light, dark} {
			b.appear(s, scheme)
			var rules []string
			if scheme == dark {
				rules = colours
			}
			for _, v := range b.violations(rules...) {
				for _, node := range v.Nodes {
					if key := v.ID + node.Target; !told[key] {
						told[key] = true
						b.t.Errorf("%s, %s, %d wide: %s: %s: %s\n%s %s", page, scheme, s.width, v.Impact, v.ID, node.Target, node.HTML, node.Why)
					}
				}
			}
		}
		if wide := ask[int64](b, `Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)`); wide > s.width {
			b.t.Errorf("%s scrolls sideways: %d wide on %d", page, wide, s.width)
		}
	}
	b.appear(desktop, light)
	for _, fault := range b.takeFaults() {
		b.t.Errorf("%s: %s", page, fault)
	}
}
