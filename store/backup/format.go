// Package backup writes what webmon keeps in Redis into a file, and back. The
// file depends on no layout of keys, no key prefix and no version of Redis.
//
// A backup is, in this order:
//
//	"webmon-backup 1\n"   the format and its version,
//	a [Header] as JSON and a newline,
//	one zstd stream of records,
//	the SHA-256 of all bytes before it, 64 hexadecimal digits and a newline.
//
// A record is the length of what follows as a varint (that of Protocol Buffers
// and encoding/binary), then a byte that tells its kind, then fields, each its
// length as a varint and its bytes:
//
//	A  an asset: id, [store.CopyState] as JSON, definition as JSON, memory,
//	   memory before the last alarm, the open chunk of results, then decisions
//	   as JSON, the newest first
//	R  results of the asset before it: id, then sealed chunks, the oldest first
//	I  a closed incident: id, then its fields; after all assets
//	C  [store.CopyCounters] as JSON; after all incidents
//	E  [Counts] as JSON; the last record
//
// What the fields hold is described in store/keys.go, store/chunk.go and
// store/scripts/incidents.lua. Whoever
// changes that in a way that older versions of webmon cannot read must give the
// format a new version.
package backup

import "time"

// Format is the version of the format that is written, and the newest that is
// read.
const Format = 1

const (
	magic        = "webmon-backup "
	checksumSize = 64 + 1
	maxLine      = 4096     // bytes of each of the first two lines
	maxRecord    = 64 << 20 // bytes
	// resultsRecord is how many bytes of sealed chunks a record takes before
	// another one is begun.
	resultsRecord = 1 << 20
	maxWindow     = 8 << 20 // of zstd: what a reader must hold
)

const (
	kindAsset    = 'A'
	kindResults  = 'R'
	kindIncident = 'I'
	kindCounters = 'C'
	kindEnd      = 'E'
)

// Header says where a backup comes from.
type Header struct {
	Webmon  string    `json:"webmon"` // the version that wrote it
	Created time.Time `json:"created"`
}

// Counts says how much is in a backup.
type Counts struct {
	Assets    int64 `json:"assets"`
	Decisions int64 `json:"decisions"`
	Chunks    int64 `json:"chunks"`    // of results, of up to 64 each
	Incidents int64 `json:"incidents"` // that are closed; the open ones are parts of their assets
}
