package inject

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"slices"
)

// Attack is one way to harm a page.
type Attack struct {
	Name string // the label of its probes
	Doc  string // what it does, in a few words

	// edits says how to change the page; nothing when the attack does not fit
	// it.
	edits func(v *victim, r *rand.Rand) []edit
}

// Attacks lists all attacks.
func Attacks() []Attack {
	return []Attack{
		{"deface", "the page replaced by a defacement", deface},
		{"banner", "a banner of the intruder, with words, at the top", banner},
		{"banner-wordless", "a banner without words, only an image", bannerWordless},
		{"title-h1", "only the title and the first heading changed", titleH1},
		{"seo-spam", "a hidden block of spam links", seoSpam},
		{"script", "a script of a foreign host", script},
		{"inline-script", "an obfuscated inline script", inlineScript},
		{"skimmer-known-cdn", "a new script on a CDN that the page uses already", skimmer},
		{"iframe", "a hidden frame of a foreign host", iframe},
		{"phishing-form", "a login form that posts to a foreign host", phishingForm},
		{"blank", "an empty page", blank},
		{"error-page", "a server's error text instead of the page", errorPage},
		{"half", "the page cut in the middle", half},
		{"wipe", "the content removed, the template kept", wipe},
		{"swap", "the page of another site", swap},
	}
}

// victim is a page to be attacked.
type victim struct {
	body []byte
	anatomy
	ascii bool                      // it is not surely UTF-8, so what is put in must be ASCII
	other func(r *rand.Rand) []byte // gives a page of another site, or nothing
}

// edit replaces body[start:end] by text.
type edit struct {
	start, end int
	text       string
}

func insert(at int, text string) []edit { return []edit{{at, at, text}} }

// replace replaces the whole page.
func (v *victim) replace(text string) []edit { return []edit{{0, len(v.body), text}} }

// apply makes the edits, which must not overlap.
func (v *victim) apply(edits []edit) []byte {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	var out bytes.Buffer
	done := 0
	for _, e := range edits {
		out.Write(v.body[done:e.start])
		if v.ascii {
			e.text = toASCII(e.text)
		}
		out.WriteString(e.text)
		done = e.end
	}
	out.Write(v.body[done:])
	return out.Bytes()
}
