package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/rs/xid"

	"webmon/store"
)

var packer = sync.OnceValues(func() (*zstd.Encoder, error) { return zstd.NewWriter(nil) })

// fileOf is a file with these records, its checksum as it should be.
func fileOf(t testing.TB, records []byte) []byte {
	t.Helper()
	w, err := packer()
	if err != nil {
		t.Fatal(err)
	}
	b := fmt.Appendf(nil, "%s%d\n{\"webmon\":\"v9\"}\n", magic, Format)
	b = append(b, w.EncodeAll(records, nil)...)
	return fmt.Appendf(b, "%x\n", sha256.Sum256(b))
}

func record(kind byte, fields ...string) []byte {
	w := &Writer{}
	w.begin(kind, fields...)
	return append(binary.AppendUvarint(nil, uint64(len(w.record))), w.record...)
}

func checkBytes(b []byte) (*File, error) { return Check(bytes.NewReader(b), int64(len(b))) }

const good = `{"revision":1,"verdict":"up"}`

// What fits its checksum and cannot be understood is refused all the same.
func TestRecordsRefused(t *testing.T) {
	t.Parallel()
	id := xid.New().String()
	asset := record(kindAsset, id, good, `{"url":"http://a/","interval":"1m"}`, "", "", "", "{}")
	counters, end := record(kindCounters, `{"jobs":3}`), record(kindEnd, `{"assets":1,"decisions":1,"chunks":0}`)
	if f, err := checkBytes(fileOf(t, bytes.Join([][]byte{asset, counters, end}, nil))); err != nil || f.Counts.Assets != 1 {
		t.Fatalf("a good one: %+v, %v", f, err)
	}
	state := func(text string) []byte { return record(kindAsset, id, text, "{}", "", "", "") }
	for name, test := range map[string]struct {
		records [][]byte
		is      error
		says    string
	}{
		"nothing":              {nil, ErrDamaged, "unexpected EOF"},
		"no end":               {[][]byte{asset, counters}, ErrDamaged, "unexpected EOF"},
		"no counters":          {[][]byte{asset, end}, ErrDamaged, "out of its order"},
		"asset after counters": {[][]byte{counters, asset, end}, ErrDamaged, "out of its order"},
		"after the end":        {[][]byte{asset, counters, end, asset}, ErrDamaged, "follows the last record"},
		"other counts":         {[][]byte{counters, end}, ErrDamaged, "but there are"},
		"results of nobody":    {[][]byte{record(kindResults, id, "x")}, ErrDamaged, "do not follow"},
		"results of another":   {[][]byte{asset, record(kindResults, xid.New().String(), "x")}, ErrDamaged, "do not follow"},
		"unknown kind":         {[][]byte{record('Z', "x")}, ErrNewer, `webmon v9`},
		"more fields":          {[][]byte{asset, record(kindCounters, "{}", "{}")}, ErrNewer, "2 fields"},
		"fewer fields":         {[][]byte{record(kindAsset, id, good)}, ErrNewer, "2 fields"},
		"unknown property":     {[][]byte{state(`{"revision":1,"verdict":"up","colour":"red"}`)}, ErrNewer, "colour"},
		"two documents":        {[][]byte{state(good + good)}, ErrNewer, "follows the JSON"},
		"no id":                {[][]byte{record(kindAsset, "x", good, "{}", "", "", "")}, ErrDamaged, `"x" is no id`},
		"no revision":          {[][]byte{state(`{"verdict":"up"}`)}, ErrDamaged, "revision 0"},
		"no verdict":           {[][]byte{state(`{"revision":1,"verdict":"dead"}`)}, ErrDamaged, `"dead"`},
		"negative":             {[][]byte{state(`{"revision":1,"verdict":"up","since":-1}`)}, ErrDamaged, "negative"},
		"no day":               {[][]byte{state(`{"revision":1,"verdict":"up","changes":{"x}:y":1}}`)}, ErrDamaged, "x}:y"},
		"definition":           {[][]byte{record(kindAsset, id, good, "{", "", "", "")}, ErrDamaged, "definition"},
		"interval":             {[][]byte{record(kindAsset, id, good, `{"interval":"-1m"}`, "", "", "")}, ErrDamaged, "interval"},
		"negative counter":     {[][]byte{record(kindCounters, `{"jobs":-1}`)}, ErrDamaged, "negative"},
		"field too long":       {[][]byte{{3, kindAsset, 9, 'x'}}, ErrDamaged, "longer than its record"},
		"empty record":         {[][]byte{{0}}, ErrDamaged, "length of 0"},
		"huge record":          {[][]byte{binary.AppendUvarint(nil, maxRecord+1)}, ErrDamaged, "length of"},
		"announced only":       {[][]byte{binary.AppendUvarint(nil, maxRecord)}, ErrDamaged, "unexpected EOF"},
		"no number":            {[][]byte{bytes.Repeat([]byte{0xff}, 11)}, ErrDamaged, "overflow"},
	} {
		f, err := checkBytes(fileOf(t, bytes.Join(test.records, nil)))
		if f != nil || !errors.Is(err, test.is) || !strings.Contains(fmt.Sprint(err), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a reader would not take is not written.
func TestRecordTooLarge(t *testing.T) {
	t.Parallel()
	w, err := NewWriter(new(bytes.Buffer), Header{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Asset(&store.AssetCopy{ID: "x", Memory: strings.Repeat("x", maxRecord)}); err == nil || !strings.Contains(err.Error(), "asset x") {
		t.Errorf("%v", err)
	}
}

func FuzzRecords(f *testing.F) {
	id := xid.New().String()
	asset := record(kindAsset, id, good, `{"url":"http://a/","tags":["x"],"interval":"1m"}`, "m", "b", "o", "{}")
	for _, records := range [][][]byte{
		{asset, record(kindResults, id, "1", "2"), record(kindCounters, `{}`), record(kindEnd, `{"assets":1,"decisions":1,"chunks":2}`)},
		{asset, asset}, {record('Z')}, {{0xff, 0xff, 3}}, {},
	} {
		f.Add(bytes.Join(records, nil))
	}
	f.Fuzz(func(t *testing.T, records []byte) {
		file, err := checkBytes(fileOf(t, records))
		if (file == nil) == (err == nil) {
			t.Fatalf("%v, %v", file, err)
		}
		if err == nil {
			return
		}
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
			t.Errorf("neither damaged nor newer: %v", err)
		}
	})
}

func FuzzCheck(f *testing.F) {
	whole := fileOf(f, bytes.Join([][]byte{record(kindCounters, `{}`), record(kindEnd, `{"assets":0,"decisions":0,"chunks":0}`)}, nil))
	f.Add(whole)
	f.Add(whole[:40])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := checkBytes(b)
		if (file == nil) == (err == nil) {
			t.Fatalf("%v, %v", file, err)
		}
		if err == nil {
			return
		}
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) && !errors.Is(err, ErrNoBackup) {
			t.Errorf("none of the errors: %v", err)
		}
	})
}
