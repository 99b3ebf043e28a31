package train

import (
	"slices"

	"github.com/tasktracker/tasktracker/pkg/classify/local"
)

// at is a truth of the rows of one place alone.
func at(place int, truth func(*Row) int) func(*Row) int {
	return func(r *Row) int {
		if r.Place != place {
			return noOutput
		}
		return truth(r)
	}
}

// exact finds the outputs of each place that no other shares.
func exact(w *local.Weights, examples []example) {
	for place, h := range heads {
		put(w, local.OwnSpans[place], h.answers(local.OwnSpans[place], examples, at(place, ownTruth)))
	}
	put(w, local.OwnSpans[local.PlaceReview], reviewHead.answers(local.OwnSpans[local.PlaceReview], examples, at(local.PlaceReview, ownTruth)))
	put(w, local.ReviewSpan, issueHead.answers(local.ReviewSpan, examples, at(local.PlaceReview, issueTruth)))
}

// ownTruth is which of the own outputs of its place is true of a row; for one with a single output
// 0 stands for yes, 1 for no; noOutput where the row says nothing.
func ownTruth(r *Row) int {
	switch r.Place {
	case local.PlaceTracker:
		return slices.IndexFunc(local.TrackerKinds[:], func(k int) bool { return local.KindNames[k] == r.Label })
	case local.PlaceLog:
		return choose(r.Type == "bug", 0, 1)
	case local.PlaceMessage:
		return choose(r.Label == "issue", 0, 1)
	case local.PlaceDialogue:
		return choose(r.Label == "bug", 0, 1)
	case local.PlaceApp:
		return slices.IndexFunc(local.AppKinds[:], func(k int) bool { return r.Truth>>k&1 == 1 })
	case local.PlaceReview:
		return r.Intent
	}
	return noOutput // a team's are those of the kinds
}

// issueTruth is 0 for an issue, 1 for none.
func issueTruth(r *Row) int {
	issue, _ := r.Issue()
	return choose(issue, 0, 1)
}
