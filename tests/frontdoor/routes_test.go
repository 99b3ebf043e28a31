package frontdoor

import (
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tasktracker/tasktracker/pkg/clauses"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// door is the whole of production but for Docker: nginx, the dashboard's nginx, two
// ingests, two gateways, an api, a worker, NATS, PostgreSQL and a name server.
type door struct {
	t      *testing.T
	base   string
	tls    string
	client *http.Client
	nginx  *nginx
	names  *names
	// processes by service, one for each copy, in the order of their addresses.
	processes map[string][]*line.Process
	env       map[string]string // of the services
	ports     map[string]string // of each service
}

func open(t *testing.T, tlsMode string) *door {
	t.Helper()
	d := &door{t: t, names: startNames(t), processes: map[string][]*line.Process{}, ports: map[string]string{}}
	d.env = map[string]string{
		"NATS_URL": line.StartNATS(t).URL, "DATABASE_URL": postgrestest.URL(t), "NATS_SYNC": "interval", "TRUSTED_PROXIES": "127.0.0.1",
	}
	for service, copies := range map[string]int{"ingest": 2, "api": 1, "realtime-gateway": 2, "worker": 1} {
		d.ports[service] = line.FreePort(t)
		for i := range copies {
			d.start(service, fmt.Sprintf("127.0.0.%d", 11+i))
		}
	}
	for _, copies := range d.processes {
		for _, p := range copies {
			p.URL()
		}
	}
	d.ports["dashboard"] = line.FreePort(t)
	d.names.set("dashboard", "127.0.0.1")
	startDashboard(t, d.ports["dashboard"])

	certificates := t.TempDir()
	roots := certificate(t, certificates)
	port, tlsPort := line.FreePort(t), line.FreePort(t)
	d.nginx = startNginx(t, render(t, map[string]string{
		"NGINX_RESOLVER": d.names.address, "NGINX_TLS": tlsMode, "NGINX_PORT": port, "NGINX_TLS_PORT": tlsPort, "NGINX_HEALTH_PORT": line.FreePort(t),
		"NGINX_CERTIFICATES": certificates, "NGINX_TRUSTED_PROXY": "192.0.2.0/32",
		"INGEST_UPSTREAM": "ingest:" + d.ports["ingest"], "API_UPSTREAM": "api:" + d.ports["api"],
		"GATEWAY_UPSTREAM": "realtime-gateway:" + d.ports["realtime-gateway"], "DASHBOARD_UPSTREAM": "dashboard:" + d.ports["dashboard"],
	}))
	d.base, d.tls = "http://localhost:"+port, "https://localhost:"+tlsPort
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableCompression: true}
	d.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(transport.CloseIdleConnections)
	line.Eventually(t, func() bool {
		resp, err := d.client.Get(d.base + "/")
		if err == nil {
			resp.Body.Close()
		}
		return err == nil
	}, func() string { return "nginx does not listen:\n" + d.nginx.log.String() })
	return d
}

// run starts a service at an address.
func (d *door) run(service, address string) *line.Process {
	d.t.Helper()
	env := map[string]string{"HTTP_ADDR": address + ":" + d.ports[service]}
	for key, value := range d.env {
		env[key] = value
	}
	return line.Start(d.t, service, env)
}

// start adds a copy of a service under an address of its own.
func (d *door) start(service, address string) {
	d.t.Helper()
	d.processes[service] = append(d.processes[service], d.run(service, address))
	var addresses []string
	for i := range d.processes[service] {
		addresses = append(addresses, fmt.Sprintf("127.0.0.%d", 11+i))
	}
	d.names.set(service, addresses...)
}

