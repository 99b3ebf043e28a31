// Package frame makes the WebSocket frames that clients receive: one JSON object
// each (proto/asyncapi.yaml), encoded once and kept with its wire header in front,
// since what a server sends is the same bytes for every client (RFC 6455,
// section 5.1: servers do not mask).
package frame

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/wire"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Types of the frames that are no events; every client gets them.
const (
	TypeConnection = "connection"
	TypeResync     = "resync"
	TypeError      = "error"
	TypePong       = "pong"
)

// TypePing is the frame by which a client asks for a pong.
const TypePing = "ping"

// Frame is one frame as it lies in the ring, to be sent to any number of clients.
type Frame struct {
	// Seq is the sequence of the event in the stream EVENTS; of a resync that all
	// clients get, the position after which they go on.
	Seq uint64
	// Kind says which clients want it.
	Kind Kind
	// Wire is the whole WebSocket frame, header and JSON. It is empty for an event
	// that could not be encoded, which only moves the position on.
	Wire []byte
	// At is when the event happened, in Unix nanoseconds; 0 where the frame is no event.
	At int64
	// Trace is nil unless the event's trace is sampled.
	Trace *Trace
}

// envelope is the shape of every frame. Field order is the order on the wire.
type envelope struct {
	Type string    `json:"type"`
	Seq  uint64    `json:"seq"`
	TS   time.Time `json:"ts"`
	Data any       `json:"data"`
}

// Event decodes what lies in EVENTS under seq and encodes it for clients. stored
// is when the broker took it, used where the event does not say when it happened.
// The error names what is wrong with the event; there is then no frame.
func Event(seq uint64, payload []byte, stored time.Time) (Frame, error) {
	var event eventsv1.Event
	if err := proto.Unmarshal(payload, &event); err != nil {
		return Frame{}, fmt.Errorf("decode event %d: %w", seq, err)
	}
	frameType, data, err := wire.Event(&event)
	if err != nil {
		return Frame{}, fmt.Errorf("map event %d: %w", seq, err)
	}
	kind, ok := KindOf(frameType)
	if !ok {
		return Frame{}, fmt.Errorf("map event %d: frame type %q is in no set of types", seq, frameType)
	}
	ts := stored
	if event.GetOccurredAt() != nil {
		ts = event.GetOccurredAt().AsTime()
	}
	raw, err := encode(envelope{Type: frameType, Seq: seq, TS: ts.UTC(), Data: data})
	if err != nil {
		return Frame{}, fmt.Errorf("encode event %d: %w", seq, err)
	}
	return Frame{Seq: seq, Kind: kind, Wire: raw, At: ts.UnixNano()}, nil
}

// Connection is the first frame of a client that is at seq.
func Connection(seq uint64, now time.Time) ([]byte, error) {
	return encode(envelope{Type: TypeConnection, Seq: seq, TS: now.UTC(), Data: struct {
		Status  string `json:"status"`
		Message string `json:"message"`
		Seq     uint64 `json:"seq"`
	}{"connected", "Ready for real-time updates", seq}})
}

// Resync tells a client to reload everything and to go on after seq. oldest is the
// oldest sequence that can still be had.
func Resync(seq, oldest uint64, reason string, now time.Time) ([]byte, error) {
	return encode(envelope{Type: TypeResync, Seq: seq, TS: now.UTC(), Data: struct {
		Reason    string `json:"reason"`
		OldestSeq uint64 `json:"oldest_seq"`
	}{reason, oldest}})
}

// Error tells a client what was wrong with a frame of its own.
func Error(seq uint64, message string, now time.Time) ([]byte, error) {
	return encode(envelope{Type: TypeError, Seq: seq, TS: now.UTC(), Data: struct {
		Message string `json:"message"`
	}{message}})
}

// Pong answers a client's ping.
func Pong(seq uint64, now time.Time) ([]byte, error) {
	return encode(envelope{Type: TypePong, Seq: seq, TS: now.UTC(), Data: struct{}{}})
}

// maxHeader is the longest header of an unmasked frame.
const maxHeader = 10

// Opcodes with the FIN bit (RFC 6455, section 5.2).
const (
	finText  = 0x80 | 0x1
	finClose = 0x80 | 0x8
	finPing  = 0x80 | 0x9
)

// encode gives the text frame of e.
func encode(e envelope) ([]byte, error) {
	var buf bytes.Buffer
	buf.Write(make([]byte, maxHeader))
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // it is no HTML, and "<" costs six bytes
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	raw := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	return bytes.Clone(withHeader(raw)), nil
}

// withHeader writes the header into the maxHeader bytes that raw begins with, as
// late as it fits, and gives the frame.
func withHeader(raw []byte) []byte {
	size := len(raw) - maxHeader
	switch {
	case size <= 125:
		raw = raw[maxHeader-2:]
		raw[1] = byte(size)
	case size <= 0xffff:
		raw = raw[maxHeader-4:]
		raw[1] = 126
		binary.BigEndian.PutUint16(raw[2:], uint16(size))
	default:
		raw[1] = 127
		binary.BigEndian.PutUint64(raw[2:], uint64(size))
	}
	raw[0] = finText
	return raw
}

// maxCloseReason is what a close frame holds beside its code (RFC 6455, section 5.5).
const maxCloseReason = 123

// Close is a close frame; a reason of more than 123 bytes is cut.
func Close(code uint16, reason string) []byte {
	reason = reason[:min(len(reason), maxCloseReason)]
	raw := []byte{finClose, byte(2 + len(reason)), 0, 0}
	binary.BigEndian.PutUint16(raw[2:], code)
	return append(raw, reason...)
}

// IsClose says whether raw, one whole frame, is a close frame.
func IsClose(raw []byte) bool { return len(raw) > 0 && raw[0] == finClose }

// Ping is a ping without payload.
func Ping() []byte { return []byte{finPing, 0} }
