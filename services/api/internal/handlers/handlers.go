// Package handlers answers the operations of proto/openapi.yaml, one file per
// resource. A handler parses, calls one thing and maps the result; errors it
// returns, and Answer answers them.
package handlers

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/outbox"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/ai"
	"github.com/tasktracker/tasktracker/services/api/internal/connect"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// Handlers is the api's side of the contract.
type Handlers struct {
	Store  *store.Store
	Bus    *bus.Bus
	Outbox *outbox.Publisher
	Log    zerolog.Logger
	Front  FrontDoor
	// Connection does what concerns the bot and Telegram.
	Connection *connect.Connection
	// AI does what concerns those who judge messages.
	AI *ai.AI
	// Zone is where the days begin that people name in chats.
	Zone *time.Location
	// ZoneName is its IANA name; "" where nobody knows it.
	ZoneName string
}

var _ apiserver.StrictServerInterface = (*Handlers)(nil)

// brokerTimeout bounds how long a caller waits for the broker, before it is 503.
const brokerTimeout = 5 * time.Second

// caller is who changes things through the API: it knows no users yet.
func caller() store.Actor { return store.Actor{Kind: "user", Name: "api"} }

// nextPage gives the Link header and the cursor of the page after this one.
func nextPage(ctx context.Context, cursor string) (link, next *string) {
	if cursor == "" {
		return nil, nil
	}
	r := contract.Request(ctx)
	query := r.URL.Query()
	query.Set("cursor", cursor)
	target := (&url.URL{Path: r.URL.Path, RawQuery: query.Encode()}).String()
	text := "<" + target + `>; rel="next"`
	return &text, &cursor
}

func value[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// numberCursor reads a cursor that is the last number of the page before; 0 for none.
func numberCursor(cursor *string) (int64, error) {
	if value(cursor) == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(*cursor, 10, 64)
	if err != nil || n < 1 {
		return 0, store.ErrBadCursor
	}
	return n, nil
}
