// Package botapi calls Telegram's Bot API (https://core.telegram.org/bots/api)
// through go-telegram/bot. What that library would lose or leak is done here:
// updates stay raw, answers are bounded, and every error is an *Error without the
// token in it. Nothing is repeated by itself: RetryAfter and Permanent tell
// callers what to do.
package botapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// DefaultBaseURL is Telegram's own server.
const DefaultBaseURL = "https://api.telegram.org"

const (
	callTimeout = 30 * time.Second
	// maxAnswer bounds an answer: Telegram cuts a batch of updates at about 4 MiB.
	maxAnswer = 8 << 20
)

// Config says whose bot is used, and where.
type Config struct {
	Token string
	// BaseURL is DefaultBaseURL where empty; methods and /file/ are both under it.
	BaseURL string
	// HTTPClient is one without a time-out of its own; nil makes one.
	HTTPClient *http.Client
}

// Client calls the Bot API for one bot. It is safe for concurrent use.
type Client struct {
	token   string
	baseURL string
	http    *http.Client
	bot     *bot.Bot
}

// New checks the token's form, and calls nobody.
func New(cfg Config) (*Client, error) {
	id, secret, found := strings.Cut(cfg.Token, ":")
	if !found || strings.Trim(id, "0123456789") != "" || id == "" || secret == "" || strings.ContainsAny(secret, "/?# \t\n%") {
		return nil, errors.New("bot token is not of the form 123456:ABC-DEF, as @BotFather gives it")
	}
	c := &Client{token: cfg.Token, baseURL: strings.TrimRight(cfg.BaseURL, "/"), http: cfg.HTTPClient}
	if c.baseURL == "" {
		c.baseURL = DefaultBaseURL
	}
	if u, err := url.Parse(c.baseURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("Bot API address is not an http(s) URL, such as " + DefaultBaseURL)
	}
	if c.http == nil {
		c.http = &http.Client{}
	}
	library, err := bot.New(cfg.Token, bot.WithSkipGetMe(), bot.WithServerURL(c.baseURL), bot.WithHTTPClient(callTimeout, c))
	if err != nil {
		return nil, errors.New(redact("make bot: "+err.Error(), cfg.Token))
	}
	c.bot = library
	return c, nil
}

// BotID is the number before the token's colon: the bot's own user id.
func (c *Client) BotID() string {
	id, _, _ := strings.Cut(c.token, ":")
	return id
}

// Do sends a request of the library's; an answer that is not ok becomes an *Error.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	method := path.Base(req.URL.Path)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unanswered(req.Context(), method, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, c.unanswered(req.Context(), method, err)
	}
	if err := c.check(method, resp, body); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// unanswered makes an *Error of a call that failed on its way; Go's url.Error would carry the URL.
func (c *Client) unanswered(ctx context.Context, method string, err error) error {
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		err = urlErr.Err
	}
	return &Error{Method: method, Description: redact(err.Error(), c.token), cause: ctx.Err()}
}

func (c *Client) check(method string, resp *http.Response, body []byte) error {
	var answer struct {
		OK          bool            `json:"ok"`
		Result      json.RawMessage `json:"result"`
		ErrorCode   int             `json:"error_code"`
		Description string          `json:"description"`
		Parameters  struct {
			RetryAfter      int   `json:"retry_after"`
			MigrateToChatID int64 `json:"migrate_to_chat_id"`
		} `json:"parameters"`
	}
	switch err := json.Unmarshal(body, &answer); {
	case len(body) > maxAnswer:
		return &Error{Method: method, Description: "answer is larger than 8 MiB"}
	case err != nil: // a proxy's HTML page, a body that was cut
		code := resp.StatusCode
		if code < 400 {
			code = 0
		}
		return &Error{Method: method, Code: code, Description: "answer is not JSON (" + resp.Status + ")"}
	case answer.OK:
		return nil
	}
	return &Error{
		Method: method, Code: answer.ErrorCode, Description: redact(answer.Description, c.token),
		RetryAfter:      time.Duration(answer.Parameters.RetryAfter) * time.Second,
		MigrateToChatID: answer.Parameters.MigrateToChatID,
	}
}

// result turns an error of the library into an *Error.
func (c *Client) result(method string, err error) error {
	if err == nil {
		return nil
	}
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	return &Error{Method: method, Description: redact(err.Error(), c.token)}
}

// GetMe says who the bot is, and with CanReadAllGroupMessages whether privacy mode is off.
func (c *Client) GetMe(ctx context.Context) (*models.User, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	user, err := c.bot.GetMe(ctx)
	return user, c.result("getMe", err)
}

// GetChat asks for a chat by its number or "@name".
func (c *Client) GetChat(ctx context.Context, chat any) (*models.ChatFullInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	info, err := c.bot.GetChat(ctx, &bot.GetChatParams{ChatID: chat})
	return info, c.result("getChat", err)
}

// GetWebhookInfo says which webhook Telegram has, and how deliveries fare.
func (c *Client) GetWebhookInfo(ctx context.Context) (*models.WebhookInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	info, err := c.bot.GetWebhookInfo(ctx)
	return info, c.result("getWebhookInfo", err)
}

// DeleteWebhook removes the webhook and keeps what waits in Telegram's queue.
func (c *Client) DeleteWebhook(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.bot.DeleteWebhook(ctx, &bot.DeleteWebhookParams{})
	return c.result("deleteWebhook", err)
}

// AnswerCallbackQuery ends the waiting of a button that was pressed.
func (c *Client) AnswerCallbackQuery(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.bot.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: id})
	return c.result("answerCallbackQuery", err)
}

// GetUpdates waits up to wait (Telegram cuts it at 50 s) for up to limit (1 to 100)
// updates, and confirms all before offset; 0 confirms none. Updates stay raw. It is
// not the library's: that decodes a batch at once and loses all of it to one update
// that it does not understand.
func (c *Client) GetUpdates(ctx context.Context, offset int64, limit int, wait time.Duration, allowed []string) ([]json.RawMessage, error) {
	const method = "getUpdates"
	ctx, cancel := context.WithTimeout(ctx, wait+callTimeout)
	defer cancel()
	kinds, err := json.Marshal(allowed)
	if err != nil {
		return nil, fmt.Errorf("write kinds of updates: %w", err)
	}
	var form bytes.Buffer
	fields := multipart.NewWriter(&form)
	for name, value := range map[string]string{
		"offset": fmt.Sprint(offset), "limit": fmt.Sprint(limit), "timeout": fmt.Sprint(int(wait.Seconds())), "allowed_updates": string(kinds),
	} {
		if err := fields.WriteField(name, value); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
	}
	if err := fields.Close(); err != nil {
		return nil, fmt.Errorf("write form: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.baseURL+"/bot"+c.token+"/"+method, &form)
	if err != nil {
		return nil, c.unanswered(ctx, method, err)
	}
	req.Header.Set("Content-Type", fields.FormDataContentType())
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Result []json.RawMessage `json:"result"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, &Error{Method: method, Description: "answer has no list of updates"}
	}
	return answer.Result, nil
}
