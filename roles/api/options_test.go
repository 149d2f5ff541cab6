package api_test

import (
	"encoding/json"
	"net/http"
	"testing"

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
