package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

func TestSaveMessages(t *testing.T) {
	t.Parallel()

	t.Run("StoresAWholeRowAndSaysSo", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		in := incoming("7", "каса не відповідає", func(in *store.Incoming) {
			in.Message.ThreadId, in.Message.ReplyToExternalId, in.Message.MediaGroupId = "3", "5", "album"
		})
		got := save(t, s, in)[0]
		if !got.Emit || !got.AvatarWanted {
			t.Errorf("Emit %v, AvatarWanted %v; want both", got.Emit, got.AvatarWanted)
		}
		m := got.Message
		if m.GetId() == 0 || !m.GetPersisted() || m.GetChatName() != "Support" {
			t.Errorf("id %d, persisted %v, chat %q", m.GetId(), m.GetPersisted(), m.GetChatName())
		}
		if want := "/api/avatars/telegram/42?initials=%D0%9E%D0%9A"; m.GetAvatarUrl() != want {
			t.Errorf("avatar %q, want %q", m.GetAvatarUrl(), want)
		}
		stored, err := s.MessagesByIDs(t.Context(), []int64{m.GetId()})
		if err != nil || len(stored) != 1 {
			t.Fatalf("%d rows, %v", len(stored), err)
		}
		if diff := gocmp.Diff(stored[0], m, protocmp.Transform()); diff != "" {
			t.Errorf("what was reported is not what is stored (-stored +reported):\n%s", diff)
		}
	})

	t.Run("AnnouncesARedeliveredVersionAgainAndStoresItOnce", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		first := save(t, s, incoming("1", "a"))[0]
		again := save(t, s, incoming("1", "a"))[0]
		if !again.Emit || again.Message.GetId() != first.Message.GetId() {
			t.Errorf("Emit %v, id %d after %d", again.Emit, again.Message.GetId(), first.Message.GetId())
		}
		if n := count(t, pool, "SELECT count(*) FROM messages"); n != 1 {
			t.Errorf("%d rows", n)
		}
	})

	t.Run("KeepsWhatAnEditReplaces", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		first := save(t, s, incoming("1", "before"))[0].Message
		if _, err := s.ClassifyMessage(t.Context(), first.GetId(), &eventsv1.Classification{
			IsIssue: true, Category: "bug", Priority: "high", Confidence: 0.9, Provider: "local"}); err != nil {
			t.Fatal(err)
		}
		got := save(t, s, incoming("1", "after", edited(10, 2)))[0]
		save(t, s, incoming("1", "after", edited(10, 2)))
		if !got.Emit || got.Message.GetContent() != "after" || got.Message.GetEditedAt() == nil {
			t.Errorf("got %v", got)
		}
		if got.Message.GetClassification().GetCategory() != "bug" {
			t.Error("the edit lost the classification")
		}
		detail, err := s.GetMessage(t.Context(), first.GetId())
		if err != nil {
			t.Fatal(err)
		}
		if len(detail.Edits) != 1 || detail.Edits[0].Content != "before" || !detail.Edits[0].WrittenAt.Equal(noon) {
			t.Errorf("edits %+v", detail.Edits)
		}
		if n := count(t, pool, "SELECT count(*) FROM messages WHERE search @@ 'after'::tsquery"); n != 1 {
			t.Error("the new content is not found")
		}
	})

	t.Run("IgnoresAnOlderEdit", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		save(t, s, incoming("1", "newest", edited(20, 3)))
		for name, in := range map[string]store.Incoming{
			"earlier edit":                incoming("1", "older", edited(10, 2)),
			"original":                    incoming("1", "oldest"),
			"same second, earlier update": incoming("1", "older", edited(20, 2)),
		} {
			got := save(t, s, in)[0]
			if got.Emit || got.Message.GetContent() != "newest" {
				t.Errorf("%s: Emit %v, content %q", name, got.Emit, got.Message.GetContent())
			}
		}
	})

	t.Run("DoesNotAnnounceAnEditThatChangesNothing", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		save(t, s, incoming("1", "same"))
		got := save(t, s, incoming("1", "same", edited(10, 2)))[0]
		if got.Emit || got.Message.GetEditedAt() != nil {
			t.Errorf("Emit %v, edited at %v", got.Emit, got.Message.GetEditedAt())
		}
		if n := count(t, pool, "SELECT count(*) FROM message_edits"); n != 0 {
			t.Errorf("%d edits kept", n)
		}
		if got := save(t, s, incoming("1", "same"))[0]; !got.Emit {
			t.Error("the original, delivered again, is not announced though its content is stored")
		}
		if got := save(t, s, incoming("1", "late", edited(5, 3)))[0]; got.Emit || got.Message.GetContent() != "same" {
			t.Errorf("an edit older than the unseen one won: %v", got)
		}
	})

	t.Run("AppliesAllVersionsInABatchInOrder", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		got := save(t, s,
			incoming("1", "third", edited(20, 3)), incoming("2", "other"), incoming("1", "first"),
			incoming("1", "second", edited(10, 2)), incoming("1", "third", edited(20, 3)))
		for i, want := range []bool{true, true, false, false, true} {
			if got[i].Emit != want {
				t.Errorf("result %d: Emit %v", i, got[i].Emit)
			}
		}
		detail, err := s.GetMessage(t.Context(), got[0].Message.GetId())
		if err != nil {
			t.Fatal(err)
		}
		if detail.Message.GetContent() != "third" || len(detail.Edits) != 2 ||
			detail.Edits[0].Content != "first" || detail.Edits[1].Content != "second" {
			t.Errorf("content %q, edits %+v", detail.Message.GetContent(), detail.Edits)
		}
	})

	t.Run("TellsChatsAndSourcesApart", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		save(t, s, incoming("1", "a"),
			incoming("1", "b", func(in *store.Incoming) { in.Message.ChatId = "-1002"; in.Chat = nil }),
			incoming("1", "c", func(in *store.Incoming) { in.Message.SourceName = "api" }))
		if n := count(t, pool, "SELECT count(*) FROM messages"); n != 3 {
			t.Errorf("%d rows, want 3", n)
		}
	})

	t.Run("WantsAPictureOncePerAuthorAndUsesTheCallersOwn", func(t *testing.T) {
		t.Parallel()
		s, _ := world(t)
		own := func(in *store.Incoming) {
			in.Message.AuthorId = "9"
			in.Message.AvatarUrl = "https://example.com/p.png"
		}
		got := save(t, s, incoming("1", "a"), incoming("2", "b"), incoming("3", "c", own))
		if !got[0].AvatarWanted || got[1].AvatarWanted || got[2].AvatarWanted {
			t.Errorf("wanted: %v %v %v", got[0].AvatarWanted, got[1].AvatarWanted, got[2].AvatarWanted)
		}
		if got[2].Message.GetAvatarUrl() != "https://example.com/p.png" {
			t.Errorf("own picture: %q", got[2].Message.GetAvatarUrl())
		}
		version, err := s.SaveAvatar(t.Context(), "telegram", "42", "file1", "image/jpeg", []byte("jpeg"))
		if err != nil {
			t.Fatal(err)
		}
		after := save(t, s, incoming("4", "d"))[0]
		if want := fmt.Sprintf("/api/avatars/telegram/42?v=%d", version); after.AvatarWanted || after.Message.GetAvatarUrl() != want {
			t.Errorf("wanted %v, URL %q, want %q", after.AvatarWanted, after.Message.GetAvatarUrl(), want)
		}
	})

	t.Run("RefusesTheBatchForOneBadRow", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		for name, bad := range map[string]store.Incoming{
			"null character": incoming("2", "a\x00b"),
			"raw no JSON":    incoming("2", "b", func(in *store.Incoming) { in.Raw = []byte("{") }),
			"no time":        incoming("2", "b", func(in *store.Incoming) { in.Message.SentAt = nil }),
		} {
			_, err := s.SaveMessages(t.Context(), []store.Incoming{incoming("1", "good"), bad})
			if !errors.Is(err, store.ErrInvalid) {
				t.Errorf("%s: %v, want ErrInvalid", name, err)
			}
		}
		if n := count(t, pool, "SELECT count(*) FROM messages"); n != 0 {
			t.Errorf("%d rows of refused batches", n)
		}
		save(t, s, incoming("1", "good"))
	})

	t.Run("SurvivesADatabaseThatForgot", func(t *testing.T) {
		t.Parallel()
		s, pool := world(t)
		save(t, s, incoming("1", "a"))
		if _, err := pool.Exec(t.Context(), "TRUNCATE sources, messages, author_names CASCADE"); err != nil {
			t.Fatal(err)
		}
		save(t, s, incoming("2", "b"))
	})
}

