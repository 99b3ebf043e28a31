package ingest

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const (
	flushEvery = 2 * time.Second
	// maxUnmonitored bounds the chats counted between two flushes; messages of further
	// ones are not counted.
	maxUnmonitored = 1000
)

// unmonitored counts messages of chats that are not monitored, without what was said.
type unmonitored struct {
	bus  *bus.Bus
	log  zerolog.Logger
	lost prometheus.Counter // counts that the broker did not take

	mu    sync.Mutex
	chats map[string]*eventsv1.ChatSeen
	// known are the chats of which the bucket has said since the last flush that they
	// are not monitored: at most maxUnmonitored.
	known map[string]struct{}
}

func newUnmonitored(b *bus.Bus, log zerolog.Logger, lost prometheus.Counter) *unmonitored {
	return &unmonitored{bus: b, log: log, lost: lost, chats: map[string]*eventsv1.ChatSeen{}, known: map[string]struct{}{}}
}

func (u *unmonitored) count(chat *eventsv1.Chat, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	seen, ok := u.chats[chat.GetChatId()]
	if !ok {
		if len(u.chats) == maxUnmonitored {
			return
		}
		seen = &eventsv1.ChatSeen{}
		u.chats[chat.GetChatId()] = seen
		u.known[chat.GetChatId()] = struct{}{}
	}
	seen.Chat = chat
	seen.Messages++
	seen.LastSeenAt = timestamppb.New(now)
}

// knows reports whether the chat was found not monitored since the last flush.
func (u *unmonitored) knows(chatID string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, ok := u.known[chatID]
	return ok
}

// forget makes the next message of the chat be decided anew.
func (u *unmonitored) forget(chatID string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.known, chatID)
}

// run sends the counts every flushEvery, and a last time when ctx has ended.
func (u *unmonitored) run(ctx context.Context) error {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			u.flush(ctx)
		case <-ctx.Done():
			u.flush(context.WithoutCancel(ctx))
			return nil
		}
	}
}

// flush sends what was counted. Counts that the broker does not take are lost: they
// only help to find chats, and must not pile up here.
func (u *unmonitored) flush(ctx context.Context) {
	u.mu.Lock()
	chats := u.chats
	u.chats = make(map[string]*eventsv1.ChatSeen, len(chats))
	clear(u.known)
	u.mu.Unlock()
	if len(chats) == 0 {
		return
	}
	messages := make([]bus.Message, 0, len(chats))
	for id, seen := range chats {
		m, err := bus.NewMessage(bus.InboundSubject(seen.GetChat().GetSourceName(), id), "", &eventsv1.Inbound{
			ReceivedAt: timestamppb.Now(), Payload: &eventsv1.Inbound_ChatSeen{ChatSeen: seen},
		})
		if err != nil {
			u.log.Error().Err(err).Msg("cannot write a count of unmonitored messages")
			continue
		}
		messages = append(messages, m)
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	if err := u.bus.Publish(ctx, messages...); err != nil {
		u.lost.Add(float64(len(messages)))
		u.log.Warn().Err(err).Int("chats", len(chats)).Msg("counts of unmonitored chats were lost")
	}
}
