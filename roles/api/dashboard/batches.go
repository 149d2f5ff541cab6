package dashboard

import (
	"fmt"
	"net/http"
	"time"

	"webmon/roles/api/client"
)

// batchesPage is the list of batches.
type batchesPage struct {
	Batches []batchRow
	Pager   pager
}

// batchRow is a batch with how far it is.
type batchRow struct {
	client.Batch
	Percent int
	Parts   []batchPart
	Label   string
}

// batchPart is a part of the bar of a batch, which is 1000 wide.
type batchPart struct {
	Class    string
	X, Width int
}

func batchRowOf(b client.Batch) batchRow {
	row := batchRow{Batch: b, Percent: 100}
	all := b.Counts.All()
	if all == 0 {
		return row
	}
	row.Percent = 100 * b.Counts.Ended() / all
	x := 0
	for _, part := range []struct {
		class string
		n     int
	}{{"done", b.Counts.Done}, {"failed", b.Counts.Failed}, {"cancelled", b.Counts.Cancelled}, {"leased", b.Counts.Leased}} {
		if part.n > 0 {
			width := max(4, 1000*part.n/all)
			row.Parts = append(row.Parts, batchPart{part.class, x, width})
			x += width
		}
	}
	row.Label = fmt.Sprintf("%d of %s ended", b.Counts.Ended(), plural(all, "check"))
	return row
}

func showBatches(v *visit) error {
	page, err := v.api.BatchPage(v.r.Context(), 20, v.r.URL.Query().Get("cursor"))
	if err != nil {
		return err
	}
	p := batchesPage{Pager: pagerOf(v.r.URL, page.Next)}
	for _, b := range page.Batches {
		p.Batches = append(p.Batches, batchRowOf(b))
	}
	return v.show(http.StatusOK, "batches", "Batches", &p)
}

// batchPage is the page of one batch.
type batchPage struct {
	batchRow
	Running bool
	Took    string // since it was made; empty when it is over
}

func showBatch(v *visit) error {
	b, err := v.api.Batch(v.r.Context(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	p := batchPage{batchRow: batchRowOf(b), Running: b.State == "running" || b.Counts.Queued+b.Counts.Leased > 0}
	if p.Running {
		p.Took = span(v.now.Sub(b.Created).Truncate(time.Second))
	}
	return v.show(http.StatusOK, "batch", "Batch "+b.ID, &p)
}

func cancelBatch(v *visit) error {
	id := v.r.PathValue("id")
	if _, err := v.api.CancelBatch(v.r.Context(), id); err != nil {
		return v.refused("/batches/"+id, err)
	}
	return v.done("/batches/"+id, "Cancelled: what waits is not checked; what is under way may still end.")
}
