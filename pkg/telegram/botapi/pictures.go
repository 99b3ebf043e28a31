package botapi

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

const (
	// wantedSize is the edge of an avatar, in pixels: Telegram's smallest size, and
	// twice what the dashboard shows.
	wantedSize = 160
	// maxPicture bounds a picture in bytes; those of 160 pixels have some 10 kB.
	maxPicture      = 1 << 20
	downloadTimeout = 30 * time.Second
)

// Picture is a downloaded picture.
type Picture struct {
	// FileUniqueID is the same over time and across bots.
	FileUniqueID string
	// ContentType is what the bytes are: image/jpeg, image/png, image/webp or image/gif.
	ContentType string
	Bytes       []byte
}

// ProfilePhoto downloads a user's present picture; nil where there is none, or none
// that the bot may see, which is ordinary. known is the FileUniqueID that the caller
// has already: where it is still that one, the Picture has no Bytes.
func (c *Client) ProfilePhoto(ctx context.Context, userID int64, known string) (*Picture, error) {
	ctx, cancel := context.WithTimeout(ctx, downloadTimeout)
	defer cancel()
	photos, err := c.bot.GetUserProfilePhotos(ctx, &bot.GetUserProfilePhotosParams{UserID: userID, Limit: 1})
	if err != nil {
		return nil, c.result("getUserProfilePhotos", err)
	}
	if len(photos.Photos) == 0 || len(photos.Photos[0]) == 0 {
		return nil, nil
	}
	size := nearest(photos.Photos[0])
	return c.picture(ctx, size.FileID, size.FileUniqueID, known)
}

// ChatPhoto is ProfilePhoto for a group or channel.
func (c *Client) ChatPhoto(ctx context.Context, chatID int64, known string) (*Picture, error) {
	ctx, cancel := context.WithTimeout(ctx, downloadTimeout)
	defer cancel()
	chat, err := c.bot.GetChat(ctx, &bot.GetChatParams{ChatID: chatID})
	if err != nil {
		return nil, c.result("getChat", err)
	}
	if chat.Photo == nil || chat.Photo.SmallFileID == "" {
		return nil, nil
	}
	return c.picture(ctx, chat.Photo.SmallFileID, chat.Photo.SmallFileUniqueID, known)
}

// AuthorPhoto is the picture of who speaks: a user's where the id is positive, a chat's else.
func (c *Client) AuthorPhoto(ctx context.Context, authorID, known string) (*Picture, error) {
	id, err := strconv.ParseInt(authorID, 10, 64)
	if err != nil {
		return nil, &Error{Method: "getChat", Code: http.StatusBadRequest, Description: "author id is no number"}
	}
	if id > 0 {
		return c.ProfilePhoto(ctx, id, known)
	}
	return c.ChatPhoto(ctx, id, known)
}

// nearest is the smallest size that is large enough, else the largest.
func nearest(sizes []models.PhotoSize) models.PhotoSize {
	best := sizes[0]
	for _, s := range sizes[1:] {
		enough, bestEnough := s.Width >= wantedSize, best.Width >= wantedSize
		if enough != bestEnough && enough || enough == bestEnough && (enough && s.Width < best.Width || !enough && s.Width > best.Width) {
			best = s
		}
	}
	return best
}

func (c *Client) picture(ctx context.Context, fileID, uniqueID, known string) (*Picture, error) {
	if uniqueID == known && known != "" {
		return &Picture{FileUniqueID: uniqueID}, nil
	}
	content, expired, err := c.fetch(ctx, fileID)
	if expired { // once: a path is good for an hour at least
		content, _, err = c.fetch(ctx, fileID)
	}
	if err != nil {
		return nil, err
	}
	kind := http.DetectContentType(content)
	switch kind {
	case "image/jpeg", "image/png", "image/webp", "image/gif":
		return &Picture{FileUniqueID: uniqueID, ContentType: kind, Bytes: content}, nil
	default:
		return nil, &Error{Method: "download", Code: http.StatusUnsupportedMediaType, Description: "the file is no picture but " + kind}
	}
}

// fetch asks where a file is and downloads it; expired means that the path is no
// longer good and another may be.
func (c *Client) fetch(ctx context.Context, fileID string) (content []byte, expired bool, err error) {
	file, err := c.bot.GetFile(ctx, &bot.GetFileParams{FileID: fileID})
	if err != nil {
		return nil, false, c.result("getFile", err)
	}
	if file.FilePath == "" {
		return nil, false, &Error{Method: "getFile", Description: "answer has no file_path"}
	}
	return c.download(ctx, file.FilePath)
}

// download fetches a file. Its URL holds the token and leaves this function in no form.
func (c *Client) download(ctx context.Context, filePath string) (content []byte, expired bool, err error) {
	const method = "download"
	// Clean: a path from outside must stay under /file/bot<token>/.
	where := url.URL{Path: path.Clean("/" + filePath)}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.baseURL+"/file/bot"+c.token+where.EscapedPath(), nil)
	if err != nil {
		return nil, false, c.unanswered(ctx, method, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, false, c.unanswered(ctx, method, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		// A 401 on a file has been transient (tdlib/telegram-bot-api#779), and a path
		// expires after an hour: neither says anything about the token.
		expired := resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusUnauthorized
		after, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // a date counts as nothing said
		return nil, expired, &Error{
			Method: method, Description: redact("file server answered "+resp.Status, c.token),
			RetryAfter: time.Duration(min(max(after, 0), maxRetryAfter)) * time.Second,
		}
	}
	content, err = io.ReadAll(io.LimitReader(resp.Body, maxPicture+1))
	if err != nil {
		return nil, false, c.unanswered(ctx, method, err)
	}
	if len(content) > maxPicture {
		return nil, false, &Error{Method: method, Code: http.StatusRequestEntityTooLarge, Description: "picture is larger than 1 MiB"}
	}
	return content, false, nil
}
