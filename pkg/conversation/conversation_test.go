package conversation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tasktracker/tasktracker/pkg/conversation"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// said makes a message: its number, who said it, how long after noon.
func said(id int64, author string, after time.Duration, change ...func(*conversation.Message)) conversation.Message {
	m := conversation.Message{ID: id, Position: id, Author: author, At: noon.Add(after)}
	for _, c := range change {
		c(&m)
	}
	return m
}

func reply(to int64) func(*conversation.Message) {
	return func(m *conversation.Message) { m.ReplyTo = to }
}

func album(id string) func(*conversation.Message) {
	return func(m *conversation.Message) { m.Album = id }
}

func opens(m *conversation.Message) { m.Opens = true }

func TestGroup(t *testing.T) {
	t.Parallel()
	type messages = []conversation.Message
	tests := []struct {
		name string
		all  messages
		want [][]int64
	}{
		{"nothing", nil, nil},
		{"one", messages{said(1, "a", 0)}, [][]int64{{1}}},
		{"a burst of several", messages{said(1, "a", 0), said(2, "b", 2*time.Minute), said(3, "c", 4*time.Minute)}, [][]int64{{1, 2, 3}}},
		{"another comes too late", messages{said(1, "a", 0), said(2, "b", 2*time.Minute+time.Second)}, [][]int64{{1}, {2}}},
		{"the same comes back", messages{said(1, "a", 0), said(2, "a", 10*time.Minute)}, [][]int64{{1, 2}}},
		{"the same comes back too late", messages{said(1, "a", 0), said(2, "a", 10*time.Minute+time.Second)}, [][]int64{{1}, {2}}},
		{"nobody is not the same", messages{said(1, "", 0), said(2, "", 5*time.Minute)}, [][]int64{{1}, {2}}},
		{"each to his own", messages{said(1, "a", 0), said(2, "b", 3*time.Minute), said(3, "a", 4*time.Minute), said(4, "b", 5*time.Minute)},
			[][]int64{{1, 3}, {2, 4}}},
		{"who spoke before answers what is brought up", messages{said(1, "a", 0), said(2, "b", 5*time.Minute, opens), said(3, "a", 6*time.Minute), said(4, "b", 7*time.Minute)},
			[][]int64{{1}, {2, 3, 4}}},
		{"who speaks goes on though something is brought up", messages{said(1, "a", 0), said(2, "b", time.Minute, opens), said(3, "a", 2*time.Minute), said(4, "b", 3*time.Minute)},
			[][]int64{{1, 3}, {2, 4}}},
		{"who spoke in two goes on in the newer", messages{said(1, "a", 0), said(2, "b", 3*time.Minute),
			said(3, "a", 4*time.Minute, reply(2)), said(4, "a", 9*time.Minute)}, [][]int64{{1}, {2, 3, 4}}},
		{"a reply in a burst", messages{said(1, "a", 0), said(2, "b", 3*time.Minute), said(3, "c", 4*time.Minute, reply(1))}, [][]int64{{1, 3}, {2}}},
		{"a reply hours later", messages{said(1, "a", 0), said(2, "b", 5*time.Hour), said(3, "c", 5*time.Hour+time.Minute, reply(1))},
			[][]int64{{1, 3}, {2}}},
		{"a reply brings followers", messages{said(1, "a", 0), said(2, "b", 20*time.Hour, reply(1)), said(3, "c", 20*time.Hour+time.Minute),
			said(4, "b", 20*time.Hour+9*time.Minute)}, [][]int64{{1, 2, 3, 4}}},
		{"two replies to one", messages{said(1, "a", 0), said(2, "b", time.Hour, reply(1)), said(3, "c", time.Hour+9*time.Minute, reply(1))},
			[][]int64{{1, 2, 3}}},
		{"a chain of replies", messages{said(1, "a", 0), said(2, "b", time.Hour, reply(1)), said(3, "c", 2*time.Hour, reply(2))}, [][]int64{{1, 2, 3}}},
		{"a reply at a day", messages{said(1, "a", 0), said(2, "b", 24*time.Hour, reply(1))}, [][]int64{{1, 2}}},
		{"a reply after a day", messages{said(1, "a", 0), said(2, "b", 24*time.Hour+time.Second, reply(1))}, [][]int64{{1}, {2}}},
		{"an old reply is of no burst", messages{said(1, "a", 0), said(2, "c", 30*time.Hour), said(3, "c", 30*time.Hour+time.Second, reply(1))},
			[][]int64{{1}, {2}, {3}}},
		{"a chain of more than a day", messages{said(1, "a", 0), said(2, "b", 23*time.Hour, reply(1)), said(3, "c", 25*time.Hour, reply(2))},
			[][]int64{{1, 2}, {3}}},
		{"an album", messages{said(1, "a", 0), said(2, "b", time.Minute, album("x")), said(3, "b", time.Minute, album("x")),
			said(4, "a", time.Minute, album("x"), reply(1))}, [][]int64{{1, 2, 3, 4}}},
		{"an album stays whole", messages{said(1, "a", 0), said(2, "b", 3*time.Minute, album("x")), said(3, "b", 3*time.Minute, album("x"), reply(1))},
			[][]int64{{1}, {2, 3}}},
		{"a reply to itself", messages{said(1, "a", 0, reply(1)), said(2, "b", time.Minute)}, [][]int64{{1, 2}}},
		{"a reply to the future", messages{said(1, "a", 0, reply(3)), said(2, "b", time.Minute), said(3, "c", time.Hour)}, [][]int64{{1, 2}, {3}}},
		{"a reply to nothing known", messages{said(1, "a", 0), said(2, "b", time.Minute, reply(99))}, [][]int64{{1, 2}}},
		{"the position orders one second", messages{said(2, "b", 0), said(1, "a", 0)}, [][]int64{{1, 2}}},
		{"another matter amid a burst", messages{said(1, "a", 0), said(2, "b", time.Minute), said(3, "a", 2*time.Minute, opens)}, [][]int64{{1, 2}, {3}}},
		{"who goes on speaks of one matter", messages{said(1, "a", 0, opens), said(2, "a", 2*time.Minute, opens)}, [][]int64{{1, 2}}},
		{"who comes back with another matter", messages{said(1, "a", 0, opens), said(2, "a", 2*time.Minute+time.Second, opens)}, [][]int64{{1}, {2}}},
		{"nobody who goes on is not the same", messages{said(1, "", 0, opens), said(2, "", time.Minute, opens)}, [][]int64{{1}, {2}}},
		{"two matters, each answered", messages{said(1, "a", 0, opens), said(2, "b", 10*time.Second, reply(1)), said(3, "a", 20*time.Second, opens),
			said(4, "b", 30*time.Second), said(5, "c", 40*time.Second)}, [][]int64{{1, 2, 4, 5}, {3}}},
		{"a matter in an answer stays there", messages{said(1, "a", 0), said(2, "b", time.Minute, reply(1), opens)}, [][]int64{{1, 2}}},
		{"a matter in an album stays there", messages{said(1, "a", 0, album("x")), said(2, "a", 0, album("x"), opens)}, [][]int64{{1, 2}}},
		{"twice", messages{said(1, "a", 0), said(1, "a", 0)}, [][]int64{{1}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got [][]int64
			for _, c := range conversation.Default().Group(test.all) {
				got = append(got, members(c))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func members(c conversation.Conversation) []int64 {
	var ids []int64
	for _, m := range c.Messages {
		ids = append(ids, m.ID)
	}
	return ids
}

// TestLongOnesAreCutAtASilence holds both cuts: at MaxMessages and at MaxDuration.
func TestLongOnesAreCutAtASilence(t *testing.T) {
	t.Parallel()
	var fifty, hours []conversation.Message
	for i := range int64(60) {
		at := time.Duration(i) * time.Second
		if i >= 40 {
			at += 30 * time.Second // the longest silence
		}
		fifty = append(fifty, said(i+1, "a", at))
	}
	if got := conversation.Default().Group(fifty); len(got) != 2 || got[1].Key != 41 {
		t.Errorf("60 messages: %d conversations, the second from %d", len(got), got[len(got)-1].Key)
	}
	for i := range int64(90) { // 14 hours, which begin and end two cells, cut once in each
		at := time.Duration(i) * 9 * time.Minute
		if i == 30 || i == 50 || i == 70 {
			at += 30 * time.Second
		}
		hours = append(hours, said(i+1, "a", at))
	}
	var starts []int64
	for _, c := range conversation.Default().Group(hours) {
		starts = append(starts, c.Key)
	}
	if diff := cmp.Diff([]int64{1, 31, 51, 71}, starts); diff != "" {
		t.Errorf("a chat without rest is cut (-want +got)\n%s", diff)
	}
}

// TestLateMessages holds what is said of the three things that a late one can do.
func TestLateMessages(t *testing.T) {
	t.Parallel()
	s := newStore(conversation.Default())
	first := s.add(t, []conversation.Message{said(1, "a", 0), said(4, "b", 4*time.Minute)})
	if got := len(first.Conversations); got != 2 || len(first.Gone) != 0 {
		t.Fatalf("two apart: %d conversations, gone %v", got, first.Gone)
	}
	joined := s.add(t, []conversation.Message{said(2, "c", 2*time.Minute)})
	if diff := cmp.Diff([]conversation.Successor{{Key: 4, To: 1}}, joined.Gone); diff != "" {
		t.Errorf("joined (-want +got)\n%s", diff)
	}
	if got := joined.Conversations; len(got) != 1 || !slices.Equal(members(got[0]), []int64{1, 2, 4}) || !slices.Equal(got[0].Was, []int64{4}) {
		t.Errorf("joined: %+v", got)
	}

	s = newStore(conversation.Default())
	s.add(t, []conversation.Message{said(5, "b", 0), said(6, "c", 2*time.Minute)})
	split := s.add(t, []conversation.Message{said(3, "c", -3*time.Minute)}) // c had begun before b
	var got [][]int64
	for _, c := range split.Conversations {
		got = append(got, append(members(c), c.Was...))
	}
	if diff := cmp.Diff([][]int64{{3, 6, 5}, {5}}, got); diff != "" || len(split.Gone) != 0 {
		t.Errorf("split, gone %v (-want +got)\n%s", split.Gone, diff)
	}

	s = newStore(conversation.Default())
	s.add(t, []conversation.Message{said(9, "b", 0), said(8, "c", -time.Hour, reply(7))})
	target := s.add(t, []conversation.Message{said(7, "a", -2*time.Hour)})
	if diff := cmp.Diff([]conversation.Assignment{{Message: 7, To: 7}, {Message: 8, From: 8, To: 7}}, target.Assignments); diff != "" {
		t.Errorf("what a stored reply replies to arrives (-want +got)\n%s", diff)
	}
	if again := s.add(t, []conversation.Message{s.rows[9]}); len(again.Assignments)+len(again.Conversations)+len(again.Gone) != 0 {
		t.Errorf("delivered again: %+v", again)
	}
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	s := conversation.Default()
	c := s.Group([]conversation.Message{said(1, "a", 0), said(2, "b", time.Minute)})[0]
	if s.Quiet(c, noon.Add(11*time.Minute-1)) || !s.Quiet(c, noon.Add(11*time.Minute)) {
		t.Errorf("quiet at %v", s.QuietAt(c))
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if err := conversation.Default().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	err := conversation.Settings{QuietGap: -1, BurstGap: -1, MaxDuration: -1, MaxReplyAge: -1, MaxMessages: 1}.Validate()
	for _, name := range []string{"QUIET_GAP", "BURST_GAP", "MAX_DURATION", "MAX_REPLY_AGE", "MAX_MESSAGES"} {
		if err == nil || !strings.Contains(err.Error(), "CONVERSATION_"+name+" is") {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	u := func(judged bool, text string, m conversation.Message) conversation.Utterance {
		return conversation.Utterance{Message: m, Text: text, Judged: judged}
	}
	all := []conversation.Utterance{
		u(true, "Deployed 2.1", said(1, "a", 0, reply(77))),
		u(false, "Login is broken", said(2, "b", time.Minute)),
		u(false, " ", said(3, "b", time.Minute)),
		u(true, "since ten", said(4, "b", 2*time.Minute)),
		u(false, "Looking", said(5, "a", 3*time.Minute)),
		u(false, "and the bill?", said(6, "a", 4*time.Minute, reply(2))),
		u(false, "", said(7, "c", 5*time.Minute)),
		u(false, "+1", said(8, "", 5*time.Minute)),
		u(false, "+2", said(9, "", 5*time.Minute)),
	}
	var got []string
	for _, turn := range conversation.Turns(all, map[int64]string{77: "When is 2.1?"}) {
		got = append(got, fmt.Sprint(turn.Messages, " ", strings.Join(turn.Input.Context, " | "), " > ", turn.Input.Text))
	}
	want := []string{
		"[2 3 4] Deployed 2.1 > Login is broken\nsince ten",
		"[5] Deployed 2.1 | Login is broken | since ten > Looking",
		"[6] Deployed 2.1 | Login is broken | since ten | Looking > and the bill?",
		"[8] Deployed 2.1 | Login is broken | since ten | Looking | and the bill? > +1",
		"[9] Deployed 2.1 | Login is broken | since ten | Looking | and the bill? | +1 > +2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	all[0].Judged = false
	if turn := conversation.Turns(all, map[int64]string{77: "When is 2.1?"})[0]; !slices.Equal(turn.Input.Context, []string{"When is 2.1?"}) {
		t.Errorf("what is replied to elsewhere is no context: %q", turn.Input.Context)
	}
}

// TestTurnsAreBounded holds the bounds for a conversation of long messages.
func TestTurnsAreBounded(t *testing.T) {
	t.Parallel()
	var all []conversation.Utterance
	for i := range int64(50) {
		text := strings.Repeat("ї", 30000)
		if i%2 == 1 {
			text = strings.Repeat("short ", 100)
		}
		author := []string{"a", "b", "b", "b", "c"}[i%5]
		all = append(all, conversation.Utterance{Message: said(i+1, author, time.Duration(i)*time.Second, reply(i%3)), Text: text})
	}
	turns := conversation.Turns(all, map[int64]string{1: strings.Repeat("x", 1000)})
	seen := 0
	for _, turn := range turns {
		seen += len(turn.Messages)
		if n := utf8.RuneCountInString(turn.Input.Text); n > conversation.MaxText {
			t.Errorf("a text of %d", n)
		}
		if n := len(turn.Input.Context); n > conversation.MaxContexts {
			t.Errorf("%d texts of context", n)
		}
		for _, text := range turn.Input.Context {
			if n := utf8.RuneCountInString(text); n > conversation.MaxContext {
				t.Errorf("a context of %d", n)
			}
		}
	}
	if seen != 50 {
		t.Errorf("%d of 50 messages are in a turn", seen)
	}
}

func BenchmarkBursts(b *testing.B) {
	s := conversation.Default()
	var rows []conversation.Message
	for i := range int64(1000) {
		rows = append(rows, said(i+1, fmt.Sprint(i%7), time.Duration(i)*20*time.Second))
	}
	span := s.Spans(rows[500:])[0]
	for b.Loop() {
		s.Bursts(span, rows)
	}
}
