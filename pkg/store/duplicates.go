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

// DuplicateLimits are the least scores of package similar from which a new issue counts as
// said before. The zero value is of no use.
type DuplicateLimits struct {
	// From Sure on its messages are attached to the task that says it, from Likely on a
	// person is asked.
	Sure, Likely float64
}

const (
	// recentTasks is how long after its completion a task is still compared with.
	recentTasks = 30 * 24 * time.Hour
	// similarTasks bounds how many tasks an issue is compared with, findingTerms the terms that
	// they are found by, keptTerms those that a task can be found by.
	similarTasks, findingTerms, keptTerms = 25, 10, 48
	// maxLikely is how many tasks a person is asked about.
	maxLikely = 3
	// termSeparator stands in no term.
	termSeparator = "\x1f"
)

// terms are what a task is found by when it is compared.
func terms(title, description, category string) []string {
	return append([]string{}, similar.New(title, description, category).Terms(keptTerms)...)
}

func joinedTerms(title, description, category string) string {
	return strings.Join(terms(title, description, category), termSeparator)
}

// candidate is what an issue may be the same as: a task, or an issue that becomes one in
// the same transaction.
type candidate struct {
	similar.Match
	task int64      // 0 for one that has no id yet
	new  *judgedOne // nil for a task
	open bool       // whether messages may be attached to it
}

// newIssue is an issue that was not there before.
type newIssue struct {
	text   similar.Text
	makes  bool // a task, else a proposal
	alike  []candidate
	target int64 // the task that its messages may be attached to, for sure; 0 for none
}

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

// compare finds, for the issues that are new, the tasks that may be the same, by one query.
// From then on nobody else compares until the transaction ends.
func (f *following) compare(ctx context.Context) error {
	f.issues = map[int64]*newIssue{}
	arg := db.SimilarTasksParams{Recent: recentTasks, Most: similarTasks}
	for i, one := range f.all {
		makes, proposes := f.isNew(one)
		if !makes && !proposes {
			continue
		}
		d := one.decision
		issue := &newIssue{text: similar.New(d.Title, d.Description, d.Category), makes: makes}
		f.issues[one.now.ID] = issue
		arg.Ns, arg.ConversationIds = append(arg.Ns, int32(i)), append(arg.ConversationIds, one.now.ID)
		arg.Terms = append(arg.Terms, strings.Join(issue.text.Terms(findingTerms), termSeparator))
	}
	if len(arg.Ns) == 0 {
		return nil
	}
	if err := f.q.LockTaskLinks(ctx); err != nil {
		return fmt.Errorf("lock links: %w", err)
	}
	rows, err := f.q.SimilarTasks(ctx, arg)
	if err != nil {
		return fmt.Errorf("look for what %d issues may be the same as: %w", len(arg.Ns), err)
	}
	for _, r := range rows {
		issue := f.issues[f.all[r.N].now.ID]
		match := similar.Compare(issue.text, f.store.compared.text(r.ID, r.Title, r.Description, r.Category))
		if match.Score >= f.limits.Likely {
			issue.add(candidate{Match: match, task: r.KeptID, open: r.KeptStatus != "completed"})
		}
	}
	for _, issue := range f.issues {
		if best := issue.best(); best != nil && issue.makes && best.open && best.Score >= f.limits.Sure {
			issue.target = best.task
		}
	}
	return nil
}

// add keeps the best match with each task.
func (n *newIssue) add(c candidate) {
	if i := slices.IndexFunc(n.alike, func(o candidate) bool { return o.task == c.task && o.new == c.new }); i >= 0 {
		if c.Score > n.alike[i].Score {
			n.alike[i] = c
		}
		return
	}
	n.alike = append(n.alike, c)
}

// best is the likeliest, an open task before others; nil for none.
func (n *newIssue) best() *candidate {
	slices.SortStableFunc(n.alike, func(a, b candidate) int {
		switch {
		case a.Score != b.Score && (a.open == b.open || a.Score-b.Score > 0.1 || b.Score-a.Score > 0.1):
			if a.Score > b.Score {
				return -1
			}
			return 1
		case a.open != b.open:
			if a.open {
				return -1
			}
			return 1
		}
		return 0
	})
	if len(n.alike) == 0 {
		return nil
	}
	return &n.alike[0]
}

// isNew tells of a conversation whether a task is to be made of it, or a proposal that says
// something that none has said so far.
func (f *following) isNew(one *judgedOne) (makes, proposes bool) {
	d := &one.decision
	if _, linked := f.links[one.now.ID]; linked || d.Kind != DecisionTask && d.Kind != DecisionProposal || f.led[one.now.ID] != 0 {
		return false, false
	}
	proposal, proposed := f.proposals[one.now.ID]
	if !proposed {
		return d.Kind == DecisionTask, d.Kind == DecisionProposal
	}
	if proposal.Status != ProposalPending && proposal.Status != proposalWithdrawn {
		return false, false
	}
	return d.Kind == DecisionTask, d.Kind == DecisionProposal && (proposal.Status == proposalWithdrawn || proposal.Title != d.Title || proposal.Description != d.Description)
}

const proposalWithdrawn = "withdrawn"

// targets are the tasks that messages may be attached to.
func (f *following) targets() []int64 {
	var ids []int64
	for _, issue := range f.issues {
		if issue.target != 0 {
			ids = append(ids, issue.target)
		}
	}
	return ids
}

// sameAs is what a new issue surely is the same as; nil for none. Issues of this transaction count as
// well. A task that people closed meanwhile does not.
func (f *following) sameAs(one *judgedOne) *candidate {
	issue := f.issues[one.now.ID]
	if issue == nil {
		return nil
	}
	for _, other := range f.make {
		match := similar.Compare(issue.text, f.issues[other.now.ID].text)
		if match.Score >= f.limits.Likely {
			issue.add(candidate{Match: match, new: other, open: true})
		}
	}
	best := issue.best()
	if best == nil || best.Score < f.limits.Sure || !best.open {
		return nil
	}
	if best.new != nil {
		return best
	}
	if t, locked := f.tasks[best.task]; locked && t.KeptID == t.ID && t.Status != "completed" && t.Status != "cancelled" {
		return best
	}
	return nil
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
