package connect

import (
	"context"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
)

// Say has the bot write a message. A Refusal says why it could not, or that nobody knows whether it did: explain.Unconfirmed.
func (c *Connection) Say(ctx context.Context, text botapi.Text) (*explain.Refusal, error) {
	a, err := c.account(ctx)
	if err != nil || a.refusal != nil {
		return a.refusal, err
	}
	// Who goes away must not leave open whether it was sent.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	if err := a.client.SendText(ctx, text); err != nil {
		return c.explain.Unsaid(err), nil
	}
	return nil, nil
}
