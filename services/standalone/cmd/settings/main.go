// Command settings prints .env.example from the configuration structs.
package main

import (
	"fmt"
	"os"

	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/services/standalone"
)

func main() {
	fmt.Println("# Every setting of Task Tracker, with its default. Copy to .env and change what you need;\n# variables of the environment win over the file. Printed by: ./just generate")
	seen := map[string]bool{}
	for _, setting := range append(config.Describe(standalone.Config{}), config.Describe(service.Config{})...) {
		if seen[setting.Name] {
			continue
		}
		seen[setting.Name] = true
		if _, err := fmt.Printf("\n# %s\n#%s=%s\n", setting.Description, setting.Name, setting.Default); err != nil {
			fmt.Fprintln(os.Stderr, "settings:", err)
			os.Exit(1)
		}
	}
}
