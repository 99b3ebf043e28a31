package gateway_test

import (
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestSlowClient_IsClosedWhileOthersGetEverything(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.QueueFrames, cfg.SlowAfter = 200, 4*time.Second // on a busy machine others wait for seconds too
	cfg.WriteTimeout = patience                         // and whoever is to be told why is not cut off before
	r := start(t, cfg)
	slow, first := r.dialWith("", smallBuffers())
	const events = 2500 // some 1.2 MB: more than the sockets take
	var others sync.WaitGroup
	for range 3 {
		p, _ := r.dial("")
		others.Go(func() { p.expect(1, events) })
	}
	for n := 1; n < events; n += 100 {
		r.publish(n, n+99)
	}
	others.Wait()
	// More events, one at a time, until it has been told to go: it is then sent no
	// more, so that less and less of what is kept is said to wait for anybody.
	next := events + 1
	eventually(t, "the slow client is given up", func() bool {
		r.publish(next, next)
		next++
		return r.value("tasktracker_gateway_closing_clients") == 1
	})
	// It reads now: what it got is without a gap, and ends with the code.
	seen := first.Seq
	for {
		f, err := slow.next()
		if err != nil {
			if !websocket.IsCloseError(err, 4001) {
				t.Errorf("ended with %v, want close code 4001", err)
			}
			break
		}
		if f.Seq != seen+1 {
			t.Fatalf("after %d came %d", seen, f.Seq)
		}
		seen = f.Seq
	}
	if seen >= events {
		t.Fatalf("it was sent everything, so it was not slow")
	}
	eventually(t, "the close is counted", func() bool { return r.hasClosed("4001") })
}

func (r *rig) hasClosed(code string) bool {
	return r.value("tasktracker_gateway_closes_total", `"`+code+`"`) > 0
}

func TestSlowClient_ReadsTheCloseFrameIfItReadsAtAll(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.QueueFrames, cfg.SlowAfter = 64, time.Millisecond
	r := start(t, cfg)
	slow, _ := r.dialWith("", smallBuffers())
	published := make(chan struct{})
	go func() {
		defer close(published)
		for n := 1; n < 3000; n += 100 {
			r.publish(n, n+99)
		}
	}()
	// It starts to read once it is far behind, and is then slower than events come.
	eventually(t, "it is behind", func() bool {
		return r.value("tasktracker_gateway_queued_bytes") > 64*400 || r.value("tasktracker_gateway_closing_clients") == 1
	})
	slow.expectClose(4001)
	<-published
}

func TestSlowClient_ThatTakesNothingIsClosedWithoutFurtherEvents(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.WriteTimeout = 100 * time.Millisecond
	r := start(t, cfg)
	r.dialWith("", smallBuffers())
	for n := 1; n < 2500; n += 100 {
		r.publish(n, n+99)
	}
	eventually(t, "it is closed", func() bool { return r.hasClosed("4001") })
}

func TestBurst_ThrowsNobodyOut(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.QueueFrames, cfg.QueueBytes, cfg.SlowAfter = 64, 64<<10, time.Minute // far less than the burst
	r := start(t, cfg)
	const clients, events = 4, 2_000
	var all sync.WaitGroup
	for range clients {
		p, _ := r.dial("")
		all.Go(func() { p.expect(1, events) })
	}
	for n := 1; n < events; n += 1000 {
		r.publish(n, n+999)
	}
	all.Wait()
	if n := r.value("tasktracker_gateway_closes_total"); n != 0 {
		t.Errorf("%v clients were closed", n)
	}
	r.counts("tasktracker_gateway_frames_sent_total", clients*events)
	if writes := r.value("tasktracker_gateway_writes_total"); writes > clients*events/2 {
		t.Errorf("%d frames left in %v writes: want those that wait together in one write", clients*events, writes)
	}
}

func TestSilentClient_IsClosed(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.PingInterval = 2 * time.Second // silent for five: the other one is never, however busy the machine
	r := start(t, cfg)
	alive, _ := r.dial("")
	answering := make(chan struct{})
	go func() { // reading answers pings
		defer close(answering)
		alive.expect(1, 1)
	}()
	silent, _ := r.dial("")
	silent.SetPingHandler(func(string) error { return nil })
	silent.expectClose(4003)
	r.publish(1, 1)
	<-answering
}