// ask sends a request and gives status, body and header of the answer.
func (d *door) ask(method, url, body string, header ...string) (int, string, http.Header) {
	d.t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := d.client.Do(req)
	if err != nil {
		d.t.Fatalf("%s %s: %v", method, url, err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, string(said), resp.Header
}

func (d *door) get(path string, header ...string) (int, string, http.Header) {
	d.t.Helper()
	return d.ask(http.MethodGet, d.base+path, "", header...)
}

func TestTheFrontDoor(t *testing.T) {
	t.Parallel()
	d := open(t, "off")
	d.routes()
	d.nothingElse()
	d.pageAndAssets()
	d.headersOfClients()
	d.bounds()
	d.everyCopyIsUsed()
	d.sockets()
	d.copiesComeAndGo()
}

func (d *door) routes() {
	for path, want := range map[string]string{"/": "<!doctype html", "/tasks/7": "<!doctype html", "/api/health": `"healthy"`, "/api/v1/stats": `"total"`, "/api/config": `"wsUrl"`,
		"/api/analysis-runs": "[", "/api/proposals": "[", "/api/ai/settings": `"provider"`, "/review": "<!doctype html"} {
		if status, said, _ := d.get(path); status != 200 || !strings.Contains(strings.ToLower(said), strings.ToLower(want)) {
			d.t.Errorf("%s: %d %.200s", path, status, said)
		}
	}
	if status, said := line.PostUpdate(d.t, d.base, line.TelegramText(1, -1001, 1, "через nginx")); status != 200 {
		d.t.Errorf("webhook: %d %s", status, said)
	}
	line.Eventually(d.t, func() bool { return len(line.AllMessages(d.t, d.base)) == 1 }, func() string { return "the message is not in the list" })
}

func (d *door) nothingElse() {
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/metrics/", "/debug/pprof/", "/.env", "/.git/config", "/assets/.hidden", "/nginx.conf", "/webhook", "/ws/x", "/index.php",
		"/debug/pprof/heap", "//metrics", "/api/../metrics", "/api/%2e%2e/metrics", "/api/..%2fmetrics", "/webhook/..%2freadyz", "/ws/../debug/pprof/", "/assets/..%2f..%2f..%2fnginx.conf", "/assets/%2e%2e/%2e%2e/etc/passwd.txt",
		"/package.json", "/assets/index.js.map"} {
		status, said, header := d.get(path)
		var answer struct{ Detail string }
		page := strings.Contains(said, "<!doctype html>") && (path == "/webhook" || path == "/ws/x") // routes of the page
		unreadable := status == 400 && strings.Contains(path, "%2")                                  // nginx answers before it looks at locations
		if !page && !unreadable && (status != 404 || strings.HasPrefix(header.Get("Content-Type"), "application/json") && (json.Unmarshal([]byte(said), &answer) != nil || answer.Detail == "")) {
			d.t.Errorf("%s: %d %.200s", path, status, said)
		}
		if header.Get("Server") != "nginx" {
			d.t.Errorf("%s: says it is %q", path, header.Get("Server"))
		}
	}
	if status, said, _ := d.ask(http.MethodPost, d.base+"/", "x"); status != 405 || !strings.Contains(said, "detail") {
		d.t.Errorf("POST /: %d %s", status, said)
	}
	if status, said, _ := d.get("/webhook/unknown"); status != 404 || !strings.Contains(said, "detail") {
		d.t.Errorf("an unknown channel: %d %s", status, said)
	}
}

// scripts are those that the page names.
var scripts = regexp.MustCompile(`"/?assets/([^"/]+\.js)"`)

func (d *door) pageAndAssets() {
	_, page, header := d.get("/")
	if header.Get("Cache-Control") != "no-cache" || header.Get("X-Content-Type-Options") != "nosniff" {
		d.t.Errorf("page: %v", header)
	}
	// No other host than this one, by WebSocket neither: a scheme or host in it would have a colon.
	if csp := header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self';") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, ":") {
		d.t.Errorf("page: %q", csp)
	}
	var name, plain string
	for _, script := range scripts.FindAllStringSubmatch(page, -1) {
		status, text, header := d.get("/assets/" + script[1])
		if status != 200 || header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			d.t.Errorf("asset %s: %d %v", script[1], status, header)
		}
		if len(text) > len(plain) { // small ones are not worth packing
			name, plain = script[1], text
		}
	}
	_, packed, header := d.get("/assets/"+name, "Accept-Encoding", "gzip")
	reader, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		d.t.Fatalf("asset %s is not compressed: %v %v", name, err, header)
	}
	if text, err := io.ReadAll(reader); err != nil || string(text) != plain {
		d.t.Errorf("asset %s is another one when compressed: %v", name, err)
	}
	// The build's own, so its length is known, and it is not compressed anew for each reader.
	if header.Get("Content-Length") != strconv.Itoa(len(packed)) || header.Get("Vary") != "Accept-Encoding" || !strings.Contains(header.Get("Content-Type"), "javascript") {
		d.t.Errorf("asset %s, compressed: %v", name, header)
	}
	if status, _, header := d.get("/assets/nothing.js"); status != 404 || strings.Contains(header.Get("Cache-Control"), "immutable") {
		d.t.Errorf("an asset that is not there: %d %v", status, header)
	}
}

// Whatever a client says about where it comes from, the services hear what nginx saw.
func (d *door) headersOfClients() {
	_, said, _ := d.get("/api/config", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "X-Forwarded-For", "10.0.0.1")
	if want := strings.TrimPrefix(d.base, "http://"); strings.Contains(said, "evil") || strings.Contains(said, "https") || !strings.Contains(said, want) {
		d.t.Errorf("config: %s", said)
	}
}

