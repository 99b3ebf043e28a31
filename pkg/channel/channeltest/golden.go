package channeltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/channel"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// golden is an Update, or the error in its place, as a person can review it.
type golden struct {
	Error      string            `json:"error,omitempty"`
	ID         string            `json:"id,omitempty"`
	Kind       string            `json:"kind,omitempty"`
	Verdict    string            `json:"verdict,omitempty"`
	Chat       json.RawMessage   `json:"chat,omitempty"`
	Message    json.RawMessage   `json:"message_received,omitempty"`
	Facts      []json.RawMessage `json:"facts,omitempty"`
	CallbackID string            `json:"callback_id,omitempty"`
	// Raw is the raw of Message, which itself is shown without it.
	Raw json.RawMessage `json:"raw,omitempty"`
}

// Golden is what a golden file holds of an Update and the error that came with it.
func Golden(tb testing.TB, u channel.Update, err error) []byte {
	tb.Helper()
	g := golden{ID: u.ID, Kind: u.Kind, CallbackID: u.CallbackID}
	switch {
	case err == nil:
		g.Verdict = u.Verdict.String()
	case errors.Is(err, channel.ErrInvalid), errors.Is(err, channel.ErrNotUnderstood):
		g.Error = err.Error()
	default:
		tb.Fatalf("the error is neither ErrInvalid nor ErrNotUnderstood: %v", err)
	}
	if u.Chat != nil {
		g.Chat = marshal(tb, u.Chat)
	}
	if u.Message != nil {
		g.Raw = u.Message.GetRaw()
		readable := proto.CloneOf(u.Message)
		readable.Raw = nil
		if proto.Equal(readable.Chat, u.Chat) {
			readable.Chat = nil // It is shown above.
		}
		g.Message = marshal(tb, readable)
	}
	for _, fact := range u.Facts {
		g.Facts = append(g.Facts, marshal(tb, fact))
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(g); err != nil {
		tb.Fatalf("write the golden form: %v", err)
	}
	return out.Bytes()
}

// marshal is protojson, whose random white space the encoder of golden removes.
func marshal(tb testing.TB, m proto.Message) json.RawMessage {
	tb.Helper()
	out, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		tb.Fatalf("marshal %s: %v", m.ProtoReflect().Descriptor().Name(), err)
	}
	return out
}

// isFact tells what Update.Facts may hold.
func isFact(in *eventsv1.Inbound) bool {
	switch in.GetPayload().(type) {
	case *eventsv1.Inbound_ChatMigrated, *eventsv1.Inbound_ChatRenamed, *eventsv1.Inbound_TopicNamed,
		*eventsv1.Inbound_BotMembershipChanged:
		return true
	}
	return false
}
