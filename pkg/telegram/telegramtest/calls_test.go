package telegramtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

func TestParametersComeInFourEncodings(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(b *bench) reply{
		telegramtest.EncodingQuery: func(b *bench) reply {
			return b.post(b.method("sendMessage")+"?"+url.Values{
				"chat_id": {"-1002988379206"}, "text": {"привіт 👍"}, "reply_markup": {`{"inline_keyboard":[]}`},
			}.Encode(), "", "")
		},
		telegramtest.EncodingForm: func(b *bench) reply {
			return b.call("SENDMESSAGE", "chat_id", "-1002988379206", "text", "привіт 👍", "reply_markup", `{"inline_keyboard":[]}`)
		},
		telegramtest.EncodingJSON: func(b *bench) reply {
			return b.post(b.method("sendmessage"), "application/json; charset=utf-8",
				`{"chat_id":-1002988379206,"text":"привіт 👍","reply_markup":{"inline_keyboard":[]},"parse_mode":null}`)
		},
		telegramtest.EncodingMultipart: func(b *bench) reply {
			return b.post(b.method("sendMessage"), "multipart/form-data; boundary=x",
				"--x\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n-1002988379206\r\n"+
					"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nпривіт 👍\r\n"+
					"--x\r\nContent-Disposition: form-data; name=\"reply_markup\"\r\n\r\n{\"inline_keyboard\":[]}\r\n--x--\r\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, telegramtest.Options{})
			r := send(b)
			r.wantOK(t)
			var sent struct {
				ID   int64  `json:"message_id"`
				Text string `json:"text"`
			}
			if err := json.Unmarshal(r.Result, &sent); err != nil || sent.Text != "привіт 👍" {
				t.Errorf("result %s", r.Result)
			}
			if !strings.Contains(r.raw, `\ud83d\udc4d`) {
				t.Errorf("answer is not ASCII: %s", r.raw)
			}
			if m, ok := b.Message(token, chatA, sent.ID); !ok || m.Text != "привіт 👍" || m.ReplyMarkup != `{"inline_keyboard":[]}` {
				t.Errorf("kept %+v, %v", m, ok)
			}
			c := b.Calls("sendMessage")
			if len(c) != 1 || c[0].Encoding != name || c[0].Bot != "7204418893:***" || c[0].Status != 200 {
				t.Errorf("recorded %+v", c)
			}
		})
	}
}

