// Package modeltest is a stand-in for a model server: it answers chat completions and
// the list of models as OpenAI's API does (https://platform.openai.com/docs/api-reference/chat),
// fails on demand in the ways that model servers fail, and can be as obedient to what
// messages say as a naive model is. Tests and demonstrations use it in place of a model
// that costs money, takes time and says something else each time.
//
// It understands the prompts of package openai: a user message with an object
// {"conversations": [{"index", "context", "text"}]} in it, or one with findings (Found).
package modeltest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// maxBody is the largest request that is read, in bytes.
const maxBody = 16 << 20

// Conversation is one that the model was asked about.
type Conversation struct {
	Index   int      `json:"index"`
	Context []string `json:"context"`
	Text    string   `json:"text"`
}

// Verdict is what the model says of a conversation; Index is filled in by the server.
type Verdict struct {
	Index      int     `json:"index"`
	Quote      string  `json:"quote"`
	Reason     string  `json:"reason"`
	IsIssue    bool    `json:"is_issue"`
	Category   string  `json:"category"`
	Priority   string  `json:"priority"`
	Confidence float64 `json:"confidence"`
	Title      string  `json:"title"`
}

// Judge is the model's mind. It is called by several requests at once.
type Judge func(Conversation) Verdict

// Options are what a server is made of. The zero value judges by Keywords, wants no key
// and has one model, "test-model".
type Options struct {
	// Judge gives the verdicts; nil: Keywords.
	Judge Judge
	// Write sums up; nil: Copy.
	Write func([]Found) []Written
	// Key is the API key that requests must carry; empty: none is asked for.
	Key string
	// Models are the names that the list of models has; another model is answered 404.
	Models []string
	// Obedient makes the model follow what the messages tell it.
	Obedient bool
	// RetryAfter is what answers of 429 say, in whole seconds, rounded up.
	RetryAfter time.Duration
	// Delay is how long Slow takes.
	Delay time.Duration
}

// Request is a chat completion that the server was asked for.
type Request struct {
	Header http.Header
	// Model, Temperature, Format ("", "json_object", "json_schema") and MaxTokens are
	// those of the request; Temperature is nil and MaxTokens 0 where it has none.
	Model       string
	Temperature *float64
	Format      string
	MaxTokens   int
	// System and User are its messages; Body is all of it.
	System, User  string
	Conversations []Conversation
	// Findings are those of a request for a summary.
	Findings []Found
	Body     string
}

// Server is a model server. It is an http.Handler, safe for concurrent use; Start gives
// one that listens.
type Server struct {
	options Options

	mu       sync.Mutex
	next     []Fault
	always   Fault
	requests []Request

	listener net.Listener
	http     *http.Server
	served   chan error
}

// New gives a server that listens nowhere.
func New(options Options) *Server {
	if options.Judge == nil {
		options.Judge = Keywords
	}
	if options.Write == nil {
		options.Write = Copy
	}
	if len(options.Models) == 0 {
		options.Models = []string{"test-model"}
	}
	return &Server{options: options}
}

// Start gives a server that listens on a free port of the loopback interface. Close it.
func Start(options Options) (*Server, error) {
	s := New(options)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the model server: %w", err)
	}
	s.listener, s.served = listener, make(chan error, 1)
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { s.served <- s.http.Serve(listener) }()
	return s, nil
}

// URL is the base URL of a started server, with /v1.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/v1" }

// Close ends a started server and the requests that it has.
func (s *Server) Close() error {
	err := s.http.Close()
	if serveErr := <-s.served; !errors.Is(serveErr, http.ErrServerClosed) {
		return errors.Join(err, serveErr)
	}
	return err
}

// Fail makes the next chat completions fail, one by each fault, in this order; None among them lets
// one succeed.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = append(s.next, faults...)
}

// FailAlways makes every chat completion fail that no fault of Fail is for; None ends that.
func (s *Server) FailAlways(fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = fault
}

// Requests are the chat completions that were asked for, in the order of their arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ServeHTTP answers GET /v1/models and POST /v1/chat/completions.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.options.Key != "" && r.Header.Get("Authorization") != "Bearer "+s.options.Key:
		// OpenAI's own answer repeats the key.
		refuse(w, http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided: "+r.Header.Get("Authorization"), "")
	case r.Method == http.MethodGet && r.URL.Path == "/v1/models":
		s.models(w)
	case r.Method == http.MethodPost && r.URL.Path == "/v1/chat/completions":
		s.complete(w, r)
	default:
		http.Error(w, "404 page not found", http.StatusNotFound)
	}
}

func (s *Server) models(w http.ResponseWriter) {
	type model struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		Created int64  `json:"created"`
		OwnedBy string `json:"owned_by"`
	}
	var list []model
	for _, name := range s.options.Models {
		list = append(list, model{name, "model", 1_700_000_000, "test"})
	}
	answer(w, http.StatusOK, map[string]any{"object": "list", "data": list})
}

