package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

func chat(id, name string) *eventsv1.Chat {
	return &eventsv1.Chat{SourceName: "telegram", ChatId: id, Kind: "group", Name: name}
}

func fact(seconds int, payload any) *eventsv1.Inbound {
	in := &eventsv1.Inbound{ReceivedAt: timestamppb.New(noon.Add(time.Duration(seconds) * time.Second))}
	switch p := payload.(type) {
	case *eventsv1.ChatSeen:
		in.Payload = &eventsv1.Inbound_ChatSeen{ChatSeen: p}
	case *eventsv1.ChatMigrated:
		in.Payload = &eventsv1.Inbound_ChatMigrated{ChatMigrated: p}
	case *eventsv1.ChatRenamed:
		in.Payload = &eventsv1.Inbound_ChatRenamed{ChatRenamed: p}
	case *eventsv1.TopicNamed:
		in.Payload = &eventsv1.Inbound_TopicNamed{TopicNamed: p}
	case *eventsv1.BotMembershipChanged:
		in.Payload = &eventsv1.Inbound_BotMembershipChanged{BotMembershipChanged: p}
	}
	return in
}

func saveFacts(t *testing.T, s *store.Store, facts ...*eventsv1.Inbound) {
	t.Helper()
	if err := s.SaveChatFacts(t.Context(), facts); err != nil {
		t.Fatal(err)
	}
}

