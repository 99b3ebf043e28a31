package gateway

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tasktracker/tasktracker/pkg/httpserver"
	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/hub"
)

// retryAfter is what a client that is refused for now is told to wait.
const retryAfter = 5 * time.Second

// readBuffer is what gorilla/websocket keeps for each client, in bytes: client
// frames are few and small, and ten thousand clients pay for it.
const readBuffer = 512

// handshakeTimeout bounds how long a client may take to accept the answer.
const handshakeTimeout = 10 * time.Second

// serveWebSocket answers GET /ws?since=&types=.
func (s *Service) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	if status, detail := s.refusal(r); status != 0 {
		s.refuse(w, status, detail)
		return
	}
	if err := s.hub.Reserve(); err != nil {
		detail := "The gateway is stopping; connect again"
		if errors.Is(err, hub.ErrCrowded) {
			detail = "The gateway has as many clients as it takes (WS_MAX_CLIENTS); connect again later"
		}
		s.refuse(w, http.StatusServiceUnavailable, detail)
		return
	}
	hijacker := &hub.Hijacker{ResponseWriter: w}
	upgrader := websocket.Upgrader{
		HandshakeTimeout: handshakeTimeout,
		ReadBufferSize:   readBuffer,
		WriteBufferPool:  noBuffers{},                              // the hub writes, the library does not
		CheckOrigin:      func(*http.Request) bool { return true }, // done by refusal
		Error: func(_ http.ResponseWriter, _ *http.Request, status int, reason error) {
			s.refuse(w, status, "No WebSocket handshake: "+reason.Error())
		},
	}
	ws, err := upgrader.Upgrade(hijacker, r, nil)
	if err != nil {
		s.hub.Release() // the client was answered, or has gone
		return
	}
	s.hub.Join(ws, hijacker.Taken, parseRequest(r))
}

// refusal says why a request cannot become a WebSocket; status 0 if it can.
func (s *Service) refusal(r *http.Request) (status int, detail string) {
	switch {
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed, "Only GET is served here, to open a WebSocket"
	case !websocket.IsWebSocketUpgrade(r):
		return http.StatusUpgradeRequired, "This is a WebSocket: connect with ws:// or wss://"
	case !s.origins.Allow(r):
		return http.StatusForbidden, "Pages of this origin may not connect; list it in WS_ALLOWED_ORIGINS"
	case s.stopping.Load():
		return http.StatusServiceUnavailable, "The gateway is stopping; connect again"
	}
	select {
	case <-s.feed.Started():
		return 0, ""
	default:
		return http.StatusServiceUnavailable, "The gateway has not reached the broker yet; connect again"
	}
}

func (s *Service) refuse(w http.ResponseWriter, status int, detail string) {
	s.refusals.WithLabelValues(strconv.Itoa(status)).Inc()
	switch status {
	case http.StatusServiceUnavailable:
		httpserver.ErrorRetry(w, status, retryAfter, detail)
		return
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodGet)
	case http.StatusUpgradeRequired:
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
	}
	httpserver.Error(w, status, detail)
}

// parseRequest reads the query. What is wrong with it changes nothing and is told
// in frames, since browsers show no answer to a handshake: a since that is no
// number brings a resync, types that are unknown an error.
func parseRequest(r *http.Request) hub.Request {
	query := r.URL.Query()
	req := hub.Request{Types: frame.AllKinds()}
	if value := query.Get("since"); value != "" {
		since, err := strconv.ParseUint(value, 10, 63)
		req.Since, req.BadSince = &since, err != nil
		if err != nil {
			req.Since = nil
		}
	}
	var names []string
	for _, value := range query["types"] {
		names = append(names, frame.SplitTypes(value)...)
	}
	types, unknown := frame.ParseTypes(names)
	if len(unknown) > 0 {
		req.Fault = frame.UnknownTypesError(unknown).Error()
		return req
	}
	req.Types = types
	return req
}

func notFound(w http.ResponseWriter, r *http.Request) {
	httpserver.Error(w, http.StatusNotFound, "Nothing is served at this path; the WebSocket is at /ws")
}

// noBuffers is a pool that keeps nothing.
type noBuffers struct{}

func (noBuffers) Get() any { return nil }
func (noBuffers) Put(any)  {}
