package browser

import (
	"bytes"
	"cmp"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/page"

	"webmon/store/storetest"
)

var pictures = flag.String("pictures", "", "folder to write the documentation's pictures to; without one none are made")

// maxPicture is the most bytes of a picture: a README is read over slow lines, too.
const maxPicture = 200_000

// TestPictures walks the part of the story that the documentation shows, with
// days of checks before it, and takes its pictures.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip(`only "make pictures" takes pictures`)
	}
	s := startTown(t)
	redis := storetest.Server(t).Address()
	library := "/assets/" + s.past(t, redis)
	b := open(t, start(t, "--redis", redis, "--status-tags", "public", "--status-title", "Harbour Town"))

	b.attack(s, library, func() {
		var made struct{ Batch string }
		post(t, b.base+"/v1/jobs", "", map[string]any{"assets": []string{filepath.Base(library)}}, &made)
	})
	b.picture("defacement", 1280, light, "#changes")
	b.visit("/")
	b.picture("overview", 1280, light, "body > main > section:last-of-type")
	b.picture("overview-dark", 1280, dark, "body > main > section:last-of-type")
	b.picture("phone", 390, light, "#attention")
	b.incident()
	b.picture("incident", 1280, light, "#incident")
	b.visit("/status")
	b.picture("status", 1280, light, ".services")
}

// picture takes a picture of the page from its top to the end of an element.
func (b *tab) picture(name string, width int64, scheme, last string) {
	b.t.Helper()
	mobile := width < 600
	b.appear(size{width, 800, mobile}, scheme)
	height := ask[int64](b, `Math.ceil(document.querySelector(`+quote(last)+`).getBoundingClientRect().bottom + scrollY) + 16`)
	b.appear(size{width, height, mobile}, scheme)
	b.wait(`[...document.images].every((i) => i.complete || i.getBoundingClientRect().top > innerHeight)`)
	taken := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	picture, err := png.Decode(bytes.NewReader(taken.Data))
	if err != nil {
		b.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, fewColours(picture)); err != nil {
		b.t.Fatal(err)
	}
	if out.Len() > maxPicture {
		b.t.Errorf("%s has %d bytes, more than %d", name, out.Len(), maxPicture)
	}
	if err := os.WriteFile(filepath.Join(*pictures, name+".png"), out.Bytes(), 0o644); err != nil {
		b.t.Fatal(err)
	}
	b.appear(desktop, light)
}

// fewColours draws a picture with the 256 colours that it uses most: pages have
// few, and the rest are the edges of letters.
func fewColours(from image.Image) *image.Paletted {
	used := map[color.RGBA]int{}
	area := from.Bounds()
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			used[color.RGBAModel.Convert(from.At(x, y)).(color.RGBA)]++
		}
	}
	colours := make([]color.RGBA, 0, len(used))
	for c := range used {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(used[b], used[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range colours[:min(256, len(colours))] {
		palette = append(palette, c)
	}
	to := image.NewPaletted(area, palette)
	draw.Draw(to, area, from, area.Min, draw.Src)
	return to
}
