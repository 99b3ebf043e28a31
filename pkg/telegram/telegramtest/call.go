package telegramtest

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// call is one call on its way to an answer.
type call struct {
	server  *Server
	ctx     context.Context
	bot     *bot // nil for an unknown token
	name    string
	params  params
	files   files
	started time.Time
	refused *apiError // set where the call is refused before it runs
	begin   func(*call) *apiError
	run     func(*call) answer
	fault   Fault
	turn    int // of setWebhook: which one this is
}

// method is how one method of the API is answered.
type method struct {
	name string
	// begin runs before a fault delays the call; nil for most.
	begin func(*call) *apiError
	run   func(*call) (result any, note string, err *apiError)
}

// methods are those of the API that the stand-in knows.
func methods() []method {
	return []method{
		{name: "getMe", run: (*call).getMe},
		{name: "setWebhook", begin: (*call).beginSetWebhook, run: (*call).setWebhook},
		{name: "deleteWebhook", run: (*call).deleteWebhook},
		{name: "getWebhookInfo", run: (*call).getWebhookInfo},
		{name: "getUpdates", run: (*call).getUpdates},
		{name: "getChat", run: (*call).getChat},
		{name: "getChatMember", run: (*call).getChatMember},
		{name: "getUserProfilePhotos", run: (*call).getUserProfilePhotos},
		{name: "getFile", run: (*call).getFile},
		{name: "sendMessage", run: (*call).sendMessage},
		{name: "editMessageText", run: (*call).editMessageText},
		{name: "editMessageReplyMarkup", run: (*call).editMessageReplyMarkup},
		{name: "answerCallbackQuery", run: (*call).answerCallbackQuery},
	}
}

// methodNamed finds a method by its name in any case.
func methodNamed(name string) (method, bool) {
	for _, m := range methods() {
		if strings.EqualFold(m.name, name) {
			return m, true
		}
	}
	return method{}, false
}

// canonicalMethod is the method's name as the API spells it.
func canonicalMethod(name string) string {
	if m, ok := methodNamed(name); ok {
		return m.name
	}
	return name
}

func (c *call) lookUp(name string) {
	m, ok := methodNamed(name)
	c.name = canonicalMethod(name)
	if !ok {
		c.refuse(&apiError{code: http.StatusNotFound, description: "Not Found: method not found"})
		return
	}
	c.begin = m.begin
	c.run = func(c *call) answer {
		result, note, err := m.run(c)
		if err != nil {
			return errorAnswer(err)
		}
		return resultAnswer(result, note)
	}
}

// refuse keeps the error as the answer; an unknown token comes before the rest.
func (c *call) refuse(e *apiError) {
	if c.refused == nil || e.code == http.StatusUnauthorized {
		c.refused = e
	}
}

// execute runs the call without faults.
func (c *call) execute() answer {
	if c.refused != nil {
		return errorAnswer(c.refused)
	}
	return c.run(c)
}

// answer runs the call with the fault that is due for it under the given name,
// and writes the answer. It returns the HTTP status, 0 where the connection was cut.
func (c *call) answer(w http.ResponseWriter, r *http.Request, name string) int {
	if c.refused == nil && c.begin != nil {
		c.refused = c.begin(c)
	}
	f := c.server.takeFault(name)
	c.fault = f
	if e := f.apiError(); e != nil {
		errorAnswer(e).write(w)
		return e.code
	}
	switch f.Kind {
	case FaultBadGateway:
		writeBadGateway(w, r)
		return http.StatusBadGateway
	case FaultReset:
		resetConnection(w)
		return 0
	case FaultCutBody:
		cutAnswer(w, c.execute())
		return 0
	case FaultDelay:
		if f.Begun != nil {
			close(f.Begun)
		}
		if c.server.clock.sleep(c.ctx, f.Delay) != nil {
			return 0
		}
	}
	a := c.execute()
	if c.ctx.Err() != nil {
		return 0 // the caller has gone
	}
	a.write(w)
	return a.status
}
