package builtin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/plugins/builtin"
)

var begin = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// certificate makes a certificate that ends so many days after begin.
func certificate(name string, days int) *x509.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"shop.example"},
		NotBefore: begin.AddDate(0, 0, 1), NotAfter: begin.AddDate(0, 0, days),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return made
}

var certificates = sync.OnceValue(func() (all []*x509.Certificate) {
	for i, days := range []int{5, 12, 25, 60} {
		all = append(all, certificate(fmt.Sprintf("c%d.example", i), days))
	}
	return all
})

// checks makes the pages of an asset's checks, six hours apart: of all that
// plugins judge, something changes now and then.
func checks(seed uint64, n int) (pages []*plugins.Page) {
	random := mathrand.New(mathrand.NewPCG(seed, 3))
	price, sites, title, text := 100.0, "", "Bakery", ""
	total := 200 * time.Millisecond
	leaf, issuer := 3, 2
	stay, status := 0, 200
	for i := range n {
		if stay--; stay < 0 {
			stay, status = random.IntN(4), 200
			switch random.IntN(12) {
			case 0:
				status = []int{404, 500, 301, 0}[random.IntN(4)]
			case 1:
				price = 100 + 400*random.Float64()
			case 2:
				sites += fmt.Sprintf("<script src=//%c.example.net/x.js></script>", 'a'+random.IntN(6))
			case 3:
				sites = ""
			case 4:
				total = time.Duration(50+random.IntN(1500)) * time.Millisecond
				stay = 10
			case 5:
				leaf, issuer = random.IntN(4), random.IntN(4)
			case 6:
				title = []string{"Bakery", "Hacked by nobody", "Fresh bread", "Owned by the cyber army"}[random.IntN(4)]
			case 7:
				text = strings.Repeat("<p>We bake bread.</p>", random.IntN(60))
			case 8:
				text = "<form action=//f.example.net><input type=password></form>"
			case 9:
				price = -1
			}
		}
		body := fmt.Sprintf("<!doctype html><html><head><title>%s</title>%s</head><body><h1>%s</h1>%s<p>Bread, rolls and cakes.</p>%s", title, sites, title, text,
			strings.Repeat("<p>Every day but Sunday.</p>", 5))
		if price > 0 {
			body += fmt.Sprintf("<b id=price>%.2f EUR</b>", price*(1+0.02*random.Float64()))
		}
		page := &plugins.Page{
			URL: "https://shop.example/", FinalURL: "https://shop.example/", Status: status, At: begin.Add(time.Duration(i) * 6 * time.Hour),
			Body: []byte(body + "</body></html>"), Header: http.Header{"Content-Type": {"text/html"}},
			TLS: &tls.ConnectionState{Version: tls.VersionTLS13, PeerCertificates: []*x509.Certificate{certificates()[leaf], certificates()[issuer]}},
		}
		page.Timing.Total = total + time.Duration(random.IntN(30_000_000))
		page.Timing.FirstByte = page.Timing.Total / 2
		if status == 0 {
			page = &plugins.Page{URL: page.URL, At: page.At, Err: errors.New("no answer"), ErrClass: plugins.ErrTimeout}
		}
		pages = append(pages, page)
	}
	return pages
}

