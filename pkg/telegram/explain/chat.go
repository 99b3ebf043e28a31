package explain

import (
	"errors"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
)

// Unsaid explains why something was not, or perhaps not, said in a chat.
func (e Explainer) Unsaid(err error) *Refusal {
	r := e.Refusal(err)
	own, ok := errors.AsType[*botapi.Error](err)
	if !ok {
		return r
	}
	words := strings.ToLower(own.Description)
	switch {
	case botapi.Undecided(err):
		return &Refusal{Words: "Telegram did not confirm the message: " + own.Description, Fix: FixPerhaps, Code: "sent_perhaps", Detail: own.Description, Kind: Unconfirmed}
	case own.MigrateToChatID != 0:
		r.Fix, r.Code = fixMoved, "chat_moved"
	case own.Code == 403:
		r = NotMember(own.Description)
	case strings.Contains(words, "chat not found"):
		r = NoSuchChat(own.Description)
	}
	for _, part := range mute {
		if strings.Contains(words, part) {
			r.Fix, r.Code = fixClosed, "chat_closed"
		}
	}
	return r
}

// NotMember is the Refusal of a chat that the bot is not in, by Telegram's words, "" for none.
func NotMember(words string) *Refusal {
	return &Refusal{Words: "The bot is not in the chat" + Quoted(words), Fix: FixAbsent, Code: "not_member", Detail: words}
}

// NoSuchChat is the Refusal of a chat that the bot knows nothing of, by Telegram's words, "" for none.
func NoSuchChat(words string) *Refusal {
	return &Refusal{Words: "Telegram knows no chat of this id in which the bot is" + Quoted(words), Fix: fixUnresolved, Code: "no_such_chat", Detail: words}
}

// Quoted are Telegram's words behind our own; "" for none.
func Quoted(words string) string {
	if words == "" {
		return ""
	}
	return " (" + words + ")"
}
