package conversation

import (
	"slices"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/classify"
)

// QuietAt is when a conversation may be judged: from then on nobody who speaks joins it
// without replying to it.
func (s Settings) QuietAt(c Conversation) time.Time {
	return c.Messages[len(c.Messages)-1].At.Add(s.QuietGap)
}

// Quiet reports whether a conversation may be judged. One whose last message comes from a
// clock that is ahead waits until then.
func (s Settings) Quiet(c Conversation, now time.Time) bool { return !now.Before(s.QuietAt(c)) }

// Bounds of what is judged at once, in characters (runes).
const (
	// MaxText bounds the text of a turn of several messages, and cuts a message that is
	// longer by itself.
	MaxText = 8000
	// MaxContext bounds one text of the context, MaxContexts their number.
	MaxContext  = 500
	MaxContexts = 8
)

// Utterance is a message with what was said in it.
type Utterance struct {
	Message
	Text string
	// Judged is whether it has been judged already, as it is now.
	Judged bool
}

// Turn is what one author said without being interrupted: the unit that is judged.
type Turn struct {
	// Messages are the IDs, in order.
	Messages []int64
	Input    classify.Input
}

// Turns returns what of one conversation is still to be judged, oldest first: the turns in
// which a message is not judged, whole. A turn ends where another author speaks, at a reply,
// and where it would exceed MaxText. A turn without a word is left out.
//
// Context is at most MaxContexts texts: what the turn replies to, which opened the
// conversation, and the newest of what was said before the turn. elsewhere holds messages
// of other conversations to which some reply, by ID; nil if none.
func Turns(conversation []Utterance, elsewhere map[int64]string) []Turn {
	said := slices.Clone(conversation)
	slices.SortFunc(said, func(a, b Utterance) int { return order(a.Message, b.Message) })
	var turns []Turn
	for i, j := 0, 0; i < len(said); i = j {
		length := len(said[i].Text)
		for j = i + 1; j < len(said) && continues(said[i], said[j]); j++ {
			if length += 1 + len(said[j].Text); length > MaxText { // bytes are never fewer than characters
				break
			}
		}
		turn := said[i:j]
		if !slices.ContainsFunc(turn, func(u Utterance) bool { return !u.Judged }) {
			continue
		}
		if text := joined(turn); text != "" {
			turns = append(turns, Turn{ids(turn), classify.Input{Text: text, Context: contexts(said[:i], said[i], elsewhere)}})
		}
	}
	return turns
}

// continues reports whether a message is of the turn that another opened.
func continues(first, m Utterance) bool {
	return m.Author == first.Author && m.Author != "" && (m.ReplyTo == 0 || m.ReplyTo == first.ReplyTo)
}

func joined(turn []Utterance) string {
	var lines []string
	for _, u := range turn {
		if text := strings.TrimSpace(u.Text); text != "" {
			lines = append(lines, text)
		}
	}
	return clip(strings.Join(lines, "\n"), MaxText)
}

func ids(turn []Utterance) []int64 {
	var ids []int64
	for _, u := range turn {
		ids = append(ids, u.ID)
	}
	return ids
}

// contexts chooses what helps to understand a turn, oldest first.
func contexts(before []Utterance, first Utterance, elsewhere map[int64]string) []string {
	var texts []string
	if text := elsewhere[first.ReplyTo]; first.ReplyTo != 0 && strings.TrimSpace(text) != "" {
		texts = append(texts, clip(strings.TrimSpace(text), MaxContext))
	}
	var spoken []Utterance
	for _, u := range before {
		if strings.TrimSpace(u.Text) != "" {
			spoken = append(spoken, u)
		}
	}
	newest := len(spoken) - (MaxContexts - 2 - len(texts)) // two places are kept, for the opening and the reply
	for i, u := range spoken {
		if i == 0 || u.ID == first.ReplyTo || i >= newest {
			texts = append(texts, clip(strings.TrimSpace(u.Text), MaxContext))
		}
	}
	return texts
}

// clip cuts a text to at most n characters.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