func monitor(t *testing.T, s *store.Store, ids ...int64) {
	t.Helper()
	_, _, err := s.UpdateGroups(t.Context(), func(groups []store.Group) ([]store.Group, error) {
		for _, id := range ids {
			groups = append(groups, store.Group{ID: id})
		}
		return groups, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSaveChatFacts(t *testing.T) {
	t.Parallel()

	t.Run("DiscoversChatsThatAreNotMonitored", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		monitor(t, s, -2)
		seen := fact(1, &eventsv1.ChatSeen{Chat: chat("-1", "One"), Messages: 3, LastSeenAt: timestamppb.New(noon)})
		saveFacts(t, s, seen, fact(1, &eventsv1.ChatSeen{Chat: chat("-2", "Two"), Messages: 1}))
		saveFacts(t, s, seen) // delivered again
		saveFacts(t, s, fact(2, &eventsv1.ChatSeen{Chat: chat("-1", ""), Messages: 4}))
		got, err := s.DiscoveredChats(t.Context())
		if err != nil || len(got) != 1 || got[0].ChatID != "-1" || got[0].Messages != 7 || got[0].Name != "One" {
			t.Errorf("%+v, %v", got, err)
		}
	})

	t.Run("DiscoversChatsThatWereTakenIn", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		save(t, s, incoming("1", "a"))
		save(t, s, incoming("2", "b"))
		saveFacts(t, s, fact(1, &eventsv1.BotMembershipChanged{Chat: chat("-9", "Left"), Status: "left", ChangedAt: timestamppb.New(noon)}))
		got, err := s.DiscoveredChats(t.Context())
		if err != nil || len(got) != 1 || got[0].ChatID != "-1001" || got[0].Messages != 2 {
			t.Errorf("with no chat monitored: %+v, %v", got, err)
		}
		monitor(t, s, -1001)
		if got, err := s.DiscoveredChats(t.Context()); err != nil || len(got) != 0 {
			t.Errorf("monitored: %+v, %v", got, err)
		}
	})

	t.Run("MovesAMonitoredGroupThatMigrates", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		monitor(t, s, -5, -6)
		moved := fact(1, &eventsv1.ChatMigrated{SourceName: "telegram", FromChatId: "-5", ToChatId: "-1005", Name: "Team"})
		saveFacts(t, s, moved, moved)
		config, err := s.WebhookSettings(t.Context())
		if err != nil || len(config.Groups) != 2 || config.Groups[0].ID != -1005 || *config.Groups[0].Name != "Team" || config.Groups[1].ID != -6 {
			t.Errorf("%+v, %v", config.Groups, err)
		}
	})

	t.Run("MakesNoSettingsForAGroupThatIsNotMonitored", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		saveFacts(t, s, fact(1, &eventsv1.ChatMigrated{SourceName: "telegram", FromChatId: "-5", ToChatId: "-1005"}))
		if _, err := s.WebhookSettings(t.Context()); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
	})

	t.Run("LetsNewerNewsWin", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		monitor(t, s, -1001)
		m := save(t, s, incoming("1", "a", func(in *store.Incoming) { in.Message.ThreadId = "9" }))[0].Message
		saveFacts(t, s, fact(20, &eventsv1.ChatRenamed{Chat: chat("-1001", "New")}), fact(10, &eventsv1.ChatRenamed{Chat: chat("-1001", "Old")}),
			fact(20, &eventsv1.TopicNamed{Chat: chat("-1001", ""), ThreadId: "9", Name: "Bugs"}),
			fact(10, &eventsv1.TopicNamed{Chat: chat("-1001", ""), ThreadId: "9", Name: "Old"}))
		detail, err := s.GetMessage(t.Context(), m.GetId())
		if err != nil || detail.Message.GetChatName() != "New" || detail.TopicName != "Bugs" {
			t.Errorf("chat %q, topic %q, %v", detail.Message.GetChatName(), detail.TopicName, err)
		}
		save(t, s, incoming("2", "b", sentAt(noon.Add(time.Minute))))
		if detail, _ = s.GetMessage(t.Context(), m.GetId()); detail.Message.GetChatName() != "Support" {
			t.Errorf("a newer message did not rename the chat: %q", detail.Message.GetChatName())
		}
		member := func(at int, status string) *eventsv1.Inbound {
			return fact(at, &eventsv1.BotMembershipChanged{Chat: chat("-77", "X"), Status: status,
				ChangedAt: timestamppb.New(noon.Add(time.Duration(at) * time.Second))})
		}
		saveFacts(t, s, member(5, "administrator"), member(3, "left"))
		if found, err := s.DiscoveredChats(t.Context()); err != nil || len(found) != 1 || found[0].BotStatus != "administrator" {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

func TestUpdateTelegramSettings(t *testing.T) {
	t.Parallel()
	s, pool := world(t)
	exec(t, pool, `INSERT INTO webhook_settings (name, config) VALUES ('telegram', '{"telegram": {"host": "a", "kept": [1]}, "also": "kept"}')`)
	c, events, err := s.UpdateTelegramSettings(t.Context(), func(c *store.TelegramSettings) error { c.Webhook.Host = "b"; return nil })
	if err != nil || c.Webhook.Host != "b" || len(events) != 1 {
		t.Fatalf("%+v, %d events, %v", c, len(events), err)
	}
	if n := count(t, pool, `SELECT count(*) FROM webhook_settings WHERE config @> '{"telegram": {"host": "b", "kept": [1], "groups": []}, "also": "kept"}'`); n != 1 {
		t.Error("other keys were lost")
	}
	if _, events, err = s.UpdateTelegramSettings(t.Context(), func(*store.TelegramSettings) error { return nil }); err != nil || len(events) != 0 {
		t.Errorf("%d events for no change, %v", len(events), err)
	}

	t.Run("ChangesBothPartsAsOne", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		if got, err := s.TelegramSettings(t.Context()); err != nil || !got.BotUpdatedAt.IsZero() || got.Webhook.Host != "" || got.Bot.Token != "" {
			t.Errorf("of nothing: %+v, %v", got, err)
		}
		ends := noon.Add(time.Minute)
		after, events, err := s.UpdateTelegramSettings(t.Context(), func(c *store.TelegramSettings) error {
			c.Webhook.Host, c.Bot.Token, c.Bot.Mode = "a", "sealed", "polling"
			c.Bot.Secrets = []store.BotSecret{{Sealed: "old", NotAfter: ends}, {Sealed: "new"}}
			c.Bot.Bot = &store.BotAccount{ID: 7, Username: "bot"}
			return nil
		})
		if err != nil || len(events) != 2 || after.BotUpdatedAt.IsZero() {
			t.Fatalf("%+v, %d events, %v", after, len(events), err)
		}
		got, err := s.TelegramSettings(t.Context())
		if err != nil || got.Webhook.Host != "a" || got.Bot.Token != "sealed" || got.Bot.Mode != "polling" || got.Bot.Bot.ID != 7 ||
			len(got.Bot.Secrets) != 2 || !got.Bot.Secrets[0].NotAfter.Equal(ends) || !got.Bot.Secrets[1].NotAfter.IsZero() || !got.BotUpdatedAt.Equal(after.BotUpdatedAt) {
			t.Errorf("%+v, %v", got, err)
		}
		failed := errors.New("failed")
		_, _, err = s.UpdateTelegramSettings(t.Context(), func(c *store.TelegramSettings) error { c.Bot.Token = "other"; return failed })
		if got, _ := s.TelegramSettings(t.Context()); !errors.Is(err, failed) || got.Bot.Token != "sealed" {
			t.Errorf("after a failure: %+v, %v", got.Bot, err)
		}
		_, events, err = s.UpdateTelegramSettings(t.Context(), func(c *store.TelegramSettings) error { c.Bot.Token = ""; return nil })
		if err != nil || len(events) != 1 || count(t, pool, "SELECT count(*) FROM webhook_settings") != 1 {
			t.Errorf("one part alone: %d events, %v", len(events), err)
		}
	})

	t.Run("ReadsWhatItDoesNotKnow", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		for _, value := range []string{`"text"`, `[1]`, `{"bot_token": 7, "mode": "polling", "secrets": {}, "bot": "x"}`} {
			if _, err := pool.Exec(t.Context(), `INSERT INTO settings (key, value) VALUES ('telegram', $1::jsonb) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, value); err != nil {
				t.Fatal(err)
			}
			if got, err := s.TelegramSettings(t.Context()); err != nil || got.Bot.Token != "" || got.Bot.Bot != nil {
				t.Errorf("%s: %+v, %v", value, got, err)
			}
		}
	})

	t.Run("AddsAllOfManyGroupsAtOnce", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range 16 {
			wg.Go(func() {
				<-start
				monitor(t, s, int64(-i-1))
			})
		}
		close(start)
		wg.Wait()
		if c, err := s.WebhookSettings(t.Context()); err != nil || len(c.Groups) != 16 {
			t.Errorf("%d groups, %v", len(c.Groups), err)
		}
		if n := count(t, pool, "SELECT count(*) FROM webhook_settings"); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestChatStates(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	save(t, s, incoming("1", "a"), incoming("2", "b", sentAt(noon.Add(time.Minute))))
	saveFacts(t, s, fact(5, &eventsv1.BotMembershipChanged{Chat: chat("-77", "X"), Status: "kicked", ChangedAt: timestamppb.New(noon)}),
		fact(6, &eventsv1.ChatMigrated{SourceName: "telegram", FromChatId: "-5", ToChatId: "-1005", Name: "Moved"}))
	got, err := s.ChatStates(t.Context(), "telegram", []int64{-1001, -77, -5, -404})
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if c := got[-1001]; !c.LastMessageAt.Equal(noon.Add(time.Minute)) || c.BotStatus != "" || !c.BotStatusAt.IsZero() {
		t.Errorf("with messages: %+v", c)
	}
	if c := got[-77]; !c.LastMessageAt.IsZero() || c.BotStatus != "kicked" || !c.BotStatusAt.Equal(noon) {
		t.Errorf("without: %+v", c)
	}
	if c := got[-5]; c.MigratedTo != -1005 {
		t.Errorf("moved: %+v", c)
	}
}

func TestAvatars(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	if _, err := s.GetAvatar(t.Context(), "telegram", "42"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	saveIt := func(file string) int64 {
		v, err := s.SaveAvatar(t.Context(), "telegram", "42", file, "image/png", []byte(file))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	first, same, other := saveIt("a"), saveIt("a"), saveIt("b")
	if first != same || other <= same {
		t.Errorf("versions %d, %d, %d", first, same, other)
	}
	got, err := s.GetAvatar(t.Context(), "telegram", "42")
	if err != nil || !bytes.Equal(got.Image, []byte("b")) || got.Version != other {
		t.Errorf("%+v, %v", got, err)
	}
	if err := s.MarkNoAvatar(t.Context(), "telegram", "42", 0); err != nil {
		t.Fatal(err)
	}
	state, err := s.AvatarState(t.Context(), "telegram", "42")
	if err != nil || state.Version != 0 || !state.NextCheckAt.After(state.CheckedAt) {
		t.Errorf("%+v, %v", state, err)
	}
	if _, err := s.GetAvatar(t.Context(), "telegram", "42"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if v := saveIt("c"); v <= other {
		t.Errorf("version %d after %d: browsers would show the old picture", v, other)
	}
	if save(t, s, incoming("1", "a"))[0].AvatarWanted {
		t.Error("wanted though just found")
	}
}

func TestSaveDaySummary_OfManyAtOnceOneWins(t *testing.T) {
	t.Parallel()
	s, pool := world(t)
	var batch []store.Incoming
	for i := range 10 {
		batch = append(batch, incoming(fmt.Sprint(i), "x", sentAt(noon.Add(time.Duration(i)*time.Minute))))
	}
	save(t, s, batch...)
	found, err := s.UnanalyzedMessages(t.Context(), noon, noon.Add(8*time.Minute))
	if err != nil || len(found) != 8 {
		t.Fatalf("%d, %v", len(found), err)
	}
	day := store.DaySummary{Date: "2026-03-02", Title: "Daily Summary - 2026-03-02", Description: "d", Provider: "local", StartedAt: time.Now()}
	for _, m := range found {
		day.MessageIDs = append(day.MessageIDs, m.ID)
	}
	results := make(chan error, 8)
	start := make(chan struct{})
	for range cap(results) {
		go func() {
			<-start
			_, err := s.SaveDaySummary(context.WithoutCancel(t.Context()), day)
			results <- err
		}()
	}
	close(start)
	won := 0
	for range cap(results) {
		if err := <-results; err == nil {
			won++
		} else if !errors.Is(err, store.ErrAlreadyAnalyzed) {
			t.Error(err)
		}
	}
	if n := count(t, pool, "SELECT count(*) FROM tasks WHERE category = 'summary' AND source = 'analysis'"); won != 1 || n != 1 {
		t.Errorf("%d won, %d summaries", won, n)
	}
	if left, err := s.UnanalyzedMessages(t.Context(), noon, noon.Add(time.Hour)); err != nil || len(left) != 2 {
		t.Errorf("%d left, %v", len(left), err)
	}
	if n := count(t, pool, "SELECT count(*) FROM outbox"); n != 2 {
		t.Errorf("%d events", n)
	}
	if m, _ := s.MessagesByIDs(t.Context(), day.MessageIDs[:1]); m[0].GetTaskId() != 0 || !m[0].GetAnalyzed() {
		t.Errorf("a summary is not the task that a message led to: %v", m[0])
	}
}
