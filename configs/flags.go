package configs

import (
	"fmt"

	"github.com/spf13/pflag"
)

// AddFlags adds a flag for every key that the role uses. The flags take any
// text: Load checks it together with what the other sources say.
func AddFlags(flags *pflag.FlagSet, role Role) {
	for _, k := range Keys() {
		if !k.servesIn(role) {
			continue
		}
		value := &flagValue{kind: k.kind.name}
		if k.Name != "data" && k.Name != "user-agent" { // their Doc says the default
			value.text = k.defaultFor(role, "", nil)
		}
		f := flags.VarPF(value, k.Name, "", fmt.Sprintf("%s [%s]", k.Doc, k.Variable()))
		if k.kind.name == truth.name {
			f.NoOptDefVal = "true"
		}
	}
}

// flagValue is a flag's text with the name of its kind for --help.
type flagValue struct{ text, kind string }

func (v *flagValue) String() string     { return v.text }
func (v *flagValue) Set(s string) error { v.text = s; return nil }
func (v *flagValue) Type() string       { return v.kind }