func suiteOf(t *testing.T, options string) *plugins.Suite {
	t.Helper()
	var set map[string]json.RawMessage
	if err := json.Unmarshal([]byte(options), &set); err != nil {
		t.Fatal(err)
	}
	suite, err := builtin.Registry().Suite(set)
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

// stored is what is kept of the checks.
func stored(t *testing.T, options string, pages []*plugins.Page) (all [][]plugins.Report) {
	t.Helper()
	suite := suiteOf(t, options)
	var memory []byte
	for _, page := range pages {
		o := suite.Inspect(t.Context(), page, memory)
		memory = o.Memory
		for i := range o.Reports {
			o.Reports[i].Changed = false
		}
		all = append(all, o.Reports)
	}
	return all
}

const price = `"extract": {"values": [{"name": "price", "kind": "css", "expression": "#price", %s}]}`

func priced(more, others string) string { return "{" + fmt.Sprintf(price, more) + others + "}" }

// alternatives are options that can be tried against each other.
var alternatives = []string{
	priced(`"k": 4`, ""),
	priced(`"k": 4, "min": 90, "max": 150`, `, "availability": {"expect_status": ["200", 404]}, "timing": {"slow_after": "400ms"}, "tlscert": {"warn_days": 40, "critical_days": 15}`),
	priced(`"k": 2`, `, "timing": {"drift": false}, "tlscert": {"warn_days": 3, "critical_days": 1}, "htmlstats": {"profile": "strict"}`),
	priced(`"k": 9, "max": 300`, `, "thirdparty": {"allow": ["c.example.net", "f.example.net"]}, "defacement": {"allow": ["hacked by", "owned by"]}, "htmlstats": {"k": 8, "profile": "calm"}`),
}

// judgeAgain compares every plugin's answer with what want says, where it is
// said to be exact, and counts what was compared. The first checks are not there.
func judgeAgain(t *testing.T, was, options string, first int, reports, want [][]plugins.Report, alike func(a, b []plugins.Finding) bool) (exact, alarms int) {
	t.Helper()
	again, err := suiteOf(t, options).Rejudge(suiteOf(t, was), first == 0)
	if err != nil {
		t.Fatal(err)
	}
	can := suiteOf(t, options).Rejudgers()
	for i := first; i < len(reports); i++ {
		at := begin.Add(time.Duration(i) * 6 * time.Hour)
		for j, got := range again.Judge(at, reports[i]) {
			name := reports[i][j].Plugin
			if got.Estimate || !slices.Contains(can, name) {
				continue
			}
			exact++
			alarms += min(1, len(got.Findings))
			if !alike(got.Findings, want[i][j].Findings) {
				t.Fatalf("%s judged by %s, check %d, %s:\n%+v\nwant\n%+v\nstored\n%+v", was, options, i, name, got.Findings, want[i][j].Findings, reports[i][j].Findings)
			}
		}
	}
	return exact, alarms
}

func equal(a, b []plugins.Finding) bool { return len(a)+len(b) == 0 || reflect.DeepEqual(a, b) }

// alike leaves out the sentences, and what htmlstats has only to note.
func alike(a, b []plugins.Finding) bool {
	short := func(all []plugins.Finding) (list []string) {
		for _, f := range all {
			if f.Points == 0 || f.Alarming() {
				list = append(list, fmt.Sprintln(f.Code, f.Severity, f.Verdict, f.Metric, f.Observed, f.Expected, f.StdDev))
			}
		}
		slices.Sort(list)
		return list
	}
	return slices.Equal(short(a), short(b))
}

// sameAlarms compares what alarms, not by how much.
func sameAlarms(a, b []plugins.Finding) bool {
	alarms := func(all []plugins.Finding) (list []string) {
		for _, f := range all {
			if f.Alarming() {
				list = append(list, fmt.Sprintln(f.Code, f.Severity, f.Verdict, f.Metric, f.Observed))
			}
		}
		slices.Sort(list)
		return list
	}
	return slices.Equal(alarms(a), alarms(b))
}

// The same options find what was found, by every plugin and to the letter.
func TestRejudgeWithTheSameOptions(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(4) {
		options := alternatives[seed%4]
		reports := stored(t, options, checks(seed, 150))
		_, n := judgeAgain(t, options, options, 0, reports, reports, equal)
		found += n
	}
	if found < 300 {
		t.Errorf("only %d reports with findings were compared", found)
	}
}

// Without the asset's first checks, the same options alarm as they did.
func TestRejudgeFromTheMiddle(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		options := alternatives[seed%4]
		reports := stored(t, options, checks(seed, 200))
		judgeAgain(t, options, options, 60, reports, reports, sameAlarms)
	}
}

// Other options find what they would have found on the pages, wherever a plugin
// does not say that its answer is an estimate.
func TestRejudgeWithOtherOptions(t *testing.T) {
	t.Parallel()
	exact, found := 0, 0
	for seed := range uint64(3) {
		pages := checks(seed, 120)
		reports := map[string][][]plugins.Report{}
		for _, options := range alternatives {
			reports[options] = stored(t, options, pages)
		}
		for _, was := range alternatives {
			for _, options := range alternatives {
				n, m := judgeAgain(t, was, options, 0, reports[was], reports[options], alike)
				exact, found = exact+n, found+m
			}
		}
	}
	t.Logf("%d reports, %d with findings", exact, found)
	if exact < 10_000 || found < 3_000 {
		t.Errorf("only %d reports, %d with findings, were compared", exact, found)
	}
}
