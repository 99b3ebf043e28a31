// Command eval says what the shipped classifier is worth: on the data sets of a folder, on a
// file of our own format ({"text", "kind"}, see pkg/classify/seed), or, without either, on
// the part of our own messages that it was not trained on. With -feedback it scores the
// classifier, with what it has learnt, on what people corrected in an installation.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/classify/seed"
	"github.com/tasktracker/tasktracker/pkg/classify/train"
)

func main() {
	corrections := flag.Bool("feedback", false, "score on what people corrected, in the database of DATABASE_URL, or else of the standalone of DATA_DIR")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "eval [-feedback | FILE|DIR] prints precision, recall, F1, macro-F1, calibration error and confusion of the built-in classifier.")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 1 || *corrections && flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := error(nil)
	if *corrections {
		err = feedback(ctx, os.Stdout)
	} else {
		err = run(flag.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	classifier, err := local.New()
	if err != nil {
		return err
	}
	rows, err := read(path)
	if err != nil {
		return err
	}
	fmt.Printf("Weights %s, %d rows:\n\n", classifier.Version(), len(rows))
	train.Print(os.Stdout, train.Measure(classifier, rows))
	return nil
}

// read reads what is named: nothing, a folder of data sets or one file.
func read(path string) ([]*train.Row, error) {
	if path == "" {
		rows, err := seed.Rows()
		return train.Part(rows, "test"), err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read data: %w", err)
	}
	if info.IsDir() {
		rows, err := train.Load(path)
		return train.Part(rows, "dev"), err
	}
	rows, err := train.LoadFile(path)
	return train.Part(rows, "train", "dev", "test"), err
}
