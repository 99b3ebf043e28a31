package worker_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/digest"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker"
)

// newPosting is a world whose schedule posts to a monitored group, and the Bot API that it posts by.
func newPosting(t *testing.T, postTo string) (*world, *telegramtest.Server) {
	t.Helper()
	w := newWorld(t)
	s := telegramtest.New(t, telegramtest.Options{})
	s.AddBot(telegramtest.Bot{Token: environmentToken, Username: "tracker_bot", FirstName: "Tracker"})
	s.AddChat(telegramtest.Chat{ID: -1001, Type: "supergroup", Title: "Support", IsForum: true})
	w.telegram = s.URL()
	w.scheduling = worker.AnalysisConfig{AnalysisSchedule: "0 9 * * *", AnalysisTimeZone: "Europe/Kyiv", AnalysisPostTo: postTo}
	w.now = func() time.Time { return noon } // no moment since the schedule is in force
	w.monitor(t, -1001)
	w.say(t, 1, "Ми вирішили перенести реліз.", "The release is blocked by the gateway, @olena knows.")
	return w, s
}

func (w *world) monitor(t *testing.T, ids ...int64) {
	t.Helper()
	name := "Support"
	groups := make([]store.Group, len(ids))
	for i, id := range ids {
		groups[i] = store.Group{ID: id, Name: &name}
	}
	if _, _, err := w.store.UpdateGroups(t.Context(), func([]store.Group) ([]store.Group, error) { return groups, nil }); err != nil {
		t.Fatal(err)
	}
}

// scheduled makes a run as the schedule does.
func (w *world) scheduled(t *testing.T, span store.AnalysisSpan) int64 {
	t.Helper()
	if made, _, err := w.store.ScheduleAnalysisRun(t.Context(), span.To, span); err != nil || !made {
		t.Fatalf("the run was made: %t, %v", made, err)
	}
	return int64(w.count(t, "SELECT max(id)::int FROM analysis_runs"))
}

