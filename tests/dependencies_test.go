package tests

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

const module = "github.com/tasktracker/tasktracker"

// What a service must not link, each with the reason.
func TestServicesLinkOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	for service, banned := range map[string]map[string]string{
		"ingest":           {"github.com/jackc/pgx/v5": "ingest works while the database is down: it never touches it"},
		"realtime-gateway": {"github.com/jackc/pgx/v5": "the gateway shows what the bus says and never touches the database"},
		"worker":           {"github.com/labstack/echo/v5": "the worker serves no users"},
		"api":              {"github.com/nats-io/nats-server/v2/server": "only standalone embeds a broker"},
	} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			// A dependency of ours may import testing; what we write may not.
			list := exec.Command("go", "list", "-deps", "-f",
				`{{.ImportPath}}{{if .Module}}{{if eq .Module.Version ""}}{{range .Imports}}{{if eq . "testing"}} testing{{end}}{{end}}{{end}}{{end}}`,
				"./services/"+service+"/cmd/...")
			list.Dir = line.Root()
			out, err := list.Output()
			if err != nil {
				t.Fatalf("go list: %v", err)
			}
			for dep := range strings.Lines(string(out)) {
				dep, testing, _ := strings.Cut(strings.TrimSpace(dep), " ")
				if testing != "" {
					t.Errorf("links %s, which imports testing: test helpers belong in packages of their own", dep)
				}
				if reason, ok := banned[dep]; ok {
					t.Errorf("links %s: %s", dep, reason)
				}
				if rest, ok := strings.CutPrefix(dep, module+"/services/"); ok && !strings.HasPrefix(rest, service) {
					t.Errorf("links %s: services never import one another", dep)
				}
			}
		})
	}
}
