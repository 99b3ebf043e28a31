package api_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api"
)

func telegram(id, author, content, sent string) *eventsv1.Message {
	return &eventsv1.Message{
		SourceName: "telegram", ChatId: "-5", ExternalMessageId: id, Author: author, AuthorId: "7", Content: content,
		HasWords: true, SentAt: timestamppb.New(at(sent)),
	}
}

func TestAMessageHandedInTwiceIsStoredAndToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	body := `{"id":%s,"content":"Чек загубився","author":"Ann","timestamp":"2026-11-16T12:00:00+02:00","chat_id":%s}`
	first := ok[object](w, http.MethodPost, "/api/messages", fmt.Sprintf(body, "17", `"5"`))
	again := ok[object](w, http.MethodPost, "/api/v1/messages", fmt.Sprintf(body, `"17"`, "5"))
	if fmt.Sprint(first) != fmt.Sprint(again) {
		t.Errorf("answers differ:\n%v\n%v", first, again)
	}
	message := first["message"].(object)
	if first["status"] != "message received" || message["persisted"] != true || message["source_name"] != "api" || message["sent_at"] != "2026-11-16T10:00:00Z" {
		t.Errorf("answered %v", first)
	}
	if n := w.events()["events.message.new"]; n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	if got := get[object](w, "/api/messages/filters"); got["total_messages"] != 1.0 || fmt.Sprint(got["date_range"]) != "map[earliest:2026-11-16 latest:2026-11-16]" {
		t.Errorf("filters %v", got)
	}
}

func TestMessageFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	w.save(
		telegram("1", "Олена", "Термінали не друкують чеки, LL-490", "2026-03-28T21:59:59Z"), // 28 March in Kyiv, 23:59:59
		telegram("2", "Tom 100%", "The printer is broken again", "2026-03-28T22:00:00Z"),     // 29 March 00:00
		telegram("3", "Tom_A", "PaymentGatewayTimeout in prod", "2026-03-29T20:59:59Z"),      // 29 March 23:59:59 summer time
		telegram("4", "Олена", "Пізніше", "2026-03-29T21:00:00Z"),                            // 30 March
	)
	for query, want := range map[string]string{
		"": "4 3 2 1", "author=олен": "4 1", "author=100%25": "2", "author=m_A": "3", "author=%25": "2", "source=TELE": "4 3 2 1", "source=api": "",
		"date_from=2026-03-29&date_to=2026-03-29&tz=Europe/Kyiv": "3 2", "date_from=2026-03-29&date_to=2026-03-29": "4 3",
		"chat_id=-5": "4 3 2 1", "chat_id=-6": "", "classification=issue": "", "classification=unclassified": "4 3 2 1",
		"q=термінал": "1", "q=чек": "1", "q=printers": "2", "q=490": "1", "q=gateway": "3", "q=eout": "3", "q=олена": "4 1", "q=nothing": "",
	} {
		var ids []string
		for _, m := range get[[]object](w, "/api/messages?"+query) {
			ids = append(ids, m["external_message_id"].(string))
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("?%s gives %q, want %q", query, got, want)
		}
	}
}

