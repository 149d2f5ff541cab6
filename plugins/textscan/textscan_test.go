package textscan

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func words(blocks ...string) []uint32 {
	words, _, _ := finish(blocks...)
	return words
}

func finish(blocks ...string) (words, hashes []uint32, simhash uint64) {
	r := NewReader(4096, 512)
	for _, block := range blocks {
		r.Block([]byte(block))
	}
	return r.Finish()
}

func TestWords(t *testing.T) {
	t.Parallel()
	for _, same := range [][2]string{
		{"One word, and another.", "another and ONE Word"},
		{"again again again", "Again"},
		{"in 2024 we had 17 and a2b and é3", "had we and in"},
		{"extraordinarily EXTRAORDINARILY", "Extraordinarily"},
		{"Über ÄRGER, naïve", "ärger über Naïve"},
		{"Привет МИР", "мир привет"},
		{"ΑΘΗΝΑ—Ελλάδα", "ελλάδα αθηνα"},
		{"“quoted” …and", "and quoted"},
		{"안녕 세계", "세계 안녕"},
		{"abcdefg abcdefgh abcdefghi", "ABCDEFGHI ABCDEFGH ABCDEFG"},
		{"abcdefgé", "ABCDEFGÉ"},
		{"日本語", "日本語"},
		{"a,b", "b a"},
		{"", " .,— 12 "},
	} {
		if got, want := words(same[0]), words(same[1]); !slices.Equal(got, want) {
			t.Errorf("%q has words %d, %q has %d", same[0], got, same[1], want)
		}
	}
	for text, want := range map[string]int{
		"":                    0,
		"one two three":       3,
		"one-two/three":       3,
		"x1 2y 3":             0,
		"日本語":                 3, // by itself, and two pairs
		"日本 word 語":           4,
		"mixed日本text":         4,
		"resume résumé":       2,
		"abcdefg abcdefgh":    2,
		"toolong1234567 then": 1,
	} {
		if got := len(words(text)); got != want {
			t.Errorf("%q has %d words, want %d", text, got, want)
		}
	}
}

// The two ways in which words are read must not differ.
func TestWordsAnywhere(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		var list []string
		for range 1 + random.IntN(6) {
			list = append(list, strings.Repeat(string(rune('a'+random.IntN(26))), 1+random.IntN(12)))
		}
		together := words(strings.Join(list, " "))
		if apart := words(list...); !slices.Equal(together, apart) {
			t.Fatalf("%q: %d together, %d apart", list, together, apart)
		}
		if padded := words(strings.Join(list, " ") + " é"); len(padded) != len(together)+1 {
			t.Fatalf("%q: %d words, %d with one more", list, len(together), len(padded))
		}
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	_, blocks, _ := finish("The first block.", "Another one, of 3.", "12 34", "", "the FIRST block", "block first the")
	if len(blocks) != 3 || !slices.IsSorted(blocks) {
		t.Errorf("got blocks %d, want three, sorted", blocks)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	r := NewReader(100, 10)
	for i := range 5000 {
		r.Block([]byte(letters(i)))
	}
	words, blocks, _ := r.Finish()
	if len(words) != 100 || len(blocks) != 10 || !slices.IsSorted(words) || !slices.IsSorted(blocks) {
		t.Errorf("%d words and %d blocks, want 100 and 10, sorted", len(words), len(blocks))
	}
	if words, blocks, simhash := r.Finish(); words != nil || blocks != nil || simhash != 0 {
		t.Error("a reader that was read out is not empty")
	}
}

// A page can be made so that all its words belong at one place of the table.
func TestCrowd(t *testing.T) {
	t.Parallel()
	s := newSet(4096)
	for range 2 {
		for hash := range uint32(1 << 16) {
			s.add(hash)
			s.add(^hash)
		}
		if hashes := s.drain(); len(hashes) == 0 || len(hashes) > 4096 || !slices.IsSorted(hashes) {
			t.Fatalf("%d hashes, sorted %t", len(hashes), slices.IsSorted(hashes))
		}
	}
}

func TestHashesDiffer(t *testing.T) {
	t.Parallel()
	const n = 200_000
	seen := make(map[uint32]bool, n)
	for i := range n {
		seen[uint32(hashWord([]byte(letters(i)))>>32)] = true
	}
	// By chance there are n²/2³³ = 4.7 pairs with the same hash.
	if equal := n - len(seen); equal > 20 {
		t.Errorf("%d of %d words have the hash of another", equal, n)
	}
}

// What is remembered compares with what is read later, so hashes must stay.
func TestHashesStay(t *testing.T) {
	t.Parallel()
	w, b, s := finish("Plain words of incomprehensible length", "é")
	got := fmt.Sprintf("%x %x %x", w, b, s)
	const want = "[172c847a 1830a12b 5fb6f01f 70e6a8ea da786588 e4a4471b] [1a775dfd efae86fc] 20e406e108a4c4c4"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSimhash(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var list []string
	for range 400 {
		list = append(list, letters(random.IntN(5000)))
	}
	_, _, whole := finish(strings.Join(list, " "))
	list[100], list[300] = "something", "else"
	_, _, edited := finish(strings.Join(list, " "))
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	_, _, shuffled := finish(strings.Join(list, " "))
	if near, far := bits.OnesCount64(whole^edited), bits.OnesCount64(whole^shuffled); near > 8 || far < 16 {
		t.Errorf("%d bits differ after an edit, %d after a shuffle", near, far)
	}
}

// The counts are kept in an unusual way; these are counted as one would.
func TestSimhashCounts(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 3))
	for n := range 100 {
		var s simhash
		var counts [64]int
		for range n {
			hash := random.Uint64() | 0xF0F0
			s.add(hash)
			for bit := range counts {
				counts[bit] += int(hash >> bit & 1)
			}
		}
		var want uint64
		for bit, count := range counts {
			if 2*count > n {
				want |= 1 << bit
			}
		}
		if got := s.drain(); got != want {
			t.Fatalf("of %d hashes got %x, want %x", n, got, want)
		}
	}
}

func FuzzBlock(f *testing.F) {
	f.Add("One word, ünd 日本 123 and\xff")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		got := words(text)
		if again := words(text + " "); !slices.Equal(got, again) {
			t.Errorf("%q has words %d, with a blank %d", text, got, again)
		}
	})
}

// letters writes a number in letters.
func letters(n int) string {
	word := []byte{byte('a' + n%26)}
	for n /= 26; n > 0; n /= 26 {
		word = append(word, byte('a'+n%26))
	}
	return string(word)
}
