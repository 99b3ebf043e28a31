package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

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
	f.tasksOf[t.ID] = one
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
	ids := one.messages()
	if !existed {
		f.result.Proposals++
		return f.tell(one, row, ids, nil)
	}
	if changed := proposalChanges(was, row); len(changed) > 0 {
		return f.tell(one, row, ids, changed)
	}
	return nil
}

// tell adds the event of a proposal.
func (f *following) tell(one *judgedOne, row db.Proposal, messages []int64, changed []string) error {
	subject, e := proposalEvent(row, messages, changed)
	return f.event(one, subject, e)
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
		text := f.issues[one.now.ID].text
		arg.Terms = append(arg.Terms, strings.Join(text.Terms(keptTerms), termSeparator))
		f.store.compared.keep(id, d.Title, d.Description, d.Category, text)
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
		one := f.byID[*row.ConversationID]
		if err := f.tell(one, row, one.messages(), []string{"status"}); err != nil {
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
