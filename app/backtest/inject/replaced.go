package inject

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// deface replaces the page by a defacement: a terse line, a dark page with an
// image and music, one with a script that types, or a manifesto, in one of
// several languages.
func deface(v *victim, r *rand.Rand) []edit {
	s := pick(r, shouts)
	headline := s.headline(r)
	var lines strings.Builder
	for _, i := range r.Perm(len(s.lines)) {
		fmt.Fprintf(&lines, "<p>%s</p>\n", s.lines[i])
	}
	image := fmt.Sprintf("https://%s/%s.%s", foreignHost(r), letters(r, alphanumeric, 7), pick(r, []string{"png", "gif", "jpg"}))
	switch r.IntN(4) {
	case 0:
		return v.replace(pick(r, []string{"", "<title>" + headline + "</title>\n"}) + "<h1>" + headline + "</h1>\n")
	case 1:
		return v.replace(fmt.Sprintf(`<!DOCTYPE html><html lang="%s"><head><meta charset="utf-8"><title>%s</title>
<style>body{background:#000;color:#0f0;font-family:monospace;text-align:center}</style></head>
<body><center><img src="%s" width="400"><h1>~ %s ~</h1>
%s<audio src="https://%s/a.mp3" autoplay loop></audio></center></body></html>
`, s.lang, headline, image, headline, lines.String(), foreignHost(r)))
	case 2:
		return v.replace(fmt.Sprintf(`<html><head><title>%s</title></head>
<body bgcolor="black" text="red"><div id="t"></div><marquee>%s</marquee>
<script>var s="%s",i=0;setInterval(function(){document.getElementById("t").innerHTML=s.slice(0,++i)},90)</script>
<table align="center"><tr><td><font size="6">%s</font></td></tr></table>
%s</body></html>
`, headline, headline, headline, headline, lines.String()))
	}
	var manifesto strings.Builder
	for range between(r, 4, 14) {
		fmt.Fprintf(&manifesto, "<p>%s %s</p>\n", pick(r, s.lines), pick(r, s.lines))
	}
	return v.replace(fmt.Sprintf(`<!DOCTYPE html><html><head><meta charset="utf-8"><title>%s</title></head>
<body style="background:#111 url(%s);color:#eee"><h1>%s</h1><div>
%s</div><p>Contact: %s at mail.example</p></body></html>
`, headline, image, headline, manifesto.String(), spoken(r)))
}

// blank leaves nothing of the page: no byte, white space, or a frame without
// content, with status 200 all the same.
func blank(v *victim, r *rand.Rand) []edit {
	return v.replace(pick(r, []string{
		"", "", "\n", "\r\n\r\n  ",
		"<html><head></head><body></body></html>",
		"<!DOCTYPE html>\n<html>\n<head><title></title></head>\n<body>\n</body>\n</html>\n",
	}))
}

