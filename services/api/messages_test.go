package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

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

// In Santiago clocks skip midnight of 6 September 2026: the day begins at 01:00, 04:00 UTC.
func TestADayThatBeginsWithoutAMidnight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	w.save(telegram("1", "A", "the 5th, 23:30", "2026-09-06T03:30:00Z"), telegram("2", "A", "the 6th, 01:00", "2026-09-06T04:00:00Z"))
	const day = "tz=America/Santiago&date_from=2026-09-06&date_to=2026-09-06"
	if got := get[[]object](w, "/api/messages?"+day); len(got) != 1 || got[0]["external_message_id"] != "2" {
		t.Errorf("the 6th has %v", got)
	}
	if got := ok[object](w, http.MethodPost, "/api/analyze-day?tz=America/Santiago&target_date=2026-09-06", ""); got["messages_processed"] != 1.0 || got["date"] != "2026-09-06" {
		t.Errorf("analysed %v", got)
	}
}

// Rows that arrive while somebody pages neither repeat nor hide others.
func TestPagingHasNoGapsAndNoRepeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	const n = 25
	for i := range n {
		w.save(telegram(fmt.Sprint(i), "A", "x", "2026-11-16T10:00:00Z")) // one instant: the id decides
	}
	seen := map[string]int{}
	path := "/api/messages?limit=4"
	for page := 0; path != ""; page++ {
		status, _, header := w.call(http.MethodGet, path, "")
		for _, m := range get[[]object](w, path) {
			seen[m["external_message_id"].(string)]++
		}
		w.save(telegram(fmt.Sprint("new", page), "A", "x", "2026-11-16T11:00:00Z"))
		if path = ""; header.Get("X-Next-Cursor") != "" {
			link, _, _ := strings.Cut(strings.TrimPrefix(header.Get("Link"), "<"), ">")
			path = link
		}
		if status != 200 || page > n {
			t.Fatalf("page %d: %d", page, status)
		}
	}
	for i := range n {
		if seen[fmt.Sprint(i)] != 1 {
			t.Errorf("message %d was listed %d times", i, seen[fmt.Sprint(i)])
		}
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
}

// FuzzQuery sends any query to every operation that reads one.
func FuzzQuery(f *testing.F) {
	paths := []string{
		"/api/messages", "/api/tasks", "/api/activity", "/api/dead-letters", "/api/tasks/1/history", "/api/avatars/telegram/1", "/api/stats",
	}
	for i := range paths {
		for _, query := range []string{
			"", "limit=1", "q=%27", "date_from=2026-02-30", "cursor=x", "cursor=-1", "tz=Europe/Kyiv&date_to=2026-01-01", "author=%00", "q=%ff",
			"a=%zz", "limit=1e9", "classification=x", "period=month&month=11&year=9999", "initials=%F0%9F%98%80", "v=1", "status=&category=",
		} {
			f.Add(byte(i), query)
		}
	}
	w := newWorld(f, api.Config{})
	f.Fuzz(func(t *testing.T, path byte, query string) {
		u := url.URL{Path: paths[int(path)%len(paths)], RawQuery: query}
		if _, err := http.NewRequest(http.MethodGet, w.url+u.String(), nil); err != nil {
			return // no client can send it
		}
		if status, said, _ := w.under(t).call(http.MethodGet, u.String(), ""); status >= 500 {
			t.Errorf("%s: %d %s", u.String(), status, said)
		}
	})
}
