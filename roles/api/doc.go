// Package api is webmon's HTTP API: assets, execution and statistics under
// /v1, described by /openapi.json, with health checks and metrics beside it.
//
// Handlers only translate between HTTP and package store. Every refusal, from
// the router's 404 to a panic, is a problem document as in RFC 9457.
package api
