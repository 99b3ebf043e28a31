package decide

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store"
)

var (
	noon   = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	policy = Policy{TaskThreshold: 0.75, ProposalThreshold: 0.45, Zone: time.UTC}
)

// say is a message, judged or not; change alters it.
func say(id int64, text string, change ...func(*store.Utterance)) store.Utterance {
	u := store.Utterance{AuthorName: "Olha"}
	u.ID, u.At, u.Author, u.Text, u.Judged = id, noon.Add(time.Duration(id)*time.Minute), "1", text, true
	for _, c := range change {
		c(&u)
	}
	return u
}

// judged has the message open a turn of which so much was said; ids are the turn's others.
func judged(probability float64, category, priority string, ids ...int64) func(*store.Utterance) {
	return func(u *store.Utterance) {
		u.Verdict = &store.Verdict{Messages: append([]int64{u.ID}, ids...), Probability: probability, Category: category, Priority: priority, Provider: "local", Reason: "why"}
	}
}

func opinion(issue bool, category, priority string) func(*store.Utterance) {
	return func(u *store.Utterance) {
		u.Opinion = &store.Opinion{IsIssue: issue, Category: category, Priority: priority}
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		messages []store.Utterance
		// want is kind, probability, category, priority, title and attached messages.
		want        string
		explanation string
	}{
		"no words": {
			[]store.Utterance{say(1, "")},
			"nothing 0.00 / '' []", "it holds no words",
		},
		"not judged yet": {
			[]store.Utterance{say(1, "x", func(u *store.Utterance) { u.Judged = false })},
			"nothing 0.00 / '' []", "it holds no words",
		},
		"noise": {
			[]store.Utterance{say(1, "thanks a lot", judged(0.449, "", ""))},
			"noise 0.45 / '' [1]", "0.44 is below 0.45: noise",
		},
		"just a proposal": {
			[]store.Utterance{say(1, "maybe a dark theme", judged(0.45, "feature", "low"))},
			"proposal 0.45 feature/low 'Maybe a dark theme' [1]", "0.45 is at least 0.45 and below 0.75: a proposal",
		},
		"just no task": {
			[]store.Utterance{say(1, "maybe a dark theme", judged(0.7499, "feature", "low"))},
			"proposal 0.75 feature/low 'Maybe a dark theme' [1]", "0.74 is at least 0.45 and below 0.75: a proposal",
		},
		"a task": {
			[]store.Utterance{say(1, "login is broken", judged(0.75, "bug", "high")), say(2, "")},
			"task 0.75 bug/high 'Login is broken' [1]", "0.75 is at least 0.75: a task",
		},
		"the classifier names neither category nor priority": {
			[]store.Utterance{say(1, "renew the certificate", judged(0.9, "", ""))},
			"task 0.90 chore/medium 'Renew the certificate' [1]", "0.90 is at least 0.75: a task",
		},
		"the first sure turn decides, the highest priority counts": {
			[]store.Utterance{say(1, "is it me", judged(0.5, "question", "low")), say(2, "login is broken", judged(0.8, "bug", "medium")), say(3, "add a banner", judged(0.99, "feature", "critical"))},
			"task 0.99 bug/critical 'Login is broken' [1 2 3]", "0.99 is at least 0.75: a task",
		},
		"what is noise raises no priority": {
			[]store.Utterance{say(1, "login is broken", judged(0.8, "bug", "medium")), say(2, "my lunch was critical", judged(0.1, "", "critical"))},
			"task 0.80 bug/medium 'Login is broken' [1 2]", "0.80 is at least 0.75: a task",
		},
		"a picture amid the words": {
			[]store.Utterance{say(1, "the page is broken", judged(0.9, "bug", "high", 2, 3)), say(2, ""), say(3, "see above")},
			"task 0.90 bug/high 'The page is broken' [1 3 2]", "0.90 is at least 0.75: a task",
		},
		"an edit is not covered by what was said before": {
			[]store.Utterance{say(1, "all is well", judged(0.9, "bug", "high"), func(u *store.Utterance) { u.Judged = false }), say(2, "ok", judged(0.1, "", ""))},
			"noise 0.10 / '' [1 2]", "0.10 is below 0.45: noise",
		},
		"a person says that it is an issue": {
			[]store.Utterance{say(1, "thanks a lot", judged(0.1, "", ""), opinion(true, "question", "critical"))},
			"task 1.00 question/critical 'Thanks a lot' [1]", "a person said so; 1.00 is at least 0.75: a task",
		},
		"a person says so before it was judged": {
			[]store.Utterance{say(1, "please look", opinion(true, "", ""), func(u *store.Utterance) { u.Judged = false })},
			"task 1.00 chore/medium 'Please look' [1]", "a person said so; 1.00 is at least 0.75: a task",
		},
		"a person says that it is none": {
			[]store.Utterance{say(1, "login is broken", judged(0.99, "bug", "critical"), opinion(false, "", ""))},
			"noise 0.00 / '' [1]", "a person said so; 0.00 is below 0.45: noise",
		},
		"of two words of people in a turn the issue counts": {
			[]store.Utterance{say(1, "login is broken", judged(0.2, "", "", 2), opinion(false, "", "")), say(2, "really", opinion(true, "bug", "low"))},
			"task 1.00 bug/low 'Login is broken' [1 2]", "a person said so; 1.00 is at least 0.75: a task",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := policy.Decide(store.Conversation{ID: 1, Messages: tc.messages})
			got := fmt.Sprintf("%s %.2f %s/%s '%s' %v", d.Kind, d.Probability, d.Category, d.Priority, d.Title, d.Attach)
			if got != tc.want || d.Explanation != tc.explanation {
				t.Errorf("decided %s, %q;\nwant    %s, %q", got, d.Explanation, tc.want, tc.explanation)
			}
		})
	}
}

