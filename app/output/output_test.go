package output_test

import (
	"encoding/csv"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"webmon/app/output"
)

type thing struct {
	Name   string         `json:"name"`
	Tags   []string       `json:"tags"`
	Count  float64        `json:"count"`
	Whole  int64          `json:"whole"`
	On     bool           `json:"on"`
	Note   *string        `json:"note"`
	Nested map[string]any `json:"nested"`
}

// Texts that one format or another could take for something else.
var texts = []string{
	"", "plain", "yes", "null", "~", "0x10", "1e3", "12:30", "2026-11-22", "- a", "a: b", "# no", "&x *y", "'\"`", "a,b;c", " spaces ",
	"two\nlines\n", "a\r\nb\n", "a\u0085\nb\u2028c\u2029\n\n", " \n x", "tab\there", "\r\n", "Grüße 世界 🙂", "<b>&amp;</b>", "\x00\x1b[2J\x7f", "\u0085 \u2028 \u2029 \ufeff", "=1+1", "\\n", "|", ">", "{}", "[]", "!!str x", "%", "@", "---", "...",
}

func things() []thing {
	note := "n"
	var all []thing
	for i, text := range texts {
		t := thing{Name: text, Tags: []string{"a", "b"}, Count: float64(i) / 3, Whole: 1 << 60, On: i%2 == 0, Nested: map[string]any{text: []any{text, nil, 1.5}}}
		if i%3 == 0 {
			t.Note = &note
		}
		all = append(all, t)
	}
	return all
}

func write(t *testing.T, format output.Format, fields []string, all []thing) string {
	t.Helper()
	var out strings.Builder
	w := output.NewWriter(&out, format, fields)
	for _, one := range all {
		if err := w.Write(one); err != nil {
			t.Fatalf("%s: %q: %v", format, one.Name, err)
		}
	}
	if err := w.End(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestListsComeBack(t *testing.T) {
	t.Parallel()
	for _, all := range [][]thing{things(), {}} {
		var back []thing
		if text := write(t, output.JSON, nil, all); json.Unmarshal([]byte(text), &back) != nil || !reflect.DeepEqual(back, all) {
			t.Errorf("JSON: %s", text)
		}
		text := write(t, output.YAML, nil, all)
		var loose any
		if err := yaml.Unmarshal([]byte(text), &loose); err != nil {
			t.Fatalf("YAML: %v:\n%s", err, text)
		}
		again, err := json.Marshal(loose)
		if err != nil {
			t.Fatal(err)
		}
		back = nil
		if err := json.Unmarshal(again, &back); err != nil || !reflect.DeepEqual(back, all) {
			t.Errorf("YAML: %v:\n%s\n%s", err, text, again)
		}
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	fields := []string{"name", "tags", "whole", "on", "note", "nested", "missing"}
	rows, err := csv.NewReader(strings.NewReader(write(t, output.CSV, fields, things()))).ReadAll()
	if err != nil || len(rows) != len(texts)+1 || !reflect.DeepEqual(rows[0], fields) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, text := range texts {
		row := rows[i+1]
		want := strings.ReplaceAll(text, "\r\n", "\n") // encoding/csv reads it so
		if row[0] != want || row[1] != "a b" || row[2] != "1152921504606846976" || row[6] != "" {
			t.Errorf("%q: %q", text, row)
		}
		var nested map[string]any
		if err := json.Unmarshal([]byte(row[5]), &nested); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if text := write(t, output.CSV, fields, nil); text != strings.Join(fields, ",")+"\n" {
		t.Errorf("no rows: %q", text)
	}
}

func TestOneIsNoList(t *testing.T) {
	t.Parallel()
	for format, want := range map[output.Format]string{
		output.JSON: "{\n  \"b\": \"<\",\n  \"a\": 1\n}\n", output.YAML: "b: <\na: 1\n", output.CSV: "a\n1\n",
	} {
		var out strings.Builder
		one := struct {
			B string `json:"b"`
			A int    `json:"a"`
		}{"<", 1}
		if err := output.One(&out, format, []string{"a"}, one); err != nil || out.String() != want {
			t.Errorf("%s: %q, %v; want %q", format, out.String(), err, want)
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	f := output.Table
	for _, name := range output.Formats {
		if err := f.Set(name); err != nil || f.String() != name {
			t.Errorf("%s: %q, %v", name, f, err)
		}
	}
	if err := f.Set("xml"); err == nil || !strings.Contains(err.Error(), "json") {
		t.Errorf("xml: %v", err)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := output.Print(&out, []string{"A", "B", "C"}, [][]output.Cell{
		{output.Text("世界"), {Text: "red", Paint: func(text string) string { return "<" + text + ">" }}, output.Text("last\x1b[2J")},
		{output.Text("long one"), output.Text("b"), output.Text("")},
	}); err != nil {
		t.Fatal(err)
	}
	want := "A         B    C\n世界      <red>  last�[2J\nlong one  b\n"
	if out.String() != want {
		t.Errorf("got\n%s, want\n%s", out.String(), want)
	}
}

func TestAgo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for since, want := range map[time.Duration]string{
		0: "now", 900 * time.Millisecond: "now", time.Second: "1 s ago", 59 * time.Second: "59 s ago", 60 * time.Second: "1 min ago",
		3*time.Minute + 50*time.Second: "3 min ago", 25 * time.Hour: "1 day ago", 72 * time.Hour: "3 days ago",
		370 * 24 * time.Hour: "1 year ago", 800 * 24 * time.Hour: "2 years ago", -20 * time.Second: "in 20 s", -5 * time.Hour: "in 5 h",
	} {
		if got := output.Ago(now.Add(-since), now); got != want {
			t.Errorf("%v: %q, want %q", since, got, want)
		}
	}
	if got := output.Ago(time.Time{}, now); got != "never" {
		t.Errorf("the zero time: %q", got)
	}
}
