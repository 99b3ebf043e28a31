package store_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// ids lists the external ids of all pages, three messages a page.
func ids(t *testing.T, s *store.Store, f store.MessageFilter) []string {
	t.Helper()
	f.Limit = 3
	got := []string{}
	for {
		page, err := s.ListMessages(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			got = append(got, m.GetExternalMessageId())
		}
		if f.Cursor = page.NextCursor; f.Cursor == "" {
			return got
		}
	}
}

func TestListMessages(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	from := func(source, chat, author string) func(*store.Incoming) {
		return func(in *store.Incoming) {
			in.Message.SourceName, in.Message.ChatId, in.Message.Author = source, chat, author
			in.Chat = nil
		}
	}
	at := func(hours int) func(*store.Incoming) { return sentAt(noon.Add(time.Duration(hours) * time.Hour)) }
	saved := save(t, s,
		incoming("1", "каса впала", from("telegram", "-1", "Оксана Коваль"), at(0)),
		incoming("2", "касу підняли", from("telegram", "-1", "Петро"), at(1)),
		incoming("3", "panic.log.gz", from("telegram", "-2", "оксана"), at(2)),
		incoming("4", "hello", from("api", "-2", "100%_sure"), at(3)),
		incoming("5", "hello", from("api", "x", "100 sure"), at(3)),
		incoming("6", "later", from("telegram", "-1", "Петро"), at(4)),
		incoming("7", "next day", from("telegram", "-1", "Петро"), at(12)))
	classify := func(i int, issue bool, category string) {
		c := &eventsv1.Classification{IsIssue: issue, Category: category, Confidence: 1, Provider: "local"}
		if _, err := s.ClassifyMessage(t.Context(), saved[i].Message.GetId(), c); err != nil {
			t.Fatal(err)
		}
	}
	classify(0, true, "bug")
	classify(1, false, "")
	day := noon.Truncate(24 * time.Hour)
	for name, c := range map[string]struct {
		f    store.MessageFilter
		want string
	}{
		"all":             {store.MessageFilter{}, "7 6 5 4 3 2 1"},
		"author":          {store.MessageFilter{Author: "ОКСАНА"}, "3 1"},
		"literal percent": {store.MessageFilter{Author: "%_S"}, "4"},
		"nobody":          {store.MessageFilter{Author: "xyz"}, ""},
		"source":          {store.MessageFilter{Source: "TELE"}, "7 6 3 2 1"},
		"no source":       {store.MessageFilter{Source: "_"}, ""},
		"from":            {store.MessageFilter{From: noon.Add(3 * time.Hour)}, "7 6 5 4"},
		"one day":         {store.MessageFilter{From: day, To: day.Add(24 * time.Hour)}, "6 5 4 3 2 1"},
		"chat":            {store.MessageFilter{ChatID: "-2"}, "4 3"},
		"issue":           {store.MessageFilter{Classification: store.ClassifiedIssue}, "1"},
		"noise":           {store.MessageFilter{Classification: store.ClassifiedNoise}, "2"},
		"unclassified":    {store.MessageFilter{Classification: store.Unclassified}, "7 6 5 4 3"},
		"category":        {store.MessageFilter{Classification: "bug"}, "1"},
		"word form":       {store.MessageFilter{Query: "каси"}, "2 1"},
		"fragment":        {store.MessageFilter{Query: "log.gz"}, "3"},
		"of the author":   {store.MessageFilter{Query: "коваль"}, "1"},
		"all together": {store.MessageFilter{Author: "петро", Source: "telegram", ChatID: "-1", Query: "каса",
			From: day, To: day.Add(24 * time.Hour), Classification: store.ClassifiedNoise}, "2"},
		"author and chat": {store.MessageFilter{Author: "петро", ChatID: "-1"}, "7 6 2"},
	} {
		if got := ids(t, s, c.f); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func TestListMessages_PagesDoNotSkipWhileOthersWrite(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	for i := range 9 {
		save(t, s, incoming(fmt.Sprint(i), "x")) // all of one instant
	}
	page, err := s.ListMessages(t.Context(), store.MessageFilter{Limit: 4})
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, incoming("new", "x", sentAt(noon.Add(time.Hour))))
	rest, err := s.ListMessages(t.Context(), store.MessageFilter{Limit: 500, Cursor: page.NextCursor})
	if err != nil || len(rest.Messages) != 5 || rest.NextCursor != "" {
		t.Errorf("%d messages, next %q, %v", len(rest.Messages), rest.NextCursor, err)
	}
}

// Telegram's times are whole seconds. Two workers store one second's messages in whatever
// order; every list has them in the order of the chat.
func TestMessagesOfOneSecond_AreInTheOrderOfTheirChat(t *testing.T) {
	t.Parallel()
	one, pool := world(t)
	other := store.New(pool)
	reply := func(in *store.Incoming) { in.Message.ReplyToExternalId = "1" }
	save(t, other, incoming("10", "x", reply), incoming("9", "x", reply))
	save(t, one, incoming("100", "x", reply))
	save(t, other, incoming("1", "x"), incoming("11", "x", reply))
	save(t, one, incoming("2", "x", reply), incoming("999999999999999999", "x"))
	save(t, one, incoming("5", "x", reply, sentAt(noon.Add(-time.Second))))
	// These are no numbers, and stored in the order of their text: by id, before numbers.
	save(t, other, incoming("b", "x"), incoming("-3", "x"), incoming("1234567890123456789", "x"), incoming("7a", "x"))

	want := strings.Fields("999999999999999999 100 11 10 9 2 1 b 7a 1234567890123456789 -3 5")
	for name, f := range map[string]store.MessageFilter{
		"chat": {ChatID: "-1001"}, "author": {ChatID: "-1001", Author: "оксана"}, "search": {ChatID: "-1001", Query: "x"},
		"unclassified": {ChatID: "-1001", Classification: store.Unclassified},
	} {
		if got := ids(t, one, f); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	slices.Reverse(want)
	found, err := one.UnanalyzedMessages(t.Context(), noon.Add(-time.Hour), noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range found {
		got = append(got, externalID(t, one, m.ID))
	}
	if !slices.Equal(got, want) {
		t.Errorf("for the analysis: %v, want %v", got, want)
	}
	// Of all chats there is no such order: by id.
	all := ids(t, one, store.MessageFilter{})
	if want := strings.Fields("b 7a 1234567890123456789 -3 999999999999999999 2 11 1 100 9 10 5"); !slices.Equal(all, want) {
		t.Errorf("all: %v, want %v", all, want)
	}
	page, err := one.ListMessages(t.Context(), store.MessageFilter{ChatID: "-1001"})
	if err != nil {
		t.Fatal(err)
	}
	root, err := one.GetMessage(t.Context(), page.Messages[6].GetId())
	if err != nil {
		t.Fatal(err)
	}
	got = nil
	for _, m := range root.Replies {
		got = append(got, m.GetExternalMessageId())
	}
	if want := []string{"5", "2", "9", "10", "11", "100"}; !slices.Equal(got, want) {
		t.Errorf("replies: %v, want %v", got, want)
	}
}

func externalID(t *testing.T, s *store.Store, id int64) string {
	t.Helper()
	found, err := s.MessagesByIDs(t.Context(), []int64{id})
	if err != nil || len(found) != 1 {
		t.Fatalf("%d messages, %v", len(found), err)
	}
	return found[0].GetExternalMessageId()
}

// A cursor of the release before names no position: refused, not taken for another place.
func TestListMessages_RefusesCursorsOfOtherOrders(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	for _, text := range []string{"1700000000000000.5", "1700000000000000", "1.2.3.4", "1..3", "1.2.x", "999999999999999999.1.2", ""} {
		cursor := base64.RawURLEncoding.EncodeToString([]byte(text))
		if text == "" {
			cursor = "x!"
		}
		if _, err := s.ListMessages(t.Context(), store.MessageFilter{Cursor: cursor}); !errors.Is(err, store.ErrBadCursor) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestGetMessage_ShowsTheConversation(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	reply := func(to string) func(*store.Incoming) {
		return func(in *store.Incoming) { in.Message.ReplyToExternalId = to }
	}
	saved := save(t, s, incoming("1", "question"), incoming("2", "answer", reply("1")), incoming("3", "another", reply("1")),
		incoming("4", "lost", reply("99")))
	root, err := s.GetMessage(t.Context(), saved[0].Message.GetId())
	if err != nil || len(root.Replies) != 2 || root.ReplyTo != nil || string(root.Raw) != `{"message_id": 1}` {
		t.Errorf("%+v, %v", root, err)
	}
	answer, err := s.GetMessage(t.Context(), saved[1].Message.GetId())
	if err != nil || answer.ReplyTo.GetContent() != "question" || len(answer.Replies) != 0 {
		t.Errorf("%+v, %v", answer, err)
	}
	if lost, err := s.GetMessage(t.Context(), saved[3].Message.GetId()); err != nil || lost.ReplyTo != nil {
		t.Errorf("%+v, %v", lost, err)
	}
	recent, err := s.RecentMessagesOfAuthor(t.Context(), "telegram", "42", 3)
	if err != nil || len(recent) != 3 || recent[0].GetExternalMessageId() != "4" {
		t.Errorf("%v, %v", recent, err)
	}
}

func TestCreateMessage_OfManyAtOnceOneCreates(t *testing.T) {
	t.Parallel()
	s, pool := world(t)
	in := incoming("1", "from outside", func(in *store.Incoming) { in.Message.SourceName = "api"; in.Chat = nil; in.Raw = nil })
	results := make([]store.CreatedMessage, 12)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range results {
		wg.Go(func() {
			<-start
			var err error
			if results[i], err = s.CreateMessage(t.Context(), in); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	created := 0
	for _, r := range results {
		if r.Message.GetId() != results[0].Message.GetId() || !r.Message.GetPersisted() {
			t.Errorf("got %v", r.Message)
		}
		if r.Created {
			created++
			if len(r.Events) != 2 || r.Events[0].Subject != bus.SubjectJobClassify || r.Events[1].Subject != bus.SubjectMessageNew {
				t.Errorf("events %+v", r.Events)
			}
		}
	}
	if n := count(t, pool, "SELECT count(*) FROM outbox"); created != 1 || n != 2 {
		t.Errorf("%d created, %d events", created, n)
	}
}

func TestActivity_CountsByTheClockOfTheZone(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	kathmandu, err := time.LoadLocation("Asia/Kathmandu") // UTC+5:45
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, incoming("1", "a", sentAt(noon.Add(10*time.Minute))), incoming("2", "b", sentAt(noon.Add(20*time.Minute))),
		incoming("3", "c", sentAt(noon.Add(14*time.Minute))), incoming("4", "later", sentAt(noon.Add(2*time.Hour))))
	got, err := s.Activity(t.Context(), noon, noon.Add(time.Hour), kathmandu)
	if err != nil || len(got) != 2 || got[0].Count != 2 || got[1].Count != 1 || got[1].Hour.Hour() != 18 || got[1].Hour.Minute() != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
