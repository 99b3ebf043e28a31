// Package botapi calls Telegram's Bot API (https://core.telegram.org/bots/api)
// through go-telegram/bot. What that library would lose or leak is done here:
// updates stay raw, answers are bounded, and every error is an *Error without the
// token in it. Nothing is repeated by itself: RetryAfter and Permanent tell
// callers what to do.
package botapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
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
	// maxRetryAfter bounds RetryAfter, in seconds: nobody means more than a day.
	maxRetryAfter = 24 * 60 * 60
)

// Config says whose bot is used, and where.
type Config struct {
	Token string
	// BaseURL is DefaultBaseURL where empty; methods and /file/ are both under it.
	BaseURL string
	// HTTPClient lends its transport; nil takes Go's default. Redirects are not
	// followed, for Go would tell the next server the URL, and with it the token;
	// time-outs are those of the calls.
	HTTPClient *http.Client
	// Budget is asked before every call but getUpdates, whose pace Telegram sets itself;
	// nil where calls need not be counted.
	Budget Budget
}

// Budget keeps all callers of a token within Telegram's limits.
type Budget interface {
	// Take waits for the turn of a call. An error that has a RetryAfter() time.Duration
	// becomes an *Error with code 429; any other is the caller's own context's.
	Take(ctx context.Context, method string) error
	// Blocked tells that Telegram asked to wait until then (429).
	Blocked(ctx context.Context, until time.Time)
}

// String leaves the token out, so that printing a Config does not give it away.
func (c Config) String() string { return "bot " + botID(c.Token) + " at " + c.BaseURL }

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// Client calls the Bot API for one bot. It is safe for concurrent use.
type Client struct {
	token   string
	baseURL string
	http    *http.Client
	budget  Budget
	bot     *bot.Bot
}

// tokenForm is what @BotFather gives. Anything else would be no part of a URL, or another
// place in it.
var tokenForm = regexp.MustCompile(`^[0-9]{1,19}:[A-Za-z0-9_-]+$`)

// New checks the token's form, and calls nobody.
func New(cfg Config) (*Client, error) {
	if !tokenForm.MatchString(cfg.Token) {
		return nil, errors.New("bot token is not of the form 123456:ABC-DEF, as @BotFather gives it: a number, a colon, and letters, digits, _ or -")
	}
	c := &Client{token: cfg.Token, baseURL: strings.TrimRight(cfg.BaseURL, "/"), budget: cfg.Budget, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if c.baseURL == "" {
		c.baseURL = DefaultBaseURL
	}
	if u, err := url.Parse(c.baseURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("Bot API address is not an http(s) URL, such as " + DefaultBaseURL)
	}
	if cfg.HTTPClient != nil {
		c.http.Transport = cfg.HTTPClient.Transport
	}
	library, err := bot.New(cfg.Token, bot.WithSkipGetMe(), bot.WithServerURL(c.baseURL), bot.WithHTTPClient(callTimeout, c))
	if err != nil {
		return nil, errors.New(redact("make bot: "+err.Error(), cfg.Token))
	}
	c.bot = library
	return c, nil
}

// BotID is the number before the token's colon: the bot's own user id.
func (c *Client) BotID() string { return botID(c.token) }

// String leaves the token out, so that printing a Client does not give it away.
func (c *Client) String() string { return "bot " + c.BotID() + " at " + c.baseURL }

// GoString is String, for %#v.
func (c *Client) GoString() string { return c.String() }

func botID(token string) string {
	id, _, _ := strings.Cut(token, ":")
	return id
}

// Do sends a request of the library's; an answer that is not ok becomes an *Error.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	method := path.Base(req.URL.Path)
	if err := c.take(req.Context(), method); err != nil {
		return nil, err
	}
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
		if after := RetryAfter(err); after > 0 && c.budget != nil {
			c.budget.Blocked(context.WithoutCancel(req.Context()), time.Now().Add(after))
		}
		return nil, err
	}
	if method == "getChat" {
		if body, err = chatAnswer(body); err != nil {
			return nil, &Error{Method: method, Description: "answer has no chat"}
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// take waits for the call's turn.
func (c *Client) take(ctx context.Context, method string) error {
	if c.budget == nil || method == methodGetUpdates {
		return nil
	}
	err := c.budget.Take(ctx, method)
	var over interface{ RetryAfter() time.Duration }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &over):
		// Telegram's own words for it (core.telegram.org/bots/faq), which callers know.
		after := over.RetryAfter()
		return &Error{Method: method, Code: http.StatusTooManyRequests, RetryAfter: after, unsent: true,
			Description: fmt.Sprintf("Too Many Requests: retry after %d", int(math.Ceil(after.Seconds())))}
	default:
		return &Error{Method: method, Description: redact(err.Error(), c.token), cause: ctx.Err(), unsent: true}
	}
}