// A page says in its reader's language what nginx says itself, where it may meet that.
func TestTheFrontDoorTakesItsSentencesApart(t *testing.T) {
	t.Parallel()
	template, err := os.ReadFile(filepath.Join(line.Root(), "nginx/templates/front.conf.template"))
	if err != nil {
		t.Fatal(err)
	}
	answers := regexp.MustCompile(`return (?:408|413|429|50\d) '(.*)';`).FindAllSubmatch(template, -1)
	if len(answers) != 5 {
		t.Errorf("nginx has %d answers for pages", len(answers))
	}
	for _, answer := range answers {
		var said struct {
			Detail  string
			Clauses []clauses.Clause
		}
		if err := json.Unmarshal(answer[1], &said); err != nil || len(said.Clauses) == 0 {
			t.Errorf("%s: %v", answer[1], err)
		}
		if diff := cmp.Diff(clauses.Of(said.Detail), said.Clauses); diff != "" {
			t.Errorf("%s: %s", said.Detail, diff)
		}
	}
}

func (d *door) bounds() {
	if status, said, _ := d.ask(http.MethodPost, d.base+"/webhook/telegram", strings.Repeat("x", 2<<20)); status != 413 || !strings.Contains(said, `"too_large"`) {
		d.t.Errorf("2 MiB: %d %s", status, said)
	}
	if status, said, _ := d.get("/api/" + strings.Repeat("x", 70_000)); status != 414 {
		d.t.Errorf("a long address: %d %.200s", status, said)
	}
	var mu sync.Mutex
	counts := map[int]int{}
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			for range 20 {
				status, said, header := d.get("/api/health")
				mu.Lock()
				counts[status]++
				mu.Unlock()
				if status == 429 && (header.Get("Retry-After") == "" || !strings.Contains(said, "detail")) {
					d.t.Errorf("429: %v %s", header, said)
				}
			}
		})
	}
	group.Wait()
	if counts[200] < 200 || counts[200]+counts[429] != 1000 {
		d.t.Errorf("a thousand requests at once: %v", counts)
	}
	line.Eventually(d.t, func() bool { status, _, _ := d.get("/api/health"); return status == 200 }, func() string { return "still too many requests" })
}

func (d *door) everyCopyIsUsed() {
	for n := range int64(60) {
		if status, said := line.PostUpdate(d.t, d.base, line.TelegramText(100+n, -1002, 100+n, "copies")); status != 200 {
			d.t.Fatalf("webhook: %d %s", status, said)
		}
	}
	for i, p := range d.processes["ingest"] {
		if _, figures, _ := d.ask(http.MethodGet, p.Base()+"/metrics", ""); !strings.Contains(figures, `tasktracker_ingest_webhook_answers_total{status="200"}`) {
			d.t.Errorf("ingest %d got no update", i)
		}
	}
}

// Copies that end are passed over, ones that are added are found, and without any there
// is an error of our own.
func (d *door) copiesComeAndGo() {
	d.processes["ingest"][0].Stop(syscall.SIGKILL)
	for n := range int64(20) {
		if status, said := line.PostUpdate(d.t, d.base, line.TelegramText(600+n, -1004, 600+n, "one is dead")); status != 200 {
			d.t.Errorf("webhook with one of two: %d %s", status, said)
		}
	}
	d.processes["api"][0].Stop(syscall.SIGTERM)
	status, said, header := d.get("/api/stats")
	if status != 502 || !strings.Contains(said, "detail") || header.Get("Retry-After") == "" || header.Get("Content-Type") != "application/json" {
		d.t.Errorf("without an api: %d %v %s", status, header, said)
	}
	d.start("api", "127.0.0.12")
	d.processes["api"][1].URL()
	line.Eventually(d.t, func() bool { status, _, _ := d.get("/api/stats"); return status == 200 }, func() string { return "the new api is not found" })
}

func TestTheFrontDoorWithTLS(t *testing.T) {
	t.Parallel()
	d := open(t, "on")
	status, _, header := d.get("/api/stats?x=1")
	if want := "https://localhost/api/stats?x=1"; status != 308 || header.Get("Location") != want {
		t.Errorf("over HTTP: %d %v", status, header)
	}
	status, said, header := d.ask(http.MethodGet, d.tls+"/api/config", "")
	if status != 200 || !strings.Contains(said, `"wss://`) || header.Get("Strict-Transport-Security") == "" {
		t.Errorf("over HTTPS: %d %v %s", status, header, said)
	}
}
