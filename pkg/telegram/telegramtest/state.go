package telegramtest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bot is an account whose token the server accepts.
type Bot struct {
	// Token is "<id>:<secret>".
	Token string
	// ID is the bot's user id; the number in Token if 0.
	ID int64
	// Username is without "@"; "test_<id>_bot" if empty.
	Username string
	// FirstName is the bot's name; Username if empty.
	FirstName string
	// CanReadAllGroupMessages is true if privacy mode is off. As at Telegram
	// it is on by default: Send then keeps back what is said in groups,
	// except commands, replies to the bot, service messages, and chats where
	// the bot is admin.
	CanReadAllGroupMessages bool
}

// Chat is a chat that the bots are members of.
type Chat struct {
	ID int64
	// Type is private, group, supergroup or channel; taken from ID if empty.
	Type string
	// Title is the name of a group or channel.
	Title string
	// Username is without "@"; a chat with one is public.
	Username            string
	FirstName, LastName string
	IsForum             bool
	// Photo is the chat's picture; nil for none.
	Photo *Photo
	// MigratedTo is the supergroup that this basic group became; 0 for none.
	MigratedTo int64
	// Kicked means that the bots were removed, or blocked in a private chat.
	Kicked bool
	// BotIsAdmin means that the bots are admins, which see all messages even
	// in privacy mode.
	BotIsAdmin bool
	// Extra is added to getChat's answer: fields of a future API.
	Extra map[string]any
}

// User is a person the bots have seen.
type User struct {
	ID int64
	// Photos are the profile pictures, current first; none if empty.
	Photos []Photo
}

// bot is a Bot with all that the server keeps for it, guarded by Server.mu.
type bot struct {
	Bot

	nextUpdate int64
	queue      []*update // in order of Send; done ones are cut off at the head
	pending    int       // updates in the queue that are not done
	allowed    []string  // nil: the default set

	hook         *webhook // nil while getUpdates is in use
	lastSet      time.Time
	setTurn      int
	lastError    string
	lastErrorAt  time.Time
	poll         *poller
	lastPoll     time.Time
	lastOffset   int64
	lastConflict time.Time

	nextMessage map[int64]int64
	sent        map[messageKey]*sentMessage
	callbacks   map[string]time.Time // when each callback query was sent
}

// AddBot makes the server accept a token; a bot with the same token is replaced
// and its webhook and queue are forgotten.
func (s *Server) AddBot(b Bot) {
	if b.ID == 0 {
		head, _, _ := strings.Cut(b.Token, ":")
		b.ID, _ = strconv.ParseInt(head, 10, 64)
	}
	b.Username = cmp.Or(b.Username, "test_"+strconv.FormatInt(b.ID, 10)+"_bot")
	b.FirstName = cmp.Or(b.FirstName, b.Username)
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.bots[b.Token]; old != nil {
		old.stopWebhook()
	}
	s.bots[b.Token] = &bot{
		Bot:         b,
		nextUpdate:  100_000_000 + int64(len(s.bots))*10_000_000,
		nextMessage: map[int64]int64{},
		sent:        map[messageKey]*sentMessage{},
		callbacks:   map[string]time.Time{},
		lastOffset:  -1 << 62,
	}
	s.notify()
}

// RevokeToken makes the server answer 401 to a token from now on.
func (s *Server) RevokeToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.bots[token]; b != nil {
		b.stopWebhook()
		delete(s.bots, token)
	}
	s.notify()
}

// AddChat makes a chat known, or replaces what is known of it.
func (s *Server) AddChat(c Chat) {
	if c.Type == "" {
		switch {
		case c.ID > 0:
			c.Type = "private"
		case c.ID > -1_000_000_000_000:
			c.Type = "group"
		default:
			c.Type = "supergroup"
		}
	}
	if c.Photo != nil {
		photo := c.Photo.clone("chat" + strconv.FormatInt(c.ID, 10))
		c.Photo = &photo
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Photo != nil {
		s.addPhoto(*c.Photo)
	}
	s.chats[c.ID] = &c
}

// AddUser makes a user known, or replaces the pictures.
func (s *Server) AddUser(u User) {
	u.Photos = slices.Clone(u.Photos)
	for i := range u.Photos {
		u.Photos[i] = u.Photos[i].clone("user" + strconv.FormatInt(u.ID, 10) + "photo" + strconv.Itoa(i))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, photo := range u.Photos {
		s.addPhoto(photo)
	}
	s.users[u.ID] = &u
}

// chat finds a chat by what chat_id holds: a number or "@name". s.mu must be held.
func (s *Server) chat(id string) *Chat {
	if name, ok := strings.CutPrefix(id, "@"); ok {
		for _, c := range s.chats {
			if c.Type != "private" && c.Username != "" && strings.EqualFold(c.Username, name) {
				return c
			}
		}
		return nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	return s.chats[n]
}
