package modeltest

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault is a way in which a model server fails.
type Fault int

// The faults. Those of the answer come with status 200.
const (
	// None is no fault.
	None Fault = iota

	// Rubbish answers words instead of JSON.
	Rubbish
	// HalfJSON stops in the middle of the last result, as if it were the end.
	HalfJSON
	// Fenced answers JSON in a Markdown code block.
	Fenced
	// Chatter answers JSON with words, and braces, around it.
	Chatter
	// Thinking answers the thoughts of a reasoning model, then JSON.
	Thinking
	// WrongIndexes answers with indexes that were not asked for.
	WrongIndexes
	// Missing leaves the first result out.
	Missing
	// Surplus adds a result that was not asked for.
	Surplus
	// Contradicted answers the first result a second time, with the opposite verdict.
	Contradicted
	// ForeignQuote quotes what no message says.
	ForeignQuote
	// UnknownCategory answers a category that there is not.
	UnknownCategory
	// UnknownPriority answers a priority that there is not.
	UnknownPriority
	// Overconfident answers a confidence above 1.
	Overconfident
	// Truncated stops in the middle of the last result, by finish_reason "length".
	Truncated
	// Filtered answers nothing, by finish_reason "content_filter".
	Filtered
	// Refusal answers a refusal in place of content.
	Refusal
	// NoChoices answers a completion without choices.
	NoChoices
	// NoUsage leaves the token counts out.
	NoUsage

	// Slow answers well, after Options.Delay.
	Slow
	// Never answers nothing until the client goes.
	Never
	// HangUp closes the connection without an answer.
	HangUp
	// Endless answers a body without end, until the client goes.
	Endless
	// HTMLPage answers a page with status 200, as a captive portal does.
	HTMLPage

	// Unauthorized answers 401 and repeats the key.
	Unauthorized
	// Forbidden answers 403.
	Forbidden
	// RateLimited answers 429 with Retry-After in seconds.
	RateLimited
	// RateLimitedDate answers 429 with Retry-After as a date.
	RateLimitedDate
	// NoCredit answers 429 as OpenAI does for an account without credit.
	NoCredit
	// InternalError answers 500.
	InternalError
	// BadGateway answers 502 with an HTML page.
	BadGateway
	// Redirect answers 302 to another host.
	Redirect
	// UnknownModel answers 404 as Ollama does.
	UnknownModel
	// BadRequest answers 400 for no reason that can be read.
	BadRequest
	// FilteredRequest answers 400 as Azure does for a prompt that its filter takes.
	FilteredRequest

	// NoSchemas answers 400 where the request asks for json_schema, otherwise well.
	NoSchemas
	// NoFormats answers 400 where the request asks for any format, otherwise well.
	NoFormats
	// NoTemperature answers 400 where the request sets a temperature, otherwise well.
	NoTemperature
	// NoMaxTokens answers 400 where the request sets max_tokens, as OpenAI's reasoning models do.
	NoMaxTokens
	// OldMaxTokens answers 400 where the request sets max_completion_tokens, as strict old servers do.
	OldMaxTokens
	// SmallContext answers 400 to more than one conversation, as too long.
	SmallContext
)

// refused answers a request that meets a fault of the connection or the status, and says
// whether it has.
func (s *Server) refused(w http.ResponseWriter, r *http.Request, request Request, fault Fault) bool {
	switch fault {
	case Slow:
		select {
		case <-time.After(s.options.Delay):
			return false
		case <-r.Context().Done():
		}
	case Never:
		<-r.Context().Done()
	case HangUp:
		hangUp(w)
	case Endless:
		w.Header().Set("Content-Type", "application/json")
		for chunk := []byte(strings.Repeat(" ", 512<<10)); ; {
			if _, err := w.Write(chunk); err != nil {
				break
			}
		}
	case HTMLPage:
		page(w, http.StatusOK)
	case BadGateway:
		page(w, http.StatusBadGateway)
	case Redirect:
		http.Redirect(w, r, "https://elsewhere.invalid/v1/chat/completions", http.StatusFound)
	default:
		return s.refusedInJSON(w, request, fault)
	}
	return true
}

