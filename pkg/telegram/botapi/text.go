package botapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// generalTopic is the topic of a forum that has a number and takes no messages by it: they are sent to the chat.
const generalTopic = "1"

// Text is a message that the bot writes.
type Text struct {
	ChatID int64
	// Topic is that of a forum; "" outside of one, and for the General topic.
	Topic string
	// To is the number of the message that it answers, 0 for none. Where that is gone, Text is sent all the same.
	To int64
	// Text is 1 to 4096 UTF-16 code units, and sent as it stands.
	Text string
	// Quiet sends it without a sound, and without a picture of what it links to.
	Quiet bool
}

// SendText sends a message, to a group that has become a supergroup under its new number: only what answers a message
// is refused there, which does not exist under it. After an error that is Undecided it may stand in the chat.
func (c *Client) SendText(ctx context.Context, t Text) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := c.sendText(ctx, t)
	if moved, ok := errors.AsType[*Error](err); ok && moved.MigrateToChatID != 0 && t.To == 0 {
		t.ChatID = moved.MigrateToChatID
		err = c.sendText(ctx, t)
	}
	return err
}

func (c *Client) sendText(ctx context.Context, t Text) error {
	values := map[string]string{"chat_id": strconv.FormatInt(t.ChatID, 10), "text": t.Text}
	if t.To != 0 {
		to, err := json.Marshal(map[string]any{"message_id": t.To, "allow_sending_without_reply": true})
		if err != nil {
			return fmt.Errorf("write reply parameters: %w", err)
		}
		values["reply_parameters"] = string(to)
	}
	if t.Topic != "" && t.Topic != generalTopic {
		values["message_thread_id"] = t.Topic
	}
	if t.Quiet {
		values["disable_notification"], values["link_preview_options"] = "true", `{"is_disabled":true}`
	}
	var sent struct{} // that there is an answer is all that is asked
	return c.call(ctx, "sendMessage", values, &sent)
}
