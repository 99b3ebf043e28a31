package telegram_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/tasktracker/tasktracker/pkg/channel"
	"github.com/tasktracker/tasktracker/pkg/channel/channeltest"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// decode decodes a message of chat -1002988379206 with further members.
func decode(t *testing.T, members string) channel.Update {
	t.Helper()
	body := fmt.Sprintf(`{"update_id":9,"message":{"message_id":5,"date":1794816220,"chat":{"id":-1002988379206,"title":"x"},%s}}`, members)
	channeltest.Check(t, telegram.Adapter{}, []byte(body))
	u, err := telegram.Adapter{}.Decode([]byte(body), channeltest.ReceivedAt)
	if err != nil {
		t.Fatalf("%s: %v", members, err)
	}
	return u
}

func TestContent(t *testing.T) {
	t.Parallel()
	type want struct {
		text  string
		words bool
	}
	for members, want := range map[string]want{
		`"text":"a"`:                               {"a", true},
		`"text":" \n","caption":"c"`:               {"c", true},
		`"text":"\u0000","photo":[{}]`:             {"[photo]", false},
		`"text":7,"caption":{},"photo":[{}]`:       {"[photo]", false},
		`"animation":{"duration":3},"document":{}`: {"[animation]", false},
		`"document":{},"animation":{"duration":3}`: {"[animation]", false},
		`"photo":[],"live_photo":{}`:               {"[live photo]", false},
		`"location":{},"venue":{"title":"Port"}`:   {"[venue Port]", false},
		`"location":{"latitude":1e-7}`:             {"[location]", false},
		`"video":{"duration":65}`:                  {"[video 1:05]", false},
		`"video_note":{"duration":0}`:              {"[video note 0:00]", false},
		`"voice":{"duration":3723}`:                {"[voice 1:02:03]", false},
		`"voice":{"duration":-3}`:                  {"[voice]", false},
		`"voice":{"duration":"23"}`:                {"[voice]", false},
		`"voice":"oops"`:                           {"[voice]", false},
		`"voice":null`:                             {"[unsupported]", false},
		`"audio":{"performer":"Дахабраха","title":"Baby","duration":5}`: {"[audio Дахабраха – Baby]", false},
		`"audio":{"file_name":"a.mp3","duration":5}`:                    {"[audio a.mp3]", false},
		`"audio":{"duration":5}`:                                        {"[audio 0:05]", false},
		`"document":{"file_name":"a\u0000b\nc.gz"}`:                     {"[file ab c.gz]", false},
		`"document":{"file_name":"` + strings.Repeat("я", 200) + `"}`:   {"[file " + strings.Repeat("я", 120) + "…]", false},
		`"sticker":{"emoji":"🚀"}`:                                       {"[sticker 🚀]", false},
		`"sticker":{}`:                                                  {"[sticker]", false},
		`"dice":{"emoji":"🎲","value":4}`:                                {"[dice 🎲 4]", false},
		`"poll":{"question":"When?"}`:                                   {"[poll] When?", true},
		`"poll":{"question":7}`:                                         {"[poll]", false},
		`"checklist":{"title":"Release","tasks":[]}`:                    {"[checklist] Release", true},
		`"contact":{"first_name":"Anna","last_name":"K"}`:               {"[contact Anna K]", false},
		`"story":{}`:                       {"[story]", false},
		`"game":{"title":"Chess"}`:         {"[game Chess]", false},
		`"paid_media":{"paid_media":[{}]}`: {"[paid media]", false},
		`"invoice":{"title":"Hat"}`:        {"[invoice Hat]", false},
		`"giveaway":{}`:                    {"[giveaway]", false},
		`"rich_message":{"blocks":[]}`:     {"[unsupported]", false},
		`"rich_message":"oops"`:            {"[unsupported]", false},
		`"sender_mood":"curious"`:          {"[unsupported]", false},
	} {
		m := decode(t, members).Message.GetMessage()
		if m.GetContent() != want.text || m.GetHasWords() != want.words {
			t.Errorf("%s: got %q, %t; want %q, %t", members, m.GetContent(), m.GetHasWords(), want.text, want.words)
		}
	}
}

