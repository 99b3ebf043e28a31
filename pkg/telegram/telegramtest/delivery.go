package telegramtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	// singleAfter is how long no delivery has to succeed before all go over
	// one connection.
	singleAfter = 10 * time.Second
	// goneAfter is how long a webhook has to answer 410 before it is removed.
	goneAfter = 23 * time.Hour
	// maxRetryAfter bounds what a webhook's Retry-After can ask for.
	maxRetryAfter = time.Hour
)

// webhook is where a bot's updates are posted, with the state of the deliveries;
// what changes is guarded by Server.mu.
type webhook struct {
	url, secret, ip string
	maxConnections  int
	certificate     []byte
	client          *http.Client

	ctx       context.Context
	cancel    context.CancelFunc
	lanes     map[string][]*update
	active    int       // connections in use
	lastOK    time.Time // of the last success, or when the webhook was set
	failing   bool      // the last delivery failed
	goneSince time.Time // since when all answers are 410; zero if they are not
}

func (c *call) newWebhook(target, secret string) (*webhook, *apiError) {
	h := &webhook{
		url: target, secret: secret, ip: c.params["ip_address"], certificate: c.files["certificate"],
		maxConnections: int(min(max(c.params.int("max_connections", 40), 1), 100)),
		lanes:          map[string][]*update{},
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.server.options.TLS != nil {
		config = c.server.options.TLS.Clone()
	}
	if h.certificate != nil {
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(h.certificate) {
			return nil, badRequest("can't use the certificate: it must be in PEM format")
		}
		config.RootCAs = roots
	}
	h.client = &http.Client{
		Transport:     &http.Transport{TLSClientConfig: config, MaxIdleConnsPerHost: h.maxConnections, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return h, nil
}

// unbuffered is a client that sends what it has at once, so that a body that
// comes slowly goes out slowly.
func (h *webhook) unbuffered() *http.Client {
	client := *h.client
	transport := h.client.Transport.(*http.Transport).Clone()
	transport.WriteBufferSize = 1
	client.Transport = transport
	return &client
}

func (h *webhook) sameAs(o *webhook) bool {
	return h.url == o.url && h.secret == o.secret && h.ip == o.ip && h.maxConnections == o.maxConnections &&
		string(h.certificate) == string(o.certificate)
}

// startWebhook begins to deliver what is queued; s.mu must be held.
func (s *Server) startWebhook(b *bot, h *webhook) {
	h.ctx, h.cancel = context.WithCancel(s.ctx)
	h.lastOK = s.clock.now()
	b.hook = h
	for _, u := range b.queue {
		if !u.done {
			s.enqueue(b, h, u)
		}
	}
}

// stopWebhook ends deliveries; what is queued stays. Server.mu must be held.
func (b *bot) stopWebhook() {
	if b.hook != nil {
		b.hook.cancel()
		b.hook.client.CloseIdleConnections()
		b.hook = nil
	}
}

// enqueue puts an update at the end of its lane; s.mu must be held.
func (s *Server) enqueue(b *bot, h *webhook, u *update) {
	waiting, runs := h.lanes[u.lane]
	h.lanes[u.lane] = append(waiting, u)
	if !runs && s.ctx.Err() == nil {
		s.running.Go(func() { s.runLane(b, h, u.lane) })
	}
}

// runLane delivers the updates of a lane one after the other until there are none.
func (s *Server) runLane(b *bot, h *webhook, name string) {
	for {
		s.mu.Lock()
		if len(h.lanes[name]) == 0 {
			delete(h.lanes, name)
			s.mu.Unlock()
			return
		}
		u := h.lanes[name][0]
		h.lanes[name] = h.lanes[name][1:]
		s.mu.Unlock()
		if !s.deliver(b, h, u) {
			return
		}
	}
}

// deliver tries until the update is taken or expires; false means that the
// webhook is no longer set.
func (s *Server) deliver(b *bot, h *webhook, u *update) bool {
	for attempt := 1; ; attempt++ {
		if !s.acquire(h) {
			return false
		}
		if s.skip(b, h, u) {
			return true
		}
		d := Delivery{UpdateID: u.id, Attempt: attempt, At: s.clock.now()}
		r := s.post(h, u)
		if h.ctx.Err() != nil {
			return false
		}
		d.Status, d.Error, d.Lost = r.status, r.failure, r.lost
		s.settle(b, h, u, d)
		if d.OK() {
			s.runAnswer(h.ctx, b, r)
			return true
		}
		wait := retryDelay(attempt)
		if r.retryAfter > 0 {
			wait = min(r.retryAfter, maxRetryAfter)
		}
		if s.clock.sleep(h.ctx, wait) != nil {
			return false
		}
	}
}

// retryDelay is the wait after the n-th failure of an update in a row: none,
// then 2 s doubled up to 32 s, then 60 to 120 s (telegram-bot-api,
// WebhookActor.cpp, on_update_error).
func retryDelay(failures int) time.Duration {
	switch {
	case failures == 1:
		return 0
	case failures <= 6:
		return time.Second << (failures - 1)
	}
	return time.Minute + rand.N(time.Minute)
}

// acquire waits for a free connection; false means that the webhook is no
// longer set.
func (s *Server) acquire(h *webhook) bool {
	for {
		s.mu.Lock()
		if h.ctx.Err() != nil {
			s.mu.Unlock()
			return false
		}
		limit := h.maxConnections
		if h.failing && s.clock.now().Sub(h.lastOK) > singleAfter {
			limit = 1
		}
		if h.active < limit {
			h.active++
			s.mu.Unlock()
			return true
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-h.ctx.Done():
			return false
		}
	}
}

// skip gives the connection back if the update is done or has expired.
func (s *Server) skip(b *bot, h *webhook, u *update) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !u.done && !s.clock.now().After(u.expires) {
		return false
	}
	b.finish(u)
	h.active--
	s.notify()
	return true
}

// settle gives the connection back and keeps what came of an attempt.
func (s *Server) settle(b *bot, h *webhook, u *update, d Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.notify()
	now := s.clock.now()
	h.active--
	s.deliveries = append(s.deliveries, d)
	h.failing = !d.OK()
	if d.OK() {
		h.lastOK = now
		h.goneSince = time.Time{}
		s.delivered[u.id] = true
		b.finish(u)
		return
	}
	b.lastError, b.lastErrorAt = d.Error, now
	if d.Status != http.StatusGone {
		h.goneSince = time.Time{}
		return
	}
	if h.goneSince.IsZero() {
		h.goneSince = now
	}
	if now.Sub(h.goneSince) > goneAfter && b.hook == h {
		b.stopWebhook()
	}
}
