package browser

import (
	"encoding/json"
	"testing"
)

// TestStory walks the whole way: from an empty dashboard over a page that is
// watched and defaced to one that is well again.
func TestStory(t *testing.T) {
	t.Parallel()
	s := startTown(t)
	b := open(t, start(t, "--status-tags", "public", "--status-title", "Harbour Town"))

	b.visit("/")
	b.must(`say('h2') === 'Nothing is watched yet'`)
	b.look("empty overview")
	for _, empty := range []string{"/incidents", "/batches", "/status"} {
		b.visit(empty)
		b.look("empty " + empty)
	}

	b.visit("/")
	b.fill("URL", s.URL+"/library")
	b.fill("Name", "Town library")
	b.fill("Tags", "town, public")
	b.fill("Check every", "1s")
	b.follow(`button('Add and check')`)
	b.becomes(`say('#state .verdict') === 'up'`)
	if !b.wasAsked("/events") {
		t.Error("the page does not listen to what happens")
	}
	library := ask[string](b, `location.pathname`)

	b.visit("/import")
	b.look("import")
	b.choose("Format", "JSON")
	b.fill("Paste a list", s.fleet(t))
	b.follow(`button('Import')`)
	b.must(`say('.flash') === 'Imported 9 assets.'`)
	b.look("overview of the unknown")

	b.batch(s)

	b.visit("/")
	b.wait(`seen('#list tbody tr').length === 10 && say('.chip.v-down b') === '1'`)
	b.look("overview")

	b.visit(library)
	s.learned(t)
	b.look("calm asset")
	b.attack(s, library, func() {}) // the schedule sees it
	b.follow(`named('#findings a', 'The whole check')`)
	b.must(`say('.verdict') === 'changed'`)
	b.look("result")
	b.incident()
	b.visit("/status")
	b.must(`say('.incident').includes('Town library') && !words(document.body).includes('127.0.0.1')`)
	b.look("status page")
	b.accept(library)

	for page, path := range map[string]string{
		"metrics": library + "/metrics?window=1h", "results": library + "/results", "edit": library + "/edit",
		"another asset": "/assets/new", "batches": "/batches", "processes": "/processes", "plugins": "/plugins",
	} {
		b.visit(path)
		b.look(page)
	}

	b.visit("/docs")
	b.wait(`seen('#viewer .opblock').length > 10`)
	b.look("API viewer")

	b.visit(library)
	b.follow(`button('Delete')`)
	b.look("delete")
	b.follow(`button('Delete')`)
	b.must(`say('.flash').startsWith('Deleted') && !named('a', 'Town library')`)
}

// attack defaces the library while its page is open, and reads there what
// became of it. check has it checked.
func (b *tab) attack(s *town, library string, check func()) {
	b.t.Helper()
	b.visit(library)
	s.defaced.Store(true)
	check()
	b.becomes(`say('#state .verdict') === 'changed'`)
	b.must(`say('#state .why').includes('hacked by')`)
	b.must(`say('#findings').includes('cdn.free-stats.example')`)
	b.becomes(`seen('#changes .d-add').some((e) => words(e).includes('Hacked by R3d Heron'))`)
	b.must(`seen('#changes .d-del').some((e) => words(e).includes('Town library'))`)
	b.becomes(`named('#state a', 'an incident is open')`)
	b.look("defaced asset")
}

// incident goes from the list to the incident of the library, and takes it on.
func (b *tab) incident() {
	b.t.Helper()
	b.visit("/incidents")
	b.look("incidents")
	b.follow(`named('.incident a', 'Town library')`)
	b.must(`/hacked by|free-stats/.test(say('.why'))`)
	b.look("incident")
	b.fill("Note", "The web master is on it")
	b.follow(`button('Acknowledge')`)
	b.must(`say('.pairs').includes('The web master is on it')`)
}

// accept takes the library as it is now for its new normal.
func (b *tab) accept(library string) {
	b.t.Helper()
	b.visit(library)
	b.follow(`button('Accept as the new normal')`)
	b.must(`say('.flash').startsWith('Accepted')`)
	b.becomes(`say('#state .verdict') === 'up'`)
	b.becomes(`!named('#state a', 'an incident is open')`)
	b.visit("/incidents?state=closed")
	b.must(`say('.incident').includes('Town library')`)
	b.visit(library)
	b.must(`say('.decisions').includes('accept')`)
}

// batch has every asset checked, and watches how far it is.
func (b *tab) batch(s *town) {
	b.t.Helper()
	s.ferry.shut()
	b.visit("/")
	b.click(`button('Check many now')`)
	b.follow(`button('Check every enabled asset')`)
	b.becomes(`say('#batch .badge') === 'running' && say('#batch dd') === '0'`)
	b.look("running batch")
	s.ferry.open()
	b.becomes(`say('#batch .badge') === 'done'`)
	b.must(`say('#batch .progress') === '100 %'`)
	b.look("batch")
}

// fleet is the list of assets for the import.
func (s *town) fleet(t testing.TB) string {
	t.Helper()
	text, err := json.Marshal(s.assets())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// becomes waits for something that the page shows by itself, without being
// loaded again.
func (b *tab) becomes(condition string) {
	b.t.Helper()
	ask[bool](b, `(window.neverLeft = true)`)
	b.wait(condition)
	if !ask[bool](b, `window.neverLeft === true`) {
		b.t.Errorf("the page was loaded again before %s", condition)
	}
}

// choose chooses from a list with a label.
func (b *tab) choose(label, option string) {
	b.t.Helper()
	b.must(`(() => {
		const list = field(` + quote(label) + `), option = [...list.options].find((o) => o.text === ` + quote(option) + `);
		list.value = option.value;
		return list.dispatchEvent(new Event('change', { bubbles: true }));
	})()`)
}