func TestRichMessage(t *testing.T) {
	t.Parallel()
	for blocks, want := range map[string]string{
		`{"type":"heading","text":"A"},{"text":["b",{"type":"bold","text":["c",{"text":"d"}]},7,null],"type":"paragraph"}`: "A\nbcd",
		`{"type":"list","items":[{"label":"1.","blocks":[{"type":"paragraph","text":"a"},{"type":"list","items":[{"label":"•","blocks":[{"text":"b"}]}]},{"text":"c"}]},{"has_checkbox":true,"blocks":[]},{"label":"2.","blocks":[{"type":"list","items":[{"is_checked":true,"blocks":[{"text":"d"}]}]}]}]}`: "1. a\n  • b\n  c\n[ ]\n2. [x] d",
		`{"type":"blockquote","blocks":[{"text":"a"},{"type":"divider"}],"credit":"Ann"}`:                                                                                            "> a\n> ---\n— Ann",
		`{"type":"table","cells":[[{"text":"a"},{}],[{"text":"b"},{"text":{"type":"code","text":"c"}}]],"caption":"t"}`:                                                              "a | \nb | c\nt",
		`{"type":"details","summary":"s","blocks":[{"text":"a"}]},{"type":"newer than we","text":"n"}`:                                                                               "s\na\nn",
		`{"type":"photo","photo":[],"caption":{"text":"cap","credit":"Ann"}},{"type":"voice_note"},{"type":"map"}`:                                                                   "[photo]\ncap\n— Ann\n[voice]\n[location]",
		`{"type":"paragraph","text":[{"type":"custom_emoji","alternative_text":"👍"},{"type":"mathematical_expression","expression":"x^2"},{"type":"button","button":{"text":"B"}}]}`: "👍x^2B",
		`{"type":"buttons","buttons":[{"text":"Take"},{"text":"Open"}]},{"type":"anchor","name":"a"}`:                                                                                "[Take]\n[Open]",
		`"oops",{"type":"list","items":7},{"type":"table","cells":{"a":1}},{"type":"paragraph","text":"a\u0000b"}`:                                                                   "ab",
	} {
		m := decode(t, `"rich_message":{"blocks":[`+blocks+`]}`).Message.GetMessage()
		if diff := cmp.Diff(want, m.GetContent()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", blocks, diff)
		}
		if words := !strings.HasPrefix(blocks, `{"type":"buttons"`); m.GetHasWords() != words {
			t.Errorf("%s: has words: %t", blocks, m.GetHasWords())
		}
	}
}

func TestWho(t *testing.T) {
	t.Parallel()
	for members, want := range map[string][2]string{
		`"from":{"id":7,"first_name":" Ann ","last_name":""}`:                {"Ann", "7"},
		`"from":{"id":7,"first_name":"","username":"ann_k"}`:                 {"ann_k", "7"},
		`"from":{"id":7,"first_name":""}`:                                    {"id 7", "7"},
		`"from":{"id":1e400,"first_name":"Ann"}`:                             {"Ann", ""},
		`"from":"Ann"`:                                                       {"", ""},
		`"from":{"id":7,"first_name":"A\u0000nn"},"author_signature":"x"`:    {"Ann", "7"},
		`"from":{"id":136817688},"sender_chat":{"id":-1001,"title":"C"}`:     {"C", "-1001"},
		`"sender_chat":{"id":-1001,"username":"c"},"author_signature":"Ann"`: {"c (Ann)", "-1001"},
		`"from":{"id":7,"first_name":"` + strings.Repeat("я", 300) + `","username":"` + strings.Repeat("a", 65) + `"}`: {strings.Repeat("я", 255) + "…", "7"},
		`"from":{"id":7,"username":"` + strings.Repeat("a", 65) + `"}`:                                                 {"id 7", "7"},
		`"sender_chat":{},"author_signature":"Ann","from":{"id":7,"first_name":"n"}`:                                   {"Ann", ""},
	} {
		m := decode(t, members).Message.GetMessage()
		if got := [2]string{m.GetAuthor(), m.GetAuthorId()}; got != want {
			t.Errorf("%s: got %q, want %q", members, got, want)
		}
	}
}

