// Command standalone runs the whole of Task Tracker in one process.
package main

import (
	"context"
	"os"

	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/services/standalone"
)

func main() { service.Main("standalone", run) }

func run(ctx context.Context) error {
	var cfg standalone.Config
	if err := config.Load(".env", &cfg); err != nil {
		return err
	}
	return standalone.Run(ctx, cfg, os.Stdout)
}