// awaitPosts waits until a run is completed and nothing is to be posted any more, and gives its posts.
func (w *world) awaitPosts(t *testing.T, run int64, n int) []store.AnalysisPost {
	t.Helper()
	w.awaitRun(t, run, store.RunCompleted)
	var posts []store.AnalysisPost
	eventually(t, fmt.Sprintf("%d posts are at their end", n), func() bool {
		if w.count(t, "SELECT count(*) FROM outbox") != 0 || w.jobs(t, bus.SubjectJobPost) != 0 { // in this order: from there it goes here
			return false
		}
		all, err := w.store.AnalysisPosts(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		posts = all[run]
		return len(posts) == n
	})
	return posts
}

// told is what a person sees of a post.
func told(p store.AnalysisPost) string {
	if p.Error == nil || p.Fix == nil || *p.Fix == "" || p.CauseCode == nil {
		return p.Status
	}
	return p.Status + " " + *p.CauseCode
}

func TestTheSummaryOfTheScheduleIsPostedOnce(t *testing.T) {
	t.Parallel()
	w, s := newPosting(t, "-1001, -1001/12")
	w.start(t)
	w.start(t)
	id := w.scheduled(t, march)
	run := w.awaitRun(t, id, store.RunCompleted)
	posts := w.awaitPosts(t, id, 2)
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		t.Fatal(err)
	}
	want, err := digest.PostOf(run.Summary, run.From, run.To, kyiv)
	if err != nil {
		t.Fatal(err)
	}
	topics := map[string]int{}
	for _, call := range s.Calls("sendMessage") {
		topics[call.Params["message_thread_id"]]++
		if call.Params["text"] != want.Text || call.Params["disable_notification"] != "true" || call.Params["chat_id"] != "-1001" {
			t.Errorf("sent %v, want %q", call.Params, want.Text)
		}
	}
	if len(topics) != 2 || topics[""] != 1 || topics["12"] != 1 {
		t.Errorf("sent to topics %v", topics)
	}
	for _, p := range posts {
		if told(p) != "sent" || p.PostedBy != store.BySchedule || p.GroupID != -1001 || p.GroupName == nil || *p.GroupName != "Support" || p.Text != want.Text || p.Error != nil {
			t.Errorf("post %+v", p)
		}
	}

	// However often the job comes.
	for range 3 {
		w.putJob(t, bus.SubjectJobPost, &eventsv1.PostSummary{RunId: id, GroupId: -1001})
	}
	again := w.awaitPosts(t, id, 2)
	if n := len(s.Calls("sendMessage")); n != 2 || told(again[0]) != "sent" || told(again[1]) != "sent" {
		t.Errorf("%d messages, posts %+v", n, again)
	}
	if n := len(w.letters(t)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestWhatAPersonAskedForIsNotPostedByItself(t *testing.T) {
	t.Parallel()
	w, s := newPosting(t, "-1001")
	w.start(t)
	id := w.ask(t, march)
	empty := w.scheduled(t, store.AnalysisSpan{From: noon.AddDate(1, 0, 0), To: noon.AddDate(1, 0, 1)})
	w.awaitPosts(t, id, 0)
	w.awaitPosts(t, empty, 0) // there was nothing to analyse
	if calls := s.Calls("sendMessage"); len(calls) != 0 {
		t.Errorf("sent %v", calls)
	}
}

func TestWhyTheScheduleCouldNotPostIsKept(t *testing.T) {
	t.Parallel()
	fault := func(code int, words string) *telegramtest.Fault {
		return &telegramtest.Fault{Kind: telegramtest.FaultError, Code: code, Description: words}
	}
	for name, c := range map[string]struct {
		fault   *telegramtest.Fault
		prepare func(*testing.T, *world, *telegramtest.Server)
		want    string
		calls   int
	}{
		"kicked": {prepare: func(_ *testing.T, _ *world, s *telegramtest.Server) {
			s.AddChat(telegramtest.Chat{ID: -1001, Type: "supergroup", Kicked: true})
		}, want: "refused not_member", calls: 1},
		"mute":          {fault: fault(http.StatusBadRequest, "Bad Request: not enough rights to send text messages to the chat"), want: "refused chat_closed", calls: 1},
		"closed":        {fault: fault(http.StatusBadRequest, "Bad Request: TOPIC_CLOSED"), want: "refused chat_closed", calls: 1},
		"unknown":       {fault: fault(http.StatusBadRequest, "Bad Request: chat not found"), want: "refused no_such_chat", calls: 1},
		"revoked":       {fault: fault(http.StatusUnauthorized, "Unauthorized"), want: "refused token_refused", calls: 1},
		"not monitored": {prepare: func(t *testing.T, w *world, _ *telegramtest.Server) { w.monitor(t, -7) }, want: "refused not_monitored"},
		"no bot":        {prepare: func(_ *testing.T, w *world, _ *telegramtest.Server) { w.telegram = "" }, want: "refused no_token"},
		// Nobody knows whether the chat has it.
		"cut":     {fault: &telegramtest.Fault{Kind: telegramtest.FaultCutBody}, want: "unconfirmed sent_perhaps", calls: 1},
		"trouble": {fault: &telegramtest.Fault{Kind: telegramtest.FaultBadGateway}, want: "unconfirmed sent_perhaps", calls: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := newPosting(t, "-1001")
			if c.fault != nil {
				s.Fault("sendMessage", *c.fault, -1)
			}
			if c.prepare != nil {
				c.prepare(t, w, s)
			}
			w.start(t)
			id := w.scheduled(t, march)
			posts := w.awaitPosts(t, id, 1)
			if told(posts[0]) != c.want || posts[0].Text == "" || len(s.Calls("sendMessage")) != c.calls {
				t.Errorf("post %+v, told %q, calls %v", posts[0], told(posts[0]), s.Calls("sendMessage"))
			}
			w.putJob(t, bus.SubjectJobPost, &eventsv1.PostSummary{RunId: id, GroupId: -1001})
			if posts := w.awaitPosts(t, id, 1); told(posts[0]) != c.want || len(s.Calls("sendMessage")) != c.calls {
				t.Errorf("when the job came again: %+v, calls %v", posts[0], s.Calls("sendMessage"))
			}
			if n := len(w.letters(t)); n != 0 {
				t.Errorf("%d dead letters", n)
			}
		})
	}
}

func TestAPostWaitsAsTelegramAsks(t *testing.T) {
	t.Parallel()
	w, s := newPosting(t, "-1001")
	s.Fault("sendMessage", telegramtest.Fault{Kind: telegramtest.FaultFlood, RetryAfter: 1}, 1)
	w.start(t)
	id := w.scheduled(t, march)
	if posts := w.awaitPosts(t, id, 1); told(posts[0]) != "sent" || posts[0].Error != nil {
		t.Errorf("post %+v", posts[0])
	}
	if calls := s.Calls("sendMessage"); len(calls) != 2 || calls[0].Status != http.StatusTooManyRequests || calls[1].Status != http.StatusOK {
		t.Errorf("calls %v", calls)
	}
}

// While Telegram is away the run says so, and that it is tried again; it is posted once Telegram is back.
func TestAPostThatIsTriedAgainIsSeen(t *testing.T) {
	t.Parallel()
	w, s := newPosting(t, "-1001")
	s.Fault("sendMessage", telegramtest.Fault{Kind: telegramtest.FaultFlood, RetryAfter: 5}, 1)
	w.start(t)
	id := w.scheduled(t, march)
	w.awaitRun(t, id, store.RunCompleted)
	eventually(t, "the run says that it waits", func() bool {
		all, err := w.store.AnalysisPosts(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return len(all[id]) == 1 && told(all[id][0]) == "waiting pause" && all[id][0].Text != ""
	})
	if posts := w.awaitPosts(t, id, 1); told(posts[0]) != "sent" || posts[0].Error != nil || posts[0].CauseCode != nil {
		t.Errorf("post %+v", posts[0])
	}
	if calls := s.Calls("sendMessage"); len(calls) != 2 {
		t.Errorf("calls %v", calls)
	}
}

// A summary of yesterday is no news in the evening.
func TestAPostDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(*world, *telegramtest.Server)
		want    string
		fix     string
	}{
		"pause": {func(_ *world, s *telegramtest.Server) {
			s.Fault("sendMessage", telegramtest.Fault{Kind: telegramtest.FaultFlood, RetryAfter: 3700}, -1)
		}, "refused pause", "try again in"},
		"unreachable": {func(w *world, s *telegramtest.Server) { s.Close() }, "refused worker_unreachable", "machine of the worker service reaches http://127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := newPosting(t, "-1001")
			id := w.scheduled(t, march)
			if _, err := w.pool.Exec(t.Context(), `UPDATE analysis_runs SET status = 'completed', finished_at = now() - interval '1 hour',
				summary = '{"language": "uk", "decisions": [], "counts": {"messages": 2, "authors": 2, "chats": 1}}'`); err != nil {
				t.Fatal(err)
			}
			c.prepare(w, s)
			w.putJob(t, bus.SubjectJobPost, &eventsv1.PostSummary{RunId: id, GroupId: -1001})
			w.start(t)
			posts := w.awaitPosts(t, id, 1)
			if told(posts[0]) != c.want || posts[0].Fix == nil || !strings.Contains(*posts[0].Fix, c.fix) {
				t.Errorf("post %+v, told %q", posts[0], told(posts[0]))
			}
		})
	}
}