// TestSaveMessages_MatchesTheModel delivers versions of a few messages in random
// order and batches, repeated, by several stores at once, and compares with what
// version order alone says.
func TestSaveMessages_MatchesTheModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			_, pool := world(t)
			rnd := rand.New(rand.NewPCG(seed, 1))
			var all []store.Incoming
			newest := map[string]store.Incoming{}
			for i := range 120 {
				id := fmt.Sprint(rnd.IntN(12))
				in := incoming(id, fmt.Sprintf("text %d", rnd.IntN(4)))
				if rnd.IntN(4) > 0 {
					edited(1+rnd.IntN(5), int64(i+2))(&in)
				} else {
					in.Version = int64(i + 2)
				}
				all = append(all, in)
				if old, ok := newest[id]; !ok || versionOf(in) > versionOf(old) {
					newest[id] = in
				}
			}
			deliver(t, pool, rnd, all)
			page, err := store.New(pool).ListMessages(t.Context(), store.MessageFilter{})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Messages) != len(newest) {
				t.Fatalf("%d messages, want %d", len(page.Messages), len(newest))
			}
			for _, m := range page.Messages {
				if want := newest[m.GetExternalMessageId()].Message.GetContent(); m.GetContent() != want {
					t.Errorf("message %s: %q, want %q", m.GetExternalMessageId(), m.GetContent(), want)
				}
			}
			if n := count(t, pool, "SELECT count(*) FROM messages m JOIN message_edits e ON e.message_id = m.id WHERE e.written_at > m.version_at"); n > 0 {
				t.Errorf("%d earlier versions are newer than what is stored", n)
			}
		})
	}
}

