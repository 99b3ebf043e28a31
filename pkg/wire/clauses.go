package wire

import (
	"github.com/tasktracker/tasktracker/pkg/clauses"
	"github.com/tasktracker/tasktracker/proto/gen/api"
)

// Clauses takes one of our sentences apart; empty where its words are somebody else's.
func Clauses(sentence string) api.Clauses {
	found := clauses.Of(sentence)
	told := make(api.Clauses, 0, len(found))
	for _, c := range found {
		told = append(told, api.Clause{Code: c.Code, Values: c.Values})
	}
	return told
}
