package site

import (
	"compress/gzip"
	"net/http"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// deliver sends a page's HTML in some special way.
type deliver func(w http.ResponseWriter, r *http.Request, v visit, html []byte)

// slowly takes from low to high before it answers.
func slowly(low, high time.Duration) deliver {
	return func(w http.ResponseWriter, r *http.Request, v visit, html []byte) {
		wait := time.NewTimer(low + time.Duration(v.fresh.Int64N(int64(high-low))))
		defer wait.Stop()
		select {
		case <-wait.C:
			_, _ = w.Write(html)
		case <-r.Context().Done():
		}
	}
}

// hanging never answers every nth fetch.
func hanging(n int) deliver {
	return func(w http.ResponseWriter, r *http.Request, v visit, html []byte) {
		if v.number%n == 0 {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write(html)
	}
}

// redirecting sends the reader somewhere else.
func redirecting(to string) deliver {
	return func(w http.ResponseWriter, r *http.Request, _ visit, _ []byte) {
		http.Redirect(w, r, to, http.StatusMovedPermanently)
	}
}

// oldFashioned sends windows-1252, packed with gzip.
func oldFashioned(w http.ResponseWriter, _ *http.Request, _ visit, html []byte) {
	encoded, err := charmap.Windows1252.NewEncoder().Bytes(html)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=windows-1252")
	w.Header().Set("Content-Encoding", "gzip")
	packed := gzip.NewWriter(w)
	_, _ = packed.Write(encoded)
	_ = packed.Close()
}
