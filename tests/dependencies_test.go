package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

const module = "github.com/tasktracker/tasktracker"

// What a service must not link, each with the reason. The go command is asked without the
// workspace: a service's own go.mod and go.sum name everything that it is built from.
func TestServicesLinkOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	for service, banned := range map[string]map[string]string{
		"ingest":           {"github.com/jackc/pgx/v5": "ingest works while the database is down: it never touches it"},
		"realtime-gateway": {"github.com/jackc/pgx/v5": "the gateway shows what the bus says and never touches the database"},
		"worker":           {"github.com/labstack/echo/v5": "the worker serves no users"},
		"api":              {"github.com/nats-io/nats-server/v2/server": "only standalone embeds a broker"},
		"standalone":       {},
	} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			// A dependency of ours may import testing; what we write may not.
			list := exec.Command("go", "list", "-deps", "-f",
				`{{.ImportPath}}{{if .Module}}{{if or .Module.Main .Module.Replace}}{{range .Imports}}{{if eq . "testing"}} testing{{end}}{{end}}{{end}}{{end}}`,
				"./cmd/...")
			list.Dir = filepath.Join(line.Root(), "services", service)
			list.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
			var said strings.Builder
			list.Stderr = &said
			out, err := list.Output()
			if err != nil {
				t.Fatalf("go list: %v: run GOWORK=off go mod tidy in %s\n%s", err, list.Dir, said.String())
			}
			for dep := range strings.Lines(string(out)) {
				dep, testing, _ := strings.Cut(strings.TrimSpace(dep), " ")
				if testing != "" {
					t.Errorf("links %s, which imports testing: test helpers belong in packages of their own", dep)
				}
				if reason, ok := banned[dep]; ok {
					t.Errorf("links %s: %s", dep, reason)
				}
				if rest, ok := strings.CutPrefix(dep, module+"/services/"); ok && service != "standalone" && !strings.HasPrefix(rest, service) {
					t.Errorf("links %s: services never import one another", dep)
				}
			}
		})
	}
}
