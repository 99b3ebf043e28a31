package worker_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// fakeBot answers as Telegram does: each answer in turn, the last one for ever.
type fakeBot struct {
	mu      sync.Mutex
	photos  []photo
	answers []error
	asked   []string // author ids
	pressed []string // callback ids
	calls   chan struct{}
}

type photo struct {
	picture *botapi.Picture
	err     error
}

func newBot(photos ...photo) *fakeBot {
	return &fakeBot{photos: photos, answers: []error{nil}, calls: make(chan struct{}, 1000)}
}

func (b *fakeBot) AuthorPhoto(_ context.Context, authorID, known string) (*botapi.Picture, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, authorID)
	b.calls <- struct{}{}
	p := b.photos[0]
	if len(b.photos) > 1 {
		b.photos = b.photos[1:]
	}
	if p.picture != nil && p.picture.FileUniqueID == known {
		return &botapi.Picture{FileUniqueID: known}, p.err
	}
	return p.picture, p.err
}

func (b *fakeBot) AnswerCallbackQuery(_ context.Context, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pressed = append(b.pressed, id)
	b.calls <- struct{}{}
	err := b.answers[0]
	if len(b.answers) > 1 {
		b.answers = b.answers[1:]
	}
	return err
}

// SendText is for the tests of posts, which ask a server.
func (b *fakeBot) SendText(context.Context, botapi.Text) error {
	return errors.New("nothing is posted here")
}

func (b *fakeBot) askedFor() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.asked)
}

func (b *fakeBot) pressedCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.pressed)
}

func picture(id string) photo {
	return photo{picture: &botapi.Picture{FileUniqueID: id, ContentType: "image/jpeg", Bytes: []byte("jpeg " + id)}}
}

func refusal(code int, description string, retryAfter time.Duration) photo {
	return photo{err: &botapi.Error{Method: "getUserProfilePhotos", Code: code, Description: description, RetryAfter: retryAfter}}
}

func worldWith(t *testing.T, bot *fakeBot) *world {
	t.Helper()
	w := newWorld(t)
	w.bot = bot
	return w
}

// avatarURLs are those that message.updated told of a message, in order.
func (w *world) avatarURLs(t *testing.T, externalID string) []string {
	t.Helper()
	var urls []string
	for _, e := range w.events(t, bus.SubjectMessageUpdated) {
		if m := e.GetMessageUpdated().GetMessage(); m.GetExternalMessageId() == externalID {
			urls = append(urls, m.GetAvatarUrl())
		}
	}
	return urls
}

func TestAPictureIsFetchedOnceAndToldToClients(t *testing.T) {
	t.Parallel()
	bot := newBot(picture("one"))
	w := worldWith(t, bot)
	w.start(t)
	w.put(t, received("1", "a"), received("2", "b"))
	w.awaitDone(t)
	w.put(t, received("3", "c"))
	w.awaitDone(t)
	if n := bot.askedFor(); n != 1 {
		t.Errorf("Telegram was asked %d times", n)
	}
	cached, err := w.store.GetAvatar(t.Context(), "telegram", "42")
	if err != nil || string(cached.Image) != "jpeg one" || cached.ContentType != "image/jpeg" {
		t.Fatalf("cached %v, %v", cached, err)
	}
	want := fmt.Sprintf("/api/avatars/telegram/42?v=%d", cached.Version)
	if urls := w.avatarURLs(t, "1"); len(urls) != 2 || !strings.Contains(urls[0], "?initials=") || urls[1] != want {
		t.Errorf("the first message was told with %q, want initials and then %s", urls, want)
	}
	// Stored with the first or after it, so with initials before, behind or not at all.
	if urls := w.avatarURLs(t, "2"); !slices.Contains(urls, want) {
		t.Errorf("the second message was told with %q, want %s among them", urls, want)
	}
	if urls := w.avatarURLs(t, "3"); len(urls) != 1 || urls[0] != want {
		t.Errorf("a later message was told with %q", urls)
	}
}

func TestWithoutABotNoPicturesAreAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start(t)
	w.put(t, received("1", "a"))
	w.awaitDone(t)
	stream, err := w.bus.JetStream().Stream(t.Context(), bus.StreamJobs)
	if err != nil {
		t.Fatal(err)
	}
	if n := stream.CachedInfo().State.LastSeq; n != 1 { // to classify it
		t.Errorf("%d jobs", n)
	}
}

func TestWhatTelegramAnswersAboutPictures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		photos []photo
		calls  int
		cached bool
		dead   int
	}{
		"NoPicture":         {photos: []photo{{}}, calls: 1},
		"UnknownUser":       {photos: []photo{refusal(400, "Bad Request: user not found", 0)}, calls: 1},
		"Kicked":            {photos: []photo{refusal(403, "Forbidden: bot was kicked", 0)}, calls: 1},
		"FloodThenPicture":  {photos: []photo{refusal(429, "Too Many Requests", time.Millisecond), refusal(429, "Too Many Requests", time.Millisecond), refusal(429, "", time.Millisecond), refusal(429, "", time.Millisecond), picture("x")}, calls: 5, cached: true},
		"ServerErrorThenOK": {photos: []photo{refusal(502, "Bad Gateway", 0), picture("x")}, calls: 2, cached: true},
		"BrokenForGood":     {photos: []photo{refusal(0, "connection reset", 0)}, calls: 3, dead: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bot := newBot(c.photos...)
			w := worldWith(t, bot)
			w.start(t)
			w.put(t, received("1", "a"))
			w.awaitDone(t)
			if n := bot.askedFor(); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
			if _, err := w.store.GetAvatar(t.Context(), "telegram", "42"); (err == nil) != c.cached {
				t.Errorf("cached: %v", err)
			}
			state, err := w.store.AvatarState(t.Context(), "telegram", "42")
			if err != nil || (c.dead == 0) != state.NextCheckAt.After(time.Now()) {
				t.Errorf("state %+v, %v", state, err)
			}
			if got := w.letters(t); len(got) != c.dead {
				t.Errorf("%d dead letters, want %d", len(got), c.dead)
			}
		})
	}
}

