package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/openai/openai-go/v3/option"
)

const (
	// maxAnswer is the longest body that is read of an answer, in bytes; a verdict has some
	// hundreds, and the longest lists of models are of a megabyte.
	maxAnswer = 2 << 20
	// longestRetryAfter bounds what a server may ask for.
	longestRetryAfter = 24 * time.Hour
)

// requestOptions configure openai-go: no retries of its own, as ours count attempts
// and tokens, and nothing about this machine in the headers. Services are made without
// openai.NewClient, which reads the environment.
func (c *Classifier) requestOptions() []option.RequestOption {
	options := []option.RequestOption{
		option.WithBaseURL(strings.TrimRight(c.config.BaseURL, "/") + "/"),
		option.WithMaxRetries(0),
		option.WithHTTPClient(&http.Client{
			Transport: c.transport,
			// A key and texts go to the address of the settings and to no other.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}),
		option.WithMiddleware(receive),
		option.WithHeader("User-Agent", "TaskTracker"),
	}
	for _, header := range []string{"Lang", "Package-Version", "OS", "Arch", "Runtime", "Runtime-Version", "Retry-Count"} {
		options = append(options, option.WithHeaderDel("X-Stainless-"+header))
	}
	if c.config.APIKey != "" {
		options = append(options, option.WithAPIKey(c.config.APIKey))
	}
	return options
}

// receive reads a whole answer, bounded, and makes an *Error of everything but success. It
// stands between openai-go and the network, so that no error with an address, a request
// or a server's words in it goes further.
func receive(request *http.Request, next option.MiddlewareNext) (*http.Response, error) {
	response, err := next(request)
	if err != nil {
		return nil, errNetwork
	}
	defer func() { _ = response.Body.Close() }() // it was read
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, errNetwork
	case len(body) > maxAnswer:
		return nil, errUnusual
	case response.StatusCode < 200 || response.StatusCode > 299:
		return nil, refused(response, body)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.Header.Set("Content-Type", "application/json") // if it is none, reading it says so
	return response, nil
}

// refused makes an error of a status. What the server says is looked at, and not kept.
func refused(response *http.Response, body []byte) *Error {
	status := response.StatusCode
	fault := &Error{Kind: KindRequestRefused, Status: status}
	said := strings.ToLower(string(body))
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		fault.Kind, fault.trait = KindKeyRefused, traitHopeless
		fault.Message = fmt.Sprintf("The model server does not accept the key (HTTP %d): enter a valid one, with access to this model.", status)
	case status == http.StatusPaymentRequired, status == http.StatusTooManyRequests && has(said, "insufficient_quota", "billing"):
		fault.Kind, fault.trait = KindOverBudget, traitHopeless
		fault.Message = fmt.Sprintf("The account at the model server has no credit left (HTTP %d): top it up there.", status)
	case status == http.StatusTooManyRequests:
		fault.Kind, fault.RetryAfter = KindRateLimited, retryAfter(response.Header)
		fault.Message = "The model server asks for fewer requests (HTTP 429): lower LLM_CONCURRENCY, or raise the limit there."
	case status == http.StatusRequestTimeout || status == http.StatusTooEarly || status >= 500:
		fault.Kind, fault.RetryAfter = KindUnavailable, retryAfter(response.Header)
		fault.Message = fmt.Sprintf("The model server fails (HTTP %d): see its log.", status)
		if l := lessonOf(said); l == lessonFormat { // servers that fail over a grammar instead of refusing it
			fault.lesson = l
		}
	case status >= 300 && status < 400:
		fault.trait = traitHopeless
		fault.Message = fmt.Sprintf("The model server sends requests on to another address (HTTP %d): set LLM_BASE_URL to that.", status)
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		fault.trait = traitHopeless
		fault.Message = fmt.Sprintf("There are no chat completions at LLM_BASE_URL (HTTP %d): see whether it ends in /v1.", status)
		if strings.Contains(said, "model") {
			fault.Message = fmt.Sprintf("The model server does not know the model of LLM_MODEL (HTTP %d): choose one that it has, or pull it there.", status)
		}
	case status == http.StatusRequestEntityTooLarge, has(said, "context length", "context_length", "context size", "context window", "too many tokens", "maximum context", "prompt is too long"):
		return errTooLong
	case has(said, "content_filter", "content management policy", "responsibleai"):
		return errRefusal
	default:
		fault.Message = fmt.Sprintf("The model server refused the request (HTTP %d): see its log, and whether it can chat with this model.", status)
		fault.lesson = lessonOf(subject(body, said))
	}
	return fault
}

// subject is what an error in OpenAI's form is about: its param, else all that was said.
func subject(body []byte, said string) string {
	var wire struct {
		Error struct {
			Param string `json:"param"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &wire) == nil && wire.Error.Param != "" {
		return strings.ToLower(wire.Error.Param)
	}
	return said
}

func has(said string, words ...string) bool {
	for _, word := range words {
		if strings.Contains(said, word) {
			return true
		}
	}
	return false
}

// retryAfter reads Retry-After (RFC 9110, 10.2.3), in seconds or as a date, which is
// compared with the server's own clock where it tells it. 0: none, or one that says nothing.
func retryAfter(header http.Header) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, longestRetryAfter.Seconds()) * float64(time.Second))
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now := time.Now()
	if server, err := http.ParseTime(header.Get("Date")); err == nil {
		now = server
	}
	return min(max(date.Sub(now), 0), longestRetryAfter)
}
