package worker

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/classify"
)

// subjects tells which texts open a subject of their own: what is surely an issue, and what the
// rules call critical, so that an outage is never filed under another matter. It asks the built-in classifier as
// it is shipped, whoever judges: what belongs together must not depend on a server that may
// be down, nor on what was learned meanwhile.
type subjects struct {
	local classify.Classifier
	// least is the probability of an issue from which a text opens a subject; 0: none does.
	least float64
	log   zerolog.Logger
}

// open returns of each text whether it opens a subject. One that cannot be judged does not.
func (s subjects) open(texts []string) []bool {
	opens := make([]bool, len(texts))
	if s.least == 0 {
		return opens
	}
	for i, text := range texts {
		opens[i] = s.opens(text)
		// In standalone requests wait for the same processor; this can wait.
		runtime.Gosched()
	}
	return opens
}

func (s subjects) opens(text string) bool {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error().Interface("panic", p).Bytes("stack", debug.Stack()).Msg("the built-in classifier panicked")
		}
	}()
	// It takes microseconds, so that nobody needs to end it.
	found, err := s.local.Classify(context.Background(), []classify.Input{{Text: text}})
	if err != nil || len(found) != 1 || !found[0].IsIssue {
		return false
	}
	return found[0].Confidence >= s.least || found[0].Priority == classify.PriorityCritical
}
