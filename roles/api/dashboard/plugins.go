package dashboard

import (
	"net/http"

	"webmon/app/client"
)

func showPlugins(v *visit) error {
	list, err := v.api.Plugins(v.r.Context())
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "plugins", "Plugins", struct{ Plugins []client.Plugin }{list})
}