// refusedInJSON answers a request that meets a fault that the server explains.
func (s *Server) refusedInJSON(w http.ResponseWriter, request Request, fault Fault) bool {
	switch {
	case fault == Unauthorized:
		refuse(w, http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided: "+request.Header.Get("Authorization"), "")
	case fault == Forbidden:
		refuse(w, http.StatusForbidden, "", "Country, region, or territory not supported", "")
	case fault == RateLimited:
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(s.options.RetryAfter.Seconds()))))
		refuse(w, http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit reached for "+request.Model, "")
	case fault == RateLimitedDate:
		w.Header().Set("Retry-After", time.Now().Add(s.options.RetryAfter).UTC().Format(http.TimeFormat))
		refuse(w, http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit reached for "+request.Model, "")
	case fault == NoCredit:
		refuse(w, http.StatusTooManyRequests, "insufficient_quota", "You exceeded your current quota, please check your plan and billing details.", "")
	case fault == InternalError:
		refuse(w, http.StatusInternalServerError, "", "The server had an error while processing: "+request.User, "")
	case fault == UnknownModel:
		answer(w, http.StatusNotFound, map[string]any{"error": map[string]any{"message": `model "` + request.Model + `" not found, try pulling it first`, "type": "api_error"}})
	case fault == BadRequest:
		refuse(w, http.StatusBadRequest, "", "Bad request: "+request.User, "")
	case fault == FilteredRequest:
		refuse(w, http.StatusBadRequest, "content_filter", "The response was filtered due to the prompt triggering content management policy.", "prompt")
	case fault == NoSchemas && request.Format == "json_schema",
		fault == NoFormats && request.Format != "":
		refuse(w, http.StatusBadRequest, "", "'response_format' of type '"+request.Format+"' is not supported", "response_format")
	case fault == NoTemperature && request.Temperature != nil:
		refuse(w, http.StatusBadRequest, "unsupported_value", "Unsupported value: 'temperature' does not support 0 with this model.", "temperature")
	case fault == NoMaxTokens && strings.Contains(request.Body, `"max_tokens"`):
		refuse(w, http.StatusBadRequest, "unsupported_parameter", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "max_tokens")
	case fault == OldMaxTokens && strings.Contains(request.Body, `"max_completion_tokens"`):
		refuse(w, http.StatusUnprocessableEntity, "", "Extra inputs are not permitted: max_completion_tokens", "max_completion_tokens")
	case fault == SmallContext && len(request.Conversations) > 1:
		refuse(w, http.StatusBadRequest, "context_length_exceeded", "This model's maximum context length is 2048 tokens.", "messages")
	default:
		return false
	}
	return true
}

// spoil gives the verdicts with a fault in them.
func (f Fault) spoil(verdicts []Verdict) []Verdict {
	if len(verdicts) == 0 {
		return verdicts
	}
	first := &verdicts[0]
	switch f {
	case WrongIndexes:
		for i := range verdicts {
			verdicts[i].Index = -1 - i
		}
	case Missing:
		return verdicts[1:]
	case Surplus:
		extra := *first
		extra.Index = -1
		return append(verdicts, extra)
	case Contradicted:
		second := *first
		second.IsIssue = !first.IsIssue
		second.Category, second.Priority = "bug", "critical"
		return append(verdicts, second)
	case ForeignQuote:
		first.Quote = "what nobody has ever said here"
	case UnknownCategory:
		first.IsIssue, first.Category = true, "catastrophe"
	case UnknownPriority:
		first.IsIssue, first.Category, first.Priority = true, "bug", "yesterday"
	case Overconfident:
		first.Confidence = 17
	}
	return verdicts
}

// garble puts a fault into the message, and gives the finish_reason.
func (f Fault) garble(m *message) string {
	switch f {
	case Rubbish:
		m.Content = "Sure! I would be happy to help you with that."
	case HalfJSON:
		m.Content = m.Content[:len(m.Content)-20]
	case Truncated:
		m.Content = m.Content[:len(m.Content)-20]
		return "length"
	case Fenced:
		m.Content = "```json\n" + m.Content + "\n```"
	case Chatter:
		m.Content = "Here is {the answer} [as asked]:\n\n" + m.Content + "\n\nLet me know if {anything} is unclear!"
	case Thinking:
		m.Content = "<think>\nMaybe {\"results\": [{\"index\": 1}]}? No.\n</think>\n" + m.Content
	case Filtered:
		m.Content = ""
		return "content_filter"
	case Refusal:
		refusal := "I'm sorry, I cannot help with that."
		m.Content, m.Refusal = "", &refusal
	}
	return "stop"
}

func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<html><body><h1>" + http.StatusText(status) + "</h1></body></html>")) // the client may be gone
}

// hangUp closes the connection under a request.
func hangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "this connection cannot be closed", http.StatusInternalServerError)
		return
	}
	_ = connection.Close() // closed is what it is to be
}