// chatFields are what the library gets to see of a chat: one reaction or background
// of a kind that it does not know would fail the whole answer.
var chatFields = []string{"id", "type", "title", "username", "first_name", "last_name", "is_forum", "photo"}

// chatAnswer cuts an answer to getChat down to chatFields.
func chatAnswer(body []byte) ([]byte, error) {
	var answer struct {
		OK     bool                       `json:"ok"`
		Result map[string]json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("read chat: %w", err)
	}
	maps.DeleteFunc(answer.Result, func(name string, _ json.RawMessage) bool { return !slices.Contains(chatFields, name) })
	return json.Marshal(answer)
}

// unanswered makes an *Error of a call that failed on its way; Go's url.Error would carry the URL.
func (c *Client) unanswered(ctx context.Context, method string, err error) error {
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		err = urlErr.Err
	}
	failed := &Error{Method: method, cause: ctx.Err()}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		failed.unsent = op.Op == "dial" // which looks the name up too
		err = op.Err                    // without the addresses, which tell operators nothing
	}
	failed.Description = redact(err.Error(), c.token)
	return failed
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
		after, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // a date counts as nothing said
		return &Error{
			Method: method, Code: code, Description: redact("the answer cannot be read ("+resp.Status+")", c.token),
			RetryAfter: time.Duration(min(max(after, 0), maxRetryAfter)) * time.Second,
		}
	case answer.OK:
		return nil
	}
	return &Error{
		Method: method, Code: cmp.Or(answer.ErrorCode, resp.StatusCode), Description: redact(answer.Description, c.token),
		RetryAfter:      time.Duration(min(max(answer.Parameters.RetryAfter, 0), maxRetryAfter)) * time.Second,
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

// GetChat asks for a chat by its number or "@name". The answer has its id, type, names,
// photo and whether it is a forum, and nothing else.
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

// RawWebhookInfo is GetWebhookInfo as Telegram sent it, a JSON object, with what this
// version does not know.
func (c *Client) RawWebhookInfo(ctx context.Context) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var info json.RawMessage
	err := c.call(ctx, "getWebhookInfo", nil, &info)
	return info, err
}

// ChatMember is what somebody is in a chat.
type ChatMember struct {
	// Status is creator, administrator, member, restricted, left, kicked, or one of a later
	// version of the API.
	Status string `json:"status"`
	// IsMember is told of restricted ones alone.
	IsMember bool `json:"is_member"`
}

// GetChatMember says what a user is in a chat. The library's would fail on a status that
// it does not know.
func (c *Client) GetChatMember(ctx context.Context, chatID, userID int64) (ChatMember, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var member ChatMember
	err := c.call(ctx, "getChatMember", map[string]string{"chat_id": strconv.FormatInt(chatID, 10), "user_id": strconv.FormatInt(userID, 10)}, &member)
	return member, err
}

// Webhook is what SetWebhook registers.
type Webhook struct {
	// URL is https, on port 443, 80, 88 or 8443.
	URL string
	// SecretToken is 1 to 256 of A-Z, a-z, 0-9, _ and -; none if empty, whatever
	// was set before.
	SecretToken string
	// AllowedUpdates are the kinds to deliver; nil leaves them as they were.
	AllowedUpdates []string
	// MaxConnections is 1 to 100; Telegram's 40 if 0.
	MaxConnections int
}

// SetWebhook makes Telegram post updates to an address. Success says nothing about
// whether it can be reached: GetWebhookInfo does, after the first delivery.
func (c *Client) SetWebhook(ctx context.Context, w Webhook) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.bot.SetWebhook(ctx, &bot.SetWebhookParams{
		URL: w.URL, SecretToken: w.SecretToken, AllowedUpdates: w.AllowedUpdates, MaxConnections: w.MaxConnections,
	})
	return c.result("setWebhook", err)
}

// DeleteWebhook removes the webhook and keeps what waits in Telegram's queue.
func (c *Client) DeleteWebhook(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.bot.DeleteWebhook(ctx, &bot.DeleteWebhookParams{})
	return c.result("deleteWebhook", err)
}

// DropWebhook is DeleteWebhook that throws away what waits in Telegram's queue, for good.
func (c *Client) DropWebhook(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.bot.DeleteWebhook(ctx, &bot.DeleteWebhookParams{DropPendingUpdates: true})
	return c.result("deleteWebhook", err)
}

// AnswerCallbackQuery ends the waiting of a button that was pressed.
func (c *Client) AnswerCallbackQuery(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.bot.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: id})
	return c.result("answerCallbackQuery", err)
}
