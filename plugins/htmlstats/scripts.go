package htmlstats

import (
	"strings"

	"webmon/plugins"
)

// addScript notes where a script comes from, or what its code is like.
func (v *version) addScript(script *plugins.Script, s *sites) {
	switch {
	case script.Data:
	case !script.Inline:
		if site := s.foreign(script.Src); site != "" {
			v.add(scriptSites, site)
			address := steadyPart(script.Src)
			v.add(scriptURLs, address)
			v.sources = append(v.sources, [2]uint32{hashOf(site), hashOf(address)})
		} else {
			v.add(ownScripts, steadyPart(script.Src))
		}
	case script.Fingerprint != 0:
		fingerprint := uint32(script.Fingerprint)
		v.sets[inlineScripts] = append(v.sets[inlineScripts], item{hash: fingerprint})
		for _, address := range script.Addresses {
			if site := s.foreign(address); site != "" {
				v.code = append(v.code, codeSite{fingerprint, site})
			}
		}
		if reason := strange(script); reason != "" {
			v.sets[strangeCode] = append(v.sets[strangeCode], item{fingerprint, reason})
			v.add(strangeSigns, reason)
		}
	}
}

// library is how long code is, in bytes, that may decode text for any of many
// good reasons.
const library = 32 << 10

// codeSite is a foreign site that an inline script names.
type codeSite struct {
	script uint32 // its fingerprint
	site   string
}

// compareCode notes the sites that new inline scripts name, unless the page has
// to do with them otherwise. Scripts that were there before may name what they
// like: their data changes, their code does not.
func (m *memory) compareCode(v *version) {
	for _, c := range v.code {
		hash := hashOf(c.site)
		known := m.sets[homeSites].has(hash)
		for k := scriptSites; k <= linkSites; k++ {
			known = known || m.sets[k].has(hash)
		}
		if !known && (!m.sets[inlineScripts].has(c.script) || m.sets[codeSites].has(hash)) {
			v.add(codeSites, c.site)
		}
	}
	v.sortSet(codeSites)
}

// strange tells in words why code looks as if it hid what it does, or nothing.
func strange(script *plugins.Script) string {
	s := script.Signs
	var signs []string
	if s.Eval > 0 {
		signs = append(signs, "runs code it makes up")
	}
	if s.Decode > 0 && script.Bytes <= library {
		signs = append(signs, "decodes text")
	}
	if s.Reverse > 0 {
		signs = append(signs, "turns text around")
	}
	if s.DocumentWrite > 0 {
		signs = append(signs, "writes into the page")
	}
	if s.Escapes >= 8 {
		signs = append(signs, "spells characters by number")
	}
	if s.LongestRun >= 400 {
		signs = append(signs, "holds a long run of encoded data")
	}
	return strings.Join(signs, ", ")
}

// steadyPart is an address without what changes with each release: the query,
// and parts that hold a digit or look random.
func steadyPart(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	var b strings.Builder
	for len(address) > 0 {
		end := strings.IndexFunc(address, func(c rune) bool {
			return c == '.' || c == '-' || c == '/' || c == '_' || c == '~' || c == '@' || c == ':'
		})
		part := address
		if end >= 0 {
			part = address[:end]
		}
		if strings.ContainsAny(part, "0123456789") || len(part) >= 8 && mixed(part) {
			b.WriteByte('#')
		} else {
			b.WriteString(part)
		}
		if end < 0 {
			break
		}
		b.WriteByte(address[end])
		address = address[end+1:]
	}
	return b.String()
}

// mixed tells whether a capital follows a small letter and the other way round
// more than once, as in random names.
func mixed(part string) bool {
	turns := 0
	for i := 1; i < len(part); i++ {
		if isUpper(part[i-1]) != isUpper(part[i]) {
			turns++
		}
	}
	return turns > len(part)/3
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
