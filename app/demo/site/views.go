package site

import (
	"embed"
	"fmt"
	"html/template"
	"math/rand/v2"
)

//go:embed pages/*.html static
var files embed.FS

var templates = template.Must(template.ParseFS(files, "pages/*.html"))

// view is what a page shows, and the template that shows it.
type view struct {
	template string
	Title    string
	Charset  string // empty: utf-8
	Sections []section
	Items    []item
	Token    string // of a form
	Attack   int    // what was injected; 0: nothing
}

type section struct {
	Heading    string
	Paragraphs []string
}

type item struct {
	Link, Title, Text string
	Price             string
}

func article(r *rand.Rand, title string, sections int) view {
	v := view{template: "article.html", Title: title}
	for range sections {
		v.Sections = append(v.Sections, section{
			Heading:    heading(r),
			Paragraphs: []string{paragraph(r), paragraph(r)},
		})
	}
	return v
}

func listing(r *rand.Rand, title string, items int) view {
	v := view{template: "list.html", Title: title}
	for range items {
		v.Items = append(v.Items, item{
			Link:  fmt.Sprintf("/news?id=%d", r.IntN(90_000)+10_000),
			Title: heading(r), Text: sentence(r),
		})
	}
	return v
}

func shop(v visit, items int) view {
	shown := listing(v.fresh, "Shop", items)
	shown.template = "shop.html"
	for i := range shown.Items {
		shown.Items[i].Price = fmt.Sprintf("%d.%02d", 5+v.fresh.IntN(90), v.fresh.IntN(100))
	}
	return shown
}

func login(v visit) view {
	return view{template: "login.html", Title: "Log in", Token: fmt.Sprintf("%016x", v.fresh.Uint64())}
}

func vienna() view {
	return view{template: "article.html", Title: "Grüße aus Wien", Charset: "windows-1252", Sections: []section{
		{"Öffnungszeiten", []string{"Das Café hat täglich außer Montag geöffnet, von früh bis spät.", "Für größere Gruppen bitten wir um Anmeldung."}},
		{"Menü", []string{"Käsknöpfle, Gemüsesuppe, Apfelstrudel mit Schlagobers.", "Alle Preise in € und mit Trinkgefühl."}},
	}}
}

// defacements are the templates of what attackers make of the council's page.
var defacements = [...]string{"defaced-loud.html", "defaced-terse.html"}

func council(v visit) view {
	if v.attack > 0 {
		return view{template: defacements[v.attack-1]}
	}
	return article(v.steady, "Town council", 9)
}

func checkout(v visit) view {
	return view{template: "checkout.html", Title: "Checkout", Items: listing(v.steady, "", 3).Items, Attack: v.attack}
}

// about gives a number that is up to a tenth more or less than n.
func about(r *rand.Rand, n int) int { return n - n/10 + r.IntN(2*(n/10)+1) }
