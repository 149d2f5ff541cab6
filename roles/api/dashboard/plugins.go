package dashboard

import (
	"net/http"

	"webmon/roles/api/client"
)

func showPlugins(v *visit) error {
	list, err := v.api.Plugins(v.r.Context())
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "plugins", "Plugins", struct{ Plugins []client.Plugin }{list})
}
