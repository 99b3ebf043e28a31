package gateway

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// Whatever the query is, there is a sound request in it: wrong types come with a
// sentence and change nothing, a wrong since is told and not used.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "since=1", "since=-1", "since=1&since=2", "since=18446744073709551615", "types=message.new,,x", "types=%ff", "%zz", "since=%00", "types=connection"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		req := parseRequest(&http.Request{URL: &url.URL{Path: "/ws", RawQuery: query}})
		if req.BadSince && req.Since != nil {
			t.Errorf("%q: a wrong since is used: %d", query, *req.Since)
		}
		if req.Types&^frame.AllKinds() != 0 || req.Fault != "" && req.Types != frame.AllKinds() {
			t.Errorf("%q: types %b with fault %q", query, req.Types, req.Fault)
		}
		if len(req.Fault) > 1000 {
			t.Errorf("%q: a fault of %d bytes", query, len(req.Fault))
		}
	})
}