// A day is what the clocks of the zone say it is, however odd.
func TestOddDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	w.save(
		telegram("santiago 5th, 23:30", "A", "x", "2026-09-06T03:30:00Z"), // clocks skip from 24:00 to 01:00
		telegram("santiago 6th, 01:00", "A", "x", "2026-09-06T04:00:00Z"),
		telegram("havana 31st, 23:59", "A", "x", "2026-11-01T03:59:00Z"),
		telegram("havana 1st, first 00:30", "A", "x", "2026-11-01T04:30:00Z"), // clocks go from 01:00 back to 00:00
		telegram("havana 1st, second 00:30", "A", "x", "2026-11-01T05:30:00Z"),
		telegram("havana 2nd, 00:00", "A", "x", "2026-11-02T05:00:00Z"),
		telegram("apia 29th, 23:59", "A", "x", "2011-12-30T09:59:00Z"), // there was no 30th
		telegram("apia 31st, 00:00", "A", "x", "2011-12-30T10:00:00Z"),
	)
	for _, c := range []struct{ tz, day, want string }{
		{"America/Santiago", "2026-09-05", "santiago 5th, 23:30"},
		{"America/Santiago", "2026-09-06", "santiago 6th, 01:00"},
		{"America/Havana", "2026-10-31", "havana 31st, 23:59"},
		{"America/Havana", "2026-11-01", "havana 1st, second 00:30; havana 1st, first 00:30"},
		{"America/Havana", "2026-11-02", "havana 2nd, 00:00"},
		{"Pacific/Apia", "2011-12-29", "apia 29th, 23:59"},
		{"Pacific/Apia", "2011-12-30", ""},
		{"Pacific/Apia", "2011-12-31", "apia 31st, 00:00"},
	} {
		var found []string
		for _, m := range get[[]object](w, fmt.Sprintf("/api/messages?tz=%s&date_from=%s&date_to=%s", c.tz, c.day, c.day)) {
			found = append(found, m["external_message_id"].(string))
		}
		if got := strings.Join(found, "; "); got != c.want {
			t.Errorf("%s in %s has %q, want %q", c.day, c.tz, got, c.want)
		}
	}
	if got := ok[object](w, http.MethodPost, "/api/analyze-day?tz=America/Santiago&target_date=2026-09-06", ""); got["messages_processed"] != 1.0 || got["date"] != "2026-09-06" {
		t.Errorf("analysed %v", got)
	}
}

// Rows that arrive while somebody pages neither repeat nor hide others, whatever the
// times, the size of a page and the filter.
func TestPagingHasNoGapsAndNoRepeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 0))
		author := fmt.Sprint("author", seed, "x")
		insert := func(id string) {
			// Few instants, so that many messages have the same: then the id decides.
			sent := time.Date(2026, 11, 16, 10, random.IntN(5), 0, random.IntN(2)*1000, time.UTC)
			m := telegram(fmt.Sprint(seed, " ", id), author, "x", "2026-11-16T10:00:00Z")
			m.SentAt = timestamppb.New(sent)
			w.save(m)
		}
		n := 1 + random.IntN(30)
		for i := range n {
			insert(fmt.Sprint(i))
		}
		seen := map[string]int{}
		last := ""
		pages := 0
		for path := fmt.Sprintf("/api/messages?author=%s&limit=%d", author, 1+random.IntN(n+1)); path != ""; pages++ {
			status, said, header := w.call(http.MethodGet, path, "")
			var page []object
			if err := json.Unmarshal([]byte(said), &page); err != nil || status != 200 || pages > 100 {
				t.Fatalf("page %d: %d %v", pages, status, err)
			}
			for _, m := range page {
				key := fmt.Sprintf("%s %020.0f", at(m["sent_at"].(string)).Format("15:04:05.000000"), m["id"])
				if last != "" && key >= last {
					t.Errorf("seed %d: %s follows %s", seed, key, last)
				}
				last = key
				seen[m["external_message_id"].(string)]++
			}
			insert(fmt.Sprint("late ", pages))
			if path = ""; header.Get("X-Next-Cursor") != "" {
				path, _, _ = strings.Cut(strings.TrimPrefix(header.Get("Link"), "<"), ">")
			}
		}
		for i := range n {
			if times := seen[fmt.Sprint(seed, " ", i)]; times != 1 {
				t.Errorf("seed %d: message %d was listed %d times", seed, i, times)
			}
		}
		for id, times := range seen {
			if times > 1 {
				t.Errorf("seed %d: %s was listed %d times", seed, id, times)
			}
		}
	}
}

