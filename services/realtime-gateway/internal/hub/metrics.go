package hub

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// metrics are the hub's figures.
type metrics struct {
	frames   prometheus.Counter
	bytes    prometheus.Counter
	writes   prometheus.Counter
	closes   *prometheus.CounterVec
	resyncs  *prometheus.CounterVec
	replays  *prometheus.CounterVec
	replayed prometheus.Counter
	faults   prometheus.Counter
	browser  []prometheus.Observer // by frame.Kind; nil for what is not measured
}

func newMetrics(reg prometheus.Registerer, h *Hub) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tasktracker", Subsystem: "gateway", Name: name, Help: help})
	}
	vec := func(name, label, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tasktracker", Subsystem: "gateway", Name: name, Help: help}, []string{label})
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "tasktracker", Subsystem: "gateway", Name: name, Help: help}, value)
	}
	m := &metrics{
		frames:   counter("frames_sent_total", "Event frames handed to client sockets."),
		bytes:    counter("sent_bytes_total", "Bytes handed to client sockets, WebSocket headers included."),
		writes:   counter("writes_total", "Write system calls to client sockets; frames per write tell how much leaves together."),
		closes:   vec("closes_total", "code", "Connections ended, by close code; client: the client said goodbye, lost: nobody did."),
		resyncs:  vec("resyncs_total", "reason", "Resync frames sent: clients that could not resume and reload everything."),
		replays:  vec("replays_total", "source", "Resumptions (?since=) served from memory (ring) or from the broker (stream)."),
		replayed: counter("replayed_frames_total", "Event frames read again from the broker for clients that resume."),
		faults:   counter("client_errors_total", "Error frames sent: frames or parameters of clients that were not understood."),
	}
	browser := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "tasktracker_webhook_to_browser_seconds",
		Help:    "Until a frame is written to the clients that are not behind: of message.new from receiving the message, of message.updated from announcing the change. One observation for each event and group of clients, of which a gateway has one per core.",
		Buckets: []float64{.001, .002, .004, .008, .016, .032, .064, .128, .25, .5, 1, 5, 30},
	}, []string{"type"})
	for _, name := range []string{"message.new", "message.updated"} {
		m.measure(name, browser.WithLabelValues(name))
	}
	all := []prometheus.Collector{
		browser,
		m.frames, m.bytes, m.writes, m.closes, m.resyncs, m.replays, m.replayed, m.faults,
		gauge("clients", "WebSocket clients connected.", func() float64 { return float64(h.Clients()) }),
		gauge("closing_clients", "WebSocket clients that are being closed and have not gone yet.", func() float64 { return float64(h.closing()) }),
		gauge("queued_bytes", "Bytes of events that wait for clients which are behind, summed over clients (they lie in memory once).", func() float64 {
			return float64(h.queuedBytes())
		}),
		gauge("ring_bytes", "Bytes of events kept in memory for clients that are behind or resume.", func() float64 {
			h.mu.Lock()
			defer h.mu.Unlock()
			return float64(h.ring.bytes)
		}),
	}
	for _, c := range all {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	// There from the start, so that a rate of what has not happened yet is zero.
	for _, how := range []Closing{CloseGoingAway, CloseSlow, CloseFlood, CloseNoPong} {
		m.closes.WithLabelValues(how.label())
	}
	m.closes.WithLabelValues(codeByClient)
	m.closes.WithLabelValues(codeLost)
	m.resyncs.WithLabelValues("stream")
	for _, reason := range []resyncReason{reasonBroker, reasonAhead, reasonTooOld, reasonTooMany, reasonReset} {
		m.resyncs.WithLabelValues(reason.label)
	}
	m.replays.WithLabelValues("ring")
	m.replays.WithLabelValues("stream")
	return m, nil
}

func (m *metrics) measure(frameType string, seconds prometheus.Observer) {
	kind, ok := frame.KindOf(frameType)
	if !ok {
		return
	}
	for len(m.browser) <= int(kind) {
		m.browser = append(m.browser, nil)
	}
	m.browser[kind] = seconds
}

// written measures a frame that was written at now, in Unix nanoseconds.
func (m *metrics) written(f frame.Frame, now int64) {
	if f.At != 0 && int(f.Kind) < len(m.browser) && m.browser[f.Kind] != nil {
		m.browser[f.Kind].Observe(max(0, float64(now-f.At)/1e9))
	}
}
