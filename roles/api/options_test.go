package api_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"webmon/plugins"
	"webmon/store"
)

// Options that another version of webmon stored, and this one does not know, are
// no reason to answer 500: executors check such an asset, too.
func TestOptionsOfAnotherVersion(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	a := &store.Asset{URL: "http://a/", Enabled: true, Interval: store.Duration(store.DefaultPeriod), Timeout: store.Duration(store.DefaultTimeout),
		Plugins: map[string]json.RawMessage{"htmlstats": json.RawMessage(`{"from_the_future":1}`)}}
	if err := h.store.CreateAsset(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	h.checkThrice(a.ID)
	path := "/v1/assets/" + a.ID
	h.do("GET", path+"/stats", "").want(http.StatusOK)
	h.do("GET", path+"/chart.svg?metric=htmlstats.page_bytes", "").want(http.StatusOK)
	h.do("POST", "/v1/backtest", `{"asset":"`+a.ID+`"}`).want(http.StatusOK)
	h.browser().get("/assets/" + a.ID).want(http.StatusOK)
}

// Who pauses such an asset need not mend it before. What a patch gives is checked.
func TestPatchOfAnotherVersion(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	a := &store.Asset{
		URL: "http://a/", Enabled: true, Interval: store.Duration(store.DefaultPeriod), Timeout: store.Duration(store.DefaultTimeout),
		Plugins:    map[string]json.RawMessage{"htmlstats": json.RawMessage(`{"from_the_future":1}`)},
		Assertions: []plugins.Assertion{{Expr: "extract.value_gone > 1"}},
	}
	if err := h.store.CreateAsset(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	path := "/v1/assets/" + a.ID
	const merge = "Content-Type: application/merge-patch+json"
	h.do("PATCH", path, `{"enabled":false,"name":"A"}`, merge).want(http.StatusOK)
	got, err := h.store.Asset(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Enabled || got.Name != "A" || string(got.Plugins["htmlstats"]) != `{"from_the_future":1}` || len(got.Assertions) != 1 || got.Assertions[0].Expr != "extract.value_gone > 1" {
		t.Errorf("%+v", got)
	}
	h.do("PATCH", path, `{"assertions":[{"expr":"extract.value_gone > 1"}]}`, merge).want(http.StatusUnprocessableEntity)
	h.do("PATCH", path, `{"plugins":{"timing":{}}}`, merge).want(http.StatusUnprocessableEntity)
	h.do("PATCH", path, `{"plugins":{"htmlstats":null},"assertions":[]}`, merge).want(http.StatusOK)
}
