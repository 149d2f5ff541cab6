// Package builtin lists the plugins that webmon is built with. To add one,
// write its package and add it to the list.
package builtin

import (
	"fmt"

	"webmon/plugins"
	"webmon/plugins/availability"
	"webmon/plugins/blockpage"
	"webmon/plugins/content"
	"webmon/plugins/defacement"
	"webmon/plugins/extract"
	"webmon/plugins/fingerprint"
	"webmon/plugins/headers"
	"webmon/plugins/htmlstats"
	"webmon/plugins/jsonshape"
	"webmon/plugins/protocol"
	"webmon/plugins/seo"
	"webmon/plugins/thirdparty"
	"webmon/plugins/timing"
	"webmon/plugins/tlscert"
)

// Registry returns a registry of all built-in plugins.
func Registry() *plugins.Registry {
	registry, err := plugins.NewRegistry(
		availability.Definition(),
		blockpage.Definition(),
		content.Definition(),
		defacement.Definition(),
		extract.Definition(),
		fingerprint.Definition(),
		headers.Definition(),
		htmlstats.Definition(),
		jsonshape.Definition(),
		protocol.Definition(),
		seo.Definition(),
		thirdparty.Definition(),
		timing.Definition(),
		tlscert.Definition(),
	)
	if err != nil {
		// The list above is wrong; nothing at run time can cause or cure it.
		panic(fmt.Sprintf("built-in plugins: %v", err))
	}
	return registry
}
