package main

import (
	"bytes"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// document is what a Markdown file links to, and what can be linked to in it.
type document struct {
	links   []string
	anchors map[string]bool
}

// readDocument reads a Markdown file as GitHub shows it. The example of one in a
// code block has no links.
func readDocument(source []byte) document {
	d := document{anchors: map[string]bool{}}
	tree := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	_ = ast.Walk(tree, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch node := node.(type) {
		case *ast.Link:
			d.links = append(d.links, string(node.Destination))
		case *ast.Image:
			d.links = append(d.links, string(node.Destination))
		case *ast.Heading:
			anchor := anchorOf(plainText(node, source))
			for unique, n := anchor, 1; ; n++ {
				if !d.anchors[unique] {
					d.anchors[unique] = true
					break
				}
				unique = anchor + "-" + strconv.Itoa(n)
			}
		}
		return ast.WalkContinue, nil
	})
	return d
}

func plainText(node ast.Node, source []byte) string {
	var b bytes.Buffer
	_ = ast.Walk(node, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if leaf, ok := node.(*ast.Text); ok && entering {
			b.Write(leaf.Segment.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// anchorOf is the name that GitHub gives to a heading.
func anchorOf(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// readDocuments reads every Markdown file of the repository, by its path.
func readDocuments(t *testing.T) map[string]document {
	t.Helper()
	documents := map[string]document{}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." && (strings.HasPrefix(name, ".") || name == "build" || name == "bin" || entry.Name() == "testdata") {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(name) != ".md" {
			return nil
		}
		source, err := os.ReadFile(name)
		documents[filepath.ToSlash(name)] = readDocument(source)
		return err
	})
	if err != nil {
		t.Fatalf("find documents: %v", err)
	}
	return documents
}

// brokenLink says what is wrong with a link of a document, "" if nothing. Links
// to other hosts are not looked at.
func brokenLink(documents map[string]document, from, link string) string {
	target, err := url.Parse(link)
	if err != nil {
		return err.Error()
	}
	if target.Scheme != "" || target.Host != "" {
		return ""
	}
	to := from
	if target.Path != "" {
		to = path.Join(path.Dir(from), target.Path)
		if _, err := os.Stat(to); err != nil {
			return err.Error()
		}
	}
	if target.Fragment != "" && !documents[to].anchors[target.Fragment] {
		return to + " has no heading with the anchor #" + target.Fragment
	}
	return ""
}

func TestLinksOfDocuments(t *testing.T) {
	t.Parallel()
	documents := readDocuments(t)
	for from, d := range documents {
		for _, link := range d.links {
			if wrong := brokenLink(documents, from, link); wrong != "" {
				t.Errorf("%s links to %q: %s", from, link, wrong)
			}
		}
	}
}

// TestLinksOfDocumentsRefuses proves that the test above can fail.
func TestLinksOfDocumentsRefuses(t *testing.T) {
	t.Parallel()
	const source = "# A `b`: c\n# A b c\n[x](#a-b-c-1) [y](#a-b-c-2)\n\n|a|\n|-|\n|[z](none.md)|\n\n```\n[no](link.md)\n```\n"
	documents := map[string]document{"docs/x.md": readDocument([]byte(source))}
	var wrong []string
	for _, link := range documents["docs/x.md"].links {
		if brokenLink(documents, "docs/x.md", link) != "" {
			wrong = append(wrong, link)
		}
	}
	if got := strings.Join(wrong, " "); got != "#a-b-c-2 none.md" {
		t.Errorf("refused are %q", got)
	}
}

// Who begins with the README finds every page.
func TestDocumentsAreReachable(t *testing.T) {
	t.Parallel()
	documents := readDocuments(t)
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, link := range documents[name].links {
			if target, err := url.Parse(link); err == nil && target.Host == "" && target.Path != "" {
				visit(path.Join(path.Dir(name), target.Path))
			}
		}
	}
	visit("README.md")
	for name := range documents {
		if !seen[name] {
			t.Errorf("no link leads from README.md to %s: add one, in its section Documentation or on a page that it lists", name)
		}
	}
}
