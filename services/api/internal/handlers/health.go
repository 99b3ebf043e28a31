package handlers

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// FrontDoor finds the address under which the world reaches the product.
type FrontDoor interface {
	// BaseURL is scheme and host for a request, without a path.
	BaseURL(r *http.Request) string
}

// GetRoot names the service.
func (h *Handlers) GetRoot(context.Context, apiserver.GetRootRequestObject) (apiserver.GetRootResponseObject, error) {
	return apiserver.GetRoot200JSONResponse{Message: "Task Tracker API", Status: "running"}, nil
}

// GetHealth asks every dependency.
func (h *Handlers) GetHealth(ctx context.Context, _ apiserver.GetHealthRequestObject) (apiserver.GetHealthResponseObject, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	body := api.Health{
		Status: api.HealthStatusHealthy, Timestamp: time.Now().UTC(),
		Components: map[string]string{"database": "working", "broker": "working"},
	}
	// At the same time: what hangs must not make the other look down.
	var database, broker error
	var asking sync.WaitGroup
	asking.Go(func() { database = h.Store.Ping(ctx) })
	asking.Go(func() { broker = h.Bus.Ready(ctx) })
	asking.Wait()
	for name, err := range map[string]error{"database": database, "broker": broker} {
		if err != nil {
			h.Log.Warn().Err(err).Str("component", name).Msg("unhealthy")
			body.Status = api.HealthStatusUnhealthy
			body.Components[name] = "not available"
		}
	}
	if body.Status == api.HealthStatusUnhealthy {
		return apiserver.GetHealth503JSONResponse{Body: body, Headers: apiserver.GetHealth503ResponseHeaders{RetryAfter: 2}}, nil
	}
	return apiserver.GetHealth200JSONResponse(body), nil
}

// GetConfig says where clients find the API and the WebSocket, and what a day is.
func (h *Handlers) GetConfig(ctx context.Context, _ apiserver.GetConfigRequestObject) (apiserver.GetConfigResponseObject, error) {
	base := h.Front.BaseURL(contract.Request(ctx))
	return apiserver.GetConfig200JSONResponse{APIBaseURL: base, WSURL: "ws" + base[len("http"):] + "/ws", ChatTimeZone: optional(h.ZoneName)}, nil
}

// splitBase cuts a base URL into scheme and host.
func splitBase(base string) (scheme, host string) {
	scheme, host, _ = strings.Cut(base, "://")
	return scheme, host
}
