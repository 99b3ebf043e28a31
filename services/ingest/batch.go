package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/channel"
)

// batch is what one call of getUpdates brought, in the order of ids: confirming one
// confirms all below it.
type batch struct {
	bodies [][]byte
	ids    []int64
	// unnumbered have no id that can be read, and so cannot be confirmed by themselves.
	unnumbered [][]byte
}

func sortBatch(updates []json.RawMessage) batch {
	type numbered struct {
		id   int64
		body []byte
	}
	var b batch
	all := make([]numbered, 0, len(updates))
	for _, update := range updates {
		var head struct {
			ID *int64 `json:"update_id"`
		}
		if err := json.Unmarshal(update, &head); err != nil || head.ID == nil {
			b.unnumbered = append(b.unnumbered, update)
			continue
		}
		all = append(all, numbered{*head.ID, update})
	}
	slices.SortStableFunc(all, func(x, y numbered) int { return cmp.Compare(x.id, y.id) })
	for _, n := range all {
		b.bodies, b.ids = append(b.bodies, n.body), append(b.ids, n.id)
	}
	return b
}

// receiveAll stores deliveries in their order and says how many of the first are done:
// all of them where err is nil. Those in a row that nothing speaks against are
// published together, so that a batch waits for the broker once. There is nobody to
// refuse an invalid one to: it is kept as a dead letter, so that it is done with.
func (r *receiver) receiveAll(ctx context.Context, bot string, bodies [][]byte) (done int, err error) {
	var group []*delivery
	flush := func() error {
		n, err := r.storeGroup(ctx, group)
		group, done = nil, done+n
		return err
	}
	for _, body := range bodies {
		d, err := r.prepare(ctx, bot, body)
		switch {
		case err == nil && d.migration() == nil:
			group = append(group, d)
			continue
		case err == nil:
			// What follows may be of the chat's new id: decided when the move is made.
			group = append(group, d)
			if err := flush(); err != nil {
				return done, err
			}
			continue
		}
		if errFlush := flush(); errFlush != nil {
			return done, errFlush
		}
		switch {
		case errors.Is(err, channel.ErrNotUnderstood):
			err = r.keepNotUnderstood(ctx, d, err)
		case errors.Is(err, channel.ErrInvalid):
			err = r.deadLetter(ctx, bot, body, err)
		}
		if err != nil {
			return done, err
		}
		done++
	}
	return done, flush()
}

// storeGroup publishes all deliveries at once. Where the broker does not take
// everything they go one by one (what it has already is not stored twice, by its id),
// so that one that is refused holds back itself and what follows, and nothing before.
func (r *receiver) storeGroup(ctx context.Context, group []*delivery) (done int, err error) {
	var all []bus.Message
	plain := true
	for _, d := range group {
		all = append(all, d.messages...)
		plain = plain && d.migration() == nil
	}
	if plain && len(group) > 1 && (len(all) == 0 || r.publish(ctx, all) == nil) {
		for _, d := range group {
			r.stored(d)
		}
		return len(group), nil
	}
	for _, d := range group {
		if err := r.store(ctx, d); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}
