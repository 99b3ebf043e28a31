package telegram_test

import (
	"fmt"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/telegram"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	const text = "👍👍 Олена Коваль, глянь" // each 👍 is two units
	mark := func(offset, length int) string {
		return fmt.Sprintf(`{"type":"text_mention","offset":%d,"length":%d,"user":{"id":77,"is_bot":false,"first_name":"Олена"}}`, offset, length)
	}
	for name, c := range map[string]struct{ update, content, want string }{
		"in a text":            {`{"update_id":1,"message":{"text":"` + text + `","entities":[{"type":"bold","offset":0,"length":2},` + mark(5, 12) + `]}}`, text, "77 Олена Коваль"},
		"in a caption":         {`{"update_id":1,"edited_message":{"caption":"` + text + `","caption_entities":[` + mark(5, 12) + `]}}`, text, "77 Олена Коваль"},
		"of another text":      {`{"message":{"text":"other","entities":[` + mark(0, 3) + `]}}`, text, ""},
		"with an @name":        {`{"message":{"text":"@olena hi","entities":[{"type":"mention","offset":0,"length":6}]}}`, "@olena hi", ""},
		"out of the text":      {`{"message":{"text":"` + text + `","entities":[` + mark(5, 999) + `,` + mark(-1, 3) + `,` + mark(99, 1) + `,` + mark(0, 0) + `]}}`, text, ""},
		"beyond any number":    {`{"message":{"text":"` + text + `","entities":[` + mark(5, 9223372036854775807) + `]}}`, text, ""},
		"of no type":           {`{"message":{"text":"` + text + `","entities":["x",null,{"type":5},` + mark(5, 5) + `]}}`, text, "77 Олена"},
		"entities of no type":  {`{"message":{"text":"` + text + `","entities":{"type":"text_mention"}}}`, text, ""},
		"text of no type":      {`{"message":{"text":5,"caption":"` + text + `","caption_entities":[` + mark(5, 5) + `]}}`, text, "77 Олена"},
		"nobody":               {`{"message":{"text":"` + text + `","entities":[{"type":"text_mention","offset":5,"length":5}]}}`, text, ""},
		"no object":            {`[1]`, text, ""},
		"nothing kept":         {``, text, ""},
		"members of all kinds": {`{"update_id":1,"a":null,"b":[{}],"message":{"text":"` + text + `","entities":[` + mark(5, 5) + `]}}`, text, "77 Олена"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, m := range telegram.Mentions([]byte(c.update), c.content) {
				got += m.ID + " " + c.content[m.Start:m.End]
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
