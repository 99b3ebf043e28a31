package store

import (
	"context"
	"fmt"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// following makes tasks and proposals of what was decided, or changes those that there are.
type following struct {
	*judging
	links     map[int64]db.TasksOfConversationsRow // by conversation
	proposals map[int64]db.Proposal                // by conversation
	led       map[int64]int64                      // the task of a message, by conversations without links
	tasks     map[int64]db.LockTasksRow            // those that are linked
	people    map[int64]map[string]bool            // fields that people changed, by task

	make    []*judgedOne
	created []int64
	updated map[int64][]string // the fields, by task
	link    db.LinkConversationsParams
	origins db.LinkOriginsParams
	history db.InsertHistoryParams
	settled db.SettleProposalsParams

	limits      DuplicateLimits
	issues      map[int64]*newIssue  // those that are new, by conversation
	ids         map[*judgedOne]int64 // of the tasks that were made
	duplicates  []attachment
	proposed    []*judgedOne
	newLinks    db.InsertTaskLinksParams
	attachAgain db.AttachTaskLinksParams
}

func (f *following) do(ctx context.Context) error {
	f.updated = map[int64][]string{}
	if err := f.read(ctx); err != nil {
		return err
	}
	for _, one := range f.all {
		if err := f.follow(ctx, one); err != nil {
			return fmt.Errorf("conversation %d: %w", one.now.ID, err)
		}
	}
	if err := f.makeTasks(ctx); err != nil {
		return fmt.Errorf("make %d tasks: %w", len(f.make), err)
	}
	if err := f.attachDuplicates(); err != nil {
		return err
	}
	for _, one := range f.proposed {
		f.linkLikely(one, nil)
	}
	return f.write(ctx)
}

// read reads, and locks, what the conversations have led to so far.
func (f *following) read(ctx context.Context) error {
	ids := make([]int64, 0, len(f.all))
	for _, one := range f.all {
		ids = append(ids, one.now.ID)
	}
	proposals, err := f.q.ProposalsOfConversations(ctx, ids)
	if err != nil {
		return fmt.Errorf("read proposals: %w", err)
	}
	f.proposals = make(map[int64]db.Proposal, len(proposals))
	for _, p := range proposals {
		f.proposals[*p.ConversationID] = p
	}
	links, err := f.q.TasksOfConversations(ctx, ids)
	if err != nil {
		return fmt.Errorf("read links to tasks: %w", err)
	}
	f.links = make(map[int64]db.TasksOfConversationsRow, len(links))
	var linked []int64
	for _, l := range links {
		f.links[l.ConversationID] = l
		linked = append(linked, l.TaskID)
	}
	if err := f.readLed(ctx); err != nil {
		return fmt.Errorf("read where messages lead: %w", err)
	}
	for _, task := range f.led {
		linked = append(linked, task)
	}
	if len(linked) > 0 { // what they are merged into must stay
		if err := f.q.LockTaskLinks(ctx); err != nil {
			return fmt.Errorf("lock links: %w", err)
		}
	}
	if err := f.compare(ctx); err != nil {
		return err
	}
	return f.readTasks(ctx, append(linked, f.targets()...))
}

// readLed finds the tasks to which messages lead of conversations that lead to none: they are
// parts of what has become a task. Since they were claimed that may have changed.
func (f *following) readLed(ctx context.Context) error {
	f.led = map[int64]int64{}
	var ids []int64
	for _, one := range f.all {
		if _, linked := f.links[one.now.ID]; linked {
			continue
		}
		for _, m := range one.now.Messages {
			if m.TaskID != 0 {
				ids = append(ids, m.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := f.q.OriginsOfMessages(ctx, ids)
	of := make(map[int64]int64, len(rows))
	for _, r := range rows {
		of[r.MessageID] = r.TaskID
	}
	for _, one := range f.all {
		for i := range one.now.Messages {
			m := &one.now.Messages[i]
			if m.TaskID != 0 {
				m.TaskID = of[m.ID]
			}
			if _, known := f.led[one.now.ID]; !known && m.TaskID != 0 {
				f.led[one.now.ID] = m.TaskID
			}
		}
	}
	return err
}

func (f *following) readTasks(ctx context.Context, ids []int64) error {
	f.tasks, f.people = map[int64]db.LockTasksRow{}, map[int64]map[string]bool{}
	if len(ids) == 0 {
		return nil
	}
	rows, err := f.q.LockTasks(ctx, ids)
	if err != nil {
		return fmt.Errorf("lock %d tasks: %w", len(ids), err)
	}
	for _, t := range rows {
		f.tasks[t.ID], f.people[t.ID] = t, map[string]bool{}
	}
	fields, err := f.q.FieldsByPeople(ctx, ids)
	if err != nil {
		return fmt.Errorf("read what people changed: %w", err)
	}
	for _, row := range fields {
		f.people[row.TaskID][row.Field] = true
	}
	return nil
}

// follow decides what becomes of one conversation. What a person decided about its proposal
// stays.
func (f *following) follow(ctx context.Context, one *judgedOne) error {
	d := &one.decision
	if d.Kind == DecisionShadow {
		return nil
	}
	proposal, proposed := f.proposals[one.now.ID]
	waits := proposed && (proposal.Status == "pending" || proposal.Status == "snoozed")
	if link, ok := f.links[one.now.ID]; ok {
		if waits {
			f.settle(proposal.ID, "merged", link.TaskID, hasTask)
		}
		f.attach(one, f.tasks[link.TaskID].KeptID)
		return f.change(ctx, one, link)
	}
	decided := proposed && proposal.Status != "pending" && proposal.Status != "withdrawn"
	switch {
	case d.Kind != DecisionTask && d.Kind != DecisionProposal:
		if proposed && proposal.Status == "pending" {
			f.settle(proposal.ID, "withdrawn", 0, "What it was made of is no issue as it is now.")
		}
		return nil
	case proposed && proposal.Status == "rejected":
		d.Explanation += "; a person has rejected it, so nothing follows"
		return nil
	}
	if led := f.led[one.now.ID]; led != 0 { // a part of what has become a task
		task := f.tasks[led].KeptID
		d.Explanation += fmt.Sprintf("; its messages belong to task %d already", task)
		f.linkTo(one.now.ID, task, false)
		f.attach(one, task)
		if waits {
			f.settle(proposal.ID, "merged", task, hasTask)
		}
		return nil
	}
	if d.Kind == DecisionTask && !decided {
		if same := f.sameAs(one); same != nil {
			f.duplicates = append(f.duplicates, attachment{one: one, to: *same})
			return nil
		}
		f.make = append(f.make, one)
		return nil
	}
	f.proposed = append(f.proposed, one)
	return f.propose(ctx, one)
}

const hasTask = "Its messages lead to a task already."

func (f *following) linkTo(conversation, task int64, made bool) {
	f.link.ConversationIds, f.link.TaskIds = append(f.link.ConversationIds, conversation), append(f.link.TaskIds, task)
	f.link.Made = append(f.link.Made, made)
}

// attach has the messages of a conversation lead to a task, where they lead to none.
func (f *following) attach(one *judgedOne, task int64) {
	f.tasksOf[task] = one
	free := make(map[int64]bool, len(one.now.Messages))
	for _, m := range one.now.Messages {
		free[m.ID] = m.TaskID == 0
	}
	for _, id := range one.decision.Attach {
		if free[id] {
			f.origins.TaskIds, f.origins.MessageIds = append(f.origins.TaskIds, task), append(f.origins.MessageIds, id)
		}
	}
}

func (f *following) settle(proposal int64, status string, task int64, comment string) {
	f.settled.Ids, f.settled.Statuses = append(f.settled.Ids, proposal), append(f.settled.Statuses, status)
	f.settled.TaskIds, f.settled.Comments = append(f.settled.TaskIds, task), append(f.settled.Comments, comment)
}
