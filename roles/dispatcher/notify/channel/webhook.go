package channel

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"webmon/roles/dispatcher/notify/settings"
)

// The headers of a webhook's requests.
const (
	headerID        = "Webmon-Delivery"  // the message's id: the same when it is sent again
	headerTime      = "Webmon-Timestamp" // when this request was made, in seconds since 1970
	headerSignature = "Webmon-Signature" // "sha256=" and the HMAC in hexadecimal; see sign
)

// webhook sends messages as JSON. docs/alert-webhook.schema.json describes it.
type webhook struct {
	settings.Webhook
	client *http.Client
	agent  string
}

// payload is the JSON of a message.
type payload struct {
	Version   int        `json:"version"` // of this form
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	At        time.Time  `json:"at"`
	Subject   string     `json:"subject"`
	Text      string     `json:"text"`
	Incidents []Incident `json:"incidents"`
}

func (w *webhook) Send(ctx context.Context, m *Message) error {
	incidents := m.Incidents
	if incidents == nil {
		incidents = []Incident{}
	}
	body, err := json.Marshal(payload{Version: 1, ID: m.ID, Kind: m.Kind, At: m.At.UTC(), Subject: m.Subject, Text: m.Text, Incidents: incidents})
	if err != nil {
		return err
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	header := http.Header{"User-Agent": {w.agent}, headerID: {m.ID}, headerTime: {timestamp}}
	for name, value := range w.Headers {
		header.Set(name, value)
	}
	if w.Secret != "" {
		header.Set(headerSignature, sign(w.Secret, timestamp, body))
	}
	return post(ctx, w.client, w.URL, header, body)
}

// sign is what proves that a request is webmon's, and of that time: the HMAC-SHA256
// of the timestamp, a point and the body.
func sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// post sends JSON and waits for an answer that says that it arrived. The errors
// hold nothing of the URL beyond its host.
func post(ctx context.Context, client *http.Client, to string, header http.Header, body []byte) error {
	var reached atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { reached.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return errors.New("its url cannot be used")
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		var inner *url.Error // it would name the URL
		if errors.As(err, &inner) {
			err = inner.Err
		}
		if reached.Load() {
			return fmt.Errorf("%w: %w", ErrUnsure, err)
		}
		return err
	}
	defer answer.Body.Close()
	// More is read than is told, and it is told as it is: secrets are looked for in it.
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	switch {
	case answer.StatusCode/100 == 2:
		return nil
	case len(said) == 0:
		return fmt.Errorf("it answered %s", answer.Status)
	}
	return fmt.Errorf("it answered %s: %s", answer.Status, said)
}