// What two workers stored in whatever order is listed in the order of the chat, and a
// cursor of the release before is refused with what to do.
func TestMessagesOfOneSecondAreListedInTheOrderOfTheirChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	other := store.New(w.pool)
	for _, id := range []string{"12", "9", "100", "11", "10", "1"} {
		if _, err := other.SaveMessages(t.Context(), []store.Incoming{{Message: telegram(id, "A", "x", "2026-11-16T10:00:00Z"), Version: 1}}); err != nil {
			t.Fatal(err)
		}
		w.save(telegram(id+"0000", "A", "x", "2026-11-16T10:00:00Z"))
	}
	for _, filter := range []string{"&chat_id=-5", "&chat_id=-5&author=a", "&chat_id=-5&q=x"} {
		var got []string
		for path := "/api/messages?limit=5" + filter; path != ""; {
			status, said, header := w.call(http.MethodGet, path, "")
			var page []object
			if err := json.Unmarshal([]byte(said), &page); err != nil || status != 200 {
				t.Fatalf("%d %v", status, err)
			}
			for _, m := range page {
				got = append(got, m["external_message_id"].(string))
			}
			if path = ""; header.Get("X-Next-Cursor") != "" {
				path, _, _ = strings.Cut(strings.TrimPrefix(header.Get("Link"), "<"), ">")
			}
		}
		if want := "1000000 120000 110000 100000 90000 10000 100 12 11 10 9 1"; strings.Join(got, " ") != want {
			t.Errorf("%q lists %v, want %s", filter, got, want)
		}
	}
	old := base64.RawURLEncoding.EncodeToString([]byte("1763287200000000.5"))
	if status, said, _ := w.call(http.MethodGet, "/api/messages?cursor="+old, ""); status != 422 || !strings.Contains(said, "start without one") {
		t.Errorf("a cursor of the release before: %d %s", status, said)
	}
}

// An empty parameter is none, and null characters are removed wherever they come in.
func TestWhatIsEmptyFiltersNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	handed := `{"id":"1\u0000","content":"a\u0000\u0000b \\\\u0000","author":"An\u0000n","timestamp":"2026-11-16T10:00:00Z","chat_id":"5"}`
	stored := ok[object](w, http.MethodPost, "/api/messages", handed)["message"].(object)
	if stored["external_message_id"] != "1" || stored["content"] != `ab \\u0000` || stored["author"] != "Ann" {
		t.Errorf("stored %v", stored)
	}
	ok[object](w, http.MethodPost, "/api/tasks", newTask("x"))
	for _, path := range []string{
		"/api/messages?limit=&cursor=&author=&source=&date_from=&date_to=&tz=&q=&chat_id=&classification=",
		"/api/messages?author=%00&source=a%00pi", "/api/tasks?status=&category=&priority=&source=&q=&limit=&cursor=",
	} {
		if got := get[[]object](w, path); len(got) != 1 {
			t.Errorf("%s: %v", path, got)
		}
	}
	get[object](w, "/api/activity?period=&month=&year=&tz=")
	ok[object](w, http.MethodPost, "/api/analyze-day?target_date=&tz=", "")
}

func TestTheSameMessageFromManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	const body = `{"id":17,"content":"x","author":"Ann","timestamp":"2026-11-16T12:00:00+02:00","chat_id":"5"}`
	start := make(chan struct{})
	var mu sync.Mutex
	answers := map[string]int{}
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			<-start
			got := ok[object](w, http.MethodPost, "/api/messages", body)
			mu.Lock()
			defer mu.Unlock()
			answers[fmt.Sprint(got)]++
		})
	}
	close(start)
	callers.Wait()
	if len(answers) != 1 {
		t.Errorf("different answers: %v", answers)
	}
	if n := w.events()["events.message.new"]; n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

func TestOneMessageAndItsConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	question := telegram("1", "Олена", "Що сталося?", "2026-11-16T10:00:00Z")
	answer := telegram("2", "Tom", "It broke", "2026-11-16T10:01:00Z")
	answer.ReplyToExternalId = "1"
	edited := telegram("2", "Tom", "It broke twice", "2026-11-16T10:01:00Z")
	edited.ReplyToExternalId, edited.EditedAt = "1", timestamppb.New(at("2026-11-16T10:02:00Z"))
	w.save(question, answer, edited)
	list := get[[]object](w, "/api/messages")
	detail := get[object](w, fmt.Sprintf("/api/messages/%v", list[0]["id"]))
	if detail["content"] != "It broke twice" || detail["reply_to"].(object)["content"] != "Що сталося?" || detail["raw"] == nil {
		t.Errorf("detail %v", detail)
	}
	if edits := detail["edits"].([]any); len(edits) != 1 || edits[0].(object)["content"] != "It broke" {
		t.Errorf("edits %v", edits)
	}
	if replies := get[object](w, fmt.Sprintf("/api/messages/%v", list[1]["id"]))["replies"].([]any); len(replies) != 1 {
		t.Errorf("replies %v", replies)
	}
	if status, said, _ := w.call(http.MethodGet, "/api/messages/77", ""); status != 404 || !strings.Contains(said, "Message not found") {
		t.Errorf("%d %s", status, said)
	}
}