// errorPage gives a server's error text instead of the page, with status 200:
// of the program, the database, the server or a proxy, as HTML or plain text.
func errorPage(v *victim, r *rand.Rand) []edit {
	file := fmt.Sprintf("/var/www/%s/%s.php", spoken(r), spoken(r))
	short := func(title, text string) string {
		return fmt.Sprintf("<html>\n<head><title>%s</title></head>\n<body>\n<h1>%s</h1>\n<p>%s</p>\n</body>\n</html>\n", title, title, text)
	}
	return v.replace(pick(r, []string{
		fmt.Sprintf("<br />\n<b>Fatal error</b>: Uncaught Error: Call to undefined function %s() in %s:%d\nStack trace:\n#0 {main}\n  thrown in <b>%s</b> on line <b>%d</b><br />\n", spoken(r), file, between(r, 9, 900), file, between(r, 9, 900)),
		fmt.Sprintf("<b>Parse error</b>: syntax error, unexpected end of file in <b>%s</b> on line <b>%d</b>", file, between(r, 9, 900)),
		short("Database Error", "Error establishing a database connection. Too many connections."),
		short("500 Internal Server Error", "The server met an unexpected condition and could not complete your request."),
		short("502 Bad Gateway", "The server returned an invalid or incomplete response."),
		short("503 Service Unavailable", "The service is temporarily unavailable. Please try again later."),
		short("403 Forbidden", "You do not have permission to access this resource."),
		short("404 Not Found", "The requested URL was not found on this server."),
		short("Index of /", fmt.Sprintf(`<a href="../">Parent Directory</a> <a href="%s/">%s/</a>`, spoken(r), spoken(r))),
		fmt.Sprintf("Traceback (most recent call last):\n  File \"/srv/%s/app.py\", line %d, in handle\nKeyError: '%s'\n", spoken(r), between(r, 9, 900), spoken(r)),
		fmt.Sprintf("<html><body><h2>HTTP Status 500</h2><pre>java.lang.NullPointerException\n\tat com.example.%s.render(%s.java:%d)\n</pre></body></html>", spoken(r), spoken(r), between(r, 9, 900)),
		"upstream connect error or disconnect before headers: connection failure",
		"Service Unavailable",
		fmt.Sprintf("SQLSTATE[HY000] [2002] Connection refused (%s)\n", spoken(r)),
	}))
}

// half cuts the page in the middle, as an upload or a template that broke off.
func half(v *victim, r *rand.Rand) []edit {
	size := len(v.body)
	if size < 200 {
		return nil
	}
	return []edit{{size * between(r, 35, 65) / 100, size, ""}}
}

// wipe removes the content and keeps the template: it empties the element that
// holds most of the text, leaves a place holder in it, or takes away all text
// outside of menus, headers and footers.
func wipe(v *victim, r *rand.Rand) []edit {
	const leastText = 200 // bytes; with less there is nothing to wipe
	if v.textLen < leastText {
		return nil
	}
	way := r.IntN(3)
	if v.content.empty() || way == 2 {
		var edits []edit
		for _, text := range v.texts {
			if !text.within(v.heading) {
				edits = append(edits, edit{text.start, text.end, " "})
			}
		}
		return edits
	}
	holder := pick(r, []string{"", "\n"})
	if way == 1 {
		holder = pick(r, []string{`<div class="loading"></div>`, "<p></p>", `<div id="app"></div>`})
	}
	return []edit{{v.content.start, v.content.end, holder}}
}

// swap shows the page of another site: a real one when other histories are at
// hand, or else one that is made up.
func swap(v *victim, r *rand.Rand) []edit {
	if page := v.other(r); page != nil {
		return v.replace(string(page))
	}
	return v.replace(madeUpPage(r))
}

// madeUpPage is an ordinary page of a site that does not exist.
func madeUpPage(r *rand.Rand) string {
	site := spoken(r)
	var page strings.Builder
	fmt.Fprintf(&page, `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>%s</title><link rel="stylesheet" href="/%s.css"><script src="/%s.js" defer></script></head>
<body><header><a href="/">%s</a><nav><ul>`, site, spoken(r), spoken(r), site)
	for range between(r, 3, 9) {
		fmt.Fprintf(&page, `<li><a href="/%s">%s</a></li>`, spoken(r), spoken(r))
	}
	page.WriteString("</ul></nav></header><main>\n")
	item := pick(r, []string{
		`<article><h2>%s</h2><p>%s</p></article>`,
		`<div class="card"><img src="/i.jpg" alt=""><h3>%s</h3><p>%s</p><a href="#">more</a></div>`,
		`<section><h2>%s</h2><p>%s</p><hr></section>`,
	})
	for range between(r, 4, 40) {
		fmt.Fprintf(&page, item+"\n", spoken(r), sentences(r, 1, 6))
	}
	fmt.Fprintf(&page, "</main><footer><p>%s</p></footer></body></html>\n", sentence(r))
	return page.String()
}
