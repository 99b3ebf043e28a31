package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// SplitTask makes a task of its own of some of the messages that lead to a task. title is that
// of the new task; "" for the words of its first message. It returns ErrNotFound, ErrNoMessage for a message that
// does not lead to the task, and ErrConflict where none would be left. That the two are not the same is kept.
func (s *Store) SplitTask(ctx context.Context, id int64, messages []int64, title string, actor Actor) (LinkDecision, error) {
	if _, err := s.GetTask(ctx, id); err != nil {
		return LinkDecision{}, err
	}
	return s.changeLinks(ctx, actor, []int64{id}, func(l *linking) (int64, error) {
		conversations, whole, err := l.toSplit(ctx, id, messages)
		if err != nil {
			return 0, err
		}
		if len(whole) == 1 && len(conversations) == 1 {
			attached, err := l.q.AttachedLinkOf(ctx, db.AttachedLinkOfParams{TaskID: id, ConversationID: whole[0]})
			if err != nil {
				return 0, fmt.Errorf("look for the link: %w", err)
			}
			if len(attached) == 1 && title == "" { // that undoes what the machine did
				if err := l.read(ctx, attached[0]); err != nil {
					return 0, err
				}
				return attached[0], l.detach(ctx)
			}
		}
		task, err := l.splitTask(ctx, id, messages, title)
		if err != nil {
			return 0, err
		}
		l.link = db.TaskLink{TaskID: id}
		if err := l.splitOff(ctx, task, messages, whole, false); err != nil {
			return 0, err
		}
		link, err := l.q.InsertTaskLink(ctx, db.InsertTaskLinkParams{TaskID: id, OtherTaskID: *l.link.OtherTaskID, CreatedBy: l.actor.Name})
		if err != nil {
			return 0, fmt.Errorf("link: %w", err)
		}
		if err := l.read(ctx, link); err != nil {
			return 0, err
		}
		l.settle(LinkRefused, linkBefore{Status: LinkAttached})
		return link, l.feedback(ctx, "split")
	})
}

// toSplit gives the conversations of messages, and those of them that are split off as a whole.
func (l *linking) toSplit(ctx context.Context, id int64, messages []int64) (conversations, whole []int64, err error) {
	rows, err := l.q.OriginsOfTask(ctx, id)
	if err != nil {
		return nil, nil, fmt.Errorf("read its messages: %w", err)
	}
	of, stays := map[int64]int64{}, map[int64]bool{}
	for _, r := range rows {
		of[r.MessageID] = r.ConversationID
		if !slices.Contains(messages, r.MessageID) {
			stays[r.ConversationID] = true
		}
	}
	for _, m := range messages {
		c, leads := of[m]
		if !leads {
			return nil, nil, fmt.Errorf("%w: message %d does not lead to task %d", ErrNoMessage, m, id)
		}
		if c != 0 && !slices.Contains(conversations, c) {
			conversations = append(conversations, c)
			if !stays[c] {
				whole = append(whole, c)
			}
		}
	}
	if len(stays) == 0 {
		return nil, nil, fmt.Errorf("%w: no message would be left in task %d", ErrConflict, id)
	}
	return conversations, whole, nil
}

// splitTask is the task that is split off: what its messages say.
func (l *linking) splitTask(ctx context.Context, id int64, messages []int64, title string) (NewTask, error) {
	was, err := l.q.GetTask(ctx, id)
	if err != nil {
		return NewTask{}, fmt.Errorf("read task %d: %w", id, err)
	}
	rows, err := l.q.Contents(ctx, messages)
	if err != nil {
		return NewTask{}, fmt.Errorf("read messages: %w", err)
	}
	said := map[int64]string{}
	for _, r := range rows {
		said[r.ID] = strings.TrimSpace(r.Content)
	}
	var texts []string
	for _, m := range slices.Sorted(slices.Values(messages)) {
		if said[m] != "" {
			texts = append(texts, "> "+strings.ReplaceAll(said[m], "\n", "\n> "))
			if title == "" {
				first, _, _ := strings.Cut(said[m], "\n")
				title = string([]rune(first)[:min(len([]rune(first)), MaxTitle)])
			}
		}
	}
	if strings.TrimSpace(title) == "" {
		title = was.Title
	}
	return NewTask{Title: title, Description: strings.Join(texts, "\n\n"), Category: was.Category, Priority: was.Priority, Source: was.Source}, nil
}
