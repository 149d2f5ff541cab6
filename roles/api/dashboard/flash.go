package dashboard

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"
)

// flash is a word on what a form did, shown once on the page that follows.
type flash struct {
	Bad  bool   `json:"b,omitempty"`
	Text string `json:"t"`
}

const (
	flashCookie = "webmon-said"
	flashAge    = time.Minute
	maxFlash    = 600 // bytes of the text
)

func setFlash(w http.ResponseWriter, r *http.Request, f flash) {
	f.Text = cut(f.Text, maxFlash)
	text, err := json.Marshal(f)
	if err != nil {
		return // a word can be missed
	}
	setCookie(w, r, flashCookie, base64.RawURLEncoding.EncodeToString(text), flashAge)
}

// takeFlash reads the word that a request brings, and has it forgotten.
func takeFlash(w http.ResponseWriter, r *http.Request) *flash {
	c, err := r.Cookie(cookieName(r, flashCookie))
	if err != nil || r.Header.Get(liveHeader) != "" {
		return nil
	}
	setCookie(w, r, flashCookie, "", 0)
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	var f flash
	if err != nil || json.Unmarshal(text, &f) != nil || f.Text == "" {
		return nil
	}
	return &f
}

// liveHeader is sent by the script when it asks for a page again.
const liveHeader = "Webmon-Live"
