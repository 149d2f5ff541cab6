package zmqwire

import (
	"context"
	"testing"
)

// BenchmarkStreamer moves ids from a pusher through a streamer to a puller. One operation
// is one id; few is one id a push, many is a thousand.
func BenchmarkStreamer(b *testing.B) {
	for _, transport := range []struct {
		name, front, back string
		options           Options
	}{
		{"tcp", "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", Options{}},
		{"curve", "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", Options{Key: newKey(b)}},
		{"inproc", "inproc://front", "inproc://back", Options{}},
	} {
		for _, load := range []struct {
			name string
			ids  int
		}{{"few", 1}, {"many", 1000}} {
			b.Run(transport.name+"/"+load.name, func(b *testing.B) {
				c := newContextWith(b, transport.options)
				s := newStreamer(b, c, transport.front, transport.back)
				run(b, s)
				pusher, puller := newPusher(b, c, s), newPuller(b, c, s)
				ids := makeIDs(load.ids)
				b.ResetTimer()
				go func() {
					for left := b.N; left > 0; left -= len(ids) {
						if err := pusher.Push(context.Background(), ids[:min(left, len(ids))]); err != nil {
							return // the benchmark is over
						}
					}
				}()
				for range b.N {
					<-puller.IDs()
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ids/s")
			})
		}
	}
}
