package inject

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// seoSpam adds a block of 8 to 60 links that readers do not see, in one or in
// many languages, to one host or to many.
func seoSpam(v *victim, r *rand.Rand) []edit {
	words := spam
	if r.IntN(2) == 0 { // one kind of spam: neighbours in the list speak one language
		from := r.IntN(len(spam) - 4)
		words = spam[from : from+4]
	}
	host, oneHost := foreignHost(r), r.IntN(3) == 0
	var links strings.Builder
	separator := pick(r, []string{" ", "<br>", ", ", "\n", "</li><li>"})
	for i := range between(r, 8, 60) {
		if i > 0 {
			links.WriteString(separator)
		}
		if !oneHost {
			host = foreignHost(r)
		}
		fmt.Fprintf(&links, `<a href="https://%s/%s">%s</a>`, host, spoken(r), pick(r, words))
	}
	list := links.String()
	if separator == "</li><li>" {
		list = "<ul><li>" + list + "</li></ul>"
	}
	style := pick(r, []string{
		"display:none", "position:absolute;left:-9999px", "font-size:0", "height:1px;overflow:hidden",
		"opacity:0;position:absolute;top:0", "visibility:hidden", "text-indent:-9999px;height:0",
	})
	return insert(v.somewhere(r), fmt.Sprintf(`<div style="%s">%s</div>`, style, list))
}

// script adds a script of a foreign host: in the head, at the end, or anywhere
// in the body.
func script(v *victim, r *rand.Rand) []edit {
	address := fmt.Sprintf("%s/%s.js", foreignHost(r), pick(r, []string{"main", "jquery.min", "stat", "x", "js/" + spoken(r), letters(r, hexDigits, 16)}))
	return insert(v.codePlace(r), pick(r, []string{
		fmt.Sprintf(`<script src="https://%s"></script>`, address),
		fmt.Sprintf(`<script async src="https://%s"></script>`, address),
		fmt.Sprintf(`<script type="text/javascript" src="//%s?v=%d"></script>`, address, between(r, 1, 9999)),
		fmt.Sprintf(`<script defer src='http://%s'></script>`, address),
	}))
}

// inlineScript adds a script whose text is obfuscated: encoded in base 64, as
// character codes, as a table of strings, or reversed. It would do nothing.
func inlineScript(v *victim, r *rand.Rand) []edit {
	payload := fmt.Sprintf("var e=document.createElement('%s');e.id='%s';e.dataset.u='//%s/';",
		pick(r, []string{"i", "b", "u"}), spoken(r), foreignHost(r))
	for range r.IntN(30) {
		payload += fmt.Sprintf("var %s=%d;", spoken(r), r.IntN(1e6))
	}
	var code string
	switch r.IntN(4) {
	case 0:
		code = fmt.Sprintf(`eval(atob("%s"));`, base64.StdEncoding.EncodeToString([]byte(payload)))
	case 1:
		codes := make([]string, len(payload))
		for i, c := range []byte(payload) {
			codes[i] = fmt.Sprint(c)
		}
		code = fmt.Sprintf("(function(){var %s=[%s];Function(String.fromCharCode.apply(null,%[1]s))()})();", spoken(r), strings.Join(codes, ","))
	case 2:
		table := make([]string, between(r, 10, 80))
		for i := range table {
			table[i] = fmt.Sprintf(`"\x%s\x%s%s"`, letters(r, "4567", 1)+letters(r, hexDigits, 1), letters(r, "4567", 1)+letters(r, hexDigits, 1), letters(r, alphanumeric, 6))
		}
		variable := "_0x" + letters(r, hexDigits, 6)
		code = fmt.Sprintf("var %s=[%s];(function(a,b){while(--b){a.push(a.shift())}})(%[1]s,0x%x);", variable, strings.Join(table, ","), between(r, 2, 400))
	default:
		reversed := []byte(payload)
		slices.Reverse(reversed)
		code = fmt.Sprintf(`setTimeout("%s".split("").reverse().join(""),%d);`, reversed, between(r, 100, 5000))
	}
	return insert(v.codePlace(r), pick(r, []string{"<script>", `<script type="text/javascript">`})+code+"</script>")
}

