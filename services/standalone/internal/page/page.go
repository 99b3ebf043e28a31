// Package page serves the built dashboard from a directory.
package page

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/httpserver"
)

// csp lets the page load only what this server serves, pictures included. Libraries of the page
// make <style> elements, so those may be inline; style attributes in markup and scripts may not.
const csp = "default-src 'self'; style-src 'self' 'unsafe-inline'; style-src-attr 'none'; connect-src 'self' ws: wss:; " +
	"object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// Handler serves the files of dir. A path without a file extension that is no
// file is a route of the dashboard and gets index.html.
func Handler(dir string) http.Handler {
	root := os.DirFS(dir)
	files := http.FileServerFS(root)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			httpserver.Error(w, http.StatusMethodNotAllowed, "The dashboard is read with GET")
			return
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		info, err := fs.Stat(root, name)
		switch {
		case err == nil && !info.IsDir() && name != "index.html":
			cache(w, name)
			secure(w)
			files.ServeHTTP(w, r)
		case path.Ext(name) == "" || name == "index.html":
			serveIndex(w, r, root)
		default:
			httpserver.Error(w, http.StatusNotFound, "There is no such file")
		}
	})
}

// cache: Vite puts a hash of the content into every name under assets/.
func cache(w http.ResponseWriter, name string) {
	if strings.HasPrefix(name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
}

func secure(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", csp)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "same-origin")
}

func serveIndex(w http.ResponseWriter, r *http.Request, root fs.FS) {
	index, err := fs.ReadFile(root, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		httpserver.Error(w, http.StatusServiceUnavailable, "The dashboard is not built: run ./just build, or set DASHBOARD_DIR")
		return
	}
	if err != nil {
		httpserver.Error(w, http.StatusInternalServerError, "The dashboard cannot be read; see the permissions of DASHBOARD_DIR")
		return
	}
	secure(w)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if r.Method == http.MethodGet {
		_, _ = w.Write(index) // the client has gone if this fails
	}
}
