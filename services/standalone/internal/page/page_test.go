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
		"dist/index.html": "<title>Task Tracker</title>", "dist/assets/index-abc.js": "1", "secret.txt": "not for the world",
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
		if rec.Header().Get("Cache-Control") != "no-cache" || rec.Header().Get("Content-Security-Policy") == "" {
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

func TestAMissingBuildIsSaid(t *testing.T) {
	t.Parallel()
	rec := get(page.Handler(t.TempDir()), http.MethodGet, "/")
	if rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), "./just build") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