// iframe adds a frame of a foreign host that readers do not see: of no size, of
// one pixel, or out of sight.
func iframe(v *victim, r *rand.Rand) []edit {
	address := fmt.Sprintf("%s://%s/%s", pick(r, []string{"https", "http"}), foreignHost(r), pick(r, []string{"", "in.php", "count?id=" + letters(r, hexDigits, 8)}))
	return insert(v.somewhere(r), pick(r, []string{
		fmt.Sprintf(`<iframe src="%s" width="0" height="0" frameborder="0"></iframe>`, address),
		fmt.Sprintf(`<iframe src="%s" style="display:none"></iframe>`, address),
		fmt.Sprintf(`<iframe src='%s' width=1 height=1></iframe>`, address),
		fmt.Sprintf(`<div style="position:absolute;left:-5000px"><iframe src="%s"></iframe></div>`, address),
		fmt.Sprintf(`<iframe style="visibility:hidden;width:2px;height:2px" src="%s" title=""></iframe>`, address),
	}))
}

// networks are well-known hosts that anybody can put scripts on.
var networks = []string{
	"cdn.jsdelivr.net", "cdnjs.cloudflare.com", "unpkg.com", "esm.sh", "ajax.googleapis.com", "code.jquery.com",
	"www.googletagmanager.com", "maxcdn.bootstrapcdn.com", "stackpath.bootstrapcdn.com", "cdn.shopify.com",
	"cloudfront.net", "amazonaws.com", "storage.googleapis.com", "akamaihd.net", "fastly.net", "b-cdn.net", "azureedge.net",
}

func isNetwork(host string) bool {
	return slices.ContainsFunc(networks, func(network string) bool {
		return host == network || strings.HasSuffix(host, "."+network)
	})
}

// isDelivery tells whether a host is, by its name, one that files are delivered
// from, such as static.site.example.
func isDelivery(host string) bool {
	return slices.ContainsFunc([]string{"cdn", "static", "assets", "cache"}, func(part string) bool { return strings.Contains(host, part) })
}

// skimmer adds a script with an address that is new, on a content delivery
// network that the page has scripts of already: a well-known one, or else a
// host with such a name, on another site. A well-known one that the page has
// style sheets of is as good. A page without any is left out.
func skimmer(v *victim, r *rand.Rand) []edit {
	var known, foreign []string
	for _, host := range v.scriptHosts {
		switch {
		case isNetwork(host):
			known = append(known, host)
		case isDelivery(host) && siteOf(host) != v.site:
			foreign = append(foreign, host)
		}
	}
	for _, host := range v.styleHosts {
		if isNetwork(host) && !slices.Contains(known, host) {
			known = append(known, host)
		}
	}
	if len(known) == 0 {
		known = foreign
	}
	if len(known) == 0 {
		return nil
	}
	return insert(v.codePlace(r), fmt.Sprintf(`<script src="https://%s"%s></script>`, addressOn(pick(r, known), r), pick(r, []string{"", " async", " defer"})))
}

// addressOn gives a script's address as they look on that host.
func addressOn(host string, r *rand.Rand) string {
	file := spoken(r)
	version := fmt.Sprintf("%d.%d.%d", r.IntN(9), r.IntN(20), r.IntN(20))
	switch host {
	case "cdn.jsdelivr.net":
		return pick(r, []string{
			fmt.Sprintf("%s/npm/%s@%s/dist/%s.min.js", host, file, version, file),
			fmt.Sprintf("%s/gh/%s/%s@%s/%s.js", host, spoken(r), file, version, file),
		})
	case "unpkg.com", "esm.sh":
		return fmt.Sprintf("%s/%s@%s/index.js", host, file, version)
	case "cdnjs.cloudflare.com", "ajax.googleapis.com":
		return fmt.Sprintf("%s/ajax/libs/%s/%s/%s.min.js", host, file, version, file)
	case "www.googletagmanager.com":
		return fmt.Sprintf("%s/gtm.js?id=GTM-%s", host, strings.ToUpper(letters(r, alphanumeric, 7)))
	}
	return pick(r, []string{
		fmt.Sprintf("%s/%s/%s.js", host, spoken(r), file),
		fmt.Sprintf("%s/%s-%s.min.js", host, file, version),
		fmt.Sprintf("%s/js/%s.js?v=%s", host, letters(r, hexDigits, 20), version),
	})
}
