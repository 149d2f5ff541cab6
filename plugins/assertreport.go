package plugins

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"webmon/plugins/assertion"
)

// The codes of what is said of assertions.
const (
	AssertionFailed     = "assertion_failed"
	assertionUndecided  = "assertion_undecided"
	assertionUnreadable = "assertion_unreadable"
)

const (
	maxExprShown  = 200 // bytes of an expression in evidence and in a message
	maxValueShown = 80  // bytes of a text in a message
	maxEvidence   = 10  // pieces
)

// report judges the assertions over what is known of a check.
func (as *asserted) report(values assertion.Values) Report {
	return as.reportOn(assertion.Judge(as.compiled, values))
}

func (as *asserted) reportOn(judgements []assertion.Judgement) Report {
	report := Report{Plugin: AssertionsName}
	var undecided []int
	failed := 0
	for i := range judgements {
		switch judgements[i].Outcome {
		case assertion.Fails:
			failed++
			report.Findings = append(report.Findings, as.failure(i, &judgements[i]))
		case assertion.Undecided:
			undecided = append(undecided, i)
		}
	}
	if len(undecided) > 0 {
		report.Findings = append(report.Findings, as.undecided(undecided, judgements))
	}
	for _, wrong := range as.broken {
		report.Findings = append(report.Findings, Finding{
			Severity: Warning, Code: assertionUnreadable,
			Message: fmt.Sprintf("Assertion %d is not checked, because this version of webmon does not understand it: %s.", wrong.Index+1, wrong.Err),
		})
	}
	report.Metrics = []Metric{
		{Name: "failed_count", Value: float64(failed)},
		{Name: "passed_count", Value: float64(len(judgements) - failed - len(undecided))},
		{Name: "undecided_count", Value: float64(len(undecided))},
	}
	return report
}

// failure is the finding of an assertion that does not hold.
func (as *asserted) failure(i int, j *assertion.Judgement) Finding {
	a := as.list[i]
	expr := shorten(a.Expr, maxExprShown)
	f := Finding{Severity: a.Severity, Verdict: a.Verdict, Code: AssertionFailed, Message: a.Message, Evidence: []string{expr}}
	if f.Message == "" {
		f.Message = expr + " does not hold"
		for k, seen := range j.Seen {
			between := ", "
			if k == 0 {
				between = ": "
			}
			f.Message += between + seen.Name + " " + words(seen.Value)
		}
		f.Message = shorten(f.Message, MaxAssertionMessage-1) + "."
	}
	if j.Operator != "" {
		f.Observed, f.Expected = valueOf(j.Left), valueOf(j.Right)
		if j.Operator != "==" {
			f.Expected = Text(j.Operator + " " + f.Expected.String())
		}
	}
	return f
}

// undecided says in one finding which assertions could not be decided. It makes
// nothing of the asset: that something was not measured has its reason, and
// whoever should tell of that does.
func (as *asserted) undecided(which []int, judgements []assertion.Judgement) Finding {
	f := Finding{Severity: Info, Code: assertionUndecided}
	var missing, troubles []string
	for _, i := range which {
		if len(f.Evidence) < maxEvidence {
			f.Evidence = append(f.Evidence, shorten(as.list[i].Expr, maxExprShown))
		}
		for _, name := range judgements[i].Missing {
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
		if trouble := judgements[i].Trouble; trouble != "" && !slices.Contains(troubles, trouble) {
			troubles = append(troubles, trouble)
		}
	}
	what := "One assertion says nothing of this check"
	if n := len(which); n > 1 {
		what = fmt.Sprintf("%d assertions say nothing of this check", n)
	}
	if len(missing) > 0 {
		troubles = append([]string{listed(missing)}, troubles...)
	}
	f.Message = shorten(what+": "+strings.Join(troubles, "; "), MaxAssertionMessage-1) + "."
	return f
}

// listed says that some names were not measured.
func listed(names []string) string {
	const most = 5
	was, more := "was", ""
	if len(names) > 1 {
		was = "were"
	}
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names[:min(len(names), most)], ", ") + more + " " + was + " not measured"
}

// words says what was seen.
func words(seen any) string {
	switch seen := seen.(type) {
	case float64:
		return "is " + number(seen)
	case bool:
		return fmt.Sprintf("is %t", seen)
	case string:
		return "is " + strconv.Quote(shorten(seen, maxValueShown))
	}
	return "was not measured"
}

// number writes whole numbers whole, and others to six digits.
func number(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}

func valueOf(x any) Value {
	switch x := x.(type) {
	case float64:
		return Number(x)
	case string:
		return Text(shorten(x, maxExprShown))
	}
	return Value{}
}

// shorten cuts a text to so many bytes, and shows that it did.
func shorten(text string, most int) string {
	text = strings.ToValidUTF8(text, "�")
	if len(text) <= most {
		return text
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// again judges the assertions over a check that is stored. What is about
// something that is not kept finds what it found; was is the report of then.
func (as *asserted) again(reports []Report, verdict Verdict, was *Report) Rejudged {
	found := Rejudged{Plugin: AssertionsName}
	judgements := assertion.Judge(as.compiled, as.ofStored(reports, verdict))
	for i, a := range as.compiled {
		if kept(a) {
			continue
		}
		expr := shorten(as.list[i].Expr, maxExprShown)
		j := slices.IndexFunc(was.Findings, func(f Finding) bool { return f.Code == AssertionFailed && slices.Contains(f.Evidence, expr) })
		judgements[i] = assertion.Judgement{Outcome: assertion.Holds}
		if j >= 0 {
			before := was.Findings[j]
			before.Severity, before.Verdict = as.list[i].Severity, as.list[i].Verdict
			found.Findings = append(found.Findings, before)
		}
		found.Estimate = true
	}
	found.Findings = append(found.Findings, as.reportOn(judgements).Findings...)
	return found
}
