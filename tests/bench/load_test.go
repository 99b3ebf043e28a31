package bench_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// started is the zero of the times that messages carry.
var started = time.Now()

// sender posts updates over one keep-alive connection. It writes HTTP by hand, because
// on a machine that it shares with what it measures a client library would cost as much
// as the server.
type sender struct {
	conn   net.Conn
	reader *bufio.Reader
	host   string
	buf    []byte
	update []byte
}

func dial(b *testing.B, base string) *sender {
	b.Helper()
	host := strings.TrimPrefix(base, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &sender{conn: conn, reader: bufio.NewReader(conn), host: host}
}

const words = "Після вчорашнього деплою звіт за день не сходиться, подивіться, будь ласка"

// updateBody appends the n-th update, whose text says when it was made.
func updateBody(to []byte, n int64) []byte {
	const chats = 50
	return fmt.Appendf(to,
		`{"update_id":%d,"message":{"message_id":%d,"date":%d,"from":{"id":%d,"is_bot":false,"first_name":"Олена","last_name":"Коваль","username":"olena"},"chat":{"id":%d,"title":"Каса","type":"supergroup"},"text":"%s |%d|"}}`,
		n, n, time.Now().Unix(), 7312004551+n%20, -1001000000000-n%chats, words, time.Since(started).Nanoseconds())
}

// post sends the n-th message and waits for the answer; it gives the status.
func (s *sender) post(n int64) (int, error) {
	s.update = updateBody(s.update[:0], n)
	s.buf = fmt.Appendf(s.buf[:0], "POST /webhook/telegram HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", s.host, len(s.update))
	s.buf = append(s.buf, s.update...)
	if _, err := s.conn.Write(s.buf); err != nil {
		return 0, err
	}
	return s.answer()
}

func (s *sender) answer() (int, error) {
	line, err := s.reader.ReadSlice('\n')
	if err != nil || len(line) < 12 {
		return 0, fmt.Errorf("read status: %w", err)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, err
	}
	length := 0
	for {
		line, err := s.reader.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, ok := bytes.Cut(line, []byte(":")); ok && len(name) == len("Content-Length") && bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		}
	}
	_, err = s.reader.Discard(length)
	return status, err
}

// number is what makes every update of this process another one.
var number atomic.Int64

// closedLoop posts over that many connections as fast as answers come, for d, and gives
// the answers per second and their latencies.
func closedLoop(b *testing.B, base string, connections int, d time.Duration) (float64, *latencies) {
	b.Helper()
	all := &latencies{}
	var done atomic.Int64
	var group sync.WaitGroup
	start := time.Now()
	for range connections {
		s := dial(b, base)
		group.Go(func() {
			own := make([]time.Duration, 0, 1<<16)
			for time.Since(start) < d {
				sent := time.Now()
				status, err := s.post(number.Add(1))
				if err != nil || status != http.StatusOK {
					b.Errorf("answer %d %v", status, err)
					return
				}
				own = append(own, time.Since(sent))
			}
			done.Add(int64(len(own)))
			all.add(own...)
		})
	}
	group.Wait()
	return float64(done.Load()) / time.Since(start).Seconds(), all
}

// openLoop posts at a steady rate for d, whatever the answers take, and gives their
// latencies from the moment at which each was due, and how many were refused.
func openLoop(b *testing.B, base string, rate int, d time.Duration) (*latencies, int64) {
	b.Helper()
	all := &latencies{}
	var refused atomic.Int64
	due := make(chan time.Time, rate) // a second's worth waits at most; see the end
	var group sync.WaitGroup
	for range 64 {
		s := dial(b, base)
		group.Go(func() {
			own := make([]time.Duration, 0, 1<<14)
			for at := range due {
				status, err := s.post(number.Add(1))
				if err != nil {
					b.Errorf("post: %v", err)
					return
				}
				if status != http.StatusOK {
					refused.Add(1)
				}
				own = append(own, time.Since(at))
			}
			all.add(own...)
		})
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	start := time.Now()
	sent := 0
	for now := range tick.C {
		for ; float64(sent) < float64(rate)*now.Sub(start).Seconds(); sent++ {
			select {
			case due <- now:
			default:
				refused.Add(1) // the line does not keep up: not even a second's worth of connections is free
			}
		}
		if now.Sub(start) > d {
			break
		}
	}
	close(due)
	group.Wait()
	return all, refused.Load()
}
