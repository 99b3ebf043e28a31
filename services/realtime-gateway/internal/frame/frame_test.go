package frame_test

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// read gives raw bytes to a real client and returns what it makes of them.
func read(t *testing.T, raw []byte) (int, []byte, error) {
	t.Helper()
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	go func() {
		request, err := http.ReadRequest(bufio.NewReader(ours))
		if err != nil {
			return
		}
		var answer bytes.Buffer
		answer.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
		answer.WriteString(acceptKey(request.Header.Get("Sec-Websocket-Key")))
		answer.WriteString("\r\n\r\n")
		_, _ = ours.Write(append(answer.Bytes(), raw...))
	}()
	dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return theirs, nil }}
	conn, _, err := dialer.Dial("ws://test/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetCloseHandler(func(int, string) error { return nil })
	return conn.ReadMessage()
}

// Each length has its own form of header (RFC 6455, section 5.2).
func TestError_IsOneTextFrameOfAnyLength(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 40, 60, 126, 200, 65_400, 65_536, 70_000} {
		raw, err := frame.Error(3, strings.Repeat("x", size), time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		kind, body, err := read(t, raw)
		want := `{"type":"error","seq":3,"ts":"1970-01-01T00:00:00Z","data":{"message":"` + strings.Repeat("x", size) + `"}}`
		if err != nil || kind != websocket.TextMessage || string(body) != want {
			t.Errorf("size %d: kind %d, %d bytes, %v", size, kind, len(body), err)
		}
	}
}

func TestClose_CarriesCodeAndReason(t *testing.T) {
	t.Parallel()
	_, _, err := read(t, frame.Close(4001, strings.Repeat("r", 200)))
	want := &websocket.CloseError{Code: 4001, Text: strings.Repeat("r", 123)}
	if got, ok := err.(*websocket.CloseError); !ok || *got != *want { //nolint:errorlint // compared as a value
		t.Errorf("got %v, want %v", err, want)
	}
}

// acceptKey answers a client's key (RFC 6455, section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
