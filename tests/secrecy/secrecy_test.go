package secrecy

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/classify/modeltest"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/telegram/telegramtest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// token is the marked one: no part of its secret could be a word.
const token = "7204418893:AAFq9XvJ3zLw7Kp2Tn8Rb4Yc6Hd1Mg5Wsu0"

// modelKey is the marked key of the model server.
const modelKey = "sk-proj-Zt7Qm2Wx9Lc4Vb8Kn3Rf6Yh1Jd5Gp0SaEu"

const group = -1002988379206

// hiddenForms are disguises of a secret.
func hiddenForms(secret string) map[string]string {
	forms := map[string]string{
		"plain": "x" + secret + "x", "path": "https://api.telegram.org/bot" + secret + "/getMe", "query": "?token=" + url.QueryEscape(secret),
	}
	for shift := range 3 {
		text := strings.Repeat("x", shift) + secret + "tail"
		forms[fmt.Sprint("base64 at ", shift)] = base64.StdEncoding.EncodeToString([]byte(text))
		forms[fmt.Sprint("base64url at ", shift)] = base64.RawURLEncoding.EncodeToString([]byte(text))
	}
	return forms
}

// operation is a call of the API. Several may be of one path and method.
type operation struct{ method, path, at, body string }

// operations are all that the contract has, and those that take a token, an address or a
// chat with the token where people may paste it.
func operations(host, models string) []operation {
	hook := "/api/webhook-settings"
	address := fmt.Sprintf(`{"protocol":"http","host":%q}`, host)
	ops := []operation{
		{"POST", "/api/settings", "", fmt.Sprintf(`{"telegram":{"bot_token":%q,"webhook_base_url":"http://%s"}}`, token, host)},
		{"GET", "/api/settings", "", ""},
		{"GET", hook, "", ""}, {"POST", hook, "", address}, {"POST", hook + "/telegram/set", "", address},
		{"POST", hook + "/telegram/groups", "", fmt.Sprintf(`{"group_id":%d}`, group)},
		{"GET", hook + "/telegram/groups/{group_id}/topics", fmt.Sprintf("%s/telegram/groups/%d/topics", hook, group), ""},
		{"PUT", hook + "/telegram/groups/{group_id}/topics", fmt.Sprintf("%s/telegram/groups/%d/topics", hook, group), `{"topics":["7"]}`},
		{"POST", hook + "/telegram/groups/refresh-names", "", ""},
		{"PUT", hook + "/telegram/group-ids", "", fmt.Sprintf(`{"group_ids":[%d,-10]}`, group)},
		{"DELETE", hook + "/telegram/groups/{group_id}", hook + "/telegram/groups/-10", ""},
		{"GET", hook + "/telegram/info", "", ""}, {"GET", hook + "/telegram/hearing", "", ""},
		{"GET", hook + "/telegram/discovered", "", ""}, {"POST", hook + "/telegram/test", "", ""},
		{"POST", hook + "/telegram/rotate-secret", "", ""},
		{"PUT", hook + "/telegram/mode", "", `{"mode":"polling"}`},
		{"GET", hook + "/telegram/hearing", "", ""},
		{"PUT", hook + "/telegram/mode", "", `{"mode":"webhook"}`},
		{"DELETE", hook + "/telegram", "", ""},
		{"POST", "/webhook/telegram", "", string(line.TelegramText(1, group, 1, "hello"))},
		{"POST", "/api/messages", "", `{"id":"1","content":"a","author":"b","timestamp":"2026-01-01T00:00:00Z","chat_id":"c"}`},
		{"GET", "/api/avatars/{source}/{author_id}", "/api/avatars/telegram/5", ""},
		{"POST", "/api/tasks", "", `{"title":"a","description":"","category":"bug","priority":"low","source":"x"}`},
		{"GET", "/api/tasks/{id}", "/api/tasks/1", ""}, {"PATCH", "/api/tasks/{id}", "/api/tasks/1", `{"title":"b"}`},
		{"POST", "/api/tasks/{id}/confirm", "/api/tasks/1/confirm", "{}"}, {"PUT", "/api/tasks/{id}/status", "/api/tasks/1/status", `{"status":"pending"}`}, {"GET", "/api/tasks/{id}/history", "/api/tasks/1/history", ""},
		{"GET", "/api/messages/{id}", "/api/messages/1", ""}, {"POST", "/api/analyze-day", "/api/analyze-day?target_date=2026-01-01", ""},
		{"PUT", "/api/messages/{id}/classification", "/api/messages/1/classification", `{"is_issue":true}`},
		{"DELETE", "/api/messages/{id}/classification", "/api/messages/1/classification", ""}, {"GET", "/api/messages/{id}/receipt", "/api/messages/1/receipt", ""},
		{"GET", "/api/proposals/{id}", "/api/proposals/1", ""}, {"GET", "/api/proposals/{id}/similar", "/api/proposals/1/similar", ""}, {"POST", "/api/proposals/{id}/accept", "/api/proposals/1/accept", "{}"},
		{"POST", "/api/proposals/{id}/reject", "/api/proposals/1/reject", `{"reason":"noise"}`}, {"POST", "/api/proposals/{id}/merge", "/api/proposals/1/merge", `{"task_id":1}`},
		{"POST", "/api/proposals/{id}/snooze", "/api/proposals/1/snooze", `{"until":"2020-01-01T00:00:00Z"}`}, {"POST", "/api/proposals/{id}/undo", "/api/proposals/1/undo", ""},
		{"POST", "/api/analysis-runs", "/api/analysis-runs", `{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"}`},
		{"GET", "/api/analysis-runs/{id}", "/api/analysis-runs/1", ""}, {"POST", "/api/analysis-runs/{id}/cancel", "/api/analysis-runs/1/cancel", ""},
		{"GET", "/api/analysis-runs/{id}/post", "/api/analysis-runs/1/post", ""}, {"POST", "/api/analysis-runs/{id}/posts", "/api/analysis-runs/1/posts", `{"group_id":-10,"text":"a"}`},
		{"POST", "/api/dead-letters/replay", "", `{"dry_run":true}`}, {"PUT", "/api/ai/adapters/active", "", `{"id":null}`},
		{"PUT", "/api/views", "", `{"page":"tasks","name":"a","query":"q=x"}`}, {"GET", "/api/views", "", ""}, {"DELETE", "/api/views/{id}", "/api/views/1", ""},
		{"GET", "/api/task-flow", "/api/task-flow?date_from=2026-01-01&date_to=2026-01-02", ""}, {"GET", "/api/activity/chats", "/api/activity/chats?date_from=2026-01-01&date_to=2026-01-02", ""},
		{"DELETE", "/api/dead-letters/{id}", "/api/dead-letters/1", ""}, {"POST", "/api/dead-letters/{id}/replay", "/api/dead-letters/1/replay", ""},
	}
	ops = append(ops, ofLinks()...)
	ops = append(ops, ofModels(models)...)
	for _, path := range []string{"/api/health", "/api/config", "/api/messages", "/api/messages/filters", "/api/tasks", "/api/stats", "/api/activity",
		"/api/proposals", "/api/analysis-runs", "/api/analysis-schedule", "/api/feedback", "/api/ai/adapters", "/api/dead-letters", "/api/dead-letters/kinds", "/api/pipeline", "/", "/healthz", "/readyz", "/metrics"} {
		ops = append(ops, operation{"GET", path, "", ""})
	}
	return ops
}

