package hub_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/hub"
)

// readersEnv makes this program the clients of a benchmark: "address clients bytes".
const readersEnv = "GATEWAY_BENCH_READERS"

func TestMain(m *testing.M) {
	if spec := os.Getenv(readersEnv); spec != "" {
		if err := readMany(spec); err != nil {
			fmt.Fprintln(os.Stderr, "readers:", err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// readMany connects clients, says "ready", reads so many bytes with each, and says
// "done". It is a process of its own so that its CPU time is not the hub's.
func readMany(spec string) error {
	var addr string
	var clients, bytes int64
	if _, err := fmt.Sscan(spec, &addr, &clients, &bytes); err != nil {
		return fmt.Errorf("read %q: %w", spec, err)
	}
	var done sync.WaitGroup
	errs := make(chan error, clients)
	for range clients {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		const request = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
		if _, err := io.WriteString(conn, request); err != nil {
			return err
		}
		reader := bufio.NewReaderSize(conn, 512)
		if err := skipHandshake(reader); err != nil {
			return err
		}
		done.Go(func() {
			if _, err := io.CopyN(io.Discard, reader, bytes); err != nil {
				errs <- err
			}
		})
	}
	fmt.Println("ready")
	done.Wait()
	fmt.Println("done")
	select {
	case err := <-errs:
		return err
	default:
		// Whoever started this ends it by closing its standard input.
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	}
}

// skipHandshake reads the answer to the handshake and the connection frame.
func skipHandshake(r *bufio.Reader) error {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.TrimSpace(line) == "" {
			break
		}
	}
	header, err := r.Peek(4)
	if err != nil {
		return err
	}
	size := int(header[1]) + 2
	if header[1] == 126 {
		size = int(header[2])<<8 | int(header[3]) + 4
	}
	_, err = r.Discard(size)
	return err
}

// fanOut is a hub under comparison.
type fanOut interface {
	http.Handler
	publish(f frame.Frame, json []byte)
	close()
}

// ours is the product's hub without a broker.
type ours struct{ *hub.Hub }

func newOurs(b *testing.B) fanOut {
	h, err := hub.New(hub.Defaults(), nil, zerolog.Nop(), prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	return ours{h}
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

// plain is the usual gorilla hub: a goroutine and a channel per client, a prepared message per event.
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
	queue := make(chan *websocket.PreparedMessage, 4096)
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

func (p *plain) close() {
	for queue, ws := range p.clients {
		close(queue)
		_ = ws.Close()
	}
	p.done.Wait()
}

// BenchmarkFanOut compares deliveries per second of CPU time with those of the
// usual hub, side by side:
//
//	go test ./internal/hub -run - -bench FanOut -benchtime 1x
func BenchmarkFanOut(b *testing.B) {
	for _, load := range []struct{ clients, rate int }{{1000, 50}, {1000, 100}, {1000, 200}, {10_000, 10}} {
		b.Run(fmt.Sprintf("clients=%d/events=%d_per_s", load.clients, load.rate), func(b *testing.B) {
			for b.Loop() {
				usual := deliveriesPerCPUSecond(b, newPlain(b), load.clients, load.rate)
				mine := deliveriesPerCPUSecond(b, newOurs(b), load.clients, load.rate)
				b.ReportMetric(usual, "usual/cpu-s")
				b.ReportMetric(mine, "ours/cpu-s")
				b.ReportMetric(mine/usual, "ratio")
			}
		})
	}
}

// benchTime is how long events flow in one measurement.
const benchTime = 4 * time.Second

func deliveriesPerCPUSecond(b *testing.B, hub fanOut, clients, rate int) float64 {
	b.Helper()
	body := []byte(`{"type":"message.new","seq":1,"ts":"2026-05-04T03:02:01Z","data":"` + strings.Repeat("x", 430) + `"}`)
	prefix := []byte{0x81, 126, byte(len(body) >> 8), byte(len(body))}
	wire := append(prefix, body...)
	events := int(benchTime.Seconds() * float64(rate))

	server := httptest.NewServer(hub)
	defer server.Close()
	readers := exec.Command(os.Args[0])
	readers.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %d", readersEnv, server.Listener.Addr(), clients, events*len(wire)))
	readers.Stderr = os.Stderr
	stdin, err := readers.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := readers.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := readers.Start(); err != nil {
		b.Fatal(err)
	}
	says := bufio.NewScanner(stdout)
	hear := func(word string) {
		if !says.Scan() || says.Text() != word {
			b.Fatalf("readers say %q, want %q", says.Text(), word)
		}
	}
	hear("ready")
	runtime.GC()
	before := cpuTime(b)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	for n := range events {
		<-tick.C
		hub.publish(frame.Frame{Seq: uint64(n + 1), Wire: wire}, body)
	}
	tick.Stop()
	hear("done")
	used := cpuTime(b) - before
	_ = stdin.Close()
	if err := readers.Wait(); err != nil {
		b.Fatal(err)
	}
	hub.close()
	return float64(events*clients) / used.Seconds()
}

// cpuTime is what this process has used, in user and kernel mode.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
