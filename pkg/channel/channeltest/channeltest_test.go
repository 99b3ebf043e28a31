package channeltest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/channel"
	"github.com/tasktracker/tasktracker/pkg/channel/channeltest"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// fake is an adapter that answers always the same, changed by spoil.
type fake struct {
	spoil func(body []byte, u *channel.Update) error
}

func (fake) Name() string { return "fake" }

func (f fake) Decode(body []byte, _ time.Time) (channel.Update, error) {
	chat := &eventsv1.Chat{SourceName: "fake", ChatId: "7"}
	u := channel.Update{ID: "1", Kind: "message", Verdict: channel.Store, Chat: chat,
		Message: &eventsv1.MessageReceived{Chat: chat, Raw: []byte(`{"n":1e3,"s":"\u0001"}`), Message: &eventsv1.Message{
			SourceName: "fake", ChatId: "7", ExternalMessageId: "3", Content: "hello", SentAt: timestamppb.New(channeltest.ReceivedAt)}}}
	err := f.spoil(body, &u)
	return u, err
}

// recorder is a testing.TB that remembers having failed.
type recorder struct {
	testing.TB
	failed bool
}

func (*recorder) Helper()                 {}
func (r *recorder) Error(...any)          { r.failed = true }
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatalf(string, ...any) { r.failed = true }

func TestCheckFindsFaults(t *testing.T) {
	t.Parallel()
	raw := func(s string) func([]byte, *channel.Update) error {
		return func(_ []byte, u *channel.Update) error { u.Message.Raw = []byte(s); return nil }
	}
	message := func(change func(*eventsv1.Message)) func([]byte, *channel.Update) error {
		return func(_ []byte, u *channel.Update) error { change(u.Message.Message); return nil }
	}
	calls := 0
	for name, spoil := range map[string]func([]byte, *channel.Update) error{
		"changes the body": func(body []byte, _ *channel.Update) error { body[0] = ' '; return nil },
		"keeps the body":   func(body []byte, u *channel.Update) error { u.Message.Raw = body; return nil },
		"is not pure": func(_ []byte, u *channel.Update) error {
			calls++
			u.ID = time.Unix(int64(calls), 0).String()
			return nil
		},
		"no id":               func(_ []byte, u *channel.Update) error { u.ID = ""; return nil },
		"kind is text":        func(_ []byte, u *channel.Update) error { u.Kind = "Some kind"; return nil },
		"verdict":             func(_ []byte, u *channel.Update) error { u.Verdict = channel.Ignore; return nil },
		"state without facts": func(_ []byte, u *channel.Update) error { u.Verdict, u.Message = channel.State, nil; return nil },
		"callback without id": func(_ []byte, u *channel.Update) error { u.Verdict, u.Message = channel.Callback, nil; return nil },
		"fact of another kind": func(_ []byte, u *channel.Update) error {
			u.Verdict, u.Message, u.Facts = channel.State, nil, []*eventsv1.Inbound{{ReceivedAt: timestamppb.New(channeltest.ReceivedAt)}}
			return nil
		},
		"chat of another source":  func(_ []byte, u *channel.Update) error { u.Chat.SourceName = "other"; return nil },
		"unknown error":           func(_ []byte, u *channel.Update) error { *u = channel.Update{}; return errors.New("oops") },
		"invalid with update":     func([]byte, *channel.Update) error { return channel.ErrInvalid },
		"dead letter without id":  func(_ []byte, u *channel.Update) error { *u = channel.Update{}; return channel.ErrNotUnderstood },
		"no identity":             message(func(m *eventsv1.Message) { m.ExternalMessageId = "" }),
		"other chat":              message(func(m *eventsv1.Message) { m.ChatId = "8" }),
		"no date":                 message(func(m *eventsv1.Message) { m.SentAt = nil }),
		"impossible date":         message(func(m *eventsv1.Message) { m.EditedAt = &timestamppb.Timestamp{Seconds: 1 << 50} }),
		"no content":              message(func(m *eventsv1.Message) { m.Content = "" }),
		"null character":          message(func(m *eventsv1.Message) { m.Author = "a\x00b" }),
		"long name":               message(func(m *eventsv1.Message) { m.Author = strings.Repeat("a", 5000) }),
		"long id":                 message(func(m *eventsv1.Message) { m.MediaGroupId = strings.Repeat("a", 500) }),
		"the database's":          message(func(m *eventsv1.Message) { m.Persisted = true }),
		"raw is cut":              raw(`{"a":`),
		"raw is an array":         raw(`[]`),
		"raw has null":            raw(`{"a":"\u0000"}`),
		"raw has a surrogate":     raw(`{"a":"\ud83d"}`),
		"raw has a name twice":    raw(`{"a":1,"a":2}`),
		"raw has a great number":  raw(`{"a":1e131072}`),
		"output out of all bound": message(func(m *eventsv1.Message) { m.Content = string(make([]byte, 1<<16)) }),
	} {
		r := &recorder{TB: t}
		channeltest.Check(r, fake{spoil}, []byte(`{"update":"something of a body"}`))
		if !r.failed {
			t.Errorf("%s: Check finds nothing wrong", name)
		}
	}
	channeltest.Check(t, fake{func([]byte, *channel.Update) error { return nil }}, []byte(`{}`))
}