func TestAvatars(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	status, svg, header := w.call(http.MethodGet, "/api/avatars/telegram/7?initials="+url.QueryEscape(`<a>"&'`), "")
	if status != 200 || header.Get("Content-Type") != "image/svg+xml" || strings.Contains(svg, "<a>") || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v %s", status, header, svg)
	}
	w.save(telegram("1", "Олена Ковтун", "x", "2026-11-16T10:00:00Z"))
	if _, svg, _ := w.call(http.MethodGet, "/api/avatars/telegram/7", ""); !strings.Contains(svg, "ОК") {
		t.Errorf("without initials in the URL the stored name is used: %s", svg)
	}
	jpeg := "\xff\xd8\xff\xe0picture"
	version, err := w.store.SaveAvatar(t.Context(), "telegram", "7", "unique", "image/jpeg", []byte(jpeg))
	if err != nil {
		t.Fatal(err)
	}
	path := get[[]object](w, "/api/messages")[0]["avatar_url"].(string)
	status, picture, header := w.call(http.MethodGet, path, "")
	if status != 200 || picture != jpeg || !strings.Contains(header.Get("Cache-Control"), "immutable") || !strings.HasSuffix(path, fmt.Sprint("?v=", version)) {
		t.Errorf("%s: %d %v", path, status, header)
	}
	status, _, header = w.call(http.MethodGet, path, "", "If-None-Match", header.Get("ETag"))
	if status != http.StatusNotModified || strings.Contains(header.Get("Cache-Control"), "no-store") {
		t.Errorf("with its ETag: %d %v", status, header)
	}
	tag := header.Get("ETag")
	for given, want := range map[string]int{"W/" + tag: 304, `"other", ` + tag: 304, "*": 304, `"other"`: 200, "": 200} {
		if status, _, _ := w.call(http.MethodGet, path, "", "If-None-Match", given); status != want {
			t.Errorf("If-None-Match %s: %d, want %d", given, status, want)
		}
	}
	_, _, header = w.call(http.MethodGet, strings.Replace(path, "?v=", "?v=9", 1), "")
	if strings.Contains(header.Get("Cache-Control"), "immutable") || !strings.Contains(header.Get("Cache-Control"), "max-age=") {
		t.Errorf("an old version keeps for ever: %v", header)
	}
}

// FuzzQuery sends any query to every operation that reads one.
func FuzzQuery(f *testing.F) {
	paths := []string{
		"/api/messages", "/api/tasks", "/api/activity", "/api/dead-letters", "/api/tasks/1/history", "/api/avatars/telegram/1", "/api/stats",
	}
	for i := range paths {
		for _, query := range []string{
			"", "limit=1", "q=%27", "date_from=2026-02-30", "cursor=x", "cursor=-1", "tz=Europe/Kyiv&date_to=2026-01-01", "author=%00", "q=%ff",
			"a=%zz", "limit=1e9", "classification=x", "period=month&month=11&year=9999", "initials=%F0%9F%98%80", " v", "v=1", "status=&category=",
		} {
			f.Add(byte(i), query)
		}
	}
	w := newWorld(f, api.Config{})
	f.Fuzz(func(t *testing.T, path byte, query string) {
		// net/http itself refuses a request line with raw blanks: send one as clients do.
		query = strings.ReplaceAll(query, " ", "%20")
		u := url.URL{Path: paths[int(path)%len(paths)], RawQuery: query}
		if _, err := http.NewRequest(http.MethodGet, w.url+u.String(), nil); err != nil {
			return // no client can send it
		}
		if status, said, _ := w.under(t).call(http.MethodGet, u.String(), ""); status >= 500 {
			t.Errorf("%s: %d %s", u.String(), status, said)
		}
	})
}