// Whoever wants to see for a while what the machine would do has it propose alone.
func TestTasksAreLeftToPeople(t *testing.T) {
	t.Parallel()
	careful := Policy{TaskThreshold: 1, ProposalThreshold: 0.45}
	for want, c := range map[string]store.Conversation{
		"proposal: 0.99 is at least 0.45 and below 1.00: a proposal": {Messages: []store.Utterance{say(1, "The export is broken", judged(1, "bug", "high"))}},
		"task: a person said so; 1.00 is at least 1.00: a task":      {Messages: []store.Utterance{say(1, "The export is broken", judged(0.2, "", ""), opinion(true, "bug", "high"))}},
	} {
		if d := careful.Decide(c); d.Kind+": "+d.Explanation != want {
			t.Errorf("%s: %s, want %s", d.Kind, d.Explanation, want)
		}
	}
}

// In shadow it is said what would follow.
func TestInShadowNothingFollows(t *testing.T) {
	t.Parallel()
	shadow := policy
	shadow.Shadow = true
	for want, m := range map[string]store.Utterance{
		"shadow: 0.90 is at least 0.75: a task; in shadow nothing is made":                    say(1, "The export is broken", judged(0.9, "bug", "high")),
		"shadow: 0.60 is at least 0.45 and below 0.75: a proposal; in shadow nothing is made": say(1, "Maybe a dark theme", judged(0.6, "feature", "")),
		"noise: 0.20 is below 0.45: noise":                                                    say(1, "Thanks", judged(0.2, "", "")),
		"task: a person said so; 1.00 is at least 0.75: a task":                               say(1, "The export is broken", judged(0.2, "", ""), opinion(true, "bug", "high")),
	} {
		if d := shadow.Decide(store.Conversation{Messages: []store.Utterance{m}}); d.Kind+": "+d.Explanation != want {
			t.Errorf("%s: %s, want %s", d.Kind, d.Explanation, want)
		}
	}
}

