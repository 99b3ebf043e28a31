package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

// Token is the bot's that Telegram knows. It is no secret: no other Telegram knows it.
const Token = "7204418893:AAdemo-token-of-a-stand-in_Bot-API_00"

// botID is the number in Token.
const botID = 7204418893

// Telegram stands in for Telegram's Bot API on this machine, so that a bot can be
// connected, groups be added and the hearing check be seen without an account.
type Telegram struct{ server *telegramtest.Server }

// group is one that the bot is, or was, in.
type group struct {
	telegramtest.Chat
	// status is what the bot is there.
	status string
	// note says what the hearing check will find.
	note string
}

// groups have the bot, which is in privacy mode, in every state that the check tells apart.
func groups() []group {
	return []group{
		{telegramtest.Chat{ID: -1002988379206, Title: "Каса · розробка", BotIsAdmin: true}, "administrator", "heard: the bot is admin there"},
		{telegramtest.Chat{ID: -1002641907733, Title: "Ledgerline Core", Username: "ledgerline_core", BotIsAdmin: true}, "administrator", "heard: the bot is admin there"},
		{telegramtest.Chat{ID: -1002755310942, Title: "Ledgerline Support", Username: "ledgerline_support"}, "member", "partly heard: privacy mode hides what is not said to the bot"},
		{telegramtest.Chat{ID: -1002310448871, Title: "Ledgerline Archive", Kicked: true}, "kicked", "not heard: the bot was removed"},
	}
}

// StartTelegram listens on a free port of this machine until Close.
func StartTelegram() (*Telegram, error) {
	server, err := telegramtest.Start(telegramtest.Options{})
	if err != nil {
		return nil, fmt.Errorf("start the stand-in for Telegram: %w", err)
	}
	t := &Telegram{server}
	server.AddBot(telegramtest.Bot{Token: Token, Username: "ledgerline_tasks_bot", FirstName: "Ledgerline Tasks"})
	for _, g := range groups() {
		server.AddChat(g.Chat)
		if err := t.tellMembership(g); err != nil {
			server.Close()
			return nil, err
		}
	}
	var s script
	if err := json.Unmarshal(conversation, &s); err != nil {
		server.Close()
		return nil, fmt.Errorf("read the conversation: %w", err)
	}
	for _, person := range s.People {
		var who struct {
			ID int64 `json:"id"`
		}
		if err := json.Unmarshal(person, &who); err == nil {
			server.AddUser(telegramtest.User{ID: who.ID})
		}
	}
	return t, nil
}

// tellMembership queues what Telegram says when a bot is added, made admin or removed.
func (t *Telegram) tellMembership(g group) error {
	bot := map[string]any{"id": botID, "is_bot": true, "first_name": "Ledgerline Tasks", "username": "ledgerline_tasks_bot"}
	update, err := json.Marshal(map[string]any{"my_chat_member": map[string]any{
		"chat": map[string]any{"id": g.ID, "type": "supergroup", "title": g.Title, "username": g.Username},
		"from": map[string]any{"id": 581220947, "is_bot": false, "first_name": "Дмитро"}, "date": time.Now().Unix(),
		"old_chat_member": map[string]any{"user": bot, "status": "member"},
		"new_chat_member": map[string]any{"user": bot, "status": g.status, "until_date": 0},
	}})
	if err != nil {
		return fmt.Errorf("write the membership of %s: %w", g.Title, err)
	}
	return t.send(update)
}

func (t *Telegram) send(update []byte) error {
	if _, err := t.server.Send(Token, update); err != nil {
		return fmt.Errorf("hand an update to the stand-in for Telegram: %w", err)
	}
	return nil
}

// URL is its address, for TELEGRAM_API_BASE_URL.
func (t *Telegram) URL() string { return t.server.URL() }

// Connected reports whether somebody gets what it has for the bot.
func (t *Telegram) Connected() bool { return t.server.Listening(Token) }

// Close ends it.
func (t *Telegram) Close() { t.server.Close() }

// Explain prints what to do with it; port is the dashboard's.
func (t *Telegram) Explain(out io.Writer, port int) {
	fmt.Fprintf(out, `
To click through connecting a bot, without Telegram: a stand-in for its Bot API listens
on %s. On http://localhost:%d/settings enter
  Token    %s
  Address  http, localhost:%d
and add groups, as people paste them:
`, t.URL(), port, Token, port)
	for _, g := range groups() {
		name := fmt.Sprint(g.ID)
		if g.Username != "" {
			name = "@" + g.Username
		}
		fmt.Fprintf(out, "  %-20s %-20s %s\n", name, g.Title, g.note)
	}
	fmt.Fprintln(out)
}
