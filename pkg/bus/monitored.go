package bus

import (
	"context"
	"slices"
	"strconv"
)

// keyMonitored is the key of bucket settings that holds a Monitored.
const keyMonitored = "telegram.monitored"

// Monitored is the set of Telegram chats whose messages are ingested. The empty set
// means all. PostgreSQL (webhook_settings) is its source of truth; the bucket has a
// copy for ingest, which knows no database.
type Monitored struct {
	Groups []MonitoredGroup `json:"groups"`
}

// MonitoredGroup is one chat and every other id by which it may still be told.
type MonitoredGroup struct {
	ID   int64  `json:"id"`
	Name string `json:"name,omitempty"` // "" where unknown
	// Aliases count as the chat too: the ids it had before it migrated (what was said
	// before arrives under them), and, while the id is a guess, what else it may be.
	Aliases []int64 `json:"aliases,omitempty"`
	// IgnoredTopics are the topics of a forum that are not monitored, by their numbers.
	IgnoredTopics []string `json:"ignored_topics,omitempty"`
}

// GeneralTopic is the number of a forum's topic General, which its messages do not name
// (https://core.telegram.org/api/forum#forum-topics).
const GeneralTopic = "1"

// ChatIDs is every id that is monitored, aliases included, as channels write them, with
// the topics that are not.
func (m Monitored) ChatIDs() map[string][]string {
	ids := make(map[string][]string, len(m.Groups))
	for _, g := range m.Groups {
		ids[strconv.FormatInt(g.ID, 10)] = g.IgnoredTopics
		for _, alias := range g.Aliases {
			ids[strconv.FormatInt(alias, 10)] = g.IgnoredTopics
		}
	}
	return ids
}

// Follow is the set with the groups that the database has now. Aliases that are known
// stay, and a group that has moved on here but not yet in the database counts under its
// new id already: between a migration and its row no message may be ignored.
func (m Monitored) Follow(groups []MonitoredGroup) Monitored {
	next := Monitored{Groups: make([]MonitoredGroup, 0, len(groups))}
	for _, g := range groups {
		aliases := slices.Clone(g.Aliases)
		for _, known := range m.Groups {
			if known.ID == g.ID || slices.Contains(known.Aliases, g.ID) || slices.Contains(g.Aliases, known.ID) {
				aliases = append(append(aliases, known.Aliases...), known.ID)
			}
		}
		slices.Sort(aliases)
		g.Aliases = slices.DeleteFunc(slices.Compact(aliases), func(id int64) bool { return id == g.ID })
		next.Groups = append(next.Groups, g)
	}
	return next
}

// PutMonitored replaces the set, whatever it was. Who computes it from something that
// others change too wants UpdateMonitored.
func (b *Bus) PutMonitored(ctx context.Context, m Monitored) error {
	return b.UpdateMonitored(ctx, func(Monitored) (Monitored, error) { return m, nil })
}

// UpdateMonitored replaces the set by what fn makes of it. Where another process came
// between, fn is called again with what that one wrote. So a fn that reads the database
// leaves the bucket with what the database says, however many do this at once. An error
// of fn is returned as it is; nothing is written where nothing changed.
func (b *Bus) UpdateMonitored(ctx context.Context, fn func(Monitored) (Monitored, error)) error {
	return updateSetting(ctx, b, keyMonitored, fn)
}

// WatchMonitored calls fn with the present set (empty where there is none), then with
// every later one, from one goroutine, until ctx ends; it outlives lost connections
// and returns nil. A value that does not parse is logged and changes nothing.
func (b *Bus) WatchMonitored(ctx context.Context, fn func(Monitored)) error {
	return watchSetting(ctx, b, keyMonitored, fn)
}