// ofLinks are the operations about tasks that may be the same; a second task is made for them.
func ofLinks() []operation {
	return []operation{
		{"POST", "/api/tasks", "", `{"title":"a2","description":"","category":"bug","priority":"low","source":"x"}`},
		{"POST", "/api/tasks/{id}/links", "/api/tasks/1/links", `{"task_id":2}`}, {"GET", "/api/tasks/{id}/links", "/api/tasks/1/links", ""},
		{"POST", "/api/tasks/{id}/merge", "/api/tasks/2/merge", `{"into_task_id":1}`}, {"POST", "/api/tasks/{id}/split", "/api/tasks/1/split", `{"message_ids":[1]}`},
		{"POST", "/api/tasks/{id}/attach", "/api/tasks/1/attach", `{"message_ids":[1]}`}, {"POST", "/api/tasks/{id}/replies", "/api/tasks/1/replies", `{"message_id":1,"text":"Done"}`},
		{"POST", "/api/tasks/{id}/detach", "/api/tasks/1/detach", `{"message_ids":[1]}`},
		{"GET", "/api/overview", "/api/overview?date_from=2026-03-01&date_to=2026-03-02", ""},
		{"GET", "/api/tasks/counts", "/api/tasks/counts?by=assignee", ""}, {"GET", "/api/funnel", "/api/funnel?date_from=2026-03-01&date_to=2026-03-02", ""},
		{"GET", "/api/durations", "/api/durations?date_from=2026-03-01&date_to=2026-03-02", ""},
		{"GET", "/api/ai/quality", "/api/ai/quality?date_from=2026-03-01&date_to=2026-03-02", ""},
		{"GET", "/api/ai/decisions", "/api/ai/decisions?date_from=2026-03-01&date_to=2026-03-02", ""},
		{"GET", "/api/links", "", ""}, {"POST", "/api/links/{id}/accept", "/api/links/1/accept", ""},
		{"POST", "/api/links/{id}/refuse", "/api/links/1/refuse", ""}, {"POST", "/api/links/{id}/undo", "/api/links/1/undo", ""},
	}
}

