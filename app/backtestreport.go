package app

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"webmon/app/backtest"
)

// shownReasons is how many reasons for an alarm are printed, unless all are
// asked for.
const shownReasons = 3

// backtestPrinter writes a backtest, as text or JSON.
type backtestPrinter struct {
	flags backtestFlags
	out   *bufio.Writer
	json  *json.Encoder
	paint painter
}

func newBacktestPrinter(out io.Writer, flags backtestFlags) *backtestPrinter {
	p := &backtestPrinter{flags: flags, out: bufio.NewWriter(out), paint: newPainter(out)}
	p.json = json.NewEncoder(p.out)
	p.json.SetEscapeHTML(false) // messages quote HTML
	return p
}

func (p *backtestPrinter) flush() error {
	if err := p.out.Flush(); err != nil {
		return fmt.Errorf("print backtest: %w", err)
	}
	return nil
}

// page prints one page: as JSON every one, as text those that alarm.
func (p *backtestPrinter) page(r backtest.Result) error {
	switch {
	case p.flags.quiet:
		return nil
	case p.flags.json:
		return p.json.Encode(r)
	case !r.Alarmed:
		return nil
	}
	state := "still alarmed"
	if r.Opened {
		state = "alert"
	}
	if r.Role == backtest.Probe {
		state = "probe"
	}
	_, err := fmt.Fprintf(p.out, "%s/%s  %s  %s  %s  %s  %s\n", strings.TrimRight(printable(r.Dir), "/"), printable(r.File),
		r.Time.UTC().Format(time.RFC3339), printable(r.Label), state, p.paint.verdict(r.Verdict), p.reasons(r.Findings))
	return err
}

// reasons joins the sentences of the findings that alarm.
func (p *backtestPrinter) reasons(findings []backtest.Finding) string {
	var reasons []string
	for _, finding := range findings {
		if finding.Alarming() {
			reasons = append(reasons, finding.Plugin+": "+printable(finding.Message))
		}
	}
	if more := len(reasons) - shownReasons; more > 0 && !p.flags.verbose {
		reasons = append(reasons[:shownReasons], fmt.Sprintf("(%d more)", more))
	}
	return strings.Join(reasons, " ")
}

func (p *backtestPrinter) summary(s backtest.Summary) error {
	if p.flags.json {
		return p.json.Encode(s)
	}
	if p.flags.verbose {
		if err := p.folders(s.Folders); err != nil {
			return err
		}
	}
	table := newTable(p.out)
	fmt.Fprintln(table, "LABEL\tCHANGED CHECKS\tALARMED %\tOPENED %\tOPENED ALERTS\tALERTS A PAGE-MONTH")
	printRates(table, "", s.Labels)
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "Folders: %d. Page-months of 30 days: %s. Alerts a page-month on normal pages: %s.\n",
		len(s.Folders), number(s.Months), number(s.AlertsPerPageMonth))
	return err
}

// folders prints the rates of each folder.
func (p *backtestPrinter) folders(folders []backtest.Folder) error {
	table := newTable(p.out)
	fmt.Fprintln(table, "FOLDER\tLABEL\tCHANGED CHECKS\tALARMED %\tOPENED %\tOPENED ALERTS\tALERTS A PAGE-MONTH")
	for _, folder := range folders {
		printRates(table, printable(folder.Dir)+"\t", folder.Labels)
	}
	fmt.Fprintln(table)
	return table.Flush()
}

// printRates prints a row a label, normal first.
func printRates(table io.Writer, before string, labels map[string]backtest.Rates) {
	names := slices.Sorted(maps.Keys(labels))
	if i := slices.Index(names, backtest.Normal); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, backtest.Normal)
	}
	for _, name := range names {
		rates := labels[name]
		perMonth := "-" // probes have no place in time
		if rates.Learned {
			perMonth = number(rates.AlertsPerMonth)
		}
		fmt.Fprintf(table, "%s%s\t%d\t%s\t%s\t%d\t%s\n", before, printable(name),
			rates.N, number(rates.AlarmedPercent), number(rates.OpenedPercent), rates.Alerts, perMonth)
	}
}

// number writes at most two decimals.
func number(x float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(x, 'f', 2, 64), "0"), ".")
}
