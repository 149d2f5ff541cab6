package assertion

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/expr-lang/expr/file"
)

// kindWords are what types are called.
var kindWords = map[string]string{"string": "a text", "float64": "a number", "int": "a number", "bool": "a condition"}

var goTypes = regexp.MustCompile(`\b(float64|int|string|bool)\b`)

// typeError says in plain words what the checker of types says in its own.
func typeError(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return &Error{At: 1, Message: err.Error()}
	}
	return wrong(at.Location, "%s", plainTypes(at.Message))
}

func plainTypes(message string) string {
	return goTypes.ReplaceAllStringFunc(message, func(name string) string { return strings.TrimPrefix(kindWords[name], "a ") })
}

// plainError says why something could not be computed.
func plainError(err error) string {
	var at *file.Error
	if errors.As(err, &at) {
		return plainTypes(at.Message)
	}
	return err.Error()
}

// seconds reads a duration such as 300ms, 2h30m or 14d.
func seconds(text string) (float64, error) {
	inHours, days := strings.CutSuffix(text, "d")
	if days {
		inHours += "h"
	}
	d, err := time.ParseDuration(inHours)
	if err != nil || days && strings.Count(inHours, "h")+strings.Count(inHours, "m")+strings.Count(inHours, "s") > 1 {
		return 0, fmt.Errorf("%q is not a duration: write a number with a unit, such as 300ms, 2h or 14d", text)
	}
	if days {
		return 24 * d.Seconds(), nil
	}
	return d.Seconds(), nil
}
