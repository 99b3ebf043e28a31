package store

import "github.com/tasktracker/tasktracker/pkg/similar"

// comparedTexts is how many texts of tasks are kept as they are compared, twice: the newest tasks are found
// again and again. One of a chat message's length takes some 2 kB, the longest 50.
const comparedTexts = 1000

// compared keeps what tasks say, so that one is read into terms once.
type compared struct{ texts *cache[int64, comparedText] }

type comparedText struct {
	title, description, category string
	similar.Text
}

func newCompared() compared { return compared{newCache[int64, comparedText](comparedTexts)} }

// text is what a task says.
func (c compared) text(id int64, title, description, category string) similar.Text {
	if t, ok := c.texts.get(id); ok && t.title == title && t.description == description && t.category == category {
		return t.Text
	}
	text := similar.New(title, description, category)
	c.keep(id, title, description, category, text)
	return text
}

// keep notes what a task says, as it was read already.
func (c compared) keep(id int64, title, description, category string, text similar.Text) {
	c.texts.put(id, comparedText{title, description, category, text})
}
