package frontdoor

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/tasktracker/tasktracker/tests/line"
)

// load reads compose files as `docker compose -f ... config` does.
func load(t *testing.T, env []string, files ...string) *types.Project {
	t.Helper()
	var paths []string
	for _, name := range files {
		paths = append(paths, filepath.Join(line.Root(), name))
	}
	options, err := cli.NewProjectOptions(paths, cli.WithWorkingDirectory(line.Root()), cli.WithEnv(env), cli.WithInterpolation(true), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(files, " and "), err)
	}
	return project
}

func compositions() map[string][]string {
	return map[string][]string{
		"alone":         {"compose.yml"},
		"cluster":       {"compose.yml", "compose.cluster.yml"},
		"observability": {"compose.yml", "compose.observability.yml"},
		"all":           {"compose.yml", "compose.cluster.yml", "compose.observability.yml"},
	}
}

func TestComposeKeepsItsRules(t *testing.T) {
	t.Parallel()
	for name, files := range compositions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			project := load(t, []string{"POSTGRES_PASSWORD=x", "SETTINGS_ENCRYPTION_KEY=x", "GRAFANA_PASSWORD=x"}, files...)
			for _, want := range []string{"postgres", "nats", "migrate", "ingest", "api", "realtime-gateway", "worker", "dashboard", "nginx"} {
				if _, ok := project.Services[want]; !ok {
					t.Errorf("there is no service %s", want)
				}
			}
			for _, service := range project.Services {
				for _, fault := range faults(service) {
					t.Errorf("%s %s", service.Name, fault)
				}
			}
		})
	}
}

// faults are what keeps a service from being scaled, confined or watched.
func faults(s types.ServiceConfig) (found []string) {
	check := func(ok bool, fault string) {
		if !ok {
			found = append(found, fault)
		}
	}
	check(len(s.Ports) == 0 || s.Name == "nginx" || s.Name == "grafana", "has a port on the host, so that it cannot have copies")
	check(s.ContainerName == "", "has a container name, so that it cannot have copies")
	check(s.ReadOnly, "can write to its image")
	check(s.User != "" && !strings.HasPrefix(s.User, "0") && s.User != "root", "runs as root")
	check(slices.Contains(s.CapDrop, "ALL"), "keeps capabilities")
	check(slices.Contains(s.SecurityOpt, "no-new-privileges:true"), "may gain privileges")
	check(s.Deploy != nil && s.Deploy.Resources.Limits != nil && s.Deploy.Resources.Limits.MemoryBytes > 0, "has no limit of memory")
	check(s.HealthCheck != nil && (len(s.HealthCheck.Test) > 0 || s.Name == "migrate" || s.Name == "otel-collector"), "has no health check")
	check(s.Restart != "", "is not started again")
	_, tag, _ := strings.Cut(s.Image, ":")
	check(tag != "" && tag != "latest", "has no pinned image")
	return found
}

// Services believe X-Forwarded-* of TRUSTED_PROXIES alone, so nginx must reach them over that
// network and no other: else the page behind TLS would be told to open ws://.
func TestComposeReachesServicesOverTheNetworkTheyTrust(t *testing.T) {
	t.Parallel()
	project := load(t, []string{"POSTGRES_PASSWORD=x", "SETTINGS_ENCRYPTION_KEY=x"}, "compose.yml")
	nginx := project.Services["nginx"].Networks
	for _, name := range []string{"ingest", "api", "realtime-gateway", "dashboard"} {
		for network := range project.Services[name].Networks {
			if _, shared := nginx[network]; shared && network != "inside" {
				t.Errorf("nginx may reach %s over the network %s", name, network)
			}
		}
	}
	for _, name := range []string{"api", "realtime-gateway"} {
		if got, want := project.Services[name].Environment["TRUSTED_PROXIES"], project.Networks["inside"].Ipam.Config[0].Subnet; got == nil || *got != want {
			t.Errorf("%s does not trust %s, where nginx is", name, want)
		}
	}
}

