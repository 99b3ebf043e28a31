// Command standalone runs the whole of Task Tracker in one process.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/services/standalone"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "standalone:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var cfg standalone.Config
	if err := config.Load(".env", &cfg); err != nil {
		return err
	}
	return standalone.Run(ctx, cfg, os.Stdout)
}
