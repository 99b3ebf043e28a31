package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// following makes tasks and proposals of what was decided, or changes those that there are.
type following struct {
	*judging
	links     map[int64]db.TasksOfConversationsRow // by conversation
	proposals map[int64]db.Proposal                // by conversation
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
	if err := f.compare(ctx); err != nil {
		return err
	}
	return f.readTasks(ctx, append(linked, f.targets()...))
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
	if task := led(one.now); task != 0 { // a part of what has become a task
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

// led is the task that a message of the conversation has led to; 0 for none.
func led(c Conversation) int64 {
	for _, m := range c.Messages {
		if m.TaskID != 0 {
			return m.TaskID
		}
	}
	return 0
}

func (f *following) linkTo(conversation, task int64, made bool) {
	f.link.ConversationIds, f.link.TaskIds = append(f.link.ConversationIds, conversation), append(f.link.TaskIds, task)
	f.link.Made = append(f.link.Made, made)
}

// attach has the messages of a conversation lead to a task, where they lead to none.
func (f *following) attach(one *judgedOne, task int64) {
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

// change lets a task say what its conversation says now, but for what people have changed.
// A task that is done, or that a person made, is left as it is.
func (f *following) change(ctx context.Context, one *judgedOne, link db.TasksOfConversationsRow) error {
	d, t := one.decision, f.tasks[link.TaskID]
	open := t.Status != "completed" && t.Status != "cancelled"
	if !link.Made || !t.AiGenerated || !open || d.Kind != DecisionTask && d.Kind != DecisionProposal {
		return nil
	}
	old := TaskEdit{Title: t.Title, Description: t.Description, Category: t.Category, Priority: t.Priority, Status: t.Status,
		Assignee: t.Assignee, DueAt: t.DueAt, Labels: t.Labels}
	edit, by := old, f.people[t.ID]
	set := func(field string, to *string, value string) {
		if !by[field] {
			*to = value
		}
	}
	set("title", &edit.Title, d.Title)
	set("description", &edit.Description, d.Description)
	set("category", &edit.Category, d.Category)
	set("priority", &edit.Priority, d.Priority)
	if d.Assignee != nil && !by["assignee"] {
		edit.Assignee = d.Assignee
	}
	if d.DueAt != nil && !by["due_at"] {
		edit.DueAt = d.DueAt
	}
	changes := old.changes(edit)
	if len(changes) == 0 {
		return nil
	}
	err := f.q.WriteTask(ctx, db.WriteTaskParams{ID: t.ID, Title: edit.Title, Description: edit.Description, Category: edit.Category,
		Priority: edit.Priority, Status: edit.Status, Assignee: edit.Assignee, DueAt: edit.DueAt, Labels: append([]string{}, edit.Labels...),
		Search: f.store.vector(edit.Description, edit.Title), Terms: terms(edit.Title, edit.Description, edit.Category)})
	if err != nil {
		return fmt.Errorf("change task %d: %w", t.ID, err)
	}
	if err := f.q.SetTaskConfidence(ctx, db.SetTaskConfidenceParams{ID: t.ID, Confidence: d.Probability}); err != nil {
		return fmt.Errorf("change task %d: %w", t.ID, err)
	}
	for _, c := range changes {
		f.updated[t.ID] = append(f.updated[t.ID], c.Field)
		f.record(t.ID, c, d.Verdict.Provider)
	}
	return nil
}

// record adds an entry of history by the machine.
func (f *following) record(task int64, c TaskChange, provider string) {
	f.history.TaskIds, f.history.Fields, f.history.Actors = append(f.history.TaskIds, task), append(f.history.Fields, c.Field), append(f.history.Actors, provider)
	f.history.HasOld, f.history.OldValues = append(f.history.HasOld, c.From != nil), append(f.history.OldValues, deref(c.From))
	f.history.HasNew, f.history.NewValues = append(f.history.HasNew, c.To != nil), append(f.history.NewValues, deref(c.To))
}

// propose stores a proposal, or what a proposal says now.
func (f *following) propose(ctx context.Context, one *judgedOne) error {
	d := one.decision
	was, existed := f.proposals[one.now.ID]
	row, err := f.q.UpsertProposal(ctx, db.UpsertProposalParams{ConversationID: one.now.ID, Title: d.Title, Description: d.Description,
		Category: d.Category, Priority: d.Priority, Confidence: d.Probability, Reason: d.Verdict.Reason, Quote: d.Verdict.Quote,
		Provider: d.Verdict.Provider, Model: d.Verdict.Model, Source: one.now.Source, Assignee: d.Assignee, DueAt: d.DueAt})
	if err != nil {
		return fmt.Errorf("propose: %w", err)
	}
	ids := make([]int64, len(one.now.Messages))
	for i, m := range one.now.Messages {
		ids[i] = m.ID
	}
	if !existed {
		f.result.Proposals++
		return f.event(proposalEvent(row, ids, nil))
	}
	if changed := proposalChanges(was, row); len(changed) > 0 {
		return f.event(proposalEvent(row, ids, changed))
	}
	return nil
}

// makeTasks makes tasks, all at once.
func (f *following) makeTasks(ctx context.Context) error {
	if len(f.make) == 0 {
		return nil
	}
	ids, err := f.q.ReserveTasks(ctx, int32(len(f.make)))
	if err != nil {
		return err
	}
	slices.Sort(ids)
	f.ids = make(map[*judgedOne]int64, len(ids))
	for i, one := range f.make {
		f.ids[one] = ids[i]
	}
	var arg db.InsertTasksParams
	for i, one := range f.make {
		d, id := one.decision, ids[i]
		arg.Ids, arg.Titles, arg.Descriptions = append(arg.Ids, id), append(arg.Titles, d.Title), append(arg.Descriptions, d.Description)
		arg.Categories, arg.Priorities, arg.Sources = append(arg.Categories, d.Category), append(arg.Priorities, d.Priority), append(arg.Sources, one.now.Source)
		arg.Confidences, arg.Assignees, arg.DueAt = append(arg.Confidences, d.Probability), append(arg.Assignees, deref(d.Assignee)), append(arg.DueAt, deref(d.DueAt))
		arg.Searches = append(arg.Searches, f.store.vector(d.Description, d.Title))
		arg.Terms = append(arg.Terms, joinedTerms(d.Title, d.Description, d.Category))
		f.linkLikely(one, &id)
		f.linkTo(one.now.ID, id, true)
		f.attach(one, id)
		f.record(id, TaskChange{Field: "created"}, d.Verdict.Provider)
		if p, ok := f.proposals[one.now.ID]; ok && p.Status == "pending" {
			f.settle(p.ID, "accepted", id, "It has become sure enough for a task.")
		}
	}
	f.created = ids
	f.result.Tasks += len(ids)
	return f.q.InsertTasks(ctx, arg)
}

// write stores what was gathered.
func (f *following) write(ctx context.Context) error {
	if len(f.link.TaskIds) > 0 {
		if err := f.q.LinkConversations(ctx, f.link); err != nil {
			return fmt.Errorf("link conversations to tasks: %w", err)
		}
	}
	if err := f.linkOrigins(ctx); err != nil {
		return fmt.Errorf("link messages to tasks: %w", err)
	}
	if err := f.writeLinks(ctx); err != nil {
		return err
	}
	if len(f.history.TaskIds) > 0 {
		f.history.ActorKind = "ai"
		if err := f.q.InsertHistory(ctx, f.history); err != nil {
			return fmt.Errorf("write history: %w", err)
		}
	}
	if len(f.settled.Ids) == 0 {
		return nil
	}
	rows, err := f.q.SettleProposals(ctx, f.settled)
	if err != nil {
		return fmt.Errorf("settle proposals: %w", err)
	}
	for _, row := range rows {
		ids := make([]int64, 0, 8)
		for _, m := range f.byID[*row.ConversationID].now.Messages {
			ids = append(ids, m.ID)
		}
		if err := f.event(proposalEvent(row, ids, []string{"status"})); err != nil {
			return err
		}
	}
	return nil
}

func (f *following) linkOrigins(ctx context.Context) error {
	if len(f.origins.TaskIds) == 0 {
		return nil
	}
	linked, err := f.q.LinkOrigins(ctx, f.origins)
	for _, l := range linked {
		f.announce[l.MessageID] = true
		f.changed(l.TaskID, fieldMessages)
	}
	return err
}

// fieldMessages is the field of a task that new messages change.
const fieldMessages = "source_message_ids"