func TestWhere(t *testing.T) {
	t.Parallel()
	for members, want := range map[string][2]string{ // thread, reply
		`"message_thread_id":12,"is_topic_message":true`:                                                              {"12", ""},
		`"message_thread_id":12`:                                                                                      {"", ""},
		`"message_thread_id":1,"is_topic_message":true`:                                                               {"", ""},
		`"message_thread_id":"12","is_topic_message":true`:                                                            {"", ""},
		`"message_thread_id":12,"is_topic_message":true,"reply_to_message":{"message_id":12}`:                         {"12", ""},
		`"message_thread_id":12,"is_topic_message":true,"reply_to_message":{"message_id":13}`:                         {"12", "13"},
		`"message_thread_id":12,"reply_to_message":{"message_id":12}`:                                                 {"", "12"},
		`"reply_to_message":{"message_id":0}`:                                                                         {"", ""},
		`"reply_to_message":{"message_id":4,"date":0,"chat":{"id":-1002988379206}}`:                                   {"", "4"},
		`"reply_to_message":{"message_id":4,"chat":{"id":-1007}}`:                                                     {"", ""},
		`"reply_to_message":"oops","external_reply":{"message_id":4,"chat":{"id":-1002988379206}},"media_group_id":7`: {"", ""},
	} {
		m := decode(t, members).Message.GetMessage()
		if got := [2]string{m.GetThreadId(), m.GetReplyToExternalId()}; got != want {
			t.Errorf("%s: got %q, want %q", members, got, want)
		}
	}
}

