package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Analyse asks the API at base for an analysis of the day that it is now where the people of the
// chats live, so that the page of them has one to show: it is made in the background, as one that a
// person asks for.
func Analyse(ctx context.Context, base string, now time.Time, chats *time.Location) error {
	year, month, day := now.In(chats).Date()
	body, err := json.Marshal(map[string]time.Time{
		"from": time.Date(year, month, day, 0, 0, 0, 0, chats),
		"to":   time.Date(year, month, day+1, 0, 0, 0, 0, chats),
	})
	if err != nil {
		return fmt.Errorf("write the analysis to make: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/analysis-runs", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask for an analysis: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 512)) // only to tell more
		return fmt.Errorf("the API answered %s to the analysis: %s", resp.Status, said)
	}
	return nil
}
