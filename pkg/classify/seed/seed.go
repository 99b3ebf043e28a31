// Package seed holds the messages that we wrote ourselves, in the style of team chats, to
// train and to measure the built-in classifier on. What scenario (a team) a message belongs to decides
// whether it is for training or for testing, so that no team is in both.
package seed

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/tasktracker/tasktracker/pkg/classify/train"
)

//go:embed *.jsonl
var files embed.FS

// oneSided are the files with messages of one side of teams: what was written to teach what is no issue.
var oneSided = map[string]bool{"alarms.jsonl": true, "chatter.jsonl": true}

// Rows are all messages.
func Rows() ([]train.Row, error) {
	names, err := fs.Glob(files, "*.jsonl")
	if err != nil {
		return nil, fmt.Errorf("list seed messages: %w", err)
	}
	var rows []train.Row
	for _, name := range names {
		file, err := files.Open(name)
		if err != nil {
			return nil, fmt.Errorf("open seed messages: %w", err)
		}
		found, err := train.Read(file, train.SetSeed, "train")
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("read seed messages %s: %w", name, err)
		}
		for i := range found {
			found[i].OneSided = oneSided[name]
		}
		rows = append(rows, found...)
	}
	return rows, nil
}
