package connect

import (
	"context"
	"errors"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
)

const (
	fixMoved   = "Write to the group yourself: it has another number since it became a supergroup, under which this message does not exist."
	fixClosed  = "Let the bot write: give it the right to send messages in this chat, or open the topic again; one that was deleted takes no answers."
	fixPerhaps = "Look whether it stands in the chat before you send it again."
)

// codePerhaps is of a message that may stand in the chat.
const codePerhaps = "sent_perhaps"

// Unconfirmed reports that what was said may stand in the chat.
func (r *Refusal) Unconfirmed() bool { return r.Code == codePerhaps }

// mute are refusals by which a chat lets the bot say nothing, by a part of Telegram's words.
var mute = []string{"not enough rights", "have no rights", "write_forbidden", "topic_closed", "message thread not found"}

// Say has the bot write a message. A Refusal says why it could not, or that nobody knows whether it did: Unconfirmed.
func (c *Connection) Say(ctx context.Context, text botapi.Text) (*Refusal, error) {
	a, err := c.account(ctx)
	if err != nil || a.refusal != nil {
		return a.refusal, err
	}
	// Who goes away must not leave open whether it was sent.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	err = a.client.SendText(ctx, text)
	if moved, ok := errors.AsType[*botapi.Error](err); ok && moved.MigrateToChatID != 0 && text.To == 0 {
		text.ChatID = moved.MigrateToChatID // what answers nothing is as well said under the new number
		err = a.client.SendText(ctx, text)
	}
	if err != nil {
		return c.unsaid(err), nil
	}
	return nil, nil
}

// unsaid explains why something was not, or perhaps not, said in a chat.
func (c *Connection) unsaid(err error) *Refusal {
	r := c.explain(err)
	own, ok := errors.AsType[*botapi.Error](err)
	if !ok {
		return r
	}
	words := strings.ToLower(own.Description)
	switch {
	case botapi.Undecided(err):
		return &Refusal{Words: "Telegram did not confirm the message: " + own.Description, Fix: fixPerhaps, Code: codePerhaps, Detail: own.Description}
	case own.MigrateToChatID != 0:
		r.Fix, r.Code = fixMoved, "chat_moved"
	case own.Code == 403:
		r.Words, r.Fix, r.Code = "The bot is not in the chat"+quoted(own.Description), fixAbsent, "not_member"
	case strings.Contains(words, "chat not found"):
		r.Words, r.Fix, r.Code = "Telegram knows no chat of this id in which the bot is"+quoted(own.Description), fixUnresolved, "no_such_chat"
	}
	for _, part := range mute {
		if strings.Contains(words, part) {
			r.Fix, r.Code = fixClosed, "chat_closed"
		}
	}
	return r
}
