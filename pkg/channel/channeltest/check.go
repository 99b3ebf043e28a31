package channeltest

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/tasktracker/tasktracker/pkg/channel"
)

// Check holds the adapter to what is true of every body:
//
//   - it does not panic, nor change or keep the body;
//   - the same body gives the same output;
//   - an error is ErrInvalid, with no Update, or ErrNotUnderstood, with ID and Kind,
//     and is one short line;
//   - Message is there for Store only, Facts for State only, CallbackID for Callback only;
//   - a Message has an identity, a date, content, and the adapter's name;
//   - every string is valid UTF-8 without U+0000, and but for the content at most
//     4 KiB long (ids 256 bytes), since they are indexed, repeated and shown;
//   - raw is a JSON object that PostgreSQL's jsonb accepts, of no more than 512 levels;
//   - the output is at most eight times as large as the body, and 4 KiB.
func Check(t testing.TB, adapter channel.Adapter, body []byte) {
	t.Helper()
	given := bytes.Clone(body)
	u, err := adapter.Decode(given, ReceivedAt)
	if !bytes.Equal(given, body) {
		t.Error("Decode changed the body")
	}
	again, errAgain := adapter.Decode(bytes.Clone(body), ReceivedAt)
	clear(given) // Whoever kept a part of it has zeros now.
	first, second := Golden(t, u, err), Golden(t, again, errAgain)
	if !bytes.Equal(first, second) {
		t.Errorf("decoded twice, the body once overwritten after:\n%s\n%s", first, second)
	}
	if err != nil {
		checkError(t, u, err)
		return
	}
	checkUpdate(t, adapter, u)
	if u.Message != nil {
		if size, most := proto.Size(u.Message), 8*len(body)+4096; size > most {
			t.Errorf("output of %d bytes for a body of %d", size, len(body))
		}
	}
}

func checkError(t testing.TB, u channel.Update, err error) {
	t.Helper()
	invalid, strange := errors.Is(err, channel.ErrInvalid), errors.Is(err, channel.ErrNotUnderstood)
	if invalid == strange {
		t.Errorf("error is not one of ErrInvalid and ErrNotUnderstood: %v", err)
	}
	if text := err.Error(); len(text) > 300 || !utf8.ValidString(text) || strings.ContainsAny(text, "\n\x00") {
		t.Errorf("error is not one short line: %q", text)
	}
	if u.Message != nil || u.Facts != nil || u.CallbackID != "" {
		t.Errorf("an error, and yet something to do: %+v", u)
	}
	if invalid && (u.ID != "" || u.Kind != "" || u.Chat != nil) {
		t.Errorf("ErrInvalid with an Update: %+v", u)
	}
	if strange {
		checkID(t, u)
	}
}

func checkID(t testing.TB, u channel.Update) {
	t.Helper()
	if u.ID == "" || len(u.ID) > 256 {
		t.Errorf("ID %q does not have 1 to 256 bytes", u.ID)
	}
	checkString(t, "ID", u.ID)
	checkWord(t, "Kind", u.Kind)
	if u.Chat != nil {
		checkStrings(t, u.Chat.ProtoReflect())
	}
}

