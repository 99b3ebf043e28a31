package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// webhookJSON is WebhookConfig as webhook_settings.config holds it, beside whatever
// else an earlier system put there, which is kept.
type webhookJSON struct {
	WebhookConfig
	// rest are the other keys of config, and telegram those of its "telegram".
	rest, telegram map[string]json.RawMessage
}

// parseWebhookSettings is tolerant: a field of a wrong type is as if it were absent,
// and groups may be numbers, or objects with an id that is a number or a string.
func parseWebhookSettings(config []byte) (webhookJSON, error) {
	var w webhookJSON
	if err := json.Unmarshal(config, &w.rest); err != nil {
		return w, fmt.Errorf("read webhook settings: %w", err)
	}
	_ = json.Unmarshal(w.rest["telegram"], &w.telegram)
	_ = json.Unmarshal(w.telegram["protocol"], &w.Protocol)
	_ = json.Unmarshal(w.telegram["host"], &w.Host)
	_ = json.Unmarshal(w.telegram["webhook_url"], &w.WebhookURL)
	_ = json.Unmarshal(w.telegram["is_active"], &w.IsActive)
	w.LastSetAt = parseInstant(w.telegram["last_set_at"])
	groups, ok := w.telegram["groups"]
	if !ok {
		groups = w.telegram["group_ids"]
	}
	var list []json.RawMessage
	_ = json.Unmarshal(groups, &list)
	for _, raw := range list {
		if g, ok := parseGroup(raw); ok {
			w.Groups = append(w.Groups, g)
		}
	}
	return w, nil
}

func parseGroup(raw json.RawMessage) (Group, bool) {
	var object struct {
		ID            json.RawMessage `json:"id"`
		Name          any             `json:"name"`
		IgnoredTopics []string        `json:"ignored_topics"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		object.ID = raw
	}
	id, err := strconv.ParseInt(strings.Trim(strings.TrimSpace(string(object.ID)), `"`), 10, 64)
	if err != nil {
		return Group{}, false
	}
	g := Group{ID: id, IgnoredTopics: object.IgnoredTopics}
	if name, ok := object.Name.(string); ok {
		g.Name = &name
	}
	return g, true
}

// parseInstant reads RFC 3339, and the earlier system's form without a zone, as UTC.
func parseInstant(raw json.RawMessage) *time.Time {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			t = t.UTC()
			return &t
		}
	}
	return nil
}

// marshal writes config back, other keys included.
func (w webhookJSON) marshal() ([]byte, error) {
	telegram := make(map[string]any, len(w.telegram)+6)
	for key, value := range w.telegram {
		telegram[key] = value
	}
	telegram["protocol"], telegram["host"], telegram["webhook_url"] = w.Protocol, w.Host, w.WebhookURL
	telegram["is_active"], telegram["last_set_at"] = w.IsActive, w.LastSetAt
	telegram["groups"] = append([]Group{}, w.Groups...)
	config := make(map[string]any, len(w.rest)+1)
	for key, value := range w.rest {
		config[key] = value
	}
	config["telegram"] = telegram
	data, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("write webhook settings: %w", err)
	}
	return data, nil
}

// chatID is the id as messages carry it.
func (g Group) chatID() string { return strconv.FormatInt(g.ID, 10) }
