package telegram

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of rich messages. The Bot API allows 32,768 characters in 500 blocks of 16
// levels; what is beyond ours is left out of the text, and stays in the raw message.
const (
	maxRichNodes = 65_536
	maxIndent    = 16 // columns
)

// richNode is a value of a rich message: a string (true is "true"), an array or an object.
type richNode struct {
	text    string
	list    []richNode
	members []richMember
}

type richMember struct {
	name  string
	value richNode
}

// get is a member of an object; nil where there is none.
func (n *richNode) get(name string) *richNode {
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i].value
		}
	}
	return nil
}

// str is a member that is a string, else "".
func (n *richNode) str(name string) string {
	if member := n.get(name); member != nil {
		return member.text
	}
	return ""
}

// richName is the name of a member that is shown; "" for others.
func richName(name []byte) string {
	switch string(name) {
	case "type":
		return "type"
	case "text":
		return "text"
	case "label":
		return "label"
	case "blocks":
		return "blocks"
	case "items":
		return "items"
	case "cells":
		return "cells"
	case "caption":
		return "caption"
	case "credit":
		return "credit"
	case "summary":
		return "summary"
	case "expression":
		return "expression"
	case "alternative_text":
		return "alternative_text"
	case "button":
		return "button"
	case "buttons":
		return "buttons"
	case "has_checkbox":
		return "has_checkbox"
	case "is_checked":
		return "is_checked"
	}
	return ""
}

// readRich reads a RichMessage.
func readRich(d *jsontext.Decoder) (richNode, error) {
	r := richReader{d: d, left: maxRichNodes}
	return r.node()
}

type richReader struct {
	d    *jsontext.Decoder
	left int
}

func (r *richReader) node() (n richNode, err error) {
	if r.left == 0 {
		return n, r.d.SkipValue()
	}
	r.left--
	switch r.d.PeekKind() {
	case jsontext.KindString:
		n.text, err = readText(r.d)
	case jsontext.KindTrue:
		n.text, err = "true", r.d.SkipValue()
	case jsontext.KindBeginArray:
		if _, err = r.d.ReadToken(); err != nil {
			return n, err
		}
		for r.d.PeekKind() != jsontext.KindEndArray {
			child, err := r.node()
			if err != nil {
				return n, err
			}
			if r.left > 0 {
				n.list = append(n.list, child)
			}
		}
		_, err = r.d.ReadToken()
	case jsontext.KindBeginObject:
		_, err = readMembers(r.d, func(name []byte) error {
			known := richName(name)
			if known == "" {
				return r.d.SkipValue()
			}
			child, err := r.node()
			n.members = append(n.members, richMember{known, child})
			return err
		})
	default:
		err = r.d.SkipValue()
	}
	return n, err
}

// plain is the message as lines of text, and whether it holds somebody's words.
func (n *richNode) plain() (text string, words bool) {
	var w richWriter
	w.blocks(n.get("blocks"), "")
	return w.out.String(), w.words
}

// richWriter lays blocks out as lines.
type richWriter struct {
	out   strings.Builder
	words bool
	// lead stands in the place of the next line's indent: a list item's mark.
	lead string
}

func (w *richWriter) blocks(n *richNode, indent string) {
	if n == nil {
		return
	}
	for i := range n.list {
		w.block(&n.list[i], indent)
	}
}

func (w *richWriter) block(n *richNode, indent string) {
	switch kind := n.str("type"); kind {
	case "anchor":
		return
	case "divider":
		w.line(indent, "---")
	case "list":
		w.items(n.get("items"), indent)
	case "table":
		w.table(n.get("cells"), indent)
	case "buttons":
		w.buttons(n.get("buttons"), indent)
	case "blockquote":
		w.blocks(n.get("blocks"), deeper(indent, "> "))
	case "photo", "video", "animation", "audio":
		w.line(indent, bracketed(kind))
	case "document":
		w.line(indent, bracketed("file"))
	case "voice_note":
		w.line(indent, bracketed("voice"))
	case "map":
		w.line(indent, bracketed("location"))
	default:
		// Paragraphs, headings and the like; details, collages; and what is yet to come.
		w.line(indent, w.inline(n.get("summary")))
		w.line(indent, w.inline(n.get("text")))
		w.line(indent, w.inline(n.get("expression")))
		w.blocks(n.get("blocks"), indent)
	}
	if caption := n.get("caption"); caption != nil {
		w.line(indent, w.inline(caption))
		w.credit(caption.get("credit"), indent)
	}
	w.credit(n.get("credit"), indent)
}

func (w *richWriter) credit(n *richNode, indent string) {
	if credit := w.inline(n); credit != "" {
		w.line(indent, "— "+credit)
	}
}

func (w *richWriter) items(n *richNode, indent string) {
	if n == nil {
		return
	}
	for i := range n.list {
		item := &n.list[i]
		mark := "• "
		switch {
		case item.str("is_checked") != "":
			mark = "[x] "
		case item.str("has_checkbox") != "":
			mark = "[ ] "
		case item.str("label") != "":
			mark = label(item.str("label")) + " "
		}
		if w.lead == "" {
			w.lead = indent
		}
		w.lead += mark
		w.blocks(item.get("blocks"), deeper(indent, "  "))
		if lead := w.lead; lead != "" {
			w.lead = ""
			w.line("", strings.TrimRight(lead, " "))
		}
	}
}

func (w *richWriter) table(n *richNode, indent string) {
	if n == nil {
		return
	}
	for i := range n.list {
		cells := make([]string, 0, len(n.list[i].list))
		for j := range n.list[i].list {
			cells = append(cells, w.inline(n.list[i].list[j].get("text")))
		}
		w.line(indent, strings.Join(cells, " | "))
	}
}

// buttons are labels of what can be pressed, not words.
func (w *richWriter) buttons(n *richNode, indent string) {
	if n == nil {
		return
	}
	var labels richWriter
	for i := range n.list {
		if text := labels.inline(n.list[i].get("text")); text != "" {
			w.line(indent, "["+text+"]")
		}
	}
}

// line writes one line, if there is anything to write.
func (w *richWriter) line(indent, text string) {
	if !hasInk(text) {
		return
	}
	if w.out.Len() > 0 {
		w.out.WriteByte('\n')
	}
	if w.lead != "" {
		indent, w.lead = w.lead, ""
	}
	w.out.WriteString(indent)
	w.out.WriteString(strings.TrimRight(text, "\n"))
}

// inline is a RichText without its formatting.
func (w *richWriter) inline(n *richNode) string {
	var b strings.Builder
	appendInline(&b, n)
	w.words = w.words || hasInk(b.String())
	return b.String()
}

func appendInline(b *strings.Builder, n *richNode) {
	if n == nil {
		return
	}
	b.WriteString(n.text)
	for i := range n.list {
		appendInline(b, &n.list[i])
	}
	for _, name := range []string{"text", "expression", "alternative_text", "button"} {
		appendInline(b, n.get(name))
	}
}

// deeper indents further, to a bound.
func deeper(indent, by string) string {
	if len(indent)+len(by) > maxIndent {
		return indent
	}
	return indent + by
}