// ofModels are the operations about model servers, at which the key is set in the end.
func ofModels(models string) []operation {
	const settings = "/api/ai/settings"
	set := operation{"PUT", settings, "", fmt.Sprintf(`{"provider":"openai","base_url":%q,"model":"test-model","api_key":%q,"quiet_seconds":0}`, models, modelKey)}
	return []operation{
		set, {"GET", settings, "", ""}, {"DELETE", settings, "", ""}, set,
		{"PUT", settings, "", fmt.Sprintf(`{"base_url":%q,"api_key":%q}`, models, modelKey)},
		{"POST", "/api/ai/providers/{id}/test", "/api/ai/providers/openai/test", `{"text":"The export is broken"}`},
		{"POST", "/api/ai/providers/{id}/test", "/api/ai/providers/openai/test", fmt.Sprintf(`{"text":"The export is broken","base_url":%q,"api_key":%q}`, models, modelKey)},
		{"GET", "/api/ai/models", "", ""}, {"GET", "/api/ai/providers", "", ""},
	}
}

// misplaced are tokens of wrong forms, and the token where something else belongs.
func misplaced(host string) []operation {
	var ops []operation
	for _, wrong := range []string{" " + token + "\n", token + "/x", "bot" + token, token + ":" + token, strings.Repeat(token, 10), "https://api.telegram.org/bot" + token, token[11:]} {
		ops = append(ops, operation{"POST", "/api/settings", "", fmt.Sprintf(`{"telegram":{"bot_token":%q,"webhook_base_url":"http://%s"}}`, wrong, host)})
	}
	const settings = "/api/ai/settings"
	for _, wrong := range []string{
		`{"api_key":"` + modelKey + ` x"}`, `{"api_key":["` + modelKey + `"]}`, `{"provider":"` + modelKey + `"}`,
		`{"base_url":"http://u:` + modelKey + `@localhost/v1","api_key":"` + modelKey + `"}`, `{"base_url":"http://localhost/v1?key=` + modelKey + `"}`,
		`{"base_url":"http://localhost:` + modelKey + `/v1"}`,
	} {
		ops = append(ops, operation{"PUT", settings, "", wrong}, operation{"POST", "/api/ai/providers/{id}/test", "/api/ai/providers/openai/test", wrong})
	}
	return append(ops, operation{"GET", "/api/ai/models", "/api/ai/models?base_url=http://u:" + modelKey + "@localhost/v1", ""})
}

