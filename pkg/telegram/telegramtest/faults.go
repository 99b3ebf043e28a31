package telegramtest

import (
	"context"
	"fmt"
	"html"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Names that Fault and Calls take beside the methods of the API.
const (
	// FileDownload is GET <URL>/file/bot<token>/<path>.
	FileDownload = "file"
	// WebhookDelivery is a POST of an update to the bot's webhook. It takes
	// the kinds FaultDelay, FaultLostOK and FaultSlowReader.
	WebhookDelivery = "webhook"
	// AnyMethod stands for every method of the API and for FileDownload.
	AnyMethod = "*"
)

// FaultKind says what goes wrong.
type FaultKind int

// The kinds of fault.
const (
	// FaultFlood answers 429 with parameters.retry_after and the header Retry-After.
	FaultFlood FaultKind = iota + 1
	// FaultInternal answers 500 Internal Server Error in JSON.
	FaultInternal
	// FaultBadGateway answers 502 with an HTML page that quotes the URL asked
	// for, and with it the token, as some proxies do.
	FaultBadGateway
	// FaultCutBody does what was asked and closes the connection in the middle
	// of the answer.
	FaultCutBody
	// FaultReset resets the connection without doing anything.
	FaultReset
	// FaultDelay waits Fault.Delay before doing what was asked.
	FaultDelay
	// FaultError answers Fault.Code with Fault.Description.
	FaultError
	// FaultExpiredPath makes the path asked for invalid: 404 now and later. Of
	// FileDownload only.
	FaultExpiredPath
	// FaultFileTooBig answers 400 "file is too big", as for files over 20 MB.
	// Of getFile only.
	FaultFileTooBig
	// FaultNoFilePath answers without file_path. Of getFile only.
	FaultNoFilePath
	// FaultLostOK loses the 2xx of a webhook: the update comes again. Of
	// WebhookDelivery only.
	FaultLostOK
	// FaultSlowReader writes the second half of an update and reads the
	// webhook's answer only after Fault.Delay each. Of WebhookDelivery only.
	FaultSlowReader
)

// Fault is something that goes wrong on demand.
type Fault struct {
	Kind FaultKind
	// RetryAfter is what FaultFlood asks for, in whole seconds; 1 if 0.
	RetryAfter int
	// Delay is the server's time that FaultDelay and FaultSlowReader wait.
	Delay time.Duration
	// Begun is closed when FaultDelay begins to wait; nil for a test that need not know. For one call only.
	Begun chan<- struct{}
	// Code and Description are the answer of FaultError.
	Code        int
	Description string
}

// pendingFault is a fault with the number of times it is still due.
type pendingFault struct {
	Fault
	left int
}

// Fault makes the next count uses of a method fail; a negative count means until
// ClearFaults. Faults of one method come in the order they were set, those of
// AnyMethod after them.
func (s *Server) Fault(method string, f Fault, count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	method = canonicalMethod(method)
	s.faults[method] = append(s.faults[method], &pendingFault{Fault: f, left: count})
}

// ClearFaults forgets all faults that are still due.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
}

// WaitFaults waits until all faults set for a method have come.
func (s *Server) WaitFaults(ctx context.Context, method string) error {
	return s.wait(ctx, func() bool {
		for _, f := range s.faults[canonicalMethod(method)] {
			if f.left != 0 {
				return false
			}
		}
		return true
	})
}

// takeFault returns the fault that is due for a method, Kind 0 for none.
func (s *Server) takeFault(method string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := []string{method, AnyMethod}
	if method == WebhookDelivery {
		names = names[:1]
	}
	for _, name := range names {
		queue := s.faults[name]
		for len(queue) > 0 && queue[0].left == 0 {
			queue = queue[1:]
		}
		s.faults[name] = queue
		if len(queue) > 0 {
			queue[0].left--
			s.notify()
			return queue[0].Fault
		}
	}
	return Fault{}
}

// apiError is the error a fault answers with, nil if it does something else.
func (f Fault) apiError() *apiError {
	switch f.Kind {
	case FaultFlood:
		after := max(f.RetryAfter, 1)
		return &apiError{code: http.StatusTooManyRequests, description: "Too Many Requests: retry after " + strconv.Itoa(after), retryAfter: after}
	case FaultInternal:
		return &apiError{code: http.StatusInternalServerError, description: "Internal Server Error"}
	case FaultError:
		return &apiError{code: f.Code, description: f.Description}
	case FaultFileTooBig:
		return badRequest("file is too big")
	}
	return nil
}

func writeBadGateway(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusBadGateway)
	_, _ = fmt.Fprintf(w, "<html><head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1><p>%s</p></body></html>\r\n",
		html.EscapeString(r.URL.String()))
}

// resetConnection closes the connection so that the peer sees a reset.
func resetConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the connection is gone, which is what was wanted
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// cutAnswer promises the whole body, sends half and closes the connection.
func cutAnswer(w http.ResponseWriter, a answer) {
	conn, out, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the connection is gone, which is what was wanted
	}
	defer conn.Close()
	_, _ = fmt.Fprintf(out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		a.status, http.StatusText(a.status), a.contentType, len(a.body), a.body[:len(a.body)/2])
	_ = out.Flush()
}
