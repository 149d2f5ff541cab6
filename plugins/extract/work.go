package extract

// maxWork is how many steps an expression may take on a page. A step is a move
// in the page's tree or a key looked up, some tens of nanoseconds; ordinary
// expressions take thousands.
const maxWork = 5_000_000

// work counts the steps that are left. An expression that costs little on most
// pages may cost days on a page made for it.
type work struct{ left int }

// overspent is what spend panics with: the libraries that evaluate expressions
// offer no other way out. [value.read] recovers it.
type overspent struct{}

func (w *work) spend(steps int) {
	if w.left -= steps; w.left < 0 {
		panic(overspent{})
	}
}

// power is base to the exponent, or more than can be spent.
func power(base, exponent int) int {
	const tooMuch = 1 << 31
	result := 1
	for range exponent {
		if result *= min(base, tooMuch); result >= tooMuch {
			return tooMuch
		}
	}
	return result
}
