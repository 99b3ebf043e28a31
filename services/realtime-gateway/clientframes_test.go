package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/wire"
)

func TestGateway_NarrowsByQuery(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	p, _ := r.dial("?types=task_created,settings_updated")
	repeated, _ := r.dial("?types=task_created&types=settings_updated")
	all, _ := r.dial("?types=")
	r.publish(1, 1)
	r.emit(bus.SubjectTaskCreated, taskCreated(1))
	r.emit(bus.SubjectSettingsUpdated, settingsUpdated("telegram"))
	for _, p := range []*peer{p, repeated} {
		for _, want := range []string{wire.TypeTaskCreated, wire.TypeSettingsUpdated} {
			if f := p.frame(); f.Type != want {
				t.Errorf("got %s, want %s", f.raw, want)
			}
		}
	}
	all.expect(1, 1)
}

func TestGateway_NarrowsWhatIsReplayed(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	r.publish(1, 3)
	r.emit(bus.SubjectTaskCreated, taskCreated(1))
	r.publish(5, 5)
	p, _ := r.dial("?since=1&types=task_created")
	if f := p.frame(); f.Type != wire.TypeTaskCreated || f.Seq != 4 {
		t.Errorf("got %s, want task_created with seq 4", f.raw)
	}
}

func TestGateway_SubscribeReplacesTheChoice(t *testing.T) {
	t.Parallel()
	for name, format := range map[string]string{"data": `{"type":"subscribe","data":{"types":[%s]}}`, "flat": ` {"type":"subscribe","types":[%s]}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, config())
			p, _ := r.dial("")
			subscribe := func(types string) {
				p.write(websocket.TextMessage, fmt.Sprintf(format, types))
				p.write(websocket.TextMessage, "{}") // its answer tells that subscribe was obeyed
				p.expectError()
			}
			subscribe(`"settings_updated"`)
			r.publish(1, 1)
			r.emit(bus.SubjectSettingsUpdated, settingsUpdated("telegram"))
			if f := p.frame(); f.Type != wire.TypeSettingsUpdated {
				t.Errorf("got %s, want settings_updated only", f.raw)
			}
			subscribe("")
			r.publish(3, 3)
			p.expect(3, 3)
		})
	}
}

func TestGateway_AnswersWhatItDoesNotUnderstandAndChangesNothing(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, frame, says string
		kind              int
	}{
		{"no JSON", "hello", "JSON", websocket.TextMessage},
		{"empty", "", "JSON", websocket.TextMessage},
		{"no object", `["subscribe"]`, "JSON object", websocket.TextMessage},
		{"null", `null`, "JSON object", websocket.TextMessage},
		{"no type", `{"types":["message.new"]}`, "type", websocket.TextMessage},
		{"unknown type", `{"type":"publish","data":{}}`, "type", websocket.TextMessage},
		{"no list", `{"type":"subscribe"}`, "types", websocket.TextMessage},
		{"list of numbers", `{"type":"subscribe","types":[1]}`, "JSON", websocket.TextMessage},
		{"unknown event", `{"type":"subscribe","types":["message.new","nonsense"]}`, "nonsense", websocket.TextMessage},
		{"too many", `{"type":"subscribe","types":[` + strings.Repeat(`"message.new",`, 40) + `"message.new"]}`, "too long", websocket.TextMessage},
		{"two values", `{"type":"subscribe","types":["task_created"]} {}`, "JSON", websocket.TextMessage},
		{"binary", `{"type":"subscribe","types":["task_created"]}`, "binary", websocket.BinaryMessage},
		{"too large", `{"type":"subscribe","types":["task_created"],"x":"` + strings.Repeat("x", 4096) + `"}`, "too large", websocket.TextMessage},
		{"far too large", strings.Repeat("x", 900<<10), "too large", websocket.TextMessage},
		{"no UTF-8", "{\"type\":\"subscribe\",\"types\":[\"\xff\"]}", "UTF-8", websocket.TextMessage},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, config())
			p, _ := r.dial("")
			p.write(tc.kind, tc.frame)
			if message := p.expectError(); !strings.Contains(message, tc.says) || len(message) > 300 {
				t.Errorf("error is %q, want it short and about %q", message, tc.says)
			}
			r.publish(1, 1)
			p.expect(1, 1)
		})
	}
}

func TestGateway_UnknownTypesInTheQueryAreToldAndChangeNothing(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	p, _ := r.dial("?types=task_created,nonsense")
	if message := p.expectError(); !strings.Contains(message, "nonsense") {
		t.Errorf("error is %q", message)
	}
	r.publish(1, 1)
	p.expect(1, 1)
}

func TestGateway_ClosesAClientThatFloods(t *testing.T) {
	t.Parallel()
	for name, flood := range map[string]func(*peer) error{
		"text":  func(p *peer) error { return p.WriteMessage(websocket.TextMessage, []byte("{}")) },
		"pings": func(p *peer) error { return p.WriteMessage(websocket.PingMessage, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, config())
			quiet, _ := r.dial("")
			p, _ := r.dial("")
			for range 200 {
				if flood(p) != nil {
					break // it is closed already
				}
			}
			p.expectClose(4002)
			r.publish(1, 1)
			quiet.expect(1, 1)
			eventually(t, "the flood is counted", func() bool { return r.value("tasktracker_gateway_closes_total", `"4002"`) == 1 })
		})
	}
}

func TestGateway_ClosesAClientThatBreaksTheProtocol(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		raw  []byte
		code int
	}{
		"not masked":     {[]byte{0x81, 2, '{', '}'}, websocket.CloseProtocolError},
		"reserved bits":  {[]byte{0xf1, 0x82, 0, 0, 0, 0, '{', '}'}, websocket.CloseProtocolError},
		"unknown opcode": {[]byte{0x83, 0x80, 0, 0, 0, 0}, websocket.CloseProtocolError},
		"too big":        {[]byte{0x81, 0xff, 0, 0, 0, 0, 0x7f, 0, 0, 0, 1, 2, 3, 4}, websocket.CloseMessageTooBig},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, config())
			p, _ := r.dial("")
			if _, err := p.NetConn().Write(tc.raw); err != nil {
				t.Fatal(err)
			}
			p.expectClose(tc.code)
			eventually(t, "the client has left", func() bool { return r.value("tasktracker_gateway_clients") == 0 })
		})
	}
}

func TestGateway_AnswersPingsAndGoodbyes(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	p, _ := r.dial("")
	pong := make(chan string, 1)
	p.SetPongHandler(func(data string) error { pong <- data; return nil })
	p.write(websocket.PingMessage, "are you there")
	r.publish(1, 1)
	p.expect(1, 1) // reading is what runs the handler
	p.write(websocket.CloseMessage, string(websocket.FormatCloseMessage(websocket.CloseNormalClosure, "bye")))
	p.expectClose(websocket.CloseNormalClosure)
	if data := <-pong; data != "are you there" {
		t.Errorf("pong carries %q", data)
	}
	eventually(t, "the client has left", func() bool { return r.value("tasktracker_gateway_closes_total", `"client"`) == 1 })
}
