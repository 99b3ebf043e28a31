package page_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/services/standalone/internal/page"
)

func dashboard(t *testing.T) http.Handler {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"dist/index.html": "<title>Task Tracker</title>", "dist/assets/index-abc.js": "1", "dist/assets/index-abc.js.br": "packed by brotli", "dist/assets/index-abc.js.gz": "packed by gzip",
		"dist/assets/small-abc.js": "2", "dist/index.html.gz": "the page, packed", "secret.txt": "not for the world",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return page.Handler(filepath.Join(dir, "dist"))
}

func get(h http.Handler, method, path string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(method, path, nil))
	return rec
}

func TestThePageIsServedUnderEveryRouteOfItsOwn(t *testing.T) {
	t.Parallel()
	h := dashboard(t)
	for _, path := range []string{"/", "/index.html", "/tasks/7", "/assets"} {
		rec := get(h, http.MethodGet, path)
		if rec.Code != 200 || !strings.Contains(rec.Body.String(), "Task Tracker") {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
		// No other host than this one, by WebSocket neither.
		if csp := rec.Header().Get("Content-Security-Policy"); rec.Header().Get("Cache-Control") != "no-cache" || !strings.HasPrefix(csp, "default-src 'self';") || strings.Contains(csp, ":") {
			t.Errorf("%s: %v", path, rec.Header())
		}
	}
}

func TestHashedFilesAreKeptAndMissingOnesAreNot(t *testing.T) {
	t.Parallel()
	h := dashboard(t)
	if rec := get(h, http.MethodGet, "/assets/index-abc.js"); rec.Code != 200 || !strings.Contains(rec.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
	for _, path := range []string{"/assets/index-gone.js", "/../secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt"} {
		if rec := get(h, http.MethodGet, path); rec.Code == 200 && strings.Contains(rec.Body.String(), "not for the world") || rec.Code == 500 {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
	if rec := get(h, http.MethodPost, "/"); rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", rec.Code)
	}
}

func TestWhatIsPackedIsSentToWhoTakesIt(t *testing.T) {
	t.Parallel()
	h := dashboard(t)
	for _, c := range []struct{ path, accept, encoding, kind, body string }{
		{"/assets/index-abc.js", "gzip, deflate, br, zstd", "br", "text/javascript", "packed by brotli"},
		{"/assets/index-abc.js", "gzip, br;q=0", "gzip", "text/javascript", "packed by gzip"},
		{"/assets/index-abc.js", "GZIP; q=0.5", "gzip", "text/javascript", "packed by gzip"},
		{"/assets/index-abc.js", "br; q=0, gzip;q=0.0", "", "text/javascript", "1"},
		{"/assets/index-abc.js", "", "", "text/javascript", "1"},
		{"/assets/small-abc.js", "gzip, br", "", "text/javascript", "2"},
		{"/tasks/7", "gzip, br", "gzip", "text/html", "the page, packed"},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Header.Set("Accept-Encoding", c.accept)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		header := rec.Header()
		if rec.Code != 200 || rec.Body.String() != c.body || header.Get("Content-Encoding") != c.encoding {
			t.Errorf("%s for %q: %d %q %v", c.path, c.accept, rec.Code, rec.Body, header)
		}
		if !strings.HasPrefix(header.Get("Content-Type"), c.kind) || header.Get("Vary") != "Accept-Encoding" || header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s for %q: %v", c.path, c.accept, header)
		}
		if c.kind == "text/html" {
			continue
		}
		// Asked for again, it is not sent again.
		r.Header.Set("If-Modified-Since", header.Get("Last-Modified"))
		rec = httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if rec.Code != http.StatusNotModified || rec.Body.Len() > 0 {
			t.Errorf("%s again: %d %q", c.path, rec.Code, rec.Body)
		}
	}
}

func TestAMissingBuildIsSaid(t *testing.T) {
	t.Parallel()
	rec := get(page.Handler(t.TempDir()), http.MethodGet, "/")
	if rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), "./just build") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
