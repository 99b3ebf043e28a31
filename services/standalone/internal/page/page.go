// Package page serves the built dashboard from a directory.
package page

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/httpserver"
)

// csp lets the page load only what this server serves, pictures included, and talk to it alone, by WebSocket too.
// Libraries of the page make <style> elements, so those may be inline; style attributes in markup and scripts may not.
const csp = "default-src 'self'; style-src 'self' 'unsafe-inline'; style-src-attr 'none'; " +
	"object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

// Handler serves the files of dir, packed where the build has packed them and the client takes that. A path
// without a file extension that is no file is a route of the dashboard and gets index.html.
func Handler(dir string) http.Handler {
	root := os.DirFS(dir)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			httpserver.Error(w, http.StatusMethodNotAllowed, "The dashboard is read with GET")
			return
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		info, err := fs.Stat(root, name)
		isFile := err == nil && !info.IsDir()
		if !isFile && path.Ext(name) == "" {
			name = "index.html"
		}
		switch err := serve(w, r, root, name); {
		case err == nil:
		case errors.Is(err, fs.ErrNotExist) && name == "index.html":
			httpserver.Error(w, http.StatusServiceUnavailable, "The dashboard is not built: run ./just build, or set DASHBOARD_DIR")
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
			httpserver.Error(w, http.StatusNotFound, "There is no such file")
		default:
			httpserver.Error(w, http.StatusInternalServerError, "The dashboard cannot be read; see the permissions of DASHBOARD_DIR")
		}
	})
}

// serve answers with the file of that name, or with an error before anything is written.
func serve(w http.ResponseWriter, r *http.Request, root fs.FS, name string) error {
	file, encoding, err := open(root, name, r.Header.Get("Accept-Encoding"))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	content, ok := file.(io.ReadSeeker)
	if !ok || info.IsDir() {
		return fs.ErrNotExist
	}
	if encoding != "" {
		w.Header().Set("Content-Encoding", encoding)
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	w.Header().Set("Vary", "Accept-Encoding")
	secure(w)
	http.ServeContent(w, r, name, cache(w, name, info.ModTime()), content)
	return nil
}

// open opens what the build has packed of the file in the best way that is accepted, else the file.
func open(root fs.FS, name, accepted string) (file fs.File, encoding string, err error) {
	for _, way := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !accepts(accepted, way.encoding) {
			continue
		}
		if file, err := root.Open(name + way.suffix); err == nil {
			return file, way.encoding, nil
		}
	}
	file, err = root.Open(name)
	return file, "", err
}

// accepts says whether an Accept-Encoding names the encoding and does not refuse it (q=0).
func accepts(header, encoding string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(one, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		quality, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		return !found || strings.Trim(quality, "0.") != ""
	}
	return false
}

// cache: Vite puts a hash of the content into every name under assets/. The page names them, so it is sent anew each
// time: compared by its time, the one of an earlier version that was put back would count as unchanged.
func cache(w http.ResponseWriter, name string, modified time.Time) time.Time {
	switch {
	case strings.HasPrefix(name, "assets/"):
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	case name == "index.html":
		w.Header().Set("Cache-Control", "no-cache")
		return time.Time{}
	}
	return modified
}

func secure(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", csp)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "same-origin")
}
