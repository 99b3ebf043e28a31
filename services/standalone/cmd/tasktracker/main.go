// Command tasktracker is the operator's tool: backup and restore of everything that
// Task Tracker keeps, the migration of its database, and the change of the key of its
// secrets. It reads the services' settings: DATA_DIR, DATABASE_URL, NATS_URL,
// SETTINGS_ENCRYPTION_KEY.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/backup"
	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/services/standalone/internal/operate"
)

const usage = `usage:
  tasktracker backup [FILE]             write a backup (default: task-tracker-<time>.tar.zst here), while all works
  tasktracker restore [--replace] FILE  restore it into an empty place; --replace deletes what is there first
  tasktracker verify FILE               read a backup and say what is in it
  tasktracker migrate                   bring the database at DATABASE_URL to the schema of this release
  tasktracker reseal                    seal the stored secrets with the first key of SETTINGS_ENCRYPTION_KEY

Where the data are say DATA_DIR (standalone), DATABASE_URL and NATS_URL, from the environment or .env.
Exit codes: 0 done, 1 failed, 2 not understood.
`

// errUsage is returned for a command line that makes no sense.
var errUsage = errors.New(usage)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "tasktracker:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer, terminal *os.File) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	replace := false
	if args[0] == "restore" {
		flags.BoolVar(&replace, "replace", false, "")
	}
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 1 {
		return errUsage
	}
	path := flags.Arg(0)
	switch args[0] {
	case "backup":
	case "restore", "verify":
		if path == "" {
			return errUsage
		}
	case "migrate", "reseal":
		if path != "" {
			return errUsage
		}
	default:
		return errUsage
	}
	if args[0] == "verify" {
		return verify(path, out)
	}
	var cfg operate.Config
	if err := config.Load(".env", &cfg); err != nil {
		return err
	}
	log := zerolog.New(zerolog.ConsoleWriter{Out: terminal, NoColor: true, PartsExclude: []string{zerolog.TimestampFieldName}}).Level(zerolog.WarnLevel)
	progress, wipe := show(terminal)
	began := time.Now()
	switch args[0] {
	case "migrate":
		return operate.Migrate(ctx, cfg, log.Level(zerolog.InfoLevel))
	case "reseal":
		return reseal(ctx, cfg, log, out)
	case "restore":
		made, err := operate.Restore(ctx, cfg, path, log, backup.Options{Replace: replace, Progress: progress})
		wipe()
		if err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		return say(out, "is restored in "+since(began), made)
	default:
		path = cmp.Or(path, "task-tracker-"+began.UTC().Format("20060102T150405Z")+".tar.zst")
		made, err := operate.Backup(ctx, cfg, path, log, progress)
		wipe()
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		return say(out, "is written in "+since(began), made)
	}
}

func since(began time.Time) string { return time.Since(began).Round(time.Millisecond).String() }

func verify(path string, out io.Writer) error {
	made, err := operate.Verify(path)
	if err != nil {
		return err
	}
	return say(out, "is whole", made)
}

func reseal(ctx context.Context, cfg operate.Config, log zerolog.Logger, out io.Writer) error {
	done, err := operate.Reseal(ctx, cfg, log)
	for _, what := range done.Unreadable {
		fmt.Fprintln(out, what)
	}
	if err != nil {
		return fmt.Errorf("reseal: %w", err)
	}
	_, err = fmt.Fprintf(out, "%d secrets are sealed anew, %d were already under the first key\n", done.Renewed, done.Fresh)
	return err
}

func say(out io.Writer, what string, made operate.Made) error {
	rows, messages := made.Contents.Total()
	size := ""
	if made.Size > 0 {
		size = fmt.Sprintf("%.1f MiB, ", float64(made.Size)/(1<<20))
	}
	_, err := fmt.Fprintf(out, "%s %s: %s%d rows (%d messages), %d waiting in the broker, schema version %d, made %s\n", made.Path, what, size,
		rows, made.Contents.Rows["messages"], messages, made.Manifest.SchemaVersion, made.Manifest.Created.Format(time.RFC3339))
	return err
}

// show returns what shows progress on a terminal, and nothing elsewhere.
func show(terminal *os.File) (progress backup.Progress, wipe func()) {
	if !isatty.IsTerminal(terminal.Fd()) {
		return func(string, int64) {}, func() {}
	}
	const every = 200 * time.Millisecond
	var last time.Time
	progress = func(what string, done int64) {
		if time.Since(last) < every {
			return
		}
		last = time.Now()
		fmt.Fprintf(terminal, "\r\033[K%s: %d", what, done)
	}
	return progress, func() { fmt.Fprint(terminal, "\r\033[K") }
}
