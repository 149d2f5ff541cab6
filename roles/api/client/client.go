// Package client speaks to the HTTP API of a running webmon, as webmon's own commands
// and its dashboard do.
//
// Lists are read page by page while one ranges over them, and end with the first
// error. A refusal is a [*Problem], which has the HTTP status and what was wrong with
// which field. Calls end with their context, and by themselves after half a minute, or
// later where much is to be done: imports, exports, jobs and backtests.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	callTimeout = 30 * time.Second // for one call
	maxAnswer   = 64 << 20         // bytes of an answer that are read
)

// Client speaks to one API. It is safe for use by many goroutines. Make it with
// [New].
type Client struct {
	base  string
	token string
	http  *http.Client
}

// New makes a client of the API at a URL such as http://127.0.0.1:7700. A path
// in it goes before every call's. A token that is not empty is sent with each
// call; else a name and password of the URL are, for basic authentication.
func New(server, token string) (*Client, error) {
	base, err := url.Parse(server)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, errors.New("the address of the API must be http://HOST:PORT or https://HOST, such as http://127.0.0.1:7700")
	}
	if token != "" && base.User != nil {
		return nil, errors.New("the API can be sent a token, or the name and password of its address, but not both")
	}
	return &Client{
		base:  strings.TrimSuffix(base.String(), "/"),
		token: token,
		http: &http.Client{
			// The API redirects nowhere: what does is no webmon.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Through makes a client whose calls go through a transport, such as one that
// hands them to an API within the same process. token is as in [New].
func Through(transport http.RoundTripper, token string) *Client {
	return &Client{base: "http://webmon", token: token, http: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Problem is a refusal of the API: an answer with a status of 300 or more.
type Problem struct {
	Status int      // of HTTP
	Title  string   // the status in words
	Detail string   // what is wrong; empty when the answer was none of webmon's
	Errors []Detail // what is wrong with single values
}

// Detail says what is wrong with one value.
type Detail struct {
	Location string // such as body.plugin
	Message  string
}

// Error implements error.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return fmt.Sprintf("it answered %d %s: is it webmon's API?", p.Status, p.Title)
	}
	text := p.Detail
	for _, e := range p.Errors {
		text += fmt.Sprintf("; %s: %s", e.Location, e.Message)
	}
	return text
}

// Call sends in, if it is not nil, as JSON, and reads the answer into out, if
// that is not nil. path begins with a slash; parts of it that may hold anything
// must be escaped. A refusal is a *[Problem]. Nothing is sent twice.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	return c.send(ctx, method, path, in, out, callTimeout)
}

// send is [Client.Call] with another limit of time.
func (c *Client) send(ctx context.Context, method, path string, in, out any, limit time.Duration) error {
	to := call{method: method, path: path, limit: limit}
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		to.body, to.kind = bytes.NewReader(text), kindJSON
	}
	return c.exchange(ctx, to, out)
}

const kindJSON = "application/json"

// call is a request to the API.
type call struct {
	method, path string
	body         io.Reader     // nil: none
	kind         string        // of the body: its content type
	ifMatch      string        // an ETag, or empty
	lastEvent    string        // the id of an event, or empty
	limit        time.Duration // for the call and its answer
}

// exchange makes a call and reads the answer into out, if that is not nil.
func (c *Client) exchange(ctx context.Context, to call, out any) error {
	ctx, cancel := context.WithTimeout(ctx, to.limit)
	defer cancel()
	answer, err := c.open(ctx, to)
	if err != nil {
		return err
	}
	defer answer.Close()
	text, err := io.ReadAll(io.LimitReader(answer, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", to.method, to.path, err)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s: the answer is not what webmon's API gives: %w", to.method, to.path, err)
	}
	return nil
}

// open makes a call and gives the answer's body, which the caller closes.
func (c *Client) open(ctx context.Context, to call) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, to.method, c.base+to.path, to.body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", to.method, to.path, err)
	}
	if to.kind != "" {
		request.Header.Set("Content-Type", to.kind)
	}
	if to.ifMatch != "" {
		request.Header.Set("If-Match", to.ifMatch)
	}
	if to.lastEvent != "" {
		request.Header.Set("Last-Event-ID", to.lastEvent)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("reach the API: %w", err) // a *url.Error, which masks passwords
	}
	if answer.StatusCode < http.StatusMultipleChoices {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("%s %s: read the answer: %w", to.method, to.path, err)
	}
	return nil, fmt.Errorf("%s %s: %w", to.method, to.path, problemOf(answer.StatusCode, text))
}

// problemOf reads a problem document. Any other answer is a problem without a
// detail.
func problemOf(status int, text []byte) *Problem {
	p := new(Problem)
	if json.Unmarshal(text, p) != nil || p.Detail == "" {
		p = new(Problem)
	}
	p.Status, p.Title = status, http.StatusText(status)
	return p
}
