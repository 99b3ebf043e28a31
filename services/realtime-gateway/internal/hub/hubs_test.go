package hub_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/hub"
)

// fanOut is a hub under comparison.
type fanOut interface {
	http.Handler
	publish(f frame.Frame, json []byte)
	writes(b *testing.B) float64 // system calls so far that wrote to clients
	close()
}

// ours is the product's hub without a broker.
type ours struct {
	*hub.Hub
	metrics *prometheus.Registry
}

func newOurs(b *testing.B) fanOut {
	metrics := prometheus.NewRegistry()
	h, err := hub.New(hub.Defaults(), nil, zerolog.Nop(), metrics)
	if err != nil {
		b.Fatal(err)
	}
	return ours{h, metrics}
}

func (o ours) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := o.Reserve(); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	hijacker := &hub.Hijacker{ResponseWriter: w}
	ws, err := (&websocket.Upgrader{ReadBufferSize: 512}).Upgrade(hijacker, r, nil)
	if err != nil {
		o.Release()
		return
	}
	o.Join(ws, hijacker.Taken, hub.Request{Types: frame.AllKinds()})
}

func (o ours) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	o.Shutdown(ctx)
}

func (o ours) publish(f frame.Frame, _ []byte) { o.Publish(f) }

func (o ours) writes(b *testing.B) float64 {
	b.Helper()
	families, err := o.metrics.Gather()
	if err != nil {
		b.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "tasktracker_gateway_writes_total" {
			return family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	b.Fatal("the hub does not count its writes")
	return 0
}

// plain is the usual gorilla hub: a goroutine and a channel per client, a prepared
// message per event. It sends no pings, and waits where a queue is full instead of
// throwing its client out; both are in its favour.
type plain struct {
	mu      sync.RWMutex
	clients map[chan *websocket.PreparedMessage]*websocket.Conn
	done    sync.WaitGroup
}

func newPlain(*testing.B) fanOut {
	return &plain{clients: make(map[chan *websocket.PreparedMessage]*websocket.Conn)}
}

func (p *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := (&websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 1024}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	queue := make(chan *websocket.PreparedMessage, 256)
	p.mu.Lock()
	p.clients[queue] = ws
	p.mu.Unlock()
	p.done.Go(func() { // the reader
		for {
			if _, _, err := ws.NextReader(); err != nil {
				return
			}
		}
	})
	p.done.Go(func() { // the writer
		_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"connection"}`))
		for m := range queue {
			_ = ws.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if err := ws.WritePreparedMessage(m); err != nil {
				return
			}
		}
	})
}

func (p *plain) publish(_ frame.Frame, json []byte) {
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, json)
	if err != nil {
		return
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	for queue := range p.clients {
		queue <- m
	}
}

func (p *plain) writes(*testing.B) float64 { return 0 }

func (p *plain) close() {
	for queue, ws := range p.clients {
		close(queue)
		_ = ws.Close()
	}
	p.done.Wait()
}
