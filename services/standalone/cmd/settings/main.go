// Command settings prints .env.example from the configuration structs. Given the name of
// a file it writes the same as a table between the file's two markers.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/services/api"
	"github.com/tasktracker/tasktracker/services/ingest"
	gateway "github.com/tasktracker/tasktracker/services/realtime-gateway"
	"github.com/tasktracker/tasktracker/services/standalone"
	"github.com/tasktracker/tasktracker/services/worker"
)

// The table stands between these lines.
const (
	begin = "<!-- settings: written by ./just generate -->"
	end   = "<!-- end of settings -->"
)

func main() {
	err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) == 0 {
		return example(out)
	}
	page, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	before, rest, found := bytes.Cut(page, []byte(begin+"\n"))
	_, after, ended := bytes.Cut(rest, []byte(end+"\n"))
	if !found || !ended {
		return errors.New(args[0] + " lacks a line " + begin + " or " + end)
	}
	var written bytes.Buffer
	fmt.Fprintf(&written, "%s%s\n", before, begin)
	table(&written)
	fmt.Fprintf(&written, "%s\n%s", end, after)
	return os.WriteFile(args[0], written.Bytes(), 0o644)
}

// all lists every setting once, in the order of the structs.
func all() []config.Setting {
	var settings []config.Setting
	seen := map[string]bool{}
	for _, setting := range append(config.Describe(standalone.Config{}), config.Describe(service.Config{})...) {
		if !seen[setting.Name] {
			seen[setting.Name] = true
			settings = append(settings, setting)
		}
	}
	return settings
}

func example(out io.Writer) error {
	_, err := fmt.Fprintln(out, "# Every setting of Task Tracker, with its default. Copy to .env and change what you need;\n# variables of the environment win over the file. Printed by: ./just generate")
	for _, setting := range all() {
		if err != nil {
			break
		}
		_, err = fmt.Fprintf(out, "\n# %s\n#%s=%s\n", setting.Description, setting.Name, setting.Default)
	}
	return errors.Join(err, composeExample(out))
}

func table(out *bytes.Buffer) {
	out.WriteString("| setting | default | read by | meaning |\n|---|---|---|---|\n")
	cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
	for _, setting := range all() {
		value := ""
		if setting.Default != "" {
			value = "`" + setting.Default + "`"
		}
		description := cell(setting.Description)
		if setting.Secret {
			description += ". Secret"
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", setting.Name, cell(value), strings.Join(readers(setting.Name), ", "), description)
	}
}

// ofPrograms are settings that the programs of services read themselves, and hand to the
// service what they made of them.
var ofPrograms = map[string][]string{
	"DATABASE_URL":            {"worker", "api"},
	"SETTINGS_ENCRYPTION_KEY": {"ingest", "worker", "api"},
}

// readers names the binaries that read a setting. Standalone reads what the services
// read, but not what only makes them single.
func readers(name string) []string {
	has := func(spec any) bool {
		for _, setting := range config.Describe(spec) {
			if setting.Name == name {
				return true
			}
		}
		return false
	}
	if has(service.Config{}) {
		if has(standalone.Config{}) {
			return []string{"all"}
		}
		return []string{"single services"}
	}
	var names []string
	for _, s := range []struct {
		name string
		spec any
	}{{"ingest", ingest.Config{}}, {"worker", worker.Config{}}, {"api", api.Config{}}, {"realtime-gateway", gateway.Config{}}} {
		if has(s.spec) || slices.Contains(ofPrograms[name], s.name) {
			names = append(names, s.name)
		}
	}
	return append(names, "standalone")
}
