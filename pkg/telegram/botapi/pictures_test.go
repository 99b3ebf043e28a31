package botapi_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
)

var gif = []byte("GIF89a" + strings.Repeat("\x00", 32))

func TestPictureNearestTo160Pixels(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	s.AddUser(telegramtest.User{ID: 5, Photos: []telegramtest.Photo{
		{UniqueID: "now", Sizes: []telegramtest.PhotoSize{{Width: 80, Height: 80}, {Width: 200, Height: 200, Data: gif}, {Width: 640, Height: 640}}},
		{UniqueID: "before"},
	}})
	p, err := c.ProfilePhoto(t.Context(), 5, "")
	if err != nil || p == nil || p.FileUniqueID != "nows1" || p.ContentType != "image/gif" || !bytes.Equal(p.Bytes, gif) {
		t.Fatalf("picture %+v, %v", p, err)
	}
	again, err := c.AuthorPhoto(t.Context(), "5", p.FileUniqueID)
	if err != nil || again == nil || again.Bytes != nil || again.FileUniqueID != p.FileUniqueID {
		t.Errorf("the same picture again: %+v, %v", again, err)
	}
	if n := len(s.Calls(telegramtest.FileDownload)); n != 1 {
		t.Errorf("%d downloads", n)
	}
}

func TestChatPicture(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	p, err := c.AuthorPhoto(t.Context(), "-1002988379206", "")
	if err != nil || p == nil || p.ContentType != "image/jpeg" || http.DetectContentType(p.Bytes) != "image/jpeg" || p.FileUniqueID == "" {
		t.Errorf("picture %+v, %v", p, err)
	}
	s.AddChat(telegramtest.Chat{ID: -5})
	if p, err := c.ChatPhoto(t.Context(), -5, ""); p != nil || err != nil {
		t.Errorf("a chat without picture: %+v, %v", p, err)
	}
}

func TestNoPicture(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	s.AddUser(telegramtest.User{ID: 5})
	if p, err := c.ProfilePhoto(t.Context(), 5, ""); p != nil || err != nil {
		t.Errorf("hidden picture: %+v, %v", p, err)
	}
	for _, id := range []string{"6", "-6", "x"} {
		if p, err := c.AuthorPhoto(t.Context(), id, ""); p != nil || !botapi.Permanent(err) {
			t.Errorf("unknown %s: %+v, %v", id, p, err)
		}
	}
}

func TestExpiredPathIsAskedForOnceMore(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	s.Fault(telegramtest.FileDownload, telegramtest.Fault{Kind: telegramtest.FaultExpiredPath}, 1)
	if p, err := c.ProfilePhoto(t.Context(), ann, ""); err != nil || p == nil {
		t.Errorf("picture %+v, %v", p, err)
	}
	s.Fault(telegramtest.FileDownload, telegramtest.Fault{Kind: telegramtest.FaultExpiredPath}, -1)
	_, err := c.ProfilePhoto(t.Context(), ann, "")
	if own := checkError(t, err); botapi.Permanent(own) || botapi.IsUnauthorized(own) {
		t.Errorf("a path that stays expired: %v", own)
	}
	if n := len(s.Calls(telegramtest.FileDownload)); n != 4 {
		t.Errorf("%d downloads, want two each time", n)
	}
}

func TestWhatIsNoPictureForUs(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	size := func(p telegramtest.PhotoSize) []telegramtest.Photo {
		p.Width, p.Height = 160, 160
		return []telegramtest.Photo{{Sizes: []telegramtest.PhotoSize{p}}}
	}
	s.AddUser(telegramtest.User{ID: 1, Photos: size(telegramtest.PhotoSize{FileSize: 21 << 20})})
	s.AddUser(telegramtest.User{ID: 2, Photos: size(telegramtest.PhotoSize{Data: append(gif, make([]byte, 1<<20)...)})})
	s.AddUser(telegramtest.User{ID: 3, Photos: size(telegramtest.PhotoSize{Data: []byte("<svg onload='alert(1)'/>")})})
	s.AddUser(telegramtest.User{ID: 4, Photos: size(telegramtest.PhotoSize{Data: append(gif, make([]byte, 1<<20-len(gif))...)})})
	for id, code := range map[int64]int{1: 400, 2: http.StatusRequestEntityTooLarge, 3: http.StatusUnsupportedMediaType} {
		p, err := c.ProfilePhoto(t.Context(), id, "")
		if own := checkError(t, err); p != nil || own.Code != code || !botapi.Permanent(err) {
			t.Errorf("user %d: %+v, %v", id, p, err)
		}
	}
	if p, err := c.ProfilePhoto(t.Context(), 4, ""); err != nil || len(p.Bytes) != 1<<20 {
		t.Errorf("exactly 1 MiB: %v", err)
	}
	s.Fault("getFile", telegramtest.Fault{Kind: telegramtest.FaultNoFilePath}, 1)
	if p, err := c.ProfilePhoto(t.Context(), ann, ""); p != nil || botapi.Permanent(err) || checkError(t, err).Method != "getFile" {
		t.Errorf("no file_path: %+v, %v", p, err)
	}
}
