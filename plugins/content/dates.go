package content

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The forms of dates. Where a form has a group, that is to be the name of a
// month: a table knows the names, because expressions with all of them in are
// slow.
var dateForms = []*regexp.Regexp{
	regexp.MustCompile(`\b(?:19|20)\d\d-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b|` +
		`\b(?:(?:19|20)\d\d[./-]\d\d?[./-]\d\d?|\d\d?(?:\. ?|[/-])\d\d?(?:\. ?|[/-])(?:19|20)\d\d|\d\d?/\d\d?/\d\d)\b|` +
		`(?:\d{4} ?[年년] ?)?\d\d? ?[月월] ?\d\d? ?[日일]`),
	regexp.MustCompile(`\b\d\d?(?:st|nd|rd|th|er|\.|º)?(?: of| de)? (\p{L}{3,10})\.?(?:,?(?: de| del)? (?:19|20)\d\d\b)?`),
	regexp.MustCompile(`(\p{L}{3,10})\.? (?:(?:19|20)\d\d\b|\d\d?(?:st|nd|rd|th)?\b(?:,? (?:19|20)\d\d\b)?)`),
}

// dateHints are what lines with a date of digits have, at least one of them.
var dateHints = []string{"19", "20", "/", "月", "월"}

// The names are English, German, French, Spanish, Italian, Portuguese and Dutch.
var (
	months = setOf(`january february march april may june july august september october november december
		januar jänner februar märz mai juni juli oktober dezember
		janvier février mars avril juin juillet août septembre octobre novembre décembre
		enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
		gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
		janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
		januari februari maart mei augustus
		jan feb mar apr jun jul aug sept sep oct nov dec mär okt dez janv févr avr juil déc
		ene abr ago dic gen mag giu lug set ott fev out mrt`)
	weekdays = setOf(`monday tuesday wednesday thursday friday saturday sunday mon tues tue wed thurs thur thu fri sat sun
		montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so
		lundi mardi mercredi jeudi vendredi samedi dimanche
		lunes martes miércoles jueves viernes sábado domingo
		lunedì martedì mercoledì giovedì venerdì sabato domenica
		segunda-feira terça-feira quarta-feira quinta-feira sexta-feira
		maandag dinsdag woensdag donderdag vrijdag zaterdag zondag`)
	articles = setOf("the den le el")
)

func setOf(words string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// hideDates masks dates, with the day of the week before them.
func hideDates(line string) string {
	for i, form := range dateForms {
		switch {
		case !strings.ContainsAny(line, digits), i == 1 && !hasMonth(line):
			return line
		case i == 0 && !slices.ContainsFunc(dateHints, func(hint string) bool { return strings.Contains(line, hint) }):
			continue
		}
		var masked strings.Builder
		done := 0
		for _, at := range form.FindAllStringSubmatchIndex(line, -1) {
			start, end := at[0], at[1]
			if len(at) > 2 && !months[strings.ToLower(line[at[2]:at[3]])] {
				continue
			}
			start = max(done, weekdayBefore(line, start))
			masked.WriteString(line[done:start])
			masked.WriteString("[date]")
			done = end
		}
		if done > 0 {
			masked.WriteString(line[done:])
			line = masked.String()
		}
	}
	return line
}

// hasMonth tells whether the name of a month is in a line. Most lines have none.
func hasMonth(line string) bool {
	for word := range strings.FieldsFuncSeq(line, func(c rune) bool { return !unicode.IsLetter(c) }) {
		if months[strings.ToLower(word)] {
			return true
		}
	}
	return false
}

// weekdayBefore returns where the day of the week that goes with the date at
// start begins, or start when there is none.
func weekdayBefore(line string, start int) int {
	before, word := lastWord(line[:start])
	if articles[word] {
		before, word = lastWord(before)
	}
	if weekdays[word] {
		return len(before)
	}
	return start
}

// lastWord takes the last word off a text, with what stands between it and the
// end.
func lastWord(text string) (before, word string) {
	text = strings.TrimRight(text, "., ")
	start := len(text)
	for start > max(0, len(text)-20) {
		c, size := utf8.DecodeLastRuneInString(text[:start])
		if !unicode.IsLetter(c) && c != '-' {
			break
		}
		start -= size
	}
	return text[:start], strings.ToLower(text[start:])
}
