package store

import (
	"context"
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
