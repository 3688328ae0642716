package email

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"missedcalls/notifier/message"
)

// page is what a mail program makes of HTML: its elements with their attributes, and the texts between them.
type page struct {
	elements, texts, links []string
}

func readPage(t testing.TB, source string) page {
	root, err := html.Parse(strings.NewReader(source))
	require.NoError(t, err)
	var p page
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			p.element(n)
		case html.TextNode:
			if text := strings.TrimSpace(n.Data); text != "" && n.Parent.Data != "style" {
				p.texts = append(p.texts, text)
			}
		}
	}
	return p
}

func (p *page) element(n *html.Node) {
	said := n.Data
	for _, a := range n.Attr {
		if a.Key == "href" {
			p.links = append(p.links, a.Val)
			a.Val = ""
		}
		said += " " + a.Key + "=" + a.Val
	}
	p.elements = append(p.elements, said)
}

// checkHTML holds a page to the one with harmless words in the same places.
func checkHTML(t *testing.T, source string, m message.Message) {
	t.Helper()
	m = cleaned(m)
	got := readPage(t, source)
	harmless := message.Message{Title: "title", Status: "status", Language: m.Language}
	var texts, links []string
	texts = append(texts, m.Title, m.Status)
	if m.Icon != "" {
		harmless.Icon = "!"
		texts = append(texts, m.Icon)
	}
	texts = append(texts, m.Title)
	for _, f := range m.Facts {
		fact := message.Fact{Label: "label", Value: "value"}
		if f.Tel != "" {
			fact.Tel = "+7000"
			links = append(links, "tel:"+f.Tel)
		}
		harmless.Facts = append(harmless.Facts, fact)
		texts = append(texts, f.Label, f.Value)
	}
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	assert.Equal(t, readPage(t, builtInHTML(harmless)).elements, got.elements)
	assert.Equal(t, texts, got.texts)
	assert.Equal(t, links, got.links)
}

func TestAPageNeedsNothingFromElsewhere(t *testing.T) {
	source := builtInHTML(cleaned(missed().Message))
	assert.NotContains(t, source, "http")
	assert.NotContains(t, source, "<img")
	assert.NotContains(t, source, "<script")
	assert.NotContains(t, source, "url(")
	assert.Less(t, len(source), 10<<10, "Gmail cuts a message after 102 kB")
}

func TestALinkLeadsToANumberOnly(t *testing.T) {
	for tel, linked := range map[string]bool{
		"+79161234567": true, "79161234567": true, "101": true, "": false, "+": false, "7": false,
		"+7 916": false, "javascript:alert(1)": false, "+7\"": false, "+7916123456789012345678": false, "+7916\n": false,
	} {
		m := cleaned(message.Message{Facts: []message.Fact{{Label: "a", Value: "b", Tel: tel}}})
		p := readPage(t, builtInHTML(m))
		if linked {
			assert.Equal(t, []string{"tel:" + tel}, p.links)
		} else {
			assert.Empty(t, p.links, "%q", tel)
		}
	}
}

func TestAMessageOfATitleOnlyHasNoEmptyRows(t *testing.T) {
	m := message.Message{Title: "Digest: 30 missed calls"}
	assert.Equal(t, "Digest: 30 missed calls\n", plainText(m))
	p := readPage(t, builtInHTML(m))
	assert.Equal(t, []string{"Digest: 30 missed calls", "Digest: 30 missed calls"}, p.texts)
	assert.NotContains(t, builtInHTML(m), "<th")
}
