package zmqwire

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestIDsRoundTrip(t *testing.T) {
	t.Parallel()
	for _, ids := range [][]string{
		{"a"},
		{"A.b_c-9", "0"},
		{strings.Repeat("z", MaxIDLength), "x"},
		makeIDs(MaxIDs),
	} {
		message, err := FormatIDs(ids)
		if err != nil {
			t.Errorf("FormatIDs(%q): %v", ids, err)
			continue
		}
		if want := strings.Join(ids, "\n"); string(message) != want {
			t.Errorf("the message is %q, want %q", message, want)
		}
		got, err := ParseIDs(message)
		if err != nil || !slices.Equal(got, ids) {
			t.Errorf("ParseIDs(%q) = %q, %v", message, got, err)
		}
	}
}

func TestLargestMessageFitsTheSocket(t *testing.T) {
	t.Parallel()
	ids := slices.Repeat([]string{strings.Repeat("z", MaxIDLength)}, MaxIDs)
	message, err := FormatIDs(ids)
	if err != nil {
		t.Fatal(err)
	}
	if len(message) > maxJobBytes {
		t.Errorf("a message may have %d bytes, but the sockets take %d", len(message), maxJobBytes)
	}
}

func TestMalformedIDs(t *testing.T) {
	t.Parallel()
	for _, ids := range [][]string{
		nil, {}, {""}, {"a", ""}, {"a b"}, {"a\n"}, {"é"}, {"a/b"}, {"a:b"}, {"\x00"},
		{strings.Repeat("z", MaxIDLength+1)}, makeIDs(MaxIDs + 1),
	} {
		if message, err := FormatIDs(ids); err == nil {
			t.Errorf("FormatIDs(%q) = %q", ids, message)
		}
	}
	for _, message := range []string{
		"", "\n", "a\n", "\na", "a\n\nb", "a\r\nb", "a b", "a\tb", "é", "\xff", "a\x00", "a,b",
		strings.Repeat("z", MaxIDLength+1), strings.Repeat("a\n", MaxIDs) + "a",
	} {
		if ids, err := ParseIDs([]byte(message)); err == nil {
			t.Errorf("ParseIDs(%q) = %q", message, ids)
		}
	}
}

func FuzzParseIDs(f *testing.F) {
	for _, seed := range []string{"a", "job-1\njob-2", "", "\n", "a\n", "a b", "\xff", strings.Repeat("a\n", MaxIDs-1) + "a"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		n, countErr := countIDs(message)
		ids, err := ParseIDs(message)
		if (err == nil) != (countErr == nil) || len(ids) != n {
			t.Fatalf("%q: ParseIDs gives %d ids and %v, countIDs %d and %v", message, len(ids), err, n, countErr)
		}
		if err != nil {
			return
		}
		if n < 1 || n > MaxIDs {
			t.Fatalf("%q holds %d ids", message, n)
		}
		again, err := FormatIDs(ids)
		if err != nil || !bytes.Equal(again, message) {
			t.Fatalf("%q became %q, %v", message, again, err)
		}
	})
}
