// Package plugins is the contract between webmon and its plugins.
//
// A check fetches a [Page] once; every plugin looks at that one page together
// with what the same plugin remembered of the asset, and answers with a
// [Report]. A plugin is a pure function: no I/O, no clock, no state of its own
// between calls. So it can be replayed over saved pages and run on many
// goroutines at once.
//
// This package knows nothing of Redis, ZeroMQ or configuration. The plugins
// themselves live one package each below it; package plugins/builtin lists
// them.
package plugins