func TestAPostWhoseWorkerDiedIsNotRepeated(t *testing.T) {
	t.Parallel()
	w, s := newPosting(t, "-1001/12")
	topic := "12"
	id := w.scheduled(t, march)
	// As a worker leaves it that dies before it sends, or after.
	if _, err := w.store.NoteAnalysisPost(t.Context(), store.AnalysisPost{RunID: id, GroupID: -1001, TopicID: &topic, Text: "Підсумок", PostedBy: store.BySchedule}); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	posts := w.awaitPosts(t, id, 1)
	if told(posts[0]) != "unconfirmed post_interrupted" || posts[0].Text != "Підсумок" || len(s.Calls("sendMessage")) != 0 {
		t.Errorf("post %+v, calls %v", posts[0], s.Calls("sendMessage"))
	}
}

func TestAGroupThatMovedGetsItsPost(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"as is known": true, "as Telegram says": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, s := newPosting(t, "-5")
			s.AddChat(telegramtest.Chat{ID: -5, Type: "group", MigratedTo: -1001})
			group := int64(-5)
			w.monitor(t, group)
			if known {
				fact := &eventsv1.Inbound{Payload: &eventsv1.Inbound_ChatMigrated{ChatMigrated: &eventsv1.ChatMigrated{SourceName: "telegram", FromChatId: "-5", ToChatId: "-1001"}}}
				w.put(t, fact)
				group = -1001
			}
			w.start(t)
			eventually(t, "the move is known", func() bool {
				got, monitored, err := w.store.MonitoredGroup(t.Context(), -5)
				return err == nil && monitored && got.ID == group
			})
			posts := w.awaitPosts(t, w.scheduled(t, march), 1)
			if sent, there := s.Message(environmentToken, -1001, 1); told(posts[0]) != "sent" || posts[0].GroupID != group || !there || sent.Text != posts[0].Text {
				t.Errorf("post %+v, the chat has %+v", posts[0], sent)
			}
		})
	}
}
