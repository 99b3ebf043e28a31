package ingest_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// outcome is what an update left behind, without what differs from run to run.
type outcome struct {
	Status      int             `json:"status"`
	Answer      json.RawMessage `json:"answer"`
	Inbound     []entry         `json:"inbound,omitempty"`
	Events      []entry         `json:"events,omitempty"`
	Jobs        []entry         `json:"jobs,omitempty"`
	DeadLetters []entry         `json:"dead_letters,omitempty"`
}

type entry struct {
	Subject string          `json:"subject"`
	ID      string          `json:"id"`
	Payload json.RawMessage `json:"payload"`
}

// checkGolden holds what lies in the streams against testdata/<name>.golden.json.
func checkGolden(t *testing.T, w *world, name, body string, status int, answer string) {
	t.Helper()
	got := outcome{Status: status, Answer: json.RawMessage(answer)}
	got.Inbound = entries(w, bus.StreamInbound, newInbound, func(in *eventsv1.Inbound) {
		if in.GetReceivedAt() == nil {
			t.Error("no time of arrival in INBOUND")
		}
		in.ReceivedAt = nil
		if m := in.GetMessageReceived(); m != nil {
			if !json.Valid(m.GetRaw()) {
				t.Errorf("the raw form is no JSON: %.100q", m.GetRaw())
			}
			m.Raw = nil // pkg/telegram has golden files of it
		}
	})
	got.Events = entries(w, bus.StreamEvents, newEvent, func(e *eventsv1.Event) { e.OccurredAt = nil })
	got.Jobs = entries(w, bus.StreamJobs, func() *eventsv1.AnswerCallback { return &eventsv1.AnswerCallback{} }, func(*eventsv1.AnswerCallback) {})
	got.DeadLetters = entries(w, bus.StreamDeadLetter, newDeadLetter, func(d *eventsv1.DeadLetter) {
		if string(d.GetPayload()) != body {
			t.Errorf("the dead letter has not the body byte for byte: %.100q", d.GetPayload())
		}
		d.FailedAt, d.Payload = nil, nil
	})
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(got); err != nil {
		t.Fatal(err)
	}
	compare(t, filepath.Join("testdata", name+".golden.json"), out.String())
}

func entries[T proto.Message](w *world, stream string, make func() T, clean func(T)) []entry {
	w.t.Helper()
	var all []entry
	for _, raw := range w.read(stream) {
		m := make()
		if err := proto.Unmarshal(raw.Data, m); err != nil {
			w.t.Fatalf("%s in %s: %v", raw.Subject, stream, err)
		}
		clean(m)
		payload, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, entry{Subject: raw.Subject, ID: raw.Header.Get(jetstream.MsgIDHeader), Payload: payload})
	}
	return all
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it with: go test ./services/ingest -run EverySample -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-file +now):\n%s", file, diff)
	}
}
