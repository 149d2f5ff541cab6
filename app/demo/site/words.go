package site

import (
	"math/rand/v2"
	"strings"
)

var words = strings.Fields(`
	harbour council market bridge river garden station library school museum
	ferry season morning weather budget meeting street project festival winter
	new open public local early quiet bright northern ordinary careful old green
	opens plans repairs welcomes discusses improves celebrates visits counts builds
	the a every this another near after before with without around for`)

func sentence(r *rand.Rand) string {
	chosen := make([]string, 8+r.IntN(9))
	for i := range chosen {
		chosen[i] = words[r.IntN(len(words))]
	}
	return capital(strings.Join(chosen, " ")) + "."
}

func paragraph(r *rand.Rand) string {
	sentences := make([]string, 3+r.IntN(3))
	for i := range sentences {
		sentences[i] = sentence(r)
	}
	return strings.Join(sentences, " ")
}

func heading(r *rand.Rand) string {
	return capital(words[r.IntN(len(words))] + " " + words[r.IntN(len(words))] + " " + words[r.IntN(len(words))])
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
