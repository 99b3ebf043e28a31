package botapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"time"
)

// GetUpdates waits up to wait (Telegram cuts it at 50 s) for up to limit (1 to 100)
// updates, and confirms all before offset; 0 confirms none. A nil allowed leaves the
// kinds that are delivered as they were, here and by webhook. Updates stay raw. It is
// not the library's: that decodes a batch at once and loses all of it to one update
// that it does not understand.
func (c *Client) GetUpdates(ctx context.Context, offset int64, limit int, wait time.Duration, allowed []string) ([]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, wait+callTimeout)
	defer cancel()
	values := map[string]string{"offset": fmt.Sprint(offset), "limit": fmt.Sprint(limit), "timeout": fmt.Sprint(int(wait.Seconds()))}
	if allowed != nil {
		kinds, err := json.Marshal(allowed)
		if err != nil {
			return nil, fmt.Errorf("write kinds of updates: %w", err)
		}
		values["allowed_updates"] = string(kinds)
	}
	var updates []json.RawMessage
	err := c.call(ctx, methodGetUpdates, values, &updates)
	return updates, err
}

const methodGetUpdates = "getUpdates"

// call calls a method without the library, and reads its result.
func (c *Client) call(ctx context.Context, method string, values map[string]string, result any) error {
	var form bytes.Buffer
	fields := multipart.NewWriter(&form)
	for name, value := range values {
		if err := fields.WriteField(name, value); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	if err := fields.Close(); err != nil {
		return fmt.Errorf("write form: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.baseURL+"/bot"+c.token+"/"+method, &form)
	if err != nil {
		return c.unanswered(ctx, method, err)
	}
	req.Header.Set("Content-Type", fields.FormDataContentType())
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	answer := struct {
		Result any `json:"result"`
	}{result}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return &Error{Method: method, Description: "answer has not the form it should have"}
	}
	return nil
}
