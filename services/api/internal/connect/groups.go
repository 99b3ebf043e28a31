package connect

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/go-telegram/bot/models"
	"golang.org/x/sync/errgroup"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

const (
	// groupCallsAtOnce is how many chats are asked about at the same time.
	groupCallsAtOnce = 4
	// resolveTimeout bounds looking one chat up.
	resolveTimeout = 8 * time.Second
	// refreshTimeout bounds asking for all names; the chats that it does not reach keep theirs.
	refreshTimeout = 25 * time.Second
)

// Chat is a chat that Telegram knows.
type Chat struct {
	ID int64
	// Name is nil where Telegram did not tell it.
	Name *string
	// Was is the id of the group that became this one; 0 for none.
	Was int64
}

// Resolve asks Telegram for each candidate; the first that answers is the chat. It
// returns nil where none does: with a Refusal that says why, of which Unreachable tells
// whether anybody could be asked.
func (c *Connection) Resolve(ctx context.Context, candidates []telegram.Candidate) (*Chat, *explain.Refusal, error) {
	a, err := c.account(ctx)
	if err != nil {
		return nil, nil, err
	}
	if a.refusal != nil {
		return nil, unasked(a.refusal), nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	var first *explain.Refusal
	for _, candidate := range candidates {
		chat, err := lookUp(ctx, a.client, candidate)
		if err == nil {
			return chat, nil, nil
		}
		r := c.explain.Refusal(err)
		if r.Kind == explain.BadToken || r.Kind == explain.Unreachable {
			return nil, unasked(r), nil
		}
		if first == nil {
			first = r
		}
	}
	return nil, first, nil
}

// unasked is a refusal that says nothing of the chat itself.
func unasked(r *explain.Refusal) *explain.Refusal {
	return &explain.Refusal{Words: r.Words, Fix: r.Fix, Code: r.Code, Detail: r.Detail, Kind: explain.Unreachable}
}

// lookUp asks for one chat. One that the bot was removed from is there all the same.
func lookUp(ctx context.Context, client *botapi.Client, candidate telegram.Candidate) (*Chat, error) {
	info, err := client.GetChat(ctx, chatParam(candidate))
	refused, ok := errors.AsType[*botapi.Error](err)
	switch {
	case err == nil:
		return chatOf(info, candidate.ID), nil
	case ok && refused.MigrateToChatID != 0:
		info, err := client.GetChat(ctx, refused.MigrateToChatID)
		if err != nil {
			return &Chat{ID: refused.MigrateToChatID, Was: candidate.ID}, nil
		}
		return chatOf(info, candidate.ID), nil
	case ok && refused.Code == 403 && candidate.ID != 0:
		return &Chat{ID: candidate.ID}, nil
	}
	return nil, err
}

func chatParam(candidate telegram.Candidate) any {
	if candidate.ID != 0 {
		return candidate.ID
	}
	return candidate.String()
}

// chatOf reads an answer of getChat to the question for an id, 0 for a name.
func chatOf(info *models.ChatFullInfo, asked int64) *Chat {
	chat := &Chat{ID: info.ID}
	if asked != 0 && asked != info.ID {
		chat.Was = asked
	}
	name := info.Title
	if name == "" {
		name = strings.TrimSpace(info.FirstName + " " + info.LastName)
	}
	if name != "" {
		chat.Name = &name
	}
	return chat
}

// Names asks Telegram for each chat. Those of which it says nothing are left out.
func (c *Connection) Names(ctx context.Context, groups []store.Group) (map[int64]Chat, error) {
	a, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[int64]Chat, len(groups))
	if a.refusal != nil {
		return found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	var (
		mu     sync.Mutex
		asking errgroup.Group
	)
	asking.SetLimit(groupCallsAtOnce)
	for _, i := range rand.Perm(len(groups)) { // where time is up, others are left out the next time
		g := groups[i]
		asking.Go(func() error {
			chat, err := lookUp(ctx, a.client, telegram.Candidate{ID: g.ID})
			if err != nil {
				if r := c.explain.Refusal(err); r.Kind == explain.BadToken || r.Kind == explain.Unreachable {
					cancel() // the others would hear the same
				}
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			found[g.ID] = *chat
			return nil
		})
	}
	return found, asking.Wait()
}
