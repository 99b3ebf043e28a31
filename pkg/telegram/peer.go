package telegram

import (
	"github.com/go-json-experiment/json/jsontext"

	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// peer is a user or a chat: both can speak, and both can be what a message is sent to.
type peer struct {
	// known is true where the member was an object.
	known               bool
	id                  integer
	kind                string
	title               string
	firstName, lastName string
	username            string
	forum               bool
}

func (p *peer) read(d *jsontext.Decoder) error {
	*p = peer{}
	known, err := readMembers(d, func(name []byte) (err error) {
		switch string(name) {
		case "id":
			return p.id.read(d)
		case "type":
			p.kind, err = readWord(d)
		case "title":
			p.title, err = readName(d)
		case "first_name":
			p.firstName, err = readName(d)
		case "last_name":
			p.lastName, err = readName(d)
		case "username":
			p.username, err = readWord(d)
		case "is_forum":
			p.forum, err = readTrue(d)
		default:
			return d.SkipValue()
		}
		return err
	})
	p.known = known
	return err
}

// name is what to call it: a chat's title, a person's names (deleted accounts have
// an empty first name), else the username; "" where there is nothing.
func (p *peer) name() string {
	switch {
	case p.title != "":
		return p.title
	case p.firstName != "" && p.lastName != "":
		return p.firstName + " " + p.lastName
	case p.firstName != "" || p.lastName != "":
		return p.firstName + p.lastName
	default:
		return p.username
	}
}

// smallestGroup is the least id of a basic group. Below are supergroups and channels,
// above 0 private chats.
const smallestGroup = -999_999_999_999

// toChat is the chat for the bus; nil where it has no id. Telegram's own examples of
// updates lack the type, so that its absence is made up for: post says that it is a channel.
func (p *peer) toChat(post bool) *eventsv1.Chat {
	if p.id.state != present || p.id.value == 0 {
		return nil
	}
	kind := p.kind
	if kind == "" {
		switch {
		case p.id.value > 0:
			kind = "private"
		case post:
			kind = "channel"
		case p.id.value >= smallestGroup:
			kind = "group"
		default:
			kind = "supergroup"
		}
	}
	return &eventsv1.Chat{SourceName: Name, ChatId: p.id.decimal(), Kind: kind, Name: p.name(),
		Username: p.username, IsForum: p.forum}
}
