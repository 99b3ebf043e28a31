package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
)

// The stream behind the bucket of settings.
const streamSettings = "KV_" + bus.BucketSettings

// readOrder is the order in which streams are read. A message moves from INBOUND to JOBS
// or DEADLETTER, or back when a dead letter is replayed, and is always stored at its
// next place before it leaves the last: whoever reads in this order, each time on from
// where the stream was left, sees it at one place at least.
var readOrder = []string{
	bus.StreamInbound, bus.StreamJobs, bus.StreamDeadLetter, streamSettings,
	bus.StreamInbound, bus.StreamJobs, bus.StreamDeadLetter,
}

// dataStreams are the streams whose messages are lost when they are emptied. The bucket
// is a copy of what the database says.
var dataStreams = []string{bus.StreamInbound, bus.StreamJobs, bus.StreamDeadLetter}

const (
	// readAhead is how many messages are asked for at once. One may have a few MiB.
	readAhead   = 16
	readTimeout = 10 * time.Second
)

// message is one message of a stream, a line of its entry.
type message struct {
	Subject string      `json:"subject"`
	Seq     uint64      `json:"seq"`
	Time    time.Time   `json:"time"`
	Header  nats.Header `json:"header,omitempty"`
	Data    []byte      `json:"data"`
}

// streamReader reads a stream through its leader, without a consumer, which a work
// queue would not have.
type streamReader struct {
	js   jetstream.JetStream
	name string
	last uint64 // read up to here
}

// read hands every message that is in the stream now and was not read before to fn.
func (r *streamReader) read(ctx context.Context, fn func(message) error) error {
	stream, err := r.js.Stream(ctx, r.name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at stream %s: %w", r.name, err)
	}
	end := stream.CachedInfo().State.LastSeq
	for r.last < end {
		batch, err := r.readSome(ctx, end)
		if err != nil {
			return fmt.Errorf("read stream %s after %d: %w", r.name, r.last, err)
		}
		if len(batch) == 0 {
			r.last = end
		}
		for _, m := range batch {
			if m.Seq > end {
				r.last = end // stored since we looked: the next pass has it
				break
			}
			if err := fn(m); err != nil {
				return err
			}
			r.last = m.Seq
		}
	}
	return nil
}

// readSome reads the next message, whatever its number, and those that have the numbers
// right behind it.
func (r *streamReader) readSome(ctx context.Context, end uint64) ([]message, error) {
	first, err := r.get(ctx, map[string]any{"seq": r.last + 1, "next_by_subj": ">"})
	if err != nil || first == nil {
		return nil, err
	}
	batch := []message{*first}
	type answer struct {
		m   *message
		err error
	}
	var asked []chan answer
	for seq := first.Seq + 1; seq <= end && len(asked) < readAhead-1; seq++ {
		answers := make(chan answer, 1)
		asked = append(asked, answers)
		go func() {
			m, err := r.get(ctx, map[string]any{"seq": seq})
			answers <- answer{m, err}
		}()
	}
	for _, answers := range asked {
		a := <-answers
		err = errors.Join(err, a.err)
		if a.m != nil {
			batch = append(batch, *a.m)
		}
	}
	return batch, err
}

// get asks the leader of the stream for one message; nil where there is none. The
// library's GetMsg would ask any replica, which may be behind.
func (r *streamReader) get(ctx context.Context, request any) (*message, error) {
	ask, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	reply, err := r.js.Conn().RequestWithContext(ctx, jetstream.DefaultAPIPrefix+"STREAM.MSG.GET."+r.name, ask)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Header  []byte    `json:"hdrs"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return nil, fmt.Errorf("decode the broker's answer: %w", err)
	}
	if answer.Error != nil {
		if answer.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound {
			return nil, nil
		}
		return nil, answer.Error
	}
	m := message{Subject: answer.Message.Subject, Seq: answer.Message.Seq, Time: answer.Message.Time, Data: answer.Message.Data}
	if len(answer.Message.Header) > 0 {
		if m.Header, err = nats.DecodeHeadersMsg(answer.Message.Header); err != nil {
			return nil, fmt.Errorf("decode the header of message %d: %w", m.Seq, err)
		}
	}
	return &m, nil
}

// writeStreams writes what the broker has, and counts it into contents.
func writeStreams(ctx context.Context, js jetstream.JetStream, a *archiveWriter, contents *Contents, progress Progress) error {
	readers := map[string]*streamReader{}
	outs := map[string]*parts{}
	for _, name := range readOrder {
		if readers[name] == nil {
			readers[name] = &streamReader{js: js, name: name}
			outs[name] = a.parts(dirStreams+name, "jsonl")
			contents.Messages[name] = 0
		}
		out := outs[name]
		err := readers[name].read(ctx, func(m message) error {
			line, err := json.Marshal(m)
			if err != nil {
				return fmt.Errorf("encode message %d of %s: %w", m.Seq, name, err)
			}
			contents.Messages[name]++
			progress.tell("stream "+name+", messages", contents.Messages[name])
			_, err = out.Write(append(line, '\n'))
			return err
		})
		if err == nil {
			err = out.flush()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readMessages decodes the lines of a stream's entries.
func readMessages(in io.Reader, fn func(message) error) error {
	lines := json.NewDecoder(in)
	for {
		var m message
		err := lines.Decode(&m)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("decode a message: %w", err)
		}
		if err := fn(m); err != nil {
			return err
		}
	}
}

// forPublishing is the message as it was published. Of what instructed the broker only
// the id counts again: expectations and batches were about the stream as it was.
func (m message) forPublishing() *nats.Msg {
	header := nats.Header{}
	for name, values := range m.Header {
		if !strings.HasPrefix(strings.ToLower(name), "nats-") || name == jetstream.MsgIDHeader {
			header[name] = values
		}
	}
	return &nats.Msg{Subject: m.Subject, Header: header, Data: m.Data}
}