func TestServiceMessages(t *testing.T) {
	t.Parallel()
	for _, member := range strings.Fields(`new_chat_members left_chat_member chat_owner_left chat_owner_changed new_chat_photo delete_chat_photo
		group_chat_created supergroup_chat_created channel_chat_created message_auto_delete_timer_changed pinned_message successful_payment
		refunded_payment users_shared chat_shared gift unique_gift gift_upgrade_sent connected_website write_access_allowed passport_data
		proximity_alert_triggered boost_added chat_background_set checklist_tasks_done checklist_tasks_added community_chat_added
		community_chat_joined community_chat_removed direct_message_price_changed forum_topic_closed forum_topic_reopened
		general_forum_topic_hidden general_forum_topic_unhidden giveaway_created giveaway_completed managed_bot_created
		paid_message_price_changed poll_option_added poll_option_deleted suggested_post_approved suggested_post_approval_failed
		suggested_post_declined suggested_post_paid suggested_post_refunded video_chat_scheduled video_chat_started video_chat_ended
		video_chat_participants_invited web_app_data forum_topic_edited new_chat_title`) {
		if u := decode(t, `"`+member+`":{},"message_thread_id":3`); u.Verdict != channel.Ignore || u.Chat == nil {
			t.Errorf("%s: verdict %s of chat %v", member, u.Verdict, u.Chat)
		}
		if u := decode(t, `"`+member+`":null,"text":"a"`); u.Verdict != channel.Store {
			t.Errorf("%s is null: verdict %s", member, u.Verdict)
		}
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	chat := &eventsv1.Chat{SourceName: "telegram", ChatId: "-1002988379206", Kind: "supergroup", Name: "x"}
	renamed := &eventsv1.Chat{SourceName: "telegram", ChatId: "-1002988379206", Kind: "supergroup", Name: "New"}
	u := decode(t, `"new_chat_title":"N\u0000ew"`)
	if diff := cmp.Diff(renamed, u.Facts[0].GetChatRenamed().GetChat(), protocmp.Transform()); diff != "" {
		t.Errorf("renamed (-want +got):\n%s", diff)
	}
	if u.Chat.GetName() != "New" {
		t.Errorf("the update's chat is still called %q", u.Chat.GetName())
	}
	topic := &eventsv1.TopicNamed{Chat: chat, ThreadId: "3", Name: "Bugs"}
	for _, member := range []string{"forum_topic_created", "forum_topic_edited"} {
		u := decode(t, `"`+member+`":{"icon_color":5,"name":"Bugs"},"message_thread_id":3,"is_topic_message":true`)
		if diff := cmp.Diff(topic, u.Facts[0].GetTopicNamed(), protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", member, diff)
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	const message = `{"message_id":5,"date":1794816220,"chat":{"id":-1002988379206},"text":"a"}`
	for body, want := range map[string]string{
		`{"update_id":1}`: "unknown ignore",
		`{"update_id":-0,"new_kind":` + message + `}`:                                                      "unknown ignore",
		`{"update_id":1,"callback_query":{"id":"4"},"message":` + message + `}`:                            "message store",
		`{"update_id":1,"edited_message":` + message + `,"message":` + message + `}`:                       "message store",
		`{"update_id":1,"poll":7,"channel_post":` + message + `}`:                                          "channel_post store",
		`{"update_id":1,"edited_business_message":` + message + `}`:                                        "edited_business_message ignore",
		`{"update_id":1,"guest_message":` + message + `}`:                                                  "guest_message ignore",
		`{"update_id":1,"stopped_message_generation":7}`:                                                   "stopped_message_generation ignore",
		`{"update_id":1,"message":{"message_id":5,"business_connection_id":"x"}}`:                          "message ignore",
		`{"update_id":1,"message":{"message_id":0}}`:                                                       "message ignore",
		`{"update_id":1,"callback_query":{"id":"4"}}`:                                                      "callback_query callback",
		`{"\u006dessage":` + message + `,"update_id":1}`:                                                   "message store",
		`{"update_id":1,"message":null}`:                                                                   "shape not understood",
		`{"update_id":1,"message":{"message_id":5}}`:                                                       "shape not understood",
		`{"update_id":1,"message":{"message_id":5.0}}`:                                                     "shape not understood",
		`{"update_id":1,"message":{"message_id":-5,"date":1,"chat":{"id":-1}}}`:                            "shape not understood",
		`{"update_id":1,"message":{"message_id":5,"date":1,"chat":{"id":0}}}`:                              "shape not understood",
		`{"update_id":1,"message":{"message_id":5,"date":0,"chat":{"id":-1}}}`:                             "shape not understood",
		`{"update_id":1,"message":{"message_id":5,"date":253402300800,"chat":{"id":-1}}}`:                  "shape not understood",
		`{"update_id":1,"message":{"message_id":5,"date":1,"chat":{"id":-1},"migrate_to_chat_id":"-100"}}`: "shape not understood",
		`{"update_id":1,"callback_query":{"id":4}}`:                                                        "shape not understood",
		`{"update_id":1,"my_chat_member":{"chat":{"id":-1},"date":1}}`:                                     "shape not understood",
		`{"update_id":1,"my_chat_member":{"chat":{},"date":1,"new_chat_member":{"status":"left"}}}`:        "shape not understood",
		`{"update_id":1,"my_chat_member":{"chat":{"id":5},"new_chat_member":{"status":"left"}}}`:           "shape not understood",
		`{"update_id":1.0}`:             "invalid body",
		`{"update_id":null}`:            "invalid body",
		`{"message":"hello"}`:           "invalid body",
		`null`:                          "invalid body",
		`7 `:                            "invalid body",
		`{"update_id":1,"update_id":2}`: "invalid body",
		`{"update_id":1,"x":[{"a":1,"\u0061":1}]}`:   "invalid body",
		"{\"update_id\":1}\xff":                      "invalid body",
		`{"update_id":1,"message":` + message + `}{`: "invalid body",
		`{"update_id":1,"message":{"message_id":5,"date":1,"chat":{"id":-1},"a\u0000":1,"a\ud800":2}}`: "invalid body",
	} {
		channeltest.Check(t, telegram.Adapter{}, []byte(body))
		u, err := telegram.Adapter{}.Decode([]byte(body), channeltest.ReceivedAt)
		got := u.Kind + " " + u.Verdict.String()
		if err != nil {
			got, _, _ = strings.Cut(err.Error(), ":")
		}
		if got != want {
			t.Errorf("%s: got %s (%v), want %s", body, got, err, want)
		}
	}
}

func TestChatKinds(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"update_id":1,"message":{"message_id":5,"date":1,"chat":{"id":5,"username":"ann"}}}`:                     "private ann",
		`{"update_id":1,"message":{"message_id":5,"date":1,"chat":{"id":-999999999999}}}`:                          "group ",
		`{"update_id":1,"message":{"message_id":5,"date":1,"chat":{"id":-1000000000001}}}`:                         "supergroup ",
		`{"update_id":1,"edited_channel_post":{"message_id":5,"date":1,"chat":{"id":-1000000000001,"title":"C"}}}`: "channel C",
	} {
		u, err := telegram.Adapter{}.Decode([]byte(body), channeltest.ReceivedAt)
		if got := u.Chat.GetKind() + " " + u.Chat.GetName(); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", body, got, err, want)
		}
	}
}
