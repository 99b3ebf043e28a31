package telegram

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/tasktracker/tasktracker/pkg/channel"
)

// Name is the channel's name.
const Name = "telegram"

// Adapter decodes Bot API updates. The zero value is ready.
type Adapter struct{}

var _ channel.Adapter = Adapter{}

// Name implements channel.Adapter.
func (Adapter) Name() string { return Name }

// Decode implements channel.Adapter for one Update of the Bot API, as posted to a
// webhook or as one element of what getUpdates returns. Update.ID is its update_id,
// Message.Version too; Message.Raw is the whole Update, the reply that its message
// holds without a reply of its own. Names that an object has twice make a body
// invalid. Of an update that names several kinds, against the protocol, the first in
// the order of kinds counts, a message before all else.
//
// It needs memory in proportion to the body, whose size the caller bounds; nothing
// is nested deeper than 512 levels.
func (Adapter) Decode(body []byte, receivedAt time.Time) (channel.Update, error) {
	body = validUTF8(body)
	s := look(body)
	if s.tooDeep {
		return channel.Update{}, fmt.Errorf("%w: nested more than %d levels deep", channel.ErrInvalid, maxDepth)
	}
	var e envelope
	// Invalid UTF-8 that is left are lone surrogates, which become U+FFFD.
	if err := json.Unmarshal(body, &e, jsontext.AllowInvalidUTF8(true)); err != nil {
		return channel.Update{}, invalidJSON(err)
	}
	if err := e.check(); err != nil {
		return channel.Update{}, err
	}
	u := channel.Update{ID: e.id.decimal(), Kind: e.kindName()}
	switch u.Kind {
	case kindMessage, kindEditedMessage, kindChannelPost, kindEditedChannelPost:
		post := u.Kind == kindChannelPost || u.Kind == kindEditedChannelPost
		edited := u.Kind == kindEditedMessage || u.Kind == kindEditedChannelPost
		return e.message.update(u, body, e.id.value, s.unclean, post, edited, receivedAt)
	case kindMyChatMember:
		return e.membership.update(u, receivedAt)
	case kindCallbackQuery:
		return e.callback.update(u)
	default:
		return u, nil
	}
}

// keep copies a body, rewritten where it has to be.
func keep(body []byte, rewrite bool) ([]byte, error) {
	if rewrite {
		return clean(body)
	}
	return bytes.Clone(bytes.TrimSpace(body)), nil
}

func notUnderstood(why string) error {
	return fmt.Errorf("%w: %s", channel.ErrNotUnderstood, why)
}

// invalidJSON says what is wrong with a body in words of our own, since the
// decoder's quote it.
func invalidJSON(err error) error {
	var at int64
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = syntax.ByteOffset
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("%w: an object has the same name twice, at byte %d", channel.ErrInvalid, at)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%w: the JSON ends too early, after %d bytes", channel.ErrInvalid, at)
	default:
		return fmt.Errorf("%w: not one JSON document, see byte %d", channel.ErrInvalid, at)
	}
}