func versionOf(in store.Incoming) string {
	at := in.Message.GetSentAt().AsTime()
	if in.Message.GetEditedAt() != nil {
		at = in.Message.GetEditedAt().AsTime()
	}
	return fmt.Sprintf("%020d %020d", at.UnixMicro(), in.Version)
}

// deliver has four stores save all of it, each in an order and in batches of its own.
func deliver(t *testing.T, pool *pgxpool.Pool, rnd *rand.Rand, all []store.Incoming) {
	t.Helper()
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range 4 {
		s := store.New(pool)
		mine := slices.Clone(all)
		rnd.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
		size := 1 + rnd.IntN(40)
		wg.Go(func() {
			<-start
			for batch := range slices.Chunk(mine, size) {
				if _, err := s.SaveMessages(t.Context(), batch); err != nil {
					t.Error(err)
				}
			}
		})
	}
	close(start)
	wg.Wait()
}

func TestMessageFilters_CountExactlyWhateverHappens(t *testing.T) {
	t.Parallel()
	s, pool := world(t)
	var batch []store.Incoming
	for i := range 300 {
		batch = append(batch, incoming(fmt.Sprint(i), "x", sentAt(noon.Add(time.Duration(i)*time.Minute))))
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	deliver(t, pool, rnd, batch)
	if _, err := pool.Exec(t.Context(), "DELETE FROM messages WHERE external_message_id < '2'"); err != nil {
		t.Fatal(err)
	}
	facets, err := s.MessageFilters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(count(t, pool, "SELECT count(*) FROM messages")); facets.Total != want || want == 0 || want == 300 {
		t.Errorf("total %d, want %d", facets.Total, want)
	}
	if !slices.Equal(facets.Authors, []string{"Оксана Коваль"}) || !slices.Equal(facets.Sources, []string{"telegram"}) {
		t.Errorf("authors %v, sources %v", facets.Authors, facets.Sources)
	}
	if cmp.Compare(facets.Earliest.Unix(), facets.Latest.Unix()) >= 0 {
		t.Errorf("from %v to %v", facets.Earliest, facets.Latest)
	}
}
