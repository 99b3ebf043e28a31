package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/classify/train"
	"github.com/tasktracker/tasktracker/pkg/config"
	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/services/worker"
)

// mostCorrections bounds what is scored: the newest.
const mostCorrections = 50_000

// place says where the corrections are, by the settings of the services.
type place struct {
	DataDir     string `envconfig:"DATA_DIR" default:".data" desc:"directory in which standalone keeps its data"`
	DatabaseURL string `envconfig:"DATABASE_URL" secret:"true" desc:"PostgreSQL 15 or newer (postgres://user:password@host:5432/name). Standalone starts one of its own where it is empty; a single service needs it"`
}

// Validate accepts everything: what is not there is said when it is opened.
func (place) Validate() error { return nil }

// feedback scores the classifier as it is, with what it has learnt, on the corrections of an
// installation.
func feedback(ctx context.Context, out io.Writer) error {
	var at place
	if err := config.Load(".env", &at); err != nil {
		return err
	}
	address, done, err := at.open(ctx)
	if err != nil {
		return err
	}
	defer done()
	pool, err := postgres.Connect(ctx, address, postgres.Options{ApplicationName: "eval", Log: zerolog.Nop()})
	if err != nil {
		return err
	}
	defer postgres.Close(pool)
	return score(ctx, store.New(pool), out)
}

// open gives the address of the database: that of DATABASE_URL, else of the standalone that runs
// on DATA_DIR, else of one that is started on it.
func (p place) open(ctx context.Context) (address string, done func(), err error) {
	done = func() {}
	if p.DatabaseURL != "" {
		return p.DatabaseURL, done, nil
	}
	if _, err := os.Stat(filepath.Join(p.DataDir, "postgres.location")); errors.Is(err, fs.ErrNotExist) {
		return "", done, fmt.Errorf("DATA_DIR %s has no data; set DATA_DIR, or DATABASE_URL, to where the corrections are", p.DataDir)
	}
	if address, err = embeddedpostgres.Running(p.DataDir); err != nil || address != "" {
		return address, done, err
	}
	server, err := embeddedpostgres.Start(ctx, embeddedpostgres.Config{DataDir: p.DataDir, Log: zerolog.Nop()})
	if err != nil {
		return "", done, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return server.URL(), func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "eval:", err)
		}
	}, nil
}

func score(ctx context.Context, db *store.Store, out io.Writer) error {
	corrections, err := db.Corrections(ctx, mostCorrections)
	if err != nil {
		return err
	}
	if len(corrections) == 0 {
		_, err := fmt.Fprintln(out, "Nobody has corrected anything yet.")
		return err
	}
	classifier, err := local.New()
	if err != nil {
		return err
	}
	said(out, corrections)
	learnt, held := worker.Lessons(corrections)
	if err := show(out, classifier, "shipped", learnt, held); err != nil {
		return err
	}
	id, base, err := db.ActiveAdapter(ctx)
	if err != nil || id == 0 {
		return err
	}
	if base != classifier.Base() {
		_, err := fmt.Fprintf(out, "\nAdapter %d is in use, but was made for weights %s: it judges nothing.\n", id, base)
		return err
	}
	weights, err := db.AdapterWeights(ctx, id)
	if err != nil {
		return err
	}
	adapter, err := local.ReadAdapter(id, weights)
	if err != nil {
		return err
	}
	classifier.Adapt(adapter)
	return show(out, classifier, "with what it has learnt", learnt, held)
}

// said tells how often the machine was right when it spoke.
func said(out io.Writer, corrections []store.Correction) {
	spoken, right := 0, 0
	for _, c := range corrections {
		if c.Machine.IsIssue == nil {
			continue
		}
		spoken++
		category := c.Machine.Category
		if *c.Machine.IsIssue == c.IsIssue && (!c.IsIssue || c.Category == "" || category == nil || *category == c.Category) {
			right++
		}
	}
	fmt.Fprintf(out, "%d corrections. The machine had spoken in %d of these cases, and said the same in %d.\n", len(corrections), spoken, right)
}

func show(out io.Writer, c *local.Classifier, how string, learnt, held []local.Lesson) error {
	for _, part := range []struct {
		name    string
		lessons []local.Lesson
	}{{"held back from learning", held}, {"that it may learn from", learnt}} {
		if len(part.lessons) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(out, "\nWeights %s (%s), %d corrections %s:\n", c.Version(), how, len(part.lessons), part.name); err != nil {
			return err
		}
		train.Print(out, []*train.Report{train.MeasureLessons(c, part.lessons)})
	}
	return nil
}
