package plugins

import (
	"bytes"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// addElement takes what an element's attributes say.
func (r *outlineReader) addElement(tag Tag, a *attributes, noscript bool) {
	o := r.outline
	o.Attributes += a.count
	o.EventHandlers += a.handlers
	if a.selfRun != nil {
		o.SelfRun = r.addAddresses(o.SelfRun, r.decode(a.selfRun, true), maxExtra)
	}
	if a.has(attrFormaction) && len(o.FormActions) < maxExtra {
		o.FormActions = append(o.FormActions, r.keepURL(a.get(attrFormaction)))
	}
	hidden := a.has(attrHidden)
	var style inlineStyle
	if a.has(attrStyle) {
		o.InlineStyles++
		style = readStyle(r.decode(a.get(attrStyle), true))
		hidden = hidden || style.hidden
		if style.overlay() && !hidden && len(o.Overlays) < maxOverlays {
			o.Overlays = append(o.Overlays, r.keepLine(r.decode(a.get(attrStyle), true)))
		}
	}
	if hidden {
		o.HiddenHints++
	}
	switch tag {
	case tagA, tagArea:
		if a.has(attrHref) {
			r.addAnchor(a)
		}
	case tagScript:
		r.addScriptElement(a)
	case tagForm:
		r.addForm(a)
	case tagInput, tagSelect, tagTextarea:
		r.addInput(a)
	case tagIframe, tagFrame:
		hidden = hidden || style.tiny || isTiny(a.get(attrWidth)) || isTiny(a.get(attrHeight))
		if hidden && tag == tagIframe {
			o.HiddenFrames++
		}
		keep(&o.Frames, &o.Counts.Frames, func() Frame {
			return Frame{Src: r.keepURL(a.get(attrSrc)), Hidden: hidden, Srcdoc: a.has(attrSrcdoc)}
		})
	case tagObject:
		r.addEmbed(a.get(attrData))
	case tagEmbed:
		r.addEmbed(a.get(attrSrc))
	case tagImg:
		r.addImage(a)
	case tagLink:
		r.addLink(a)
	case tagMeta:
		if r.templates == 0 {
			r.addMeta(a, noscript)
		}
	case tagHTML:
		if o.Lang == "" {
			o.Lang = r.keepValue(a.get(attrLang))
		}
	case tagBase:
		if o.Base == "" && !noscript && r.templates == 0 {
			o.Base = r.keepURL(a.get(attrHref))
		}
	case tagH1:
		r.startHeading(noscript)
	}
}

// keep counts an element, and keeps it while there is room.
func keep[T any](kept *[]T, count *int, element func() T) bool {
	*count++
	if len(*kept) >= maxKept {
		return false
	}
	if *kept == nil {
		*kept = make([]T, 0, 16)
	}
	*kept = append(*kept, element())
	return true
}

// addAnchor takes an element that links. Links within the page are only
// counted: large documents have thousands, and the others would be lost.
func (r *outlineReader) addAnchor(a *attributes) {
	o := r.outline
	if bytes.HasPrefix(a.get(attrHref), []byte("#")) {
		o.Counts.Links++
		return
	}
	keep(&r.links, &o.Counts.Links, func() Link { return Link{Href: r.keepURL(a.get(attrHref)), Rel: r.keepValue(a.get(attrRel))} })
}

func isTiny(size []byte) bool {
	pixels, ok := pixels(bytes.TrimSpace(size))
	return ok && pixels <= tinySize
}

func (r *outlineReader) addScriptElement(a *attributes) {
	o := r.outline
	inline := !a.has(attrSrc)
	if inline {
		o.InlineScripts++
	}
	r.script = -1
	if !keep(&o.Scripts, &o.Counts.Scripts, func() Script {
		return Script{
			Src: r.keepURL(a.get(attrSrc)), Type: r.keepValue(a.get(attrType)), Inline: inline,
			Integrity: len(a.get(attrIntegrity)) > 0, Async: a.has(attrAsync), Defer: a.has(attrDefer),
		}
	}) {
		return
	}
	r.script = len(o.Scripts) - 1
	script := &o.Scripts[r.script]
	if script.Data = !isCode(script.Type); script.Data {
		script.Fingerprint = xxhash.Sum64String(strings.ToLower(script.Type))
	}
}

// isCode tells whether a script of a type is run. Some sites put something
// before the type, and have a script of theirs take it off again.
func isCode(scriptType string) bool {
	if scriptType == "" {
		return true
	}
	lower := strings.ToLower(scriptType)
	switch lower {
	case "module", "importmap", "speculationrules":
		return true
	}
	return strings.Contains(lower, "javascript") || strings.Contains(lower, "ecmascript") ||
		strings.Contains(lower, "jscript") || strings.Contains(lower, "livescript")
}

func (r *outlineReader) addForm(a *attributes) {
	o := r.outline
	r.form = -1
	if keep(&o.Forms, &o.Counts.Forms, func() Form {
		method := "get"
		for _, other := range []string{"post", "dialog"} {
			if bytes.EqualFold(bytes.TrimSpace(a.get(attrMethod)), []byte(other)) {
				method = other
			}
		}
		return Form{Action: r.keepURL(a.get(attrAction)), Method: method}
	}) {
		r.form = len(o.Forms) - 1
	}
}

func (r *outlineReader) addInput(a *attributes) {
	password := bytes.EqualFold(bytes.TrimSpace(a.get(attrType)), []byte("password"))
	if password {
		r.outline.Passwords++
	}
	if r.form < 0 {
		return
	}
	form := &r.outline.Forms[r.form]
	form.Inputs++
	if password {
		form.Passwords++
	}
}

func (r *outlineReader) addImage(a *attributes) {
	o := r.outline
	o.Counts.Images++
	if len(o.Images) >= maxKept {
		return
	}
	if src := r.keepURL(a.get(attrSrc)); src != "" {
		o.Images = append(o.Images, src)
	}
}

// addEmbed takes the address of what a plug-in or a frame shows.
func (r *outlineReader) addEmbed(address []byte) {
	if o := r.outline; len(address) > 0 && len(o.Embeds) < maxKept {
		o.Embeds = append(o.Embeds, r.keepURL(address))
	}
}

func (r *outlineReader) startHeading(noscript bool) {
	r.endHeading()
	if !noscript && r.templates == 0 && len(r.outline.H1) < maxHeadings {
		r.heading = len(r.text.bytes)
	}
}

func (r *outlineReader) endHeading() {
	if r.heading < 0 {
		return
	}
	if heading := r.keepText(r.text.bytes[r.heading:], maxLine); heading != "" {
		r.outline.H1 = append(r.outline.H1, heading)
	}
	r.heading = -1
}
