package connect

import (
	"errors"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

// refused makes a Refusal of what a change ended with, or passes the error on: what
// Telegram or another operator is the cause of is no failure of ours.
func (c *Connection) refused(err error) (*explain.Refusal, error) {
	if err == nil {
		return nil, nil
	}
	if r, ok := errors.AsType[*explain.Refusal](err); ok {
		return r, nil
	}
	if errors.Is(err, bus.ErrHeld) {
		return &explain.Refusal{Words: "Another change of the bot's connection is under way", Fix: "Wait until it is done, then look at the settings and try again.", Code: "change_under_way"}, nil
	}
	if _, ok := errors.AsType[*botapi.Error](err); ok {
		return c.explain.Refusal(err), nil
	}
	return nil, err
}
