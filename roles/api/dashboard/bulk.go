package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"webmon/roles/api/client"
)

func runAssets(ids ...string) client.Selection { return client.Selection{Assets: ids} }

// checkMany has all assets, or those with a tag, checked now.
func checkMany(v *visit) error {
	selection := client.Selection{All: v.r.PostFormValue("all") != ""}
	if tag := strings.TrimSpace(v.r.PostFormValue("tag")); tag != "" {
		selection = client.Selection{Tag: tag}
	}
	return v.run("/", selection)
}

// run has assets checked now, and goes to the page of the batch.
func (v *visit) run(back string, selection client.Selection) error {
	batch, jobs, err := v.api.Run(v.r.Context(), selection)
	switch {
	case err != nil:
		return v.refused(back, err)
	case jobs == 0:
		setFlash(v.w, v.r, flash{Bad: true, Text: "No enabled asset is meant by this: nothing was checked."})
		http.Redirect(v.w, v.r, back, http.StatusSeeOther)
		return nil
	}
	return v.done("/batches/"+batch, fmt.Sprintf("Asked for %d checks.", jobs))
}

// actOnSelected does to each of the assets that were ticked what the button says.
func actOnSelected(v *visit) error {
	back := localPath(v.r.PostFormValue("back"))
	ids := v.r.PostForm["id"]
	if len(ids) == 0 {
		setFlash(v.w, v.r, flash{Bad: true, Text: "Nothing is selected: tick some assets first."})
		http.Redirect(v.w, v.r, back, http.StatusSeeOther)
		return nil
	}
	switch action := v.r.PostFormValue("action"); action {
	case "check":
		return v.run(back, runAssets(ids...))
	case "pause", "resume":
		return v.enable(back, ids, action == "resume")
	}
	return &client.Problem{Status: http.StatusBadRequest, Title: http.StatusText(http.StatusBadRequest), Detail: "there is no such action"}
}

// enable has the schedule check assets, or not.
func (v *visit) enable(back string, ids []string, enabled bool) error {
	patch, err := json.Marshal(map[string]bool{"enabled": enabled})
	if err != nil {
		return err
	}
	for i, id := range ids {
		if _, err := v.api.PatchAsset(v.r.Context(), id, 0, patch); err != nil {
			if i > 0 {
				err = fmt.Errorf("after %d of %d: %w", i, len(ids), err)
			}
			return v.refused(back, err)
		}
	}
	word := "Paused: the schedule checks them no more."
	if enabled {
		word = "Resumed: the schedule checks them again."
	}
	if len(ids) == 1 {
		word = strings.Replace(word, "them", "it", 1)
	}
	return v.done(back, word)
}