func checkUpdate(t testing.TB, adapter channel.Adapter, u channel.Update) {
	t.Helper()
	checkID(t, u)
	checkString(t, "CallbackID", u.CallbackID)
	if (u.Message != nil) != (u.Verdict == channel.Store) || (len(u.Facts) > 0) != (u.Verdict == channel.State) ||
		(u.CallbackID != "") != (u.Verdict == channel.Callback) {
		t.Errorf("verdict %s does not fit what there is: %+v", u.Verdict, u)
	}
	for _, fact := range u.Facts {
		if !isFact(fact) || !fact.GetReceivedAt().AsTime().Equal(ReceivedAt) {
			t.Errorf("no fact, or not received at %s: %v", ReceivedAt, fact)
		}
		checkStrings(t, fact.ProtoReflect())
	}
	if u.Chat != nil && (u.Chat.GetSourceName() != adapter.Name() || u.Chat.GetChatId() == "") {
		t.Errorf("chat without source or id: %v", u.Chat)
	}
	if u.Message == nil {
		return
	}
	checkStrings(t, u.Message.ProtoReflect())
	m := u.Message.GetMessage()
	switch {
	case m.GetSourceName() != adapter.Name() || m.GetExternalMessageId() == "":
		t.Errorf("message without source or id: %v", m)
	case m.GetChatId() != u.Message.GetChat().GetChatId() || m.GetChatId() != u.Chat.GetChatId():
		t.Errorf("message of another chat than the Update: %v", m)
	case !m.GetSentAt().IsValid() || m.GetEditedAt() != nil && !m.GetEditedAt().IsValid():
		t.Errorf("message with an impossible date: %v", m)
	case m.GetContent() == "":
		t.Error("message without content; a placeholder is expected")
	case m.GetId() != 0 || m.GetPersisted() || m.GetAnalyzed() || m.GetClassification() != nil || m.GetTaskId() != 0:
		t.Errorf("message with what only the database knows: %v", m)
	}
	checkRaw(t, u.Message.GetRaw())
}

// checkWord is for names of metrics' labels and of subjects' tokens.
func checkWord(t testing.TB, what, s string) {
	t.Helper()
	word := s != "" && len(s) <= 40
	for _, c := range []byte(s) {
		word = word && (c == '_' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9')
	}
	if !word {
		t.Errorf("%s %q is not 1 to 40 of a-z, 0-9 and _", what, s)
	}
}

func checkString(t testing.TB, what, s string) {
	t.Helper()
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		t.Errorf("%s is not valid UTF-8 without U+0000: %.100q", what, s)
	}
}

func checkLength(t testing.TB, field protoreflect.Name, s string) {
	t.Helper()
	most := 4096
	switch {
	case field == "content":
		return
	case strings.HasSuffix(string(field), "_id"):
		most = 256
	}
	if len(s) > most {
		t.Errorf("%s has %d bytes, more than %d", field, len(s), most)
	}
}

func checkStrings(t testing.TB, m protoreflect.Message) {
	t.Helper()
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsList() || field.IsMap():
			t.Errorf("%s: lists and maps are not expected in what an adapter makes", field.FullName())
		case field.Kind() == protoreflect.StringKind:
			checkString(t, string(field.FullName()), value.String())
			checkLength(t, field.Name(), value.String())
		case field.Kind() == protoreflect.MessageKind:
			checkStrings(t, value.Message())
		}
		return true
	})
}

// checkRaw reads raw by stricter rules than jsonb's: jsontext refuses names given
// twice, invalid UTF-8 and lone surrogates.
func checkRaw(t testing.TB, raw []byte) {
	t.Helper()
	if len(raw) == 0 {
		return
	}
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if d.PeekKind() != jsontext.KindBeginObject {
		t.Error("raw is not an object")
	}
	for {
		token, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("raw: %v", err)
			return
		}
		if d.StackDepth() > 512 {
			t.Errorf("raw is nested %d levels deep", d.StackDepth())
			return
		}
		switch token.Kind() {
		case jsontext.KindString:
			checkString(t, "a string of raw", token.String())
		case jsontext.KindNumber:
			checkNumber(t, token.String())
		}
	}
}

// checkNumber keeps far within numeric, which prints 1e131071 as 131072 digits.
func checkNumber(t testing.TB, literal string) {
	t.Helper()
	_, exponent, has := strings.Cut(strings.ToLower(literal), "e")
	n, err := strconv.Atoi(exponent)
	if len(literal) > 308 || has && (err != nil || n > 308 || n < -308) {
		t.Errorf("raw has a number out of proportion: %.80s", literal)
	}
}
