package openai

import (
	"net/url"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/shared"
)

// format is how a server is asked for JSON, the surest first.
type format int

const (
	formatSchema format = iota // response_format json_schema, strict
	formatObject               // response_format json_object
	formatText                 // none: the JSON is taken out of the text
)

func (f format) String() string {
	return [...]string{"json_schema", "json_object", "text"}[f]
}

// lesson is what a refusal teaches about a server.
type lesson int

const (
	lessonNone        lesson = iota
	lessonUnknown            // the request is refused, for no reason that is known
	lessonFormat             // it does not know this response_format
	lessonTemperature        // its model has a temperature of its own
	lessonLimit              // it calls the bound of an answer otherwise
)

// dialect is what a server was found to understand. It is kept as long as the Classifier, so that
// nothing is tried again at every call. It is safe for concurrent use.
type dialect struct {
	mu            sync.Mutex
	format        format
	proven        [formatText + 1]bool
	noTemperature bool
	limits        []string // names of the bound of an answer that were not refused
}

// begin assumes what most servers understand. OpenAI's own knows the new name of the
// bound for all models, and the old one not for all.
func (d *dialect) begin(baseURL string) {
	d.limits = []string{"max_tokens", "max_completion_tokens"}
	if address, err := url.Parse(baseURL); err == nil && address.Hostname() == "api.openai.com" {
		d.limits = []string{"max_completion_tokens", "max_tokens"}
	}
}

func (d *dialect) current() format {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.format
}

// below is the format to try where the answer in f was no JSON of ours.
func below(f format) format { return min(f+1, formatText) }

// worked notes that an answer in f was well-formed. One that works after one that never has
// takes its place.
func (d *dialect) worked(f format) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.proven[f] = true
	if f > d.format && !d.proven[d.format] {
		d.format = f
	}
}

// learn notes what a refusal of a request in f teaches, and gives the format to ask in
// next; false where it teaches nothing.
func (d *dialect) learn(l lesson, f format) (format, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch l {
	case lessonTemperature:
		changed := !d.noTemperature
		d.noTemperature = true
		return f, changed
	case lessonLimit:
		if len(d.limits) == 0 {
			return f, false
		}
		d.limits = d.limits[1:]
		return f, true
	case lessonFormat, lessonUnknown:
		if f == formatText || d.proven[f] {
			return f, false
		}
		if l == lessonFormat {
			d.format = max(d.format, f+1)
		}
		return f + 1, true
	}
	return f, false
}

// request is a chat completion as this server understands it.
func (d *dialect) request(model string, q question, f format) openai.ChatCompletionNewParams {
	system, user := q.texts()
	d.mu.Lock()
	defer d.mu.Unlock()
	request := openai.ChatCompletionNewParams{
		Model:    model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage(system), openai.UserMessage(user)},
	}
	if !d.noTemperature {
		request.Temperature = param.NewOpt(0.0)
	}
	if len(d.limits) > 0 {
		switch d.limits[0] {
		case "max_tokens":
			request.MaxTokens = param.NewOpt(q.maxTokens())
		case "max_completion_tokens":
			request.MaxCompletionTokens = param.NewOpt(q.maxTokens())
		}
	}
	switch f {
	case formatSchema:
		name, schema := q.shape()
		request.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: name, Strict: param.NewOpt(true), Schema: schema},
		}
	case formatObject:
		request.ResponseFormat.OfJSONObject = &shared.ResponseFormatJSONObjectParam{}
	}
	return request
}

// verdictSchema keeps to the subset that strict mode allows: every member required, none added,
// no bounds. The quote and the reason stand before the verdict, so that it follows from them.
var verdictSchema = jsontext.Value(`{
	"type": "object",
	"properties": {"results": {"type": "array", "items": {
		"type": "object",
		"properties": {
			"index": {"type": "integer"},
			"quote": {"type": "string"},
			"reason": {"type": "string"},
			"is_issue": {"type": "boolean"},
			"category": {"type": "string", "enum": ["bug", "feature", "improvement", "question", "chore", "none"]},
			"priority": {"type": "string", "enum": ["low", "medium", "high", "critical", "none"]},
			"confidence": {"type": "number"},
			"title": {"type": "string"}
		},
		"required": ["index", "quote", "reason", "is_issue", "category", "priority", "confidence", "title"],
		"additionalProperties": false
	}}},
	"required": ["results"],
	"additionalProperties": false
}`)

// lessonOf reads what a refusal is about, from the name of the parameter where the server gives
// one, else from its words.
func lessonOf(about string) lesson {
	switch {
	case has(about, "max_tokens", "max_completion_tokens"):
		return lessonLimit
	case has(about, "response_format", "json_schema", "json_object", "grammar", "structured output", "guided", "schema"):
		return lessonFormat
	case has(about, "temperature"):
		return lessonTemperature
	}
	return lessonUnknown
}
