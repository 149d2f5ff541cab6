package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins/builtin"
)

// BenchmarkReadImport measures reading and checking a file of 1,000 rows.
func BenchmarkReadImport(b *testing.B) {
	reader := newAssetReader(huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer), builtin.Registry())
	for _, format := range []struct {
		name, head, row, between, tail string
		read                           rowReader
	}{
		{"text", "", "https://site%d.example/path", "\n", "\n", readText},
		{"csv", "url,name,tags,interval\n", "https://site%d.example/path,Site,shop;prod,5m", "\n", "\n", readCSV},
		{"json", "[", `{"url":"https://site%d.example/path","name":"Site","tags":["shop","prod"],"interval":"5m"}`, ",", "]", readJSON},
	} {
		rows := make([]string, 1000)
		for i := range rows {
			rows[i] = fmt.Sprintf(format.row, i)
		}
		file := format.head + strings.Join(rows, format.between) + format.tail
		b.Run(format.name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				got, err := collectRows(strings.NewReader(file), format.read, reader)
				if err != nil || len(got) != len(rows) {
					b.Fatalf("%d rows, %v", len(got), err)
				}
			}
		})
	}
}
