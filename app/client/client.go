// Package client speaks to the HTTP API of a running webmon.
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
			Timeout: callTimeout,
			// The API redirects nowhere: what does is no webmon.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
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
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("reach the API: %w", err) // a *url.Error, which masks passwords
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %w", method, path, problemOf(answer.StatusCode, text))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s: the answer is not what webmon's API gives: %w", method, path, err)
	}
	return nil
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