// everyOperation fails for one of the contract that is not driven.
func everyOperation(t *testing.T, driven []operation) {
	t.Helper()
	spec, err := os.ReadFile("../../proto/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found, path := 0, ""
	for text := range strings.Lines(string(spec)) {
		if at := pathLine.FindStringSubmatch(text); at != nil {
			path = at[1]
		}
		method := methodLine.FindStringSubmatch(text)
		if method == nil || path == "/ws" {
			continue
		}
		found++
		name := strings.ToUpper(method[1])
		if !slices.ContainsFunc(driven, func(o operation) bool { return o.method == name && o.path == path }) {
			t.Errorf("%s %s is not driven", name, path)
		}
	}
	if found < 30 {
		t.Errorf("%d operations are found in the contract", found)
	}
}

// Where paths and their methods stand in the contract.
var (
	pathLine   = regexp.MustCompile(`^  (/\S*):\n`)
	methodLine = regexp.MustCompile(`^    (get|post|put|patch|delete):\n`)
)

// world is a standalone on a database and a broker that can be looked into.
type world struct {
	*places
	t        *testing.T
	telegram *telegramtest.Server
	env      map[string]string
	dir      string
	base     string
	host     string
	program  *line.Process
}

func (w *world) start(more map[string]string) {
	w.t.Helper()
	env := map[string]string{}
	for _, part := range []map[string]string{w.env, more} {
		for key, value := range part {
			env[key] = value
		}
	}
	w.program = line.StartStandalone(w.t, w.dir, env)
	w.base = w.program.URL()
	w.host = strings.Replace(strings.TrimPrefix(w.base, "http://"), "127.0.0.1", "localhost", 1)
	w.watchFrames(w.t, w.base)
}

// stop ends the program, and keeps what it wrote.
func (w *world) stop() {
	w.t.Helper()
	w.program.Stop(syscall.SIGTERM)
	w.add("output", w.program.Output())
}

// drive calls operations one after another, or all at once. None may be answered 500.
func (w *world) drive(phase string, ops []operation, atOnce bool) map[string]int {
	w.t.Helper()
	var (
		mu       sync.Mutex
		statuses = map[string]int{}
		calls    sync.WaitGroup
	)
	for _, op := range ops {
		at := op.at
		if at == "" {
			at = op.path
		}
		call := func() {
			status := w.hit(w.t.Context(), op.method, w.base+at, op.body)
			mu.Lock()
			defer mu.Unlock()
			statuses[op.method+" "+op.path] = status
			if status == http.StatusInternalServerError || status == 0 {
				w.t.Errorf("%s: %s %s is answered %d", phase, op.method, op.path, status)
			}
		}
		if atOnce {
			calls.Go(call)
		} else {
			call()
		}
	}
	calls.Wait()
	return statuses
}

func TestSecretsAreSeenNowhere(t *testing.T) {
	t.Parallel()
	broker, database := line.StartNATS(t).URL, postgrestest.URL(t)
	w := &world{places: &places{seen: map[string][]byte{}}, t: t, dir: line.DataDir(t), telegram: standIn(t)}
	conn := w.watchBroker(t, broker)
	w.env = map[string]string{
		"DATABASE_URL": database, "NATS_URL": broker, "LOG_LEVEL": "trace", "TELEGRAM_API_BASE_URL": w.telegram.URL(),
		"OTEL_EXPORTER_OTLP_ENDPOINT": w.collector(t),
	}
	w.start(nil)
	models := modelServer(t)
	ops := operations(w.host, models.URL())
	everyOperation(t, ops)
	for call, status := range w.drive("all is well", ops, false) {
		if status >= 400 && !strings.Contains(call, "dead-letters") && !strings.Contains(call, "/api/messages/{id}") && !strings.Contains(call, "/api/proposals/{id}") && !strings.Contains(call, "/api/analysis-runs/{id}") && !strings.Contains(call, "/links") && !strings.HasSuffix(call, "/merge") && !strings.HasSuffix(call, "/split") && !strings.HasSuffix(call, "/attach") && !strings.HasSuffix(call, "/detach") && call != "POST /webhook/telegram" && call != "GET /" { // the dashboard may not be built
			t.Errorf("%s is answered %d", call, status)
		}
	}
	w.drive("wrong tokens", misplaced(w.host), false)
	asking := slices.DeleteFunc(slices.Clone(ops), func(o operation) bool {
		return !strings.Contains(o.path, "settings") && !strings.HasPrefix(o.path, "/api/ai/") && !strings.Contains(o.path, "webhook") && o.path != "/readyz" && o.path != "/metrics"
	})
	// Of what sets a webhook, which is done once a second, all is tried with the fault alone
	// that quotes the token.
	fewer := slices.DeleteFunc(slices.Clone(asking), func(o operation) bool {
		return strings.HasSuffix(o.path, "rotate-secret") || o.body == `{"mode":"webhook"}`
	})
	for name, fault := range faults() {
		w.telegram.Fault(telegramtest.AnyMethod, fault, -1)
		if fault.Kind == telegramtest.FaultBadGateway {
			w.drive(name, asking, true)
		} else {
			w.drive(name, fewer, true)
		}
		w.telegram.ClearFaults()
	}
	for _, fault := range []modeltest.Fault{modeltest.Unauthorized, modeltest.InternalError, modeltest.BadGateway, modeltest.Redirect, modeltest.HangUp, modeltest.HTMLPage} {
		models.FailAlways(fault) // the first repeats the key
		w.drive(fmt.Sprint("model server's fault ", fault), append(ofModels(models.URL()), message), false)
	}
	w.drive("afterwards", ops[:1], false)
	secrets := append(w.webhookSecrets(), token, modelKey)
	w.stop()

	w.start(map[string]string{"SETTINGS_ENCRYPTION_KEY": "another-key-of-the-same-length-0123456789"})
	w.drive("another key", ops[1:], true)
	w.stop()
	w.telegram.Close()
	w.start(map[string]string{"TELEGRAM_BOT_TOKEN": token, "TELEGRAM_MODE": "polling"})
	w.drive("no network", asking, true)
	w.drive("the key is stored", ofModels(models.URL())[:1], false)
	w.stop()

	w.readRows(t, database)
	w.readStreams(t, conn)
	if len(secrets) < 2 {
		t.Error("no webhook was set with a secret: there was nothing to look for")
	}
	w.search(t, secrets, "answers", "output", "frames", "messages", "buckets", "streams", "traces", "table settings", "table ai_settings")
}

// message is one that is judged.
var message = operation{"POST", "/webhook/telegram", "", string(line.TelegramText(11, group, 11, "the export is broken"))}

// modelServer wants the marked key, and repeats any other.
func modelServer(t *testing.T) *modeltest.Server {
	t.Helper()
	s, err := modeltest.Start(modeltest.Options{Key: modelKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// webhookSecrets are those that Telegram was given.
func (w *world) webhookSecrets() []string {
	var secrets []string
	for _, call := range w.telegram.Calls("setWebhook") {
		if secret := call.Params["secret_token"]; secret != "" && !slices.Contains(secrets, secret) {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

func standIn(t *testing.T) *telegramtest.Server {
	t.Helper()
	s := telegramtest.New(t, telegramtest.Options{Speed: 100})
	s.AddBot(telegramtest.Bot{Token: token, Username: "ledgerline_tasks_bot"})
	s.AddChat(telegramtest.Chat{ID: group, Title: "Каса", BotIsAdmin: true})
	s.AddUser(telegramtest.User{ID: 5, Photos: nil})
	if _, err := s.Send(token, line.TelegramText(7, group, 7, "by way of Telegram")); err != nil {
		t.Fatal(err)
	}
	return s
}

// faults are how calls of Telegram fail. A proxy's page quotes the URL, and so the token.
func faults() map[string]telegramtest.Fault {
	return map[string]telegramtest.Fault{
		"refused":  {Kind: telegramtest.FaultError, Code: http.StatusUnauthorized, Description: "Unauthorized: " + token},
		"flood":    {Kind: telegramtest.FaultFlood, RetryAfter: 1},
		"internal": {Kind: telegramtest.FaultInternal},
		"html":     {Kind: telegramtest.FaultBadGateway},
		"cut":      {Kind: telegramtest.FaultCutBody},
		"reset":    {Kind: telegramtest.FaultReset},
	}
}
