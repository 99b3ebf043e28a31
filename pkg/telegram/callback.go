package telegram

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tasktracker/tasktracker/pkg/channel"
)

// callback is what we need of a CallbackQuery.
type callback struct {
	id   string
	chat peer
}

func (c *callback) read(d *jsontext.Decoder) error {
	*c = callback{}
	_, err := readMembers(d, func(name []byte) (err error) {
		switch string(name) {
		case "id":
			c.id, err = readWord(d)
			return err
		case "message":
			_, err := readMembers(d, func(name []byte) error {
				if string(name) == "chat" {
					return c.chat.read(d)
				}
				return d.SkipValue()
			})
			return err
		}
		return d.SkipValue()
	})
	return err
}

// update makes an Update of a button that was pressed.
func (c *callback) update(u channel.Update) (channel.Update, error) {
	u.Chat = c.chat.toChat(false)
	if c.id == "" {
		return u, notUnderstood("the callback query has no id of 1 to 64 bytes")
	}
	u.Verdict, u.CallbackID = channel.Callback, c.id
	return u, nil
}
