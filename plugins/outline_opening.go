package plugins

// addOpening takes one of the first elements, which is about to be opened, if
// it may show.
func (r *outlineReader) addOpening(tag Tag, noscript bool) {
	if noscript || r.templates > 0 {
		return
	}
	level := len(r.nesting.open)
	switch o := r.outline; {
	case r.opened == 0:
		o.Opening = tag.String()
	case level > r.level:
		o.Opening += ">" + tag.String()
	default:
		o.Opening += "+" + tag.String()
	}
	r.opened, r.level = r.opened+1, level
}
