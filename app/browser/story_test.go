package browser

import (
	"fmt"
	"testing"
)

// TestStory walks the whole way: from an empty dashboard over a page that is
// watched and defaced to one that is well again.
func TestStory(t *testing.T) {
	t.Parallel()
	s := startTown(t)
	b := open(t, start(t))

	b.visit("/")
	b.must(`say('h2') === 'Nothing is watched yet'`)
	b.look("empty overview")

	b.fill("URL", s.URL+"/library")
	b.fill("Name", "Town library")
	b.fill("Tags", "town, public")
	b.fill("Check every", "1s")
	b.follow(`button('Add and check')`)
	library := ask[string](b, `location.pathname`)
	b.stays(`say('#state .verdict') === 'up'`)

	b.visit("/import")
	b.look("import")
	b.fill("Format", "")
	_ = fmt.Sprint
	_ = library
}

// stays waits for something that the page shows by itself, without being
// loaded again.
func (b *tab) stays(condition string) {
	b.t.Helper()
	ask[bool](b, `(window.neverLeft = true)`)
	b.wait(condition)
	if !ask[bool](b, `window.neverLeft === true`) {
		b.t.Errorf("the page was loaded again for %s", condition)
	}
}