func TestARefusedTokenIsNotTriedAgainAndAgain(t *testing.T) {
	t.Parallel()
	bot := newBot(refusal(http.StatusUnauthorized, "Unauthorized", 0))
	w := worldWith(t, bot)
	stop := w.start(t)
	w.put(t, received("1", "a"))
	select {
	case <-bot.calls:
	case <-time.After(patience):
		t.Fatal("Telegram was not asked")
	}
	// Other work goes on beside it, and the job is kept.
	w.put(t, received("2", "b"), received("3", "c"))
	eventually(t, "messages are stored", func() bool { return w.count(t, "SELECT count(*) FROM messages") == 3 })
	stop()
	if n := bot.askedFor(); n != 1 {
		t.Errorf("Telegram was asked %d times", n)
	}
	if n := w.jobs(t, bus.SubjectJobAvatar); n != 1 {
		t.Errorf("%d jobs are kept", n)
	}
	// With a token that works, the next worker does it.
	bot = newBot(picture("x"))
	w.bot = bot
	w.start(t)
	w.awaitDone(t)
	if _, err := w.store.GetAvatar(t.Context(), "telegram", "42"); err != nil {
		t.Error(err)
	}
}

func TestAPictureThatIsStillTheSameIsNotToldAgain(t *testing.T) {
	t.Parallel()
	bot := newBot(picture("same"))
	w := worldWith(t, bot)
	w.start(t)
	w.put(t, received("1", "a"))
	w.awaitDone(t)
	before := w.avatarURLs(t, "1")
	if _, err := w.pool.Exec(t.Context(), "UPDATE authors SET avatar_next_check_at = now() - interval '1 hour'"); err != nil {
		t.Fatal(err)
	}
	w.putJob(t, bus.SubjectJobAvatar, &eventsv1.ResolveAvatar{SourceName: "telegram", AuthorId: "42"})
	w.awaitDone(t)
	if n := bot.askedFor(); n != 2 {
		t.Errorf("Telegram was asked %d times", n)
	}
	if after := w.avatarURLs(t, "1"); len(after) != len(before) {
		t.Errorf("told again: %q", after)
	}
	state, err := w.store.AvatarState(t.Context(), "telegram", "42")
	if err != nil || !state.NextCheckAt.After(time.Now()) {
		t.Errorf("state %+v, %v", state, err)
	}
	if cached, err := w.store.GetAvatar(t.Context(), "telegram", "42"); err != nil || string(cached.Image) != "jpeg same" {
		t.Errorf("cached %v, %v", cached, err)
	}
}

func TestAPictureThatIsGoneIsTold(t *testing.T) {
	t.Parallel()
	w := worldWith(t, newBot(picture("old"), photo{}))
	w.start(t)
	w.put(t, received("1", "a"))
	w.awaitDone(t)
	if _, err := w.pool.Exec(t.Context(), "UPDATE authors SET avatar_next_check_at = now() - interval '1 hour'"); err != nil {
		t.Fatal(err)
	}
	w.putJob(t, bus.SubjectJobAvatar, &eventsv1.ResolveAvatar{SourceName: "telegram", AuthorId: "42"})
	w.awaitDone(t)
	urls := w.avatarURLs(t, "1")
	if len(urls) != 3 || !strings.Contains(urls[2], "?initials=") {
		t.Errorf("told %q", urls)
	}
}

func (w *world) putJob(t *testing.T, subject string, job proto.Message) {
	t.Helper()
	m, err := bus.NewMessage(subject, "", job)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.bus.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestCallbacks(t *testing.T) {
	t.Parallel()
	failure := func(code int, retryAfter time.Duration) error {
		return &botapi.Error{Method: "answerCallbackQuery", Code: code, Description: "query is too old", RetryAfter: retryAfter}
	}
	for name, c := range map[string]struct {
		answers []error
		calls   int
		dead    int
	}{
		"Answered":     {answers: []error{nil}, calls: 1},
		"TooOld":       {answers: []error{failure(400, 0)}, calls: 1},
		"Unauthorized": {answers: []error{failure(401, 0)}, calls: 1},
		"Flood":        {answers: []error{failure(429, time.Millisecond), nil}, calls: 2},
		"ServerError":  {answers: []error{failure(500, 0), nil}, calls: 2},
		"NoAnswer":     {answers: []error{failure(0, 0)}, calls: 3, dead: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bot := newBot(photo{})
			bot.answers = c.answers
			w := worldWith(t, bot)
			w.start(t)
			w.putJob(t, bus.SubjectJobCallback, &eventsv1.AnswerCallback{CallbackQueryId: "77"})
			w.awaitDone(t)
			if n := bot.pressedCount(); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
			if got := w.letters(t); len(got) != c.dead {
				t.Errorf("dead letters %v", got)
			}
		})
	}
}

func TestCarriedOverRowsAreIndexed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.start(t)
	w.put(t, received("1", "the printer is burning"))
	w.awaitDone(t)
	stop()
	if _, err := w.pool.Exec(t.Context(), "UPDATE messages SET search = NULL"); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	eventually(t, "the row is found", func() bool {
		page, err := w.store.ListMessages(t.Context(), store.MessageFilter{Query: "burning"})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Messages) == 1
	})
}
