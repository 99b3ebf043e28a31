package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/similar"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// said is the issue that was attached, as the task that it would have become.
type said struct {
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Category    string     `json:"category"`
	Priority    string     `json:"priority"`
	Confidence  float64    `json:"confidence"`
	Source      string     `json:"source"`
	Provider    string     `json:"provider"`
	Assignee    *string    `json:"assignee,omitempty"`
	DueAt       *time.Time `json:"due_at,omitempty"`
}

// attachment is an issue whose messages go to the task that says the same.
type attachment struct {
	one *judgedOne
	to  candidate
}

// taskOf is the task of a candidate, once those of this transaction are made.
func (f *following) taskOf(c candidate) int64 {
	if c.new != nil {
		return f.ids[c.new]
	}
	return c.task
}

// attachDuplicates has the messages of what was said before lead to the task that says it.
func (f *following) attachDuplicates() error {
	var again db.AttachTaskLinksParams
	for _, a := range f.duplicates {
		one, task, d := a.one, f.taskOf(a.to), &a.one.decision
		issue, err := json.Marshal(said{Title: d.Title, Description: d.Description, Category: d.Category, Priority: d.Priority, Confidence: d.Probability,
			Source: one.now.Source, Provider: d.Verdict.Provider, Assignee: d.Assignee, DueAt: d.DueAt})
		if err != nil {
			return fmt.Errorf("encode what was attached: %w", err)
		}
		d.Explanation += fmt.Sprintf("; %.2f the same as task %d, to which its messages are attached: %s", a.to.Score, task, strings.TrimSuffix(a.to.Reason(), "."))
		f.linkTo(one.now.ID, task, false)
		f.attach(one, task)
		f.record(task, TaskChange{Field: fieldMessages, To: ptr(fmt.Sprintf("%d more that say the same (%.2f): %s", len(d.Attach), a.to.Score, a.to.Reason()))}, d.Verdict.Provider)
		if p, ok := f.proposals[one.now.ID]; ok && (p.Status == ProposalPending || p.Status == ProposalSnoozed) {
			f.settle(p.ID, ProposalMerged, task, "It says the same as a task that is there.")
		}
		f.addLink(one.now.ID, task, nil, LinkAttached, a.to.Match, string(issue))
		again.TaskIds, again.ConversationIds = append(again.TaskIds, task), append(again.ConversationIds, one.now.ID)
		again.Scores, again.Reasons, again.Issues = append(again.Scores, a.to.Score), append(again.Reasons, a.to.Reason()), append(again.Issues, string(issue))
	}
	f.attachAgain = again
	f.result.Attached += len(f.duplicates)
	return nil
}

// linkLikely proposes links between an issue and the tasks that may be the same.
func (f *following) linkLikely(one *judgedOne, other *int64) {
	issue := f.issues[one.now.ID]
	if issue == nil {
		return
	}
	issue.best() // sorts
	for _, c := range issue.alike[:min(len(issue.alike), maxLikely)] {
		f.addLink(one.now.ID, f.taskOf(c), other, LinkOpen, c.Match, "")
		one.decision.Explanation += fmt.Sprintf("; %.2f the same as task %d: a person is asked", c.Score, f.taskOf(c))
	}
}

func (f *following) addLink(conversation, task int64, other *int64, status string, m similar.Match, issue string) {
	l := &f.newLinks
	l.TaskIds, l.OtherTaskIds, l.ConversationIds = append(l.TaskIds, task), append(l.OtherTaskIds, deref(other)), append(l.ConversationIds, conversation)
	l.Statuses, l.Scores, l.Reasons = append(l.Statuses, status), append(l.Scores, m.Score), append(l.Reasons, m.Reason())
	l.Shared, l.Issues = append(l.Shared, strings.Join(m.Shared, termSeparator)), append(l.Issues, issue)
}

// writeLinks stores links, once tasks and proposals are there. Those that there are of a
// pair stay as a person left them.
func (f *following) writeLinks(ctx context.Context) error {
	if len(f.make) > 0 {
		arg := db.LinksBecomeOfTasksParams{}
		for _, one := range f.make {
			arg.ConversationIds, arg.TaskIds = append(arg.ConversationIds, one.now.ID), append(arg.TaskIds, f.ids[one])
		}
		became, err := f.q.LinksBecomeOfTasks(ctx, arg)
		if err != nil {
			return fmt.Errorf("turn links of proposals into links of tasks: %w", err)
		}
		for _, l := range became {
			if l.Status == LinkOpen {
				f.changed(l.TaskID, fieldLinks)
			}
		}
	}
	if len(f.attachAgain.TaskIds) > 0 {
		if err := f.q.AttachTaskLinks(ctx, f.attachAgain); err != nil {
			return fmt.Errorf("note what was attached: %w", err)
		}
	}
	if len(f.newLinks.TaskIds) == 0 {
		return nil
	}
	written, err := f.q.InsertTaskLinks(ctx, f.newLinks)
	if err != nil {
		return fmt.Errorf("write %d links: %w", len(f.newLinks.TaskIds), err)
	}
	for _, l := range written {
		if l.Status == LinkOpen {
			f.result.Links++
			f.changed(l.TaskID, fieldLinks)
		}
	}
	return nil
}

// fieldLinks is the field of a task that links to others change.
const fieldLinks = "open_links"

// changed notes that a task looks different now, unless it is new anyway.
func (f *following) changed(task int64, field string) {
	if !slices.Contains(f.created, task) && !slices.Contains(f.updated[task], field) {
		f.updated[task] = append(f.updated[task], field)
	}
}
