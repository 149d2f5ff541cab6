// Command webmon watches URLs: see README.md.
package main

import (
	"os"

	"webmon/app"
)

func main() { os.Exit(app.Main()) }
