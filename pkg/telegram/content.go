package telegram

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// unsupported stands for a message of which nothing is known, of a kind of content
// newer than we are perhaps.
const unsupported = "[unsupported]"

// mediaKinds are the members that hold content without text. The first one that a
// message has is shown: an animation has document too, a live photo photo, a venue
// location.
var mediaKinds = []string{"animation", "live_photo", "venue", "photo", "video", "video_note", "voice", "audio",
	"document", "sticker", "poll", "checklist", "location", "contact", "dice", "story", "game", "paid_media",
	"invoice", "giveaway", "giveaway_winners"}

// content is what a message says, or shows.
type content struct {
	text    string
	caption string
	rich    richNode
	// kind is an index of mediaKinds, valid where shown is true.
	kind  int
	shown bool
	media media
}

// media is what placeholders are made of.
type media struct {
	title, performer, fileName string
	question                   string
	emoji                      string
	firstName, lastName        string
	duration, value            integer
}

// read takes the value of any member of a message that is not about who, where and when.
func (c *content) read(d *jsontext.Decoder, name []byte) (err error) {
	switch string(name) {
	case "text":
		c.text, err = readText(d)
		return err
	case "caption":
		c.caption, err = readText(d)
		return err
	case "rich_message":
		c.rich, err = readRich(d)
		return err
	}
	kind := slices.Index(mediaKinds, string(name))
	if kind < 0 || isNothing(d) || c.shown && c.kind < kind {
		return d.SkipValue()
	}
	c.kind, c.shown = kind, true
	return c.media.read(d)
}

func (m *media) read(d *jsontext.Decoder) error {
	*m = media{}
	_, err := readMembers(d, func(name []byte) (err error) {
		switch string(name) {
		case "title":
			m.title, err = readText(d)
		case "performer":
			m.performer, err = readText(d)
		case "file_name":
			m.fileName, err = readText(d)
		case "question":
			m.question, err = readText(d)
		case "emoji":
			m.emoji, err = readText(d)
		case "first_name":
			m.firstName, err = readText(d)
		case "last_name":
			m.lastName, err = readText(d)
		case "duration":
			return m.duration.read(d)
		case "value":
			return m.value.read(d)
		default:
			return d.SkipValue()
		}
		return err
	})
	return err
}

// plain is the content as text fit for display, and whether it holds somebody's words.
func (c *content) plain() (text string, words bool) {
	switch {
	case hasInk(c.text):
		return c.text, true
	case hasInk(c.caption):
		return c.caption, true
	}
	if text, words := c.rich.plain(); text != "" {
		return text, words
	}
	if c.shown {
		return c.media.placeholder(mediaKinds[c.kind])
	}
	return unsupported, false
}

// placeholder says in brackets what was sent. Words are those that somebody wrote for
// others to read: a poll's question, a checklist's title.
func (m *media) placeholder(kind string) (text string, words bool) {
	switch kind {
	case "video", "voice", "video_note":
		return bracketed(kind, m.length()), false
	case "sticker":
		return bracketed("sticker", label(m.emoji)), false
	case "dice":
		return bracketed("dice", label(m.emoji), m.value.decimal()), false
	case "document":
		return bracketed("file", label(m.fileName)), false
	case "audio":
		return bracketed("audio", m.track()), false
	case "contact":
		return bracketed("contact", label(m.firstName), label(m.lastName)), false
	case "venue", "game", "invoice":
		return bracketed(kind, label(m.title)), false
	case "poll":
		return headed("[poll]", m.question)
	case "checklist":
		return headed("[checklist]", m.title)
	default:
		return bracketed(kind), false
	}
}

// track names a piece of music, or tells how long a recording is.
func (m *media) track() string {
	performer, title := label(m.performer), label(m.title)
	switch {
	case performer != "" && title != "":
		return performer + " – " + title
	case performer != "" || title != "":
		return performer + title
	case label(m.fileName) != "":
		return label(m.fileName)
	default:
		return m.length()
	}
}

// length is the duration as people write it, 0:23 or 1:02:03; "" where it makes no sense.
func (m *media) length() string {
	const day = 24 * 60 * 60
	if !m.duration.in(0, day) {
		return ""
	}
	s := m.duration.value
	if s < 60*60 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

func bracketed(kind string, details ...string) string {
	parts := []string{strings.ReplaceAll(kind, "_", " ")}
	for _, detail := range details {
		if detail != "" {
			parts = append(parts, detail)
		}
	}
	return "[" + strings.Join(parts, " ") + "]"
}

func headed(head, text string) (string, bool) {
	if !hasInk(text) {
		return head, false
	}
	return head + " " + text, true
}

// labelRunes bounds what a file, a song or a person may be called in a placeholder.
const labelRunes = 120

// label makes one short line of a name.
func label(s string) string {
	return shortened(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.TrimSpace(s)), labelRunes)
}

// hasInk tells text that one can see something of.
func hasInk(s string) bool { return strings.TrimSpace(s) != "" }
