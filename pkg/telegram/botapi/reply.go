package botapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// Reply is a message that answers another.
type Reply struct {
	ChatID int64
	// Topic is the forum's topic that the other is in; "" outside of one, and in the General topic.
	Topic string
	// To is the number of the message that is answered. Where it is gone, Text is sent all the same.
	To int64
	// Text is 1 to 4096 UTF-16 code units, and sent as it stands.
	Text string
}

// SendReply sends a message. After an error that is Undecided it may stand in the chat.
func (c *Client) SendReply(ctx context.Context, r Reply) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	to, err := json.Marshal(map[string]any{"message_id": r.To, "allow_sending_without_reply": true})
	if err != nil {
		return fmt.Errorf("write reply parameters: %w", err)
	}
	values := map[string]string{"chat_id": strconv.FormatInt(r.ChatID, 10), "text": r.Text, "reply_parameters": string(to)}
	if r.Topic != "" {
		values["message_thread_id"] = r.Topic
	}
	var sent struct{} // that there is an answer is all that is asked
	return c.call(ctx, "sendMessage", values, &sent)
}
