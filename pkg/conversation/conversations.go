package conversation

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Conversation is a group of messages that belong together.
type Conversation struct {
	// Key is the ID of its first message.
	Key int64
	// Messages are in order, at least one and at most MaxMessages.
	Messages []Message
	// Was are the keys other than Key that messages of it had before, in ascending
	// order: where this conversation has been joined with others or split from them.
	Was []int64
}

// Changes is what the store must rewrite.
type Changes struct {
	// Assignments are the messages whose conversation is another than the one stored.
	Assignments []Assignment
	// Conversations are those that won or lost messages, as they are now: each is to be
	// judged once it is quiet.
	Conversations []Conversation
	// Gone are the keys that no conversation has any more; To says which conversation
	// their first message is in now. What hangs on the key (a task, a proposal, a
	// person's verdict) moves there.
	Gone []Successor
}

// Successor is the conversation that took over from another.
type Successor struct{ Key, To int64 }

// Conversations returns what is to be rewritten, given the rows of all bursts that arrivals
// can have touched, with their new bursts, in any order:
//
//   - seeds are the bursts of the messages that arrived, of those that Bursts returned, of
//     what these reply to, of the first messages of the bursts that they had before (From),
//     and of all messages that are stored with the conversation of one of these;
//   - then upwards, MaxHops times: the bursts that hold what the first message of a burst
//     replies to;
//   - then downwards from all of these, 2*MaxHops times: the bursts whose first message,
//     sent no more than MaxReplyAge after the last of the seeds, replies to one of a burst.
//
// Rows whose chain of replies is cut off by these bounds are known by it, and left as they
// are. It takes O(n log n) time for n rows.
func (s Settings) Conversations(rows []Message) Changes {
	messages := sorted(rows)
	groups := s.groups(messages)
	var all []Conversation
	for _, root := range slices.Sorted(maps.Keys(groups)) {
		all = append(all, s.divide(groups[root])...)
	}
	return compare(all)
}

// Group returns all conversations of all messages of one chat and topic, by their first
// message, whatever is stored with them. A reply to what is not among them is none.
func (s Settings) Group(all []Message) []Conversation {
	messages := sorted(all)
	given := make(map[int64]bool, len(messages))
	for _, m := range messages {
		given[m.ID] = true
	}
	for i := range messages {
		if !given[messages[i].ReplyTo] {
			messages[i].ReplyTo = 0
		}
	}
	for i, j := range s.stretches(messages) {
		for k, key := range s.join(messages[i:j]) {
			messages[i+k].Burst = key
		}
	}
	groups := s.groups(messages)
	var conversations []Conversation
	for _, group := range groups {
		conversations = append(conversations, s.divide(group)...)
	}
	slices.SortFunc(conversations, func(a, b Conversation) int { return order(a.Messages[0], b.Messages[0]) })
	return conversations
}

// groups puts the messages of bursts together by the first burst of their chain of replies.
// Bursts of which the chain is not known far enough are left out.
func (s Settings) groups(messages []Message) map[int64][]Message {
	t := tree{Settings: s, byID: make(map[int64]Message, len(messages)), roots: map[int64]int64{}}
	for _, m := range messages {
		t.byID[m.ID] = m
	}
	groups := map[int64][]Message{}
	for _, m := range messages {
		root, known := t.roots[m.Burst]
		if !known {
			root = t.root(m.Burst)
			t.roots[m.Burst] = root
		}
		if root != 0 {
			groups[root] = append(groups[root], m)
		}
	}
	return groups
}

type tree struct {
	Settings
	byID  map[int64]Message
	roots map[int64]int64 // of each burst seen so far; 0 where not known
}

// root follows replies upwards from a burst to the first one of its conversation: the
// uppermost, or itself where that is more than MaxHops or MaxReplyAge away. 0 means that
// the rows do not tell.
func (t *tree) root(burst int64) int64 {
	start, ok := t.byID[burst]
	if !ok {
		return 0
	}
	first := start
	for range MaxHops {
		if start.At.Sub(first.At) > t.MaxReplyAge {
			return burst
		}
		if first.ReplyTo == 0 {
			return first.ID
		}
		target, ok := t.byID[first.ReplyTo]
		if !ok {
			return 0
		}
		above, ok := t.byID[target.Burst]
		if !ok {
			return 0
		}
		if order(above, first) >= 0 { // a reply to the future: clocks differ
			return first.ID
		}
		first = above
	}
	return burst
}

// divide cuts messages in order into conversations of at most MaxMessages: at the longest
// silence of the later half of what fits, the last of equals.
func (s Settings) divide(messages []Message) []Conversation {
	var parts []Conversation
	for len(messages) > 0 {
		end := len(messages)
		if end > s.MaxMessages {
			end = s.MaxMessages
			longest := time.Duration(-1)
			for i := s.MaxMessages; i > s.MaxMessages/2; i-- {
				if gap := messages[i].At.Sub(messages[i-1].At); gap > longest {
					longest, end = gap, i
				}
			}
		}
		parts = append(parts, Conversation{Key: messages[0].ID, Messages: messages[:end:end]})
		messages = messages[end:]
	}
	return parts
}

// compare says how conversations differ from what is stored with their messages.
func compare(all []Conversation) Changes {
	var c Changes
	now := map[int64]int64{} // conversation by message
	touched := map[int64]bool{}
	for _, conversation := range all {
		for _, m := range conversation.Messages {
			now[m.ID] = conversation.Key
			if m.Conversation != conversation.Key {
				c.Assignments = append(c.Assignments, Assignment{m.ID, m.Conversation, conversation.Key})
				touched[m.Conversation], touched[conversation.Key] = true, true
			}
		}
	}
	delete(touched, 0)
	for _, conversation := range all {
		if !touched[conversation.Key] {
			continue
		}
		for _, m := range conversation.Messages {
			if m.Conversation != 0 && m.Conversation != conversation.Key {
				conversation.Was = append(conversation.Was, m.Conversation)
			}
		}
		slices.Sort(conversation.Was)
		conversation.Was = slices.Compact(conversation.Was)
		c.Conversations = append(c.Conversations, conversation)
	}
	for key := range touched {
		if to := now[key]; to != 0 && to != key {
			c.Gone = append(c.Gone, Successor{key, to})
		}
	}
	slices.SortFunc(c.Assignments, func(a, b Assignment) int { return cmp.Compare(a.Message, b.Message) })
	slices.SortFunc(c.Conversations, func(a, b Conversation) int { return order(a.Messages[0], b.Messages[0]) })
	slices.SortFunc(c.Gone, func(a, b Successor) int { return cmp.Compare(a.Key, b.Key) })
	return c
}
