package htmlstats

import (
	"slices"
	"strings"

	"webmon/plugins"
	"webmon/plugins/services"
)

// addScript notes where a script comes from, or what its code is like.
func (v *version) addScript(script *plugins.Script, s *sites) {
	switch {
	case script.Data:
	case !script.Inline:
		site, address := s.foreign(script.Src), steadyPart(script.Src)
		if site == tagManager {
			address += container(script.Src)
		}
		v.addresses = append(v.addresses, address)
		switch {
		case services.Known(site):
			v.add(serviceSites, site)
			if strings.Contains(address, containerMark) {
				v.add(scriptURLs, address)
			} else {
				v.add(serviceScripts, address)
			}
		case site != "":
			v.add(scriptSites, site)
			v.add(scriptURLs, address)
			v.sources = append(v.sources, [2]uint32{hashOf(site), hashOf(address)})
		default:
			v.add(ownScripts, address)
		}
	case script.Fingerprint != 0:
		fingerprint := uint32(script.Fingerprint)
		v.sets[inlineScripts] = append(v.sets[inlineScripts], item{hash: fingerprint})
		for _, address := range script.Addresses {
			if site := s.foreign(address); site != "" && !services.Known(site) {
				v.code = append(v.code, codeSite{fingerprint, site, script.Signs.Loads > 0})
			}
		}
		if reason := strange(script); reason != "" {
			v.sets[strangeCode] = append(v.sets[strangeCode], item{fingerprint, reason})
			v.add(strangeSigns, reason)
		}
	}
}

// tagManager is the service whose scripts do what an account says, which the
// address names.
const (
	tagManager    = "googletagmanager.com"
	containerMark = "GTM-"
)

// container is the part of a tag manager's address that says whose tags it loads.
func container(address string) string {
	start := strings.Index(address, containerMark)
	if start < 0 {
		return ""
	}
	address = address[start:]
	if end := strings.IndexAny(address, "&#"); end >= 0 {
		address = address[:end]
	}
	return "?" + address
}

// sumOf tells lists of scripts apart, whatever their order.
func sumOf(addresses []string) (sum uint32) {
	for _, address := range addresses {
		sum += hashOf(address)
	}
	return sum
}

// compareScripts notes the one script that a version has more than the last one,
// when all others are the same, and it has an address that was never there.
func (m *memory) compareScripts(v *version) {
	more := sumOf(v.addresses) - m.addresses
	for _, k := range []kind{scriptURLs, serviceScripts} {
		if i := slices.IndexFunc(v.sets[k], func(it item) bool { return it.hash == more }); i >= 0 {
			v.sets[addedScripts] = set{v.sets[k][i]}
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
	loads  bool
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
			if c.loads {
				v.add(loadedSites, c.site)
			}
		}
	}
	v.sortSet(codeSites)
	v.sortSet(loadedSites)
}

// isHome tells whether a script's address is on the site whose page this is by
// its links.
func (m *memory) isHome(v *version, address item) bool {
	return slices.ContainsFunc(v.sources, func(source [2]uint32) bool {
		return source[1] == address.hash && m.sets[homeSites].has(source[0])
	})
}

// weakSign is what much harmless code does, too.
const weakSign = "decodes text"

// strange tells in words why code looks as if it hid what it does, or nothing.
func strange(script *plugins.Script) string {
	s := script.Signs
	var signs []string
	if s.Eval > 0 {
		signs = append(signs, "runs code it makes up")
	}
	if s.Decode > 0 && script.Bytes <= library {
		signs = append(signs, weakSign)
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
