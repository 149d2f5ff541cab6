package api_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// one is a form with a value.
func one(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

// idIn is the id of the asset whose page this is.
func (p *page) idIn() string {
	p.b.t.Helper()
	parts := strings.Split(p.path, "/")
	if len(parts) != 3 || parts[1] != "assets" {
		p.b.t.Fatalf("this is the page of no asset: %s: %s", p.path, p.text)
	}
	return parts[2]
}

func (h *harness) asset(id string) map[string]any {
	h.t.Helper()
	return h.do("GET", "/v1/assets/"+id, "").want(http.StatusOK).object()
}

func TestAddAnAssetByForm(t *testing.T) {
	t.Parallel()
	h := start(t)
	form := h.browser().get("/assets/new")
	again := form.submit("Add and check", one("url", "ftp://a.example/", "name", "Bread <b>", "tags", "shop, x;y", "interval", "soon", "plugins", "{}")).want(http.StatusUnprocessableEntity)
	again.says("Nothing was saved", `The scheme "ftp" cannot be watched`, "Write a duration")
	for field, want := range map[string]string{"url": "ftp://a.example/", "name": "Bread <b>", "tags": "shop, x;y", "interval": "soon"} {
		if got := attribute(again.all("[name=" + field + "]")[0], "value"); got != want {
			t.Errorf("%s is %q, what was written is %q", field, got, want)
		}
	}
	again = again.submit("Add and check", one("plugins", "{k: 5")).want(http.StatusUnprocessableEntity).says("This is no JSON object")
	again = again.submit("Add and check", one("plugins", `{"htmlstats":{"q":1}}`, "url", "a.example/x", "interval", "5m")).want(http.StatusUnprocessableEntity).says("plugins.htmlstats")
	if len(h.do("GET", "/v1/assets", "").want(http.StatusOK).object()["assets"].([]any)) != 0 {
		t.Error("an asset was made")
	}
	p := again.submit("Add and check", one("plugins", `{"htmlstats":{"k":5}}`)).want(http.StatusOK).says("Added. The first check is under way.", "never checked")
	a := h.asset(p.idIn())
	if a["url"] != "https://a.example/x" || a["name"] != "Bread <b>" || a["interval"] != "300s" && a["interval"] != "5m" || len(a["tags"].([]any)) != 3 {
		t.Errorf("made %v", a)
	}
	if len(h.pushedIDs()) != 1 {
		t.Error("it is not checked at once")
	}
	// The word on it is said once.
	if p := p.b.get(p.path); strings.Contains(p.text, "Added.") {
		t.Error("the word is said again")
	}
}

func TestEditAnAssetByForm(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a.example/?token=s3cr3t&x=1","name":"A","tags":["x"],"timeout":"3s","request":{"bearer_token":"hush-hush","headers":{"Accept-Language":"en"}},"plugins":{"htmlstats":{"k":5}},"retention":{"count":7},"alerts":{"bad":3,"of":5}}`)
	b := h.browser()
	form := b.get("/assets/" + id + "/edit")
	form.hides("s3cr3t", "hush-hush")
	p := form.submit("Save", one("name", "B", "tags", "y z", "plugins", "{}")).want(http.StatusOK).says("Saved.")
	if p.idIn() != id {
		t.Errorf("ended at %s", p.path)
	}
	kept, err := h.store.Asset(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if kept.URL != "http://a.example/?token=s3cr3t&x=1" || kept.Request.BearerToken != "hush-hush" || kept.Request.Headers["Accept-Language"] != "en" ||
		kept.Retention.Count != 7 || kept.Timeout.String() != "3s" || !kept.Enabled || kept.Alerts.Bad != 3 {
		t.Errorf("what was left alone changed: %+v", kept)
	}
	if kept.Name != "B" || strings.Join(kept.Tags, " ") != "y z" || len(kept.Plugins) != 0 {
		t.Errorf("what was written did not: %+v", kept)
	}
	// A form that is older than the asset changes nothing, and keeps what was written.
	old := form.submit("Save", one("name", "C")).want(http.StatusPreconditionFailed).says("Somebody else changed this asset")
	if got := attribute(old.all("[name=name]")[0], "value"); got != "C" {
		t.Errorf("the name that was written is %q", got)
	}
	if h.asset(id)["name"] != "B" {
		t.Error("an old form changed the asset")
	}
	old.submit("Save", nil).want(http.StatusOK)
	if h.asset(id)["name"] != "C" {
		t.Error("to save it all the same did nothing")
	}
	b.get("/assets/"+id+"/edit").submit("Save", one("rest", "[")).want(http.StatusUnprocessableEntity).says("This is no JSON object")
	b.get("/assets/"+id+"/edit").submit("Save", one("rest", `{"retention":{"count":-1}}`)).want(http.StatusUnprocessableEntity).says("retention.count: expected number")
	// A tick that is taken away.
	b.get("/assets/"+id+"/edit").submit("Save", url.Values{"enabled": nil}).want(http.StatusOK).says("paused")
}

func TestButtonsOfAnAsset(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.lived("Bakery", "shop")
	b := h.browser()
	p := b.get("/assets/" + id)
	p.submit("Pause", nil).want(http.StatusOK).says("Paused: the schedule checks it no more.", "paused")
	if h.asset(id)["enabled"] != false {
		t.Error("it is not paused")
	}
	b.get("/assets/"+id).submit("Resume", nil).want(http.StatusOK).says("Resumed")
	before := len(h.pushedIDs())
	b.get("/assets/"+id).submit("Check now", nil).want(http.StatusOK).says("A check is under way.")
	if len(h.pushedIDs()) != before+1 {
		t.Error("nothing was asked for")
	}
	// One finding, all that was found, never, and all anew.
	b.get("/assets/"+id).submit("This is normal", nil).want(http.StatusOK).says("Accepted: 1 thing", "accept htmlstats new_script_host")
	b.get("/assets/"+id).submit("Accept as the new normal", nil).want(http.StatusOK).says("Accepted: 2 things")
	b.get("/assets/"+id).submit("Never learn this", nil).want(http.StatusOK).says("Refused:")
	b.get("/assets/"+id).submit("Forget and learn anew", one("note", "moved house")).want(http.StatusOK).says("learn this page anew", "moved house")
	if n := len(h.do("GET", "/v1/assets/"+id+"/decisions", "").object()["decisions"].([]any)); n != 4 {
		t.Errorf("%d decisions", n)
	}
	// What cannot be done is said where the button is.
	calm := h.create(`{"url":"http://calm/"}`)
	b.post("/assets/"+calm+"/accept", nil).want(http.StatusOK).says("has no alarm that this could accept")
	b.get("/assets/"+id+"/delete").submit("Delete", nil).want(http.StatusOK).says("Deleted, with all that was known of it.")
	h.do("GET", "/v1/assets/"+id, "").want(http.StatusNotFound)
}

func TestButtonsOfTheOverview(t *testing.T) {
	t.Parallel()
	h := start(t)
	first, second := h.create(`{"url":"http://a/","tags":["shop"]}`), h.create(`{"url":"http://b/"}`)
	h.create(`{"url":"http://c/"}`)
	b := h.browser()
	p := b.get("/?q=http").submit("Pause", url.Values{"id": {first, second}}).want(http.StatusOK).says("Paused: the schedule checks them no more.")
	if p.path != "/?q=http" {
		t.Errorf("it went to %s", p.path)
	}
	if h.asset(first)["enabled"] != false || h.asset(second)["enabled"] != false {
		t.Error("they are not paused")
	}
	b.get("/").submit("Resume", url.Values{"id": {first, second}}).says("Resumed")
	b.get("/").submit("Pause", nil).says("Nothing is selected")
	b.get("/").submit("Check now", url.Values{"id": {first, second}}).want(http.StatusOK).says("Asked for 2 checks.", "0 of 2 checks ended")
	b.get("/").submit("Check all with this tag", one("tag", "shop")).says("0 of 1 check ended")
	b.get("/").submit("Check all with this tag", one("tag", "none")).says("nothing was checked")
	p = b.get("/").submit("Check every enabled asset", nil).says("0 of 3 checks ended")
	p.submit("Cancel what waits", nil).want(http.StatusOK).says("Cancelled:", "cancelled")
	b.get("/batches").says("cancelled", "running")
	b.post("/assets/selected", url.Values{"id": {first}, "action": {"explode"}}).want(http.StatusBadRequest)
	b.post("/assets/selected", url.Values{"id": {first}, "action": {"pause"}, "back": {"https://evil.example/"}}).want(http.StatusOK)
	b.get("/processes").submit("Take one now", nil).says("A snapshot was asked for.")
	if h.snapshotCount() == 0 {
		t.Error("none was")
	}
}

func TestIncidentsByForm(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.lived("Bakery", "shop")
	b := h.browser()
	b.get("/incidents").submit("Acknowledge", nil).want(http.StatusOK).says("Acknowledged: nobody is reminded", "acknowledged")
	link := attribute(b.get("/incidents").all(".incident .main")[0], "href")
	b.get(link).says("Bad checks 2").submit("Close", one("note", "a drill")).want(http.StatusOK).says("Closed.", "a drill")
	b.post(link+"/close", nil).want(http.StatusOK).says("This incident is closed already")
	b.get("/").says("Open incidents 0")
}

func (b *browser) upload(name, content string, fields ...string) *page {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			b.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+"/import", &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.do(r)
}

func TestImportByForm(t *testing.T) {
	t.Parallel()
	h := start(t)
	b := h.browser()
	b.upload("a.csv", "url,name\nhttp://a/,A\nftp://b/,B\n", "format", "").want(http.StatusOK).says("1 asset imported, 1 row refused", "ftp://b/", "cannot be watched")
	b.upload("", "", "format", "", "text", "http://c/\nhttp://d/\n").want(http.StatusOK).says("Imported 2 assets.")
	b.upload("list.json", `[{"url":"http://e/"}]`, "format", "").says("Imported 1 asset.")
	b.upload("list", `[{"url":"http://f/"}]`, "format", "application/json").says("Imported 1 asset.")
	// Larger than any other form may be.
	b.upload("large.txt", strings.Repeat("# a comment that says nothing\n", 100_000)+"http://g/\n", "format", "").says("Imported 1 asset.")
	b.upload("", "").want(http.StatusUnprocessableEntity).says("There is nothing to import")
	b.upload("bad.json", `{`, "format", "").want(http.StatusBadRequest)
	b.post("/import", one("text", "http://h/")).want(http.StatusBadRequest)
	a := h.do("GET", "/export", "").want(http.StatusOK)
	if !strings.Contains(a.header.Get("Content-Disposition"), "webmon-assets.csv") || strings.Count(string(a.body), "http://") != 6 {
		t.Errorf("exported %q as %v", a.body, a.header)
	}
	// A refusal is no file of assets.
	if a := h.do("GET", "/export?format=xml", "").want(http.StatusUnprocessableEntity); a.header.Get("Content-Disposition") != "" {
		t.Errorf("refused as %v", a.header)
	}
}