func TestComposeStartsInOrder(t *testing.T) {
	t.Parallel()
	project := load(t, []string{"POSTGRES_PASSWORD=x", "SETTINGS_ENCRYPTION_KEY=x"}, "compose.yml")
	for service, needs := range map[string][]string{
		"migrate": {"postgres"}, "ingest": {"nats"}, "api": {"nats", "postgres", "migrate"}, "worker": {"nats", "postgres", "migrate"},
		"realtime-gateway": {"nats"}, "nginx": {"ingest", "api", "realtime-gateway", "dashboard"},
	} {
		for _, need := range needs {
			condition := project.Services[service].DependsOn[need].Condition
			if want := map[bool]string{true: types.ServiceConditionCompletedSuccessfully, false: types.ServiceConditionHealthy}[need == "migrate"]; condition != want {
				t.Errorf("%s waits for %s to be %q, want %q", service, need, condition, want)
			}
		}
	}
}

func TestComposeSaysWhichSettingIsMissing(t *testing.T) {
	t.Parallel()
	options, err := cli.NewProjectOptions([]string{filepath.Join(line.Root(), "compose.yml")}, cli.WithWorkingDirectory(line.Root()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := options.LoadProject(t.Context()); err == nil || !strings.Contains(err.Error(), "POSTGRES_PASSWORD") {
		t.Errorf("without a password: %v", err)
	}
}

// Whatever a service reads can be set for it: each setting that docs/operating.md says it reads
// is among those that compose.yml gives it.
func TestComposePassesEverySetting(t *testing.T) {
	t.Parallel()
	env := []string{"POSTGRES_PASSWORD=x", "SETTINGS_ENCRYPTION_KEY=x", "GRAFANA_PASSWORD=x", "WS_MAX_CLIENTS=7", "OTEL_EXPORTER_OTLP_ENDPOINT=http://elsewhere:4318"}
	services := load(t, env, "compose.yml").Services
	given := func(services types.Services, service, name, want string) {
		t.Helper()
		if value := services[service].Environment[name]; value == nil || *value != want {
			t.Errorf("%s of %s is not %s", name, service, want)
		}
	}
	given(services, "realtime-gateway", "WS_MAX_CLIENTS", "7")
	given(services, "worker", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://elsewhere:4318")
	given(load(t, env, "compose.yml", "compose.observability.yml").Services, "worker", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel-collector:4318")
	single := []string{"ingest", "worker", "api", "realtime-gateway"}
	passed := 0
	for row := range strings.Lines(read(t, "docs/operating.md")) {
		cells := strings.Split(row, " | ")
		name, ok := strings.CutPrefix(cells[0], "| `")
		if !ok || len(cells) < 4 || !strings.HasSuffix(name, "`") {
			continue
		}
		name = strings.TrimSuffix(name, "`")
		readers := strings.Split(cells[2], ", ")
		for _, service := range single {
			if !slices.Contains(readers, service) && cells[2] != "all" && cells[2] != "single services" {
				continue
			}
			passed++
			if _, ok := services[service].Environment[name]; !ok {
				t.Errorf("%s reads %s, which compose.yml does not give it", service, name)
			}
		}
	}
	if passed < 100 {
		t.Errorf("%d settings of services found in docs/operating.md: the test reads too little", passed)
	}
}

// A variable of compose.yml is a setting of the product, or one that .env.example explains.
func TestEnvExampleHasEveryVariableOfCompose(t *testing.T) {
	t.Parallel()
	example := read(t, ".env.example")
	for _, name := range []string{"compose.yml", "compose.cluster.yml", "compose.observability.yml"} {
		for _, part := range strings.Split(read(t, name), "${")[1:] {
			variable, _, _ := strings.Cut(part, "}")
			variable, _, _ = strings.Cut(variable, ":")
			if !strings.Contains(example, variable+"=") {
				t.Errorf("%s uses %s, which .env.example does not have", name, variable)
			}
		}
	}
}
