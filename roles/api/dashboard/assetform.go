package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// assetForm is the form of a new asset, as it was filled in.
type assetForm struct {
	URL, Name, Tags              string
	Interval, Timeout, UserAgent string
	Plugins                      string // JSON
	Mistakes                     mistakes
}

// formFields are the names of the fields, which are those of the API.
var formFields = []string{"url", "name", "tags", "interval", "timeout", "request.user_agent", "plugins"}

func readAssetForm(r *http.Request) assetForm {
	text := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return assetForm{
		URL: text("url"), Name: text("name"), Tags: text("tags"), Interval: text("interval"),
		Timeout: text("timeout"), UserAgent: text("request.user_agent"), Plugins: text("plugins"),
	}
}

// definition is what the API is sent.
func (f *assetForm) definition() (map[string]any, error) {
	d := map[string]any{"url": withScheme(f.URL), "name": f.Name, "tags": splitTags(f.Tags)}
	for name, value := range map[string]string{"interval": f.Interval, "timeout": f.Timeout} {
		if value != "" {
			d[name] = value
		}
	}
	if f.UserAgent != "" {
		d["request"] = map[string]any{"user_agent": f.UserAgent}
	}
	if f.Plugins != "" {
		var options map[string]json.RawMessage
		if err := json.Unmarshal([]byte(f.Plugins), &options); err != nil {
			f.Mistakes = mistakes{Text: "Nothing was saved: see below what is wrong.", Of: map[string]string{"plugins": notJSON(err)}}
			return nil, err
		}
		d["plugins"] = options
	}
	return d, nil
}

func notJSON(err error) string {
	return sentence(fmt.Sprintf("this is no JSON object: %v", err))
}

// withScheme lets people leave out what goes without saying.
func withScheme(url string) string {
	if url == "" || strings.Contains(url, "://") {
		return url
	}
	return "https://" + url
}

// splitTags reads tags as people write them.
func splitTags(text string) []string {
	tags := strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == ' ' || c == '\t' || c == '\n' || c == '\r' })
	if tags == nil {
		return []string{}
	}
	return tags
}

func showNewAsset(v *visit) error {
	return v.show(http.StatusOK, "newasset", "Add an asset", &assetForm{URL: v.r.URL.Query().Get("url")})
}

func addAsset(v *visit) error {
	form := readAssetForm(v.r)
	definition, err := form.definition()
	if err != nil {
		return v.show(http.StatusUnprocessableEntity, "newasset", "Add an asset", &form)
	}
	made, err := v.api.CreateAsset(v.r.Context(), definition)
	if m, status, ok := mistakesOf(err, formFields...); ok {
		form.Mistakes = m
		return v.show(status, "newasset", "Add an asset", &form)
	}
	if err != nil {
		return err
	}
	// The first check at once: nobody wants to wait for the schedule. If it
	// cannot be had, the schedule makes it.
	if _, _, err := v.api.Run(v.r.Context(), runAssets(made.ID)); err != nil {
		v.log.Warn("a new asset is not checked at once", "asset", made.ID, "err", err)
	}
	return v.done("/assets/"+made.ID, "Added. The first check is under way.")
}