func TestEmptyMultipartBodyHasNoParameters(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	r := b.post(b.method("getMe"), "multipart/form-data; boundary=x", "")
	r.wantOK(t)
	if !strings.Contains(r.raw, `"can_read_all_group_messages":true`) || !strings.Contains(r.raw, `"id":7204418893`) {
		t.Errorf("getMe answered %s", r.raw)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	b.AddChat(telegramtest.Chat{ID: -4598213370, Title: "old", MigratedTo: -1003107744218})
	b.AddChat(telegramtest.Chat{ID: -1002000000001, Title: "no", Kicked: true})
	b.AddChat(telegramtest.Chat{ID: 42, FirstName: "Ann", Kicked: true})
	form := "application/x-www-form-urlencoded"
	b.post(b.URL()+"/bot1:other/getMe", form, "").wantError(t, 401, "Unauthorized")
	b.post(b.URL()+"/botrubbish/getMe", form, "").wantError(t, 401, "Unauthorized: invalid token specified")
	b.post(b.URL()+"/", form, "").wantError(t, 404, "Not Found")
	b.call("noSuchMethod").wantError(t, 404, "Not Found: method not found")
	b.post(b.method("getMe"), "application/json", "{").wantError(t, 400, "Bad Request")
	b.call("sendMessage", "chat_id", "999", "text", "x").wantError(t, 400, "chat not found")
	b.call("sendMessage", "chat_id", "abc", "text", "x").wantError(t, 400, "chat not found")
	migrated := b.call("sendMessage", "chat_id", "-4598213370", "text", "x")
	migrated.wantError(t, 400, "group chat was upgraded to a supergroup chat")
	if migrated.Parameters.MigrateToChatID != -1003107744218 {
		t.Errorf("parameters %+v", migrated.Parameters)
	}
	b.call("getChat", "chat_id", "-4598213370").wantOK(t)
	b.call("getChat", "chat_id", "@KASA").wantOK(t)
	b.call("sendMessage", "chat_id", "-1002000000001", "text", "x").wantError(t, 403, "bot was kicked from the supergroup chat")
	b.call("getChat", "chat_id", "-1002000000001").wantError(t, 403, "bot was kicked")
	b.call("sendMessage", "chat_id", "42", "text", "x").wantError(t, 403, "bot was blocked by the user")
	b.call("sendMessage", "chat_id", "@kasa", "text", "").wantError(t, 400, "message text is empty")
	b.call("sendMessage", "chat_id", "@kasa", "text", strings.Repeat("👍", 2049)).wantError(t, 400, "message is too long")
	b.call("sendMessage", "chat_id", "@kasa", "text", strings.Repeat("👍", 2048)).wantOK(t)
	b.call("sendMessage", "chat_id", "@kasa", "text", "x", "message_thread_id", "1").wantError(t, 400, "message thread not found")
	b.call("sendMessage", "chat_id", "@kasa", "text", "x", "reply_markup",
		`{"inline_keyboard":[[{"text":"a","callback_data":"`+strings.Repeat("d", 65)+`"}]]}`).wantError(t, 400, "BUTTON_DATA_INVALID")
	b.RevokeToken(token)
	b.call("getMe").wantError(t, 401, "Unauthorized")
}

func TestEditing(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	b.call("sendMessage", "chat_id", "@kasa", "text", "one").wantOK(t)
	b.call("editMessageText", "chat_id", "@kasa", "message_id", "1", "text", "one").wantError(t, 400, "message is not modified: ")
	b.call("editMessageText", "chat_id", "@kasa", "message_id", "1", "text", "two").wantOK(t)
	b.call("editMessageReplyMarkup", "chat_id", "@kasa", "message_id", "1", "reply_markup", `{"inline_keyboard":[]}`).wantOK(t)
	b.call("editMessageText", "chat_id", "@kasa", "message_id", "9", "text", "two").wantError(t, 400, "message to edit not found")
	if m, _ := b.Message(token, chatA, 1); m.Text != "two" || m.ReplyMarkup == "" {
		t.Errorf("message is %+v", m)
	}
}

func TestCallbackQueriesAgeIn150Seconds(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	b.send(`{"callback_query":{"id":"77","from":{"id":5},"data":"t:1:take"}}`)
	b.call("answerCallbackQuery", "callback_query_id", "78").wantError(t, 400, "query is too old")
	b.call("answerCallbackQuery", "callback_query_id", "77", "text", strings.Repeat("x", 201)).wantError(t, 400, "MESSAGE_TOO_LONG")
	b.call("answerCallbackQuery", "callback_query_id", "77").wantOK(t)
	b.Advance(151 * time.Second)
	b.call("answerCallbackQuery", "callback_query_id", "77").wantError(t, 400, "query is too old and response timeout expired or query ID is invalid")
}

func TestPictures(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	b.AddUser(telegramtest.User{ID: 5, Photos: []telegramtest.Photo{{}, {Sizes: []telegramtest.PhotoSize{{Width: 9, Height: 9, FileSize: 21 << 20}}}}})
	b.AddUser(telegramtest.User{ID: 6})
	b.call("getUserProfilePhotos", "user_id", "7").wantError(t, 400, "user not found")
	if r := b.call("getUserProfilePhotos", "user_id", "6"); string(r.Result) != `{"photos":[],"total_count":0}` {
		t.Errorf("user without pictures: %s", r.raw)
	}
	r := b.call("getUserProfilePhotos", "user_id", "5", "limit", "2")
	var photos struct {
		Photos [][]struct {
			FileID string `json:"file_id"`
		} `json:"photos"`
	}
	if err := json.Unmarshal(r.Result, &photos); err != nil || len(photos.Photos) != 2 || len(photos.Photos[0]) != 3 {
		t.Fatalf("pictures: %s", r.raw)
	}
	b.call("getFile", "file_id", photos.Photos[1][0].FileID).wantError(t, 400, "file is too big")
	b.call("getFile", "file_id", "AgACother").wantError(t, 400, "wrong file_id")

	path := func() string {
		var f struct {
			Path string `json:"file_path"`
		}
		r := b.call("getFile", "file_id", photos.Photos[0][0].FileID)
		if err := json.Unmarshal(r.Result, &f); err != nil {
			t.Fatalf("getFile: %s", r.raw)
		}
		return f.Path
	}
	if status, body := b.get("/file/bot" + token + "/" + path()); status != 200 || http.DetectContentType(body) != "image/jpeg" {
		t.Errorf("download: %d, %s", status, http.DetectContentType(body))
	}
	old := path()
	b.Advance(61 * time.Minute)
	if status, _ := b.get("/file/bot" + token + "/" + old); status != 404 {
		t.Errorf("a path is %d after an hour", status)
	}
	b.Fault("getfile", telegramtest.Fault{Kind: telegramtest.FaultNoFilePath}, 1)
	if got := path(); got != "" {
		t.Errorf("path %q in spite of the fault", got)
	}
	fresh := path()
	b.Fault(telegramtest.FileDownload, telegramtest.Fault{Kind: telegramtest.FaultExpiredPath}, 1)
	for range 2 {
		if status, _ := b.get("/file/bot" + token + "/" + fresh); status != 404 {
			t.Errorf("an expired path is %d", status)
		}
	}
}

func (b *bench) get(path string) (int, []byte) {
	b.t.Helper()
	response, err := b.client.Get(b.URL() + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response.StatusCode, body
}

func TestFaults(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	b.Fault("getMe", telegramtest.Fault{Kind: telegramtest.FaultFlood, RetryAfter: 7}, 1)
	r := b.call("getMe")
	r.wantError(t, 429, "Too Many Requests: retry after 7")
	if r.Parameters.RetryAfter != 7 {
		t.Errorf("parameters %+v", r.Parameters)
	}
	b.Fault("getMe", telegramtest.Fault{Kind: telegramtest.FaultError, Code: 403, Description: "Forbidden: x"}, 1)
	b.call("getMe").wantError(t, 403, "Forbidden: x")
	b.Fault(telegramtest.AnyMethod, telegramtest.Fault{Kind: telegramtest.FaultInternal}, -1)
	b.call("getMe").wantError(t, 500, "Internal Server Error")
	b.call("getWebhookInfo").wantError(t, 500, "Internal Server Error")
	b.ClearFaults()
	b.call("getMe").wantOK(t)

	b.Fault("getMe", telegramtest.Fault{Kind: telegramtest.FaultBadGateway}, 1)
	if status, body := b.get("/bot" + token + "/getMe"); status != 502 || !strings.Contains(string(body), "<html>") || !strings.Contains(string(body), token) {
		t.Errorf("bad gateway: %d %s", status, body)
	}
	b.Fault("sendMessage", telegramtest.Fault{Kind: telegramtest.FaultCutBody}, 1)
	response, err := b.client.Get(b.method("sendMessage") + "?chat_id=@kasa&text=x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(response.Body); err == nil {
		t.Error("the cut body was read whole")
	}
	response.Body.Close()
	if _, ok := b.Message(token, chatA, 1); !ok {
		t.Error("a cut answer does not mean that nothing was sent")
	}
	b.Fault("sendMessage", telegramtest.Fault{Kind: telegramtest.FaultReset}, 1)
	response, err = b.client.Post(b.method("sendMessage"), "application/json", strings.NewReader(`{"chat_id":"@kasa","text":"y"}`))
	if err == nil {
		response.Body.Close()
		t.Error("the connection was not reset")
	}
	if _, ok := b.Message(token, chatA, 2); ok {
		t.Error("a reset call was run")
	}
}

func TestDelayedCallIsAnsweredWhenTheClockMoves(t *testing.T) {
	t.Parallel()
	b := newBench(t, telegramtest.Options{})
	b.Fault("getMe", telegramtest.Fault{Kind: telegramtest.FaultDelay, Delay: time.Hour}, 1)
	done := make(chan reply)
	go func() { done <- b.call("getMe") }()
	for {
		select {
		case r := <-done:
			r.wantOK(t)
			if waited := b.Now().Sub(b.Calls("getMe")[0].At); waited < time.Hour {
				t.Errorf("answered after %s", waited)
			}
			return
		default:
			b.Advance(time.Minute)
		}
	}
}

func TestTokenIsFoundInEveryForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"nothing here 7204418893:AAHqB1":                                               "",
		"url https://x/bot" + token + "/getMe":                                         "plain",
		"AAHqB1xk-0kD_secretsecretsecretsecre":                                         "plain",
		"NzIwNDQxODg5MzpBQUhxQjF4ay0wa0Rfc2VjcmV0c2VjcmV0c2VjcmV0c2VjcmU=":             "base64",
		"L2JvdDcyMDQ0MTg4OTM6QUFIcUIxeGstMGtEX3NlY3JldHNlY3JldHNlY3JldHNlY3JlL2dldE1l": "base64",
	} {
		if got := telegramtest.FindToken(token, []byte(text)); got != want {
			t.Errorf("in %q: %q, want %q", text, got, want)
		}
	}
	if got := telegramtest.FindToken("1:a+b/c", []byte("x=1%3aa%2bb%2fc")); got != "url-encoded" {
		t.Errorf("escaped: %q", got)
	}
}