// Every message of a turn gets the verdict, but for those about which a person spoke.
func TestDecideClassifiesMessages(t *testing.T) {
	t.Parallel()
	d := policy.Decide(store.Conversation{Messages: []store.Utterance{
		say(1, "the page is broken", judged(0.9, "bug", "", 2, 3)), say(2, ""), say(3, "see above"),
		say(4, "thanks", judged(0.05, "bug", "high")), say(5, "no issue", judged(0.9, "bug", "high"), opinion(false, "", "")),
	}})
	var got []string
	for _, m := range d.Messages {
		got = append(got, fmt.Sprintf("%d %v %s/%s %.2f %s", m.ID, m.IsIssue, m.Category, m.Priority, m.Confidence, m.Provider))
	}
	want := []string{"1 true bug/medium 0.90 local", "3 true bug/medium 0.90 local", "4 false / 0.95 local"}
	if !slices.Equal(got, want) {
		t.Errorf("messages %q, want %q", got, want)
	}
}

func TestDecideNamesDeadlineAndAssignee(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		texts         []string
		due, assignee string
	}{
		{[]string{"the export is broken"}, "", ""},
		{[]string{"@ivan, mend the export by 2026-03-09"}, "2026-03-09", "ivan"},
		{[]string{"полагодьте експорт до п'ятниці, @ivan"}, "2026-03-06", "ivan"},
		{[]string{"почините экспорт до завтра"}, "2026-03-03", ""},
		{[]string{"it is broken since 2026-03-01"}, "", ""},
		{[]string{"broken, due 2026-03-20", "no, it is needed by 2026-03-12"}, "2026-03-12", ""},
		{[]string{"@ivan @olha who takes it"}, "", ""},
		{[]string{"@all @ivan please look"}, "", "ivan"},
		{[]string{"it is broken", "~@ivan please look"}, "", "ivan"},
		{[]string{"it is broken", "~@ivan can you take it? Needed by 2026-03-06"}, "2026-03-06", "ivan"},
		{[]string{"it is broken by 2026-03-05", "~another time, not by 2026-03-04"}, "2026-03-05", ""},
		{[]string{"~@ivan, lunch by 2026-03-04?", "it is broken"}, "", ""}, // before it was said
		{[]string{"it is broken", "~@ivan thanks for the hint", "~as @olha said"}, "", ""},
	} {
		var c store.Conversation
		for i, text := range tc.texts {
			probability := 0.9
			if said, chatter := strings.CutPrefix(text, "~"); chatter {
				text, probability = said, 0.1
			}
			c.Messages = append(c.Messages, say(int64(i+1), text, judged(probability, "bug", "high")))
		}
		d := policy.Decide(c)
		due, assignee := "", ""
		if d.DueAt != nil {
			due = d.DueAt.Add(-time.Second).Format(time.DateOnly)
		}
		if d.Assignee != nil {
			assignee = *d.Assignee
		}
		if due != tc.due || assignee != tc.assignee {
			t.Errorf("%q: due %q, assignee %q; want %q, %q (%v)", tc.texts, due, assignee, tc.due, tc.assignee, d.DueAt)
		}
	}
}

func TestDaysBeginInTheZone(t *testing.T) {
	t.Parallel()
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		t.Fatal(err)
	}
	in := func(zone *time.Location) time.Time {
		p := policy
		p.Zone = zone
		return *p.Decide(store.Conversation{Messages: []store.Utterance{say(1, "mend it by 2026-03-09", judged(0.9, "bug", "high"))}}).DueAt
	}
	if got := in(time.UTC).Sub(in(kyiv)); got != 2*time.Hour {
		t.Errorf("in Kyiv the day ends %s earlier", got)
	}
}

func TestEvidenceIsBounded(t *testing.T) {
	t.Parallel()
	var c store.Conversation
	for i := range int64(20) {
		c.Messages = append(c.Messages, say(i+1, "broken "+strings.Repeat("word ", 300), judged(0.9, "bug", "high"), func(u *store.Utterance) { u.AuthorName = "" }))
	}
	got := policy.Decide(c).Description
	if n := len([]rune(got)); n > maxEvidence+10 || !strings.HasSuffix(got, "\n\n…") || !strings.HasPrefix(got, "Unknown, 2026-03-02 12:01 UTC:\n> broken word") {
		t.Errorf("%d characters: %.100q", n, got)
	}
}