func (s *Server) complete(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusBadRequest, "", "the body could not be read", "")
		return
	}
	request, err := parse(body, r.Header)
	if err != nil {
		refuse(w, http.StatusBadRequest, "", err.Error(), "")
		return
	}
	fault := s.take(request)
	if s.refused(w, r, request, fault) {
		return
	}
	if !slices.Contains(s.options.Models, request.Model) {
		refuse(w, http.StatusNotFound, "model_not_found", "The model `"+request.Model+"` does not exist", "")
		return
	}
	s.reply(w, request, fault)
}

// take records a request and gives the fault that it meets.
func (s *Server) take(request Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, request)
	if len(s.next) == 0 {
		return s.always
	}
	fault := s.next[0]
	s.next = s.next[1:]
	return fault
}

// reply answers a completion, with a fault in it or none.
func (s *Server) reply(w http.ResponseWriter, request Request, fault Fault) {
	if request.Findings != nil {
		s.send(w, request, fault, message{Role: "assistant", Content: encode(map[string]any{"results": fault.falsify(s.write(request))})})
		return
	}
	verdicts := make([]Verdict, len(request.Conversations))
	for i, conversation := range request.Conversations {
		verdicts[i] = s.options.Judge(conversation)
		verdicts[i].Index = conversation.Index
		verdicts[i].Category = cmp.Or(verdicts[i].Category, "none")
		verdicts[i].Priority = cmp.Or(verdicts[i].Priority, "none")
	}
	said := ""
	if s.options.Obedient {
		verdicts, said = obey(request, verdicts)
	}
	m := message{Role: "assistant", Content: said}
	if said == "" {
		m.Content = encode(map[string]any{"results": fault.spoil(verdicts)})
	}
	s.send(w, request, fault, m)
}

// send answers a completion with a message.
func (s *Server) send(w http.ResponseWriter, request Request, fault Fault, m message) {
	finish := fault.garble(&m)
	completion := map[string]any{
		"id": "chatcmpl-test", "object": "chat.completion", "created": 1_700_000_000, "model": request.Model,
		"choices": []map[string]any{{"index": 0, "message": m, "finish_reason": finish}},
	}
	if fault == NoChoices {
		completion["choices"] = []any{}
	}
	if fault != NoUsage {
		prompt, completed := tokens(request.System+request.User), tokens(m.Content)
		completion["usage"] = map[string]int{"prompt_tokens": prompt, "completion_tokens": completed, "total_tokens": prompt + completed}
	}
	answer(w, http.StatusOK, completion)
}

type message struct {
	Role    string  `json:"role"`
	Content string  `json:"content"`
	Refusal *string `json:"refusal"`
}

// parse reads a chat completion's request.
func parse(body []byte, header http.Header) (Request, error) {
	var wire struct {
		Model               string   `json:"model"`
		Temperature         *float64 `json:"temperature"`
		MaxTokens           int      `json:"max_tokens"`
		MaxCompletionTokens int      `json:"max_completion_tokens"`
		ResponseFormat      struct {
			Type string `json:"type"`
		} `json:"response_format"`
		Messages []message `json:"messages"`
	}
	if err := json.Unmarshal(body, &wire); err != nil {
		return Request{}, fmt.Errorf("the body is no chat completion: %w", err)
	}
	request := Request{
		Header: header.Clone(), Model: wire.Model, Temperature: wire.Temperature, Format: wire.ResponseFormat.Type,
		MaxTokens: max(wire.MaxTokens, wire.MaxCompletionTokens), Body: string(body),
	}
	for _, m := range wire.Messages {
		switch m.Role {
		case "system", "developer":
			request.System += m.Content
		case "user":
			request.User += m.Content
		}
	}
	if start := strings.Index(request.User, `{"conversations"`); start >= 0 {
		var asked struct {
			Conversations []Conversation `json:"conversations"`
		}
		if err := json.NewDecoder(strings.NewReader(request.User[start:])).Decode(&asked); err != nil {
			return Request{}, fmt.Errorf("read the conversations: %w", err)
		}
		request.Conversations = asked.Conversations
	}
	var err error
	request.Findings, err = readFindings(request.User)
	return request, err
}

// tokens counts as OpenAI's tokenizers do, roughly.
func tokens(text string) int { return utf8.RuneCountInString(text)/4 + 1 }

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error() // verdicts that hold no JSON (an infinite confidence) are said to be so
	}
	return string(text)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, encode(body)) // the client may be gone
}

// refuse answers an error as OpenAI does.
func refuse(w http.ResponseWriter, status int, code, message, param string) {
	answer(w, status, map[string]any{"error": map[string]any{
		"message": message, "type": "invalid_request_error", "param": param, "code": code,
	}})
}
