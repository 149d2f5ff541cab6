package plugins_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"webmon/plugins"
)

func TestPast(t *testing.T) {
	t.Parallel()
	w := plugins.NewPast(7)
	w.Hash(1 << 63)
	w.Hash32(1 << 31)
	w.Float(-2.5)
	w.Int(300)
	w.Int(-1)
	w.Bool(true)
	w.Bool(false)
	w.Text("größer")
	w.Texts([]string{"a", "", "b"})
	w.Texts(nil)
	past := w.Bytes()
	read := func(past []byte) (ok bool) {
		r := plugins.ReadPast(past, 7)
		same := r.Hash() == 1<<63 && r.Hash32() == 1<<31 && r.Float() == -2.5 && r.Int(300) == 300 && r.Int(0) == 0 &&
			r.Bool() && !r.Bool() && r.Text(8) == "größer" && slices.Equal(r.Texts(3, 1), []string{"a", "", "b"}) && r.Texts(3, 1) == nil
		return same && r.OK()
	}
	if !read(past) {
		t.Error("what was written is not what is read")
	}
	for n := range past {
		if read(past[:n:n]) {
			t.Errorf("cut after %d bytes, it reads well", n)
		}
	}
	if read(append(slices.Clone(past), 0)) {
		t.Error("with a byte too many, it reads well")
	}
}

func TestPastLimits(t *testing.T) {
	t.Parallel()
	w := plugins.NewPast(1)
	w.Text("four")
	texts := w.Bytes()
	w = plugins.NewPast(1)
	w.Hash(math.Float64bits(math.Inf(1)))
	infinite := w.Bytes()
	for name, r := range map[string]*plugins.PastReader{
		"nothing":       plugins.ReadPast(nil, 1),
		"other version": plugins.ReadPast(texts, 2),
	} {
		if r.Int(100) != 0 || r.Text(10) != "" || r.Texts(1, 1) != nil || r.Hash() != 0 || r.OK() {
			t.Errorf("%s: it reads well", name)
		}
	}
	if r := plugins.ReadPast(texts, 1); r.Text(3) != "" || r.OK() {
		t.Error("a text over its limit reads well")
	}
	if r := plugins.ReadPast(infinite, 1); r.Float() != 0 || r.OK() {
		t.Error("an infinite number reads well")
	}
	if r := plugins.ReadPast([]byte("\x01\x02\xff\xfe"), 1); r.Text(5) != "" || r.OK() {
		t.Error("a text that is not UTF-8 reads well")
	}
	if r := plugins.ReadPast([]byte("\x01"+strings.Repeat("\xff", 12)), 1); r.Int(math.MaxInt) != 0 || r.OK() {
		t.Error("a number without end reads well")
	}
}
