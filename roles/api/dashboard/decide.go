package dashboard

import (
	"fmt"
	"net/http"
	"strings"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// decided makes a handler of the button that decides about an asset.
func decided(action string) func(*visit) error {
	return func(v *visit) error {
		id := v.r.PathValue("id")
		d, err := v.api.Decide(v.r.Context(), id, action, client.Request{
			Target: plugins.Target{
				Plugin: v.r.PostFormValue("plugin"), Code: v.r.PostFormValue("code"), Evidence: v.r.PostFormValue("evidence"),
			},
			By: "dashboard", Note: strings.TrimSpace(v.r.PostFormValue("note")),
		})
		if err != nil {
			return v.refused(assetURL(id), err)
		}
		return v.done(assetURL(id), said(&d.Decision))
	}
}

// said puts a decision into words.
func said(d *client.Decision) string {
	things := plural(len(d.Found), "thing")
	switch d.Action {
	case "accept":
		return fmt.Sprintf("Accepted: %s that alarmed is normal from now on. A check is under way.", things)
	case "never":
		return fmt.Sprintf("Refused: %s will never be learned. A check is under way.", things)
	}
	if d.Plugin != "" {
		return fmt.Sprintf("%s learns this page anew. A check is under way.", d.Plugin)
	}
	return "All plugins learn this page anew. A check is under way."
}

// checkAsset has an asset checked now, and stays at its page.
func checkAsset(v *visit) error {
	id := v.r.PathValue("id")
	if _, _, err := v.api.Run(v.r.Context(), runAssets(id)); err != nil {
		return v.refused(assetURL(id), err)
	}
	return v.done(assetURL(id), "A check is under way.")
}

// enabledAsset makes a handler of the buttons that pause and resume an asset.
func enabledAsset(enabled bool) func(*visit) error {
	return func(v *visit) error {
		id := v.r.PathValue("id")
		return v.enable(assetURL(id), []string{id}, enabled)
	}
}

func showDelete(v *visit) error {
	a, err := v.api.Asset(v.r.Context(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "delete", "Delete "+a.Label(), &a)
}

func deleteAsset(v *visit) error {
	id := v.r.PathValue("id")
	if err := v.api.DeleteAsset(v.r.Context(), id, 0); err != nil {
		return v.refused(assetURL(id), err)
	}
	return v.done("/", "Deleted, with all that was known of it.")
}
