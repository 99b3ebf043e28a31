package chaos

import (
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy is the network between a service and a server that it uses. It carries TCP
// connections as they are until it is told otherwise.
//
// Toxiproxy is not used: where its connections stop carrying, it still passes on that a
// side has closed, which a half-open connection does not.
type Proxy struct {
	listener net.Listener
	target   string

	// Read by every copying goroutine, for each piece that it carries.
	delay   atomic.Int64 // nanoseconds
	rate    atomic.Int64 // bytes a second in each direction; 0: as many as come
	carried atomic.Int64 // bytes, in both directions
	lost    atomic.Int64 // bytes that vanished

	mu    sync.Mutex
	state linkState
	links map[*link]struct{}
	wait  sync.WaitGroup
}

// linkState is what becomes of connections.
type linkState int

const (
	linkUp   linkState = iota
	linkCut            // closed, and new ones too
	linkMute           // nothing arrives, not even the end; new ones are taken and go nowhere
)

// link is one connection through the proxy.
type link struct {
	client, server net.Conn
	mute           atomic.Bool   // for good: what vanished leaves a hole in what follows
	gone           chan struct{} // closed with both sides
	once           sync.Once
}

// StartProxy listens on a free port, for connections to the host:port of target, until
// the test ends.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, target: target, links: map[*link]struct{}{}}
	p.wait.Go(p.accept)
	t.Cleanup(func() {
		p.Cut()
		listener.Close()
		p.wait.Wait()
	})
	return p
}

// ProxyURL starts a proxy to the server of a URL, and gives the URL that leads through it.
func ProxyURL(t testing.TB, address string) (*Proxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("not a URL: %v", err)
	}
	p := StartProxy(t, u.Host)
	u.Host = p.listener.Addr().String()
	return p, u.String()
}

// Cut closes every connection, as a reset does, and every one that is made from now on.
func (p *Proxy) Cut() { p.become(linkCut) }

// HalfOpen lets everything vanish from now on: neither bytes nor the end of a side reach
// the other. The connections of this time stay so after Heal, as those do that a router
// has forgotten.
func (p *Proxy) HalfOpen() { p.become(linkMute) }

// Slow delays each piece by delay in each direction, and carries at most rate bytes a
// second of each connection in each direction.
func (p *Proxy) Slow(delay time.Duration, rate int64) {
	p.delay.Store(int64(delay))
	p.rate.Store(rate)
}

// Heal carries new connections as at the beginning.
func (p *Proxy) Heal() {
	p.Slow(0, 0)
	p.become(linkUp)
}

// Carried is how many bytes have come through.
func (p *Proxy) Carried() int64 { return p.carried.Load() }

// Lost is how many bytes have vanished.
func (p *Proxy) Lost() int64 { return p.lost.Load() }

func (p *Proxy) become(state linkState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
	for l := range p.links {
		switch state {
		case linkCut:
			l.close()
		case linkMute:
			l.mute.Store(true)
		case linkUp:
		}
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // the test is over
		}
		p.wait.Go(func() { p.carry(client) })
	}
}

// carry brings one connection to the target, to its end.
func (p *Proxy) carry(client net.Conn) {
	l := &link{client: client, gone: make(chan struct{})}
	defer l.close()
	p.mu.Lock()
	state := p.state
	l.mute.Store(state == linkMute)
	if state != linkCut {
		p.links[l] = struct{}{}
	}
	p.mu.Unlock()
	if state == linkCut {
		return
	}
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.links, l)
	}()
	if state == linkMute {
		p.swallow(l, client)
		return
	}
	server, err := net.DialTimeout("tcp", p.target, 5*time.Second)
	if err != nil {
		return
	}
	if !p.complete(l, server) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.copy(l, server, client) })
	both.Go(func() { p.copy(l, client, server) })
	both.Wait()
}

// complete adds the server's side, unless the link was cut meanwhile.
func (p *Proxy) complete(l *link, server net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-l.gone:
		server.Close()
		return false
	default:
		l.server = server
		return true
	}
}

// copy carries one direction of a link.
func (p *Proxy) copy(l *link, to, from net.Conn) {
	type piece struct {
		data []byte
		due  time.Time
	}
	// What is on its way, as in the buffers of a network: bounded, so that a slow one
	// pushes back.
	way := make(chan piece, 64)
	var arrive sync.WaitGroup
	arrive.Go(func() {
		for sent := range way {
			l.until(sent.due)
			if l.mute.Load() {
				p.lost.Add(int64(len(sent.data)))
				continue
			}
			if _, err := to.Write(sent.data); err != nil {
				l.close()
				continue
			}
			p.carried.Add(int64(len(sent.data)))
		}
	})
	defer func() {
		close(way)
		arrive.Wait()
		l.end(false) // once all has arrived
	}()
	buffer := make([]byte, 16<<10)
	var free time.Time // when the line has carried what it was given
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			now := time.Now()
			rate := p.rate.Load()
			if rate == 0 || free.Before(now) {
				free = now
			}
			if rate > 0 {
				free = free.Add(time.Duration(n) * time.Second / time.Duration(rate))
			}
			select {
			case way <- piece{append([]byte(nil), buffer[:n]...), free.Add(time.Duration(p.delay.Load()))}:
			case <-l.gone:
			}
		}
		if err == nil {
			continue
		}
		if l.mute.Load() {
			<-l.gone // the other side learns nothing
			return
		}
		if err != io.EOF {
			l.close()
		}
		return
	}
}

// swallow takes what a client sends, and never answers.
func (p *Proxy) swallow(l *link, client net.Conn) {
	n, _ := io.Copy(io.Discard, client)
	p.lost.Add(n)
}

// until waits for the moment, or for the end of the link.
func (l *link) until(due time.Time) {
	pause := time.Until(due)
	if pause <= 0 {
		return
	}
	select {
	case <-time.After(pause):
	case <-l.gone:
	}
}

// close ends both sides at once, as a reset does.
func (l *link) close() { l.end(true) }

func (l *link) end(reset bool) {
	l.once.Do(func() {
		close(l.gone)
		for _, conn := range []net.Conn{l.client, l.server} {
			tcp, ok := conn.(*net.TCPConn)
			if !ok {
				continue // there is no other side yet
			}
			if reset {
				_ = tcp.SetLinger(0) // what was not sent is dropped
			}
			_ = tcp.Close()
		}
	})
}
