package jsonshape

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func page(body string) *plugins.Page {
	return &plugins.Page{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

func inspect(t testing.TB, page *plugins.Page, past []byte) plugins.Report {
	t.Helper()
	report, err := jsonshape{}.Inspect(t.Context(), page, past)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

const usual = `{"id": 1, "user": {"name": "a", "mail": null}, "items": [{"sku": "x", "n": 1}, {"sku": "y"}], "when": %d}`

func TestFindings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, want string }{
		{"same", usual, ""},
		{"empty list", `{"id": 1, "user": {"name": "a", "mail": null}, "items": [], "when": %d}`, ""},
		{"null object", `{"id": 1, "user": null, "items": [], "when": %d}`, ""},
		{"null becomes text", `{"id": 1, "user": {"name": "a", "mail": "b"}, "items": [], "when": %d}`, ""},
		{"key gone", `{"user": {"name": "a", "mail": null}, "items": [], "when": %d}`, "warning key_gone $.id changed"},
		{"object gone", `{"id": 1, "items": [], "when": %d}`, "warning key_gone $.user changed"},
		{"in all elements", `{"id": 1, "user": null, "items": [{"n": 1}], "when": %d}`, "warning key_gone $.items[].sku changed"},
		{"type", `{"id": "1", "user": null, "items": [], "when": %d}`, "warning type_changed $.id is a text, not a number changed"},
		{"list of other things", `{"id": 1, "user": null, "items": [5], "when": %d}`,
			"warning type_changed $.items[] is a number, not an object changed"},
		{"new key", `{"id": 1, "user": null, "items": [], "when": %d, "more": {"a": 1}}`, "info new_key $.more, $.more.a "},
		{"no JSON", `<p>error %d`, "warning json_gone no JSON changed"},
		{"all else", `[%d]`, "warning type_changed $ is a list, not an object changed,info new_key $[] "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var past []byte
			for i := range 5 {
				report := inspect(t, page(fmt.Sprintf(usual, i)), past)
				if past = report.Past; len(report.Findings) > 0 {
					t.Fatalf("learning: %+v", report.Findings)
				}
			}
			report := inspect(t, page(fmt.Sprintf(test.body, 9)), past)
			var got []string
			for _, f := range report.Findings {
				got = append(got, fmt.Sprintf("%s %s %s %s", f.Severity, f.Code, f.Observed, f.Verdict))
			}
			if strings.Join(got, ",") != test.want || report.Changed != (test.want != "") {
				t.Fatalf("got  %q\nwant %q", got, test.want)
			}
			if strings.HasPrefix(test.want, "warning") { // it stays, until it is adopted
				for i := 2; i <= adopt; i++ {
					report = inspect(t, page(fmt.Sprintf(test.body, 9+i%2)), report.Past)
					if len(report.Findings) == 0 || report.Findings[0].Verdict != plugins.Changed {
						t.Fatalf("check %d: %+v", i, report.Findings)
					}
				}
				if report = inspect(t, page(fmt.Sprintf(test.body, 9)), report.Past); len(report.Findings) > 0 {
					t.Errorf("adopted: %+v", report.Findings)
				}
			}
		})
	}
}

// An answer whose keys come and go is not alarmed about again and again.
func TestLivelyAnswer(t *testing.T) {
	t.Parallel()
	var past []byte
	alarmed := 0
	for i := range 300 {
		report := inspect(t, page(fmt.Sprintf(`{"key%d": 1, "key%d": 2, "always": {}}`, i%7, (i*i)%11)), past)
		past = report.Past
		if slices.ContainsFunc(report.Findings, func(f plugins.Finding) bool { return f.Verdict != "" }) {
			alarmed++
		}
	}
	if alarmed > 3 {
		t.Errorf("%d checks with an alarm", alarmed)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	var many, ids []string
	for i := range 45 {
		for j := range 10 {
			many = append(many, fmt.Sprintf(`{"k%d_%d": %d}`, i, j, i))
		}
	}
	for i := range 1000 {
		ids = append(ids, fmt.Sprintf(`"%d": {"name": "x"}`, i))
	}
	deep := strings.Repeat("[", 500) + strings.Repeat("]", 500)
	for name, body := range map[string]string{
		"many": "[" + strings.Join(many, ",") + "]", "table": "{" + strings.Join(ids, ",") + "}", "deep": deep,
		"long": `{"` + strings.Repeat("k", 5000) + `": 1}`,
	} {
		var past []byte
		for range 5 {
			report := inspect(t, page(body), past)
			past = report.Past
			if len(past) > plugins.MaxPast || len(report.Findings) > 0 {
				t.Errorf("%s: %d bytes, %+v", name, len(past), report.Findings)
			}
		}
	}
	if s, ok := readShape([]byte("{" + strings.Join(ids, ",") + "}")); !ok || len(s) != 3 {
		t.Errorf("a table has the shape %v", s)
	}
}

func TestOthers(t *testing.T) {
	t.Parallel()
	html := page("<p>")
	html.Header.Set("Content-Type", "text/html")
	failed, unavailable := page(`{"error": 1}`), page(`{"error": 1}`)
	failed.Err, unavailable.Status = errors.New("reset"), 500
	past := inspect(t, page(`{"a": 1}`), nil).Past
	for _, other := range []*plugins.Page{html, failed, unavailable} {
		if report := inspect(t, other, nil); !reflect.DeepEqual(report, plugins.Report{}) {
			t.Errorf("got %+v", report)
		}
	}
	for _, other := range []*plugins.Page{failed, unavailable} {
		if report := inspect(t, other, past); string(report.Past) != string(past) {
			t.Error("an error teaches")
		}
	}
	text := page(" [1]")
	text.Header = nil
	if report := inspect(t, text, nil); len(report.Metrics) != 2 || report.Metrics[0].Value != 2 {
		t.Errorf("without a type: %+v", report)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte(`{"a": [1, null]}`), []byte(`{"b": 1}`), []byte{pastVersion})
	f.Fuzz(func(t *testing.T, a, b, past []byte) {
		for _, body := range [][]byte{a, a, a, b, a} {
			past = inspect(t, page(string(body)), past).Past
			if m, ok := decode(past); past != nil && (!ok || string(m.encode()) != string(past)) {
				t.Fatalf("the memory does not read back: %x", past)
			}
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	var items []string
	for i := range 200 {
		items = append(items, fmt.Sprintf(`{"id": %d, "name": "item", "price": {"value": 1.5, "currency": "EUR"}, "tags": ["a", "b"]}`, i))
	}
	body := "[" + strings.Join(items, ",") + "]"
	if !json.Valid([]byte(body)) {
		b.Fatal("the body is no JSON")
	}
	past := inspect(b, page(body), nil).Past
	for name, memory := range map[string][]byte{"unchanged": past, "new": nil} {
		b.Run(name, func(b *testing.B) {
			answer := page(body)
			b.ReportAllocs()
			for b.Loop() {
				inspect(b, answer, memory)
			}
			b.ReportMetric(float64(len(past)), "memory-bytes")
		})
	}
}

func FuzzReport(f *testing.F) { plugintest.Fuzz(f, Definition(), "") }
