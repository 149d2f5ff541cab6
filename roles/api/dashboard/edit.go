package dashboard

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// editForm is the form of an asset that exists.
type editForm struct {
	ID, Label         string
	Revision          int64 // that the form was made of
	URL, Name, Tags   string
	Interval, Timeout string
	Enabled           bool
	Definition
	Mistakes mistakes
}

var editFields = []string{"url", "name", "tags", "interval", "timeout", "enabled", "plugins"}

func showEdit(v *visit) error {
	a, err := v.api.Asset(v.r.Context(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "edit", "Edit "+a.Label(), &editForm{
		ID: a.ID, Label: a.Label(), Revision: a.Revision, URL: a.URL, Name: a.Name, Tags: strings.Join(a.Tags, ", "),
		Interval: a.Interval, Timeout: a.Timeout, Enabled: a.Enabled, Definition: definitionOf(&a),
	})
}

// saveEdit replaces an asset by what the form says, unless somebody else changed
// it since the form was made.
func saveEdit(v *visit) error {
	r := v.r
	form := editForm{
		ID: r.PathValue("id"), URL: strings.TrimSpace(r.PostFormValue("url")), Name: r.PostFormValue("name"), Tags: r.PostFormValue("tags"),
		Interval: strings.TrimSpace(r.PostFormValue("interval")), Timeout: strings.TrimSpace(r.PostFormValue("timeout")), Enabled: r.PostFormValue("enabled") != "",
		Definition: Definition{Options: r.PostFormValue("plugins"), Rest: r.PostFormValue("rest")},
	}
	form.Label = form.Name
	if form.Label == "" {
		form.Label = form.URL
	}
	form.Revision, _ = strconv.ParseInt(r.PostFormValue("revision"), 10, 64) // 0, any, for what is none
	definition, wrong := form.definition()
	if wrong != nil {
		form.Mistakes = *wrong
		return v.show(http.StatusUnprocessableEntity, "edit", "Edit "+form.Label, &form)
	}
	_, err := v.api.ReplaceAsset(r.Context(), form.ID, form.Revision, definition)
	if m, status, ok := mistakesOf(err, editFields...); ok {
		if status == http.StatusPreconditionFailed {
			m.Text = "Somebody else changed this asset meanwhile. What you wrote is still here: open the asset in another tab to compare, then save again to replace it."
			form.Revision = 0
		}
		form.Mistakes = m
		return v.show(status, "edit", "Edit "+form.Label, &form)
	}
	if err != nil {
		return err
	}
	return v.done(assetURL(form.ID), "Saved.")
}

// definition is what the API is sent.
func (f *editForm) definition() (map[string]any, *mistakes) {
	d := map[string]any{}
	wrong := map[string]string{}
	object := func(field, text string) map[string]json.RawMessage {
		if strings.TrimSpace(text) == "" {
			return nil
		}
		var o map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			wrong[field] = notJSON(err)
		}
		return o
	}
	rest, options := object("rest", f.Rest), object("plugins", f.Options)
	if len(wrong) > 0 {
		return nil, &mistakes{Text: "Nothing was saved: see below what is wrong.", Of: wrong}
	}
	for name, value := range maps.All(rest) {
		d[name] = value
	}
	d["url"], d["name"], d["tags"], d["enabled"] = f.URL, f.Name, splitTags(f.Tags), f.Enabled
	for name, value := range map[string]string{"interval": f.Interval, "timeout": f.Timeout} {
		if value != "" {
			d[name] = value
		}
	}
	if options != nil {
		d["plugins"] = options
	}
	return d, nil
}
