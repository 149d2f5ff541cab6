package client_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// Have all assets with a tag checked, and list those that are not up.
func Example() {
	ctx := context.Background()
	api, err := client.New("http://127.0.0.1:7700", os.Getenv("WEBMON_TOKEN"))
	if err != nil {
		log.Fatal(err)
	}
	batch, jobs, err := api.Run(ctx, client.Selection{Tag: "shop"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(jobs, "checks were asked for, batch", batch)

	for asset, err := range api.Assets(ctx, client.Filter{Tag: "shop"}) {
		if err != nil {
			log.Fatal(err)
		}
		if asset.Verdict != plugins.Up {
			fmt.Println(asset.Verdict, asset.URL)
		}
	}
}
