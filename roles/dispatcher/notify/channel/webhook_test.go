package channel_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"webmon/roles/dispatcher/notify/channel"
	"webmon/roles/dispatcher/notify/settings"
)

func TestWebhook(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	const secret = "sesame sesame"
	hook := newChannel(t, settings.Channel{Webhook: &settings.Webhook{URL: r.URL + "/in?x=1", Secret: secret, Headers: map[string]string{"X-Team": "web"}}})
	for range 2 {
		if err := hook.Send(inTime(t), &message); err != nil {
			t.Fatal(err)
		}
	}
	got := r.take()
	if len(got) != 2 {
		t.Fatalf("%d requests", len(got))
	}
	for _, q := range got {
		stamp := q.header.Get("Webmon-Timestamp")
		mac := hmac.New(sha256.New, []byte(secret))
		io.WriteString(mac, stamp+"."+string(q.body))
		if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); q.header.Get("Webmon-Signature") != want {
			t.Errorf("signature %q, not %q", q.header.Get("Webmon-Signature"), want)
		}
		for name, want := range map[string]string{"X-Team": "web", "Content-Type": "application/json", "User-Agent": "webmon/1.2", "Webmon-Delivery": message.ID} {
			if q.header.Get(name) != want {
				t.Errorf("%s: %q, not %q", name, q.header.Get(name), want)
			}
		}
		if q.method != "POST" || q.path != "/in" {
			t.Errorf("%s %s", q.method, q.path)
		}
		checkSchema(t, q.body)
	}
	var body struct {
		Version           int
		ID, Kind, Subject string
		At                time.Time
		Incidents         []channel.Incident
	}
	if err := json.Unmarshal(got[0].body, &body); err != nil {
		t.Fatal(err)
	}
	if body.Version != 1 || body.ID != message.ID || body.Kind != "opened" || !body.At.Equal(opened) || !reflect.DeepEqual(body.Incidents, message.Incidents) {
		t.Errorf("%s", got[0].body)
	}
}

// checkSchema checks a body against the part of JSON Schema that the
// documentation's schema uses.
func checkSchema(t *testing.T, body []byte) {
	t.Helper()
	content, err := os.ReadFile("../../../../docs/alert-webhook.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	var value any
	if err := errors.Join(json.Unmarshal(content, &schema), json.Unmarshal(body, &value)); err != nil {
		t.Fatal(err)
	}
	var check func(path string, schema map[string]any, value any)
	check = func(path string, schema map[string]any, value any) {
		kind := ""
		switch v := value.(type) {
		case map[string]any:
			kind = "object"
			properties, _ := schema["properties"].(map[string]any)
			for name, one := range v {
				property, known := properties[name].(map[string]any)
				if !known {
					t.Errorf("%s.%s is not in the schema", path, name)
					continue
				}
				check(path+"."+name, property, one)
			}
			required, _ := schema["required"].([]any)
			for _, name := range required {
				if _, there := v[name.(string)]; !there {
					t.Errorf("%s.%s is missing", path, name)
				}
			}
		case []any:
			kind = "array"
			items, _ := schema["items"].(map[string]any)
			for _, one := range v {
				check(path+"[]", items, one)
			}
		case string:
			kind = "string"
			if words, ok := schema["enum"].([]any); ok {
				found := false
				for _, word := range words {
					found = found || word == v
				}
				if !found {
					t.Errorf("%s: %q is none of %v", path, v, words)
				}
			}
		case float64:
			kind = "integer"
		}
		if schema["type"] != kind {
			t.Errorf("%s is a %s, not a %v", path, kind, schema["type"])
		}
		if schema["description"] == nil {
			t.Errorf("%s has no description", path)
		}
	}
	check("$", schema, value)
}

func TestWebhookUnsigned(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	hook := newChannel(t, settings.Channel{Webhook: &settings.Webhook{URL: r.URL}})
	if err := hook.Send(inTime(t), &channel.Message{ID: "x", Kind: "test"}); err != nil {
		t.Fatal(err)
	}
	q := r.take()[0]
	if q.header.Get("Webmon-Signature") != "" {
		t.Error("signed with no secret")
	}
	checkSchema(t, q.body)
}

// A webhook that sends elsewhere is not followed: what is signed is for one.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	other := newReceiver(t, nil)
	r := newReceiver(t, func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, other.URL, http.StatusTemporaryRedirect)
	})
	err := newChannel(t, settings.Channel{Webhook: &settings.Webhook{URL: r.URL}}).Send(inTime(t), &message)
	if err == nil || !strings.Contains(err.Error(), "307") || len(other.take()) > 0 {
		t.Errorf("followed: %v", err)
	}
}

// What a receiver says in its answer is told, but no secret that it repeats: not a part
// of one either, nor one that quotes would hide.
func TestAnswerRepeatsSecrets(t *testing.T) {
	t.Parallel()
	const secret = `ge"heim\0123456789`
	for _, before := range []string{"no: ", strings.Repeat("x", 190), strings.Repeat("x", 1015), strings.Repeat("x", 290)} {
		r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, before+secret)
		})
		err := newChannel(t, settings.Channel{Webhook: &settings.Webhook{URL: r.URL, Secret: secret}}).Send(inTime(t), &message)
		if err == nil || strings.Contains(err.Error(), "heim") || strings.Contains(err.Error(), "ge\"") || !strings.Contains(err.Error(), "403") || !strings.Contains(err.Error(), before[:4]) {
			t.Errorf("%v", err)
		}
	}
}
