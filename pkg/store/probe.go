package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// errProbeChanged means that the database gave back something else than was written.
var errProbeChanged = errors.New("what was read is not what was written")

// Probe writes a row, reads it back and removes it, in one transaction that is committed:
// all that storing a message takes. Nobody ever sees the row.
func (s *Store) Probe(ctx context.Context, id string) error {
	written, err := json.Marshal(id)
	if err != nil {
		return fmt.Errorf("write probe: %w", err)
	}
	key := "probe:" + id
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		if err := q.WriteProbe(ctx, db.WriteProbeParams{Key: key, Value: written}); err != nil {
			return err
		}
		data, err := q.TakeProbe(ctx, key)
		if err != nil {
			return err
		}
		var read string
		if err := json.Unmarshal(data, &read); err != nil || read != id {
			return errors.Join(errProbeChanged, err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("probe the database: %w", err)
	}
	return nil
}
