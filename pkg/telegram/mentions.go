package telegram

import (
	"encoding/json"
	"strconv"
	"unicode/utf16"

	"github.com/tasktracker/tasktracker/pkg/entities"
)

// textMention is the type of an entity that names a user who has no @name.
const textMention = "text_mention"

// marked is what is needed of a message to find what Telegram marked in it.
type marked struct {
	Text            string            `json:"text"`
	Caption         string            `json:"caption"`
	Entities        []json.RawMessage `json:"entities"`
	CaptionEntities []json.RawMessage `json:"caption_entities"`
}

// Mentions finds in an update, as it is stored, who is named in the text of its message
// without an @name. content is that text as it is shown; of another, such as that of a rich
// message, nothing is known. What makes no sense is left out.
func Mentions(update []byte, content string) []entities.Mention {
	var members map[string]json.RawMessage
	if content == "" || json.Unmarshal(update, &members) != nil {
		return nil
	}
	for _, member := range members {
		var m marked
		// What is of another type than it should be is passed over, the rest is read.
		_ = json.Unmarshal(member, &m)
		switch content {
		case m.Text:
			return mentionsIn(content, m.Entities)
		case m.Caption:
			return mentionsIn(content, m.CaptionEntities)
		}
	}
	return nil
}

func mentionsIn(content string, marks []json.RawMessage) []entities.Mention {
	var found []entities.Mention
	var places []int
	for _, mark := range marks {
		var e struct {
			Type           string
			Offset, Length int
			User           struct{ ID int64 }
		}
		if json.Unmarshal(mark, &e) != nil || e.Type != textMention || e.User.ID == 0 {
			continue
		}
		if places == nil {
			places = unitPlaces(content)
		}
		last := len(places) - 1
		if e.Offset < 0 || e.Length < 1 || e.Offset > last || e.Length > last-e.Offset {
			continue
		}
		found = append(found, entities.Mention{Start: places[e.Offset], End: places[e.Offset+e.Length], ID: strconv.FormatInt(e.User.ID, 10)})
	}
	return found
}

// unitPlaces are the bytes at which the UTF-16 units of a text begin, by which Telegram
// counts, and where the last one ends. The second half of a pair is where the pair is.
func unitPlaces(text string) []int {
	places := make([]int, 0, len(text)+1)
	for i, r := range text {
		for range utf16.RuneLen(r) {
			places = append(places, i)
		}
	}
	return append(places, len(text))
}
