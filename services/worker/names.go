package worker

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// names lets monitored chats be called what the channel calls them, and be the ones that
// were meant: a chat that was added by a number that may stand for several is settled by
// the first message of any. Each message tells id and name of its chat, so that a
// comparison in memory has to do for nearly all.
type names struct {
	store interface {
		FollowChatNames(ctx context.Context) error
		SettleGroup(ctx context.Context, guess, heard int64) (id int64, before []int64, err error)
	}
	monitor *monitor
	known   atomic.Pointer[monitoredNames]
}

// monitoredNames is what the bucket says of the monitored chats.
type monitoredNames struct {
	names map[string]string // by chat id
	// guesses are the chats without a name that may have several ids: the one that counts
	// now, by each.
	guesses map[string]int64
}

// run follows the monitored chats until ctx ends.
func (n *names) run(ctx context.Context, from *bus.Bus) error {
	return from.WatchMonitored(ctx, func(m bus.Monitored) {
		known := monitoredNames{names: make(map[string]string, len(m.Groups)), guesses: map[string]int64{}}
		for _, g := range m.Groups {
			known.names[strconv.FormatInt(g.ID, 10)] = g.Name
			if g.Name == "" && len(g.Aliases) > 0 {
				for _, id := range append([]int64{g.ID}, g.Aliases...) {
					known.guesses[strconv.FormatInt(id, 10)] = g.ID
				}
			}
		}
		n.known.Store(&known)
	})
}

// follow settles and renames monitored chats by what was stored just now.
func (n *names) follow(ctx context.Context, incoming []store.Incoming, facts []*eventsv1.Inbound) error {
	known := n.known.Load()
	if known == nil {
		return nil
	}
	settled, err := n.settle(ctx, known.guesses, incoming)
	if err != nil {
		return err
	}
	if !settled && !renamed(known.names, incoming, facts) {
		return nil
	}
	// The database decides which name is the newest.
	if err := n.store.FollowChatNames(ctx); err != nil {
		return storeFault(err)
	}
	return n.monitor.refresh(ctx, nil)
}

// settle takes chats that spoke for the ones that were meant.
func (n *names) settle(ctx context.Context, guesses map[string]int64, incoming []store.Incoming) (settled bool, err error) {
	done := map[int64]bool{}
	for _, in := range incoming {
		m := in.Message
		guess, ok := guesses[m.GetChatId()]
		heard, errID := strconv.ParseInt(m.GetChatId(), 10, 64)
		if !ok || errID != nil || m.GetSourceName() != sourceTelegram || done[guess] {
			continue
		}
		done[guess] = true
		id, before, err := n.store.SettleGroup(ctx, guess, heard)
		if err != nil {
			return false, storeFault(err)
		}
		// Of the ids, those that it had before count on; what it might have been does not.
		err = n.monitor.bus.UpdateMonitored(ctx, func(now bus.Monitored) (bus.Monitored, error) {
			now.Groups = slices.Clone(now.Groups)
			for i, g := range now.Groups {
				if g.ID == guess {
					g.ID, g.Aliases = id, before
					now.Groups[i] = g
				}
			}
			return now, nil
		})
		if err != nil {
			return false, fmt.Errorf("settle chat %d: %w", id, err)
		}
	}
	return len(done) > 0, nil
}

func renamed(known map[string]string, incoming []store.Incoming, facts []*eventsv1.Inbound) bool {
	other := func(chat *eventsv1.Chat) bool {
		name, monitored := known[chat.GetChatId()]
		return monitored && chat.GetSourceName() == sourceTelegram && chat.GetName() != "" && chat.GetName() != name
	}
	for _, in := range incoming {
		if other(in.Chat) {
			return true
		}
	}
	for _, fact := range facts {
		if other(fact.GetChatRenamed().GetChat()) || other(fact.GetTopicNamed().GetChat()) || other(fact.GetBotMembershipChanged().GetChat()) {
			return true
		}
	}
	return false
}
