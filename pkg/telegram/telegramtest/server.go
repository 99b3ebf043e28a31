package telegramtest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options set up a Server; the zero value is a server on a free loopback port.
type Options struct {
	// Addr is the address to listen on; 127.0.0.1:0, a free port, if empty.
	Addr string
	// Speed is how many times faster than real time the server's clock runs;
	// 1 if 0. WebhookTimeout does not follow it.
	Speed float64
	// Strict makes setWebhook refuse what Telegram refuses: plain http, other
	// ports than 443, 80, 88 and 8443, reserved addresses, unknown hosts.
	Strict bool
	// Hosts are the addresses of names that strict mode is to know, or not to know (none);
	// it looks others up.
	Hosts map[string][]netip.Addr
	// WebhookTimeout is the real time a webhook has to answer; 60 s if 0.
	WebhookTimeout time.Duration
	// TLS is how https webhooks are called; system roots if nil. A certificate
	// uploaded by setWebhook is trusted in any case.
	TLS *tls.Config
}

// Server is a running stand-in. All methods may be called concurrently.
type Server struct {
	options  Options
	clock    *clock
	listener net.Listener
	http     *http.Server
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	running  sync.WaitGroup

	mu         sync.Mutex
	changed    chan struct{} // closed and replaced whenever what wait looks at may have changed
	bots       map[string]*bot
	chats      map[int64]*Chat
	users      map[int64]*User
	files      map[string]*file // by file_unique_id
	paths      map[string]issuedPath
	faults     map[string][]*pendingFault
	calls      []Call
	deliveries []Delivery
	delivered  map[int64]bool
	lostOK     map[int64]int
	nextPath   int
}

// Start listens and serves until Close.
func Start(o Options) (*Server, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.WebhookTimeout <= 0 {
		o.WebhookTimeout = time.Minute
	}
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", o.Addr, err)
	}
	s := &Server{
		options: o, clock: newClock(o.Speed), listener: listener, changed: make(chan struct{}),
		bots: map[string]*bot{}, chats: map[int64]*Chat{}, users: map[int64]*User{}, files: map[string]*file{},
		paths: map[string]issuedPath{}, faults: map[string][]*pendingFault{}, delivered: map[int64]bool{}, lostOK: map[int64]int{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = &http.Server{
		Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return s.ctx },
	}
	s.running.Go(func() {
		_ = s.http.Serve(listener) // always ErrServerClosed or the listener's end, both by Close
	})
	return s, nil
}

// TB is the part of testing.TB that New needs.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// New starts a server that is closed when the test ends.
func New(t TB, o Options) *Server {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatalf("start stand-in Bot API: %v", err)
		return nil
	}
	t.Cleanup(s.Close)
	return s
}

// Close stops deliveries, cuts open connections and returns when nothing runs any more.
func (s *Server) Close() {
	s.cancel()
	_ = s.http.Close()
	s.mu.Lock()
	for _, b := range s.bots {
		b.stopWebhook()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// URL is the base to give a client in place of https://api.telegram.org, without
// a slash at its end.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Now is the server's time.
func (s *Server) Now() time.Time { return s.clock.now() }

// Advance moves the server's clock forward and wakes what became due.
func (s *Server) Advance(d time.Duration) { s.clock.advance(d) }

// notify wakes wait and long polls; s.mu must be held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// wait returns when the condition, asked under s.mu, holds.
func (s *Server) wait(ctx context.Context, condition func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := condition(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for stand-in Bot API: %w", ctx.Err())
		case <-s.ctx.Done():
			return errors.New("wait for stand-in Bot API: it was closed")
		}
	}
}

// apiError is an answer with ok false.
type apiError struct {
	code        int
	description string
	retryAfter  int
	migrateTo   int64
}

func badRequest(text string) *apiError {
	return &apiError{code: http.StatusBadRequest, description: "Bad Request: " + text}
}

// answer is what goes back for a call.
type answer struct {
	status      int
	contentType string
	body        []byte
	retryAfter  int
}

func errorAnswer(e *apiError) answer {
	envelope := map[string]any{"ok": false, "error_code": e.code, "description": e.description}
	parameters := map[string]any{}
	if e.retryAfter > 0 {
		parameters["retry_after"] = e.retryAfter
	}
	if e.migrateTo != 0 {
		parameters["migrate_to_chat_id"] = e.migrateTo
	}
	if len(parameters) > 0 {
		envelope["parameters"] = parameters
	}
	a := jsonAnswer(e.code, envelope)
	a.retryAfter = e.retryAfter
	return a
}

func resultAnswer(result any, note string) answer {
	envelope := map[string]any{"ok": true, "result": result}
	if note != "" {
		envelope["description"] = note
	}
	return jsonAnswer(http.StatusOK, envelope)
}

func jsonAnswer(status int, envelope map[string]any) answer {
	body, err := json.Marshal(envelope)
	if err == nil {
		body, err = wireJSON(body)
	}
	if err != nil { // a Chat.Extra that has no JSON form
		status, body = http.StatusInternalServerError, []byte(`{"ok":false,"error_code":500,"description":"Internal Server Error"}`)
	}
	return answer{status: status, contentType: "application/json", body: body}
}

func (a answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.contentType)
	if a.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(a.retryAfter))
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// serve takes /bot<token>/<method> and /file/bot<token>/<path>.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return
	}
	s.running.Add(1) // so that Close waits for the call
	s.mu.Unlock()
	defer s.running.Done()

	path, download := strings.CutPrefix(r.URL.Path, "/file")
	rest, ok := strings.CutPrefix(path, "/bot")
	token, name, found := strings.Cut(rest, "/")
	if !ok || !found || name == "" {
		errorAnswer(&apiError{code: http.StatusNotFound, description: "Not Found"}).write(w)
		return
	}
	s.mu.Lock()
	b := s.bots[token]
	s.mu.Unlock()

	c := &call{server: s, ctx: r.Context(), bot: b, started: s.clock.now()}
	entry := Call{HTTPMethod: r.Method, At: c.started, Encoding: EncodingQuery}
	if download {
		entry.Method = FileDownload
		c.params, c.run = params{"file_path": name}, (*call).download
	} else {
		c.lookUp(name)
		entry.Method = c.name
		var err error
		if c.params, c.files, entry.Encoding, err = readParams(r); err != nil {
			c.refuse(badRequest("can't parse request: " + err.Error()))
		}
	}
	if b == nil {
		c.refuse(unauthorized(token))
	}
	entry.Params = c.params
	for field := range c.files {
		entry.Uploads = append(entry.Uploads, field)
	}
	entry.Status = c.answer(w, r, entry.Method)
	s.recordCall(entry, token)
}

// unauthorized is the published server's answer to a token that no bot has; an
// api.telegram.org answers 404 to malformed ones.
func unauthorized(token string) *apiError {
	id, _, ok := strings.Cut(token, ":")
	if _, err := strconv.ParseInt(id, 10, 64); err != nil || !ok {
		return &apiError{code: http.StatusUnauthorized, description: "Unauthorized: invalid token specified"}
	}
	return &apiError{code: http.StatusUnauthorized, description: "Unauthorized"}
}
