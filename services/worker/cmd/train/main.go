// Command train finds the weights of the built-in classifier: from the data sets of a folder,
// and the messages that we wrote ourselves. It first trains without dev and test and prints
// what such weights are worth on them, then trains on all but the test of our own messages
// and writes the weights that are shipped.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/classify/seed"
	"github.com/tasktracker/tasktracker/pkg/classify/train"
)

func main() {
	out := flag.String("out", "pkg/classify/local/weights.bin.gz", "file to write the weights to")
	dry := flag.Bool("measure", false, "only measure, write nothing")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "train DIR finds the weights of the built-in classifier from the data sets in DIR (docs/model-card.md).")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *out, *dry); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(dir, out string, dry bool) error {
	rows, err := train.Load(dir)
	if err != nil {
		return err
	}
	own, err := seed.Rows()
	if err != nil {
		return err
	}
	rows = append(rows, own...)
	known := train.Part(rows, "train")
	fmt.Printf("Trained on %d rows, measured on %d others:\n\n", len(known), len(rows)-len(known))
	train.Print(os.Stdout, train.Measure(local.Use(train.Calibrated(known)), train.Part(rows, "dev", "test")))
	if dry {
		return nil
	}
	var file bytes.Buffer
	if err := train.Calibrated(train.Part(rows, "train", "dev")).Save(&file); err != nil {
		return err
	}
	if err := os.WriteFile(out, file.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write weights: %w", err)
	}
	fmt.Printf("\nTrained on train and dev, %d bytes: %s\n", file.Len(), out)
	return nil
}
