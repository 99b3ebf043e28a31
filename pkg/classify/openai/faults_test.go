package openai_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/modeltest"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
)

// TestClassify_MeetsFaults has each fault of a model server, for one time and for ever:
// what becomes of the results, of which kind the error is and what operators see.
func TestClassify_MeetsFaults(t *testing.T) {
	t.Parallel()
	const fine = openai.Kind("")
	for name, c := range map[string]struct {
		fault        modeltest.Fault
		once, always openai.Kind
		// requests are those of a fault for ever, with 3 attempts.
		requests int
	}{
		"rubbish":          {modeltest.Rubbish, fine, openai.KindInvalidAnswer, 2},
		"half a JSON":      {modeltest.HalfJSON, fine, openai.KindInvalidAnswer, 2},
		"truncated":        {modeltest.Truncated, fine, openai.KindInvalidAnswer, 2},
		"fenced":           {modeltest.Fenced, fine, fine, 1},
		"chatter":          {modeltest.Chatter, fine, fine, 1},
		"thinking":         {modeltest.Thinking, fine, fine, 1},
		"wrong indexes":    {modeltest.WrongIndexes, fine, openai.KindInvalidAnswer, 2},
		"missing":          {modeltest.Missing, fine, openai.KindInvalidAnswer, 2},
		"surplus":          {modeltest.Surplus, fine, fine, 1},
		"contradicted":     {modeltest.Contradicted, fine, openai.KindInvalidAnswer, 2},
		"foreign quote":    {modeltest.ForeignQuote, fine, fine, 1},
		"unknown category": {modeltest.UnknownCategory, fine, openai.KindInvalidAnswer, 2},
		"unknown priority": {modeltest.UnknownPriority, fine, openai.KindInvalidAnswer, 2},
		"overconfident":    {modeltest.Overconfident, fine, fine, 1},
		"filtered":         {modeltest.Filtered, fine, openai.KindInvalidAnswer, 4},
		"refusal":          {modeltest.Refusal, fine, openai.KindInvalidAnswer, 4},
		"filtered request": {modeltest.FilteredRequest, fine, openai.KindInvalidAnswer, 4},
		"no choices":       {modeltest.NoChoices, fine, openai.KindInvalidAnswer, 2},
		"no usage":         {modeltest.NoUsage, fine, fine, 1},
		"HTML":             {modeltest.HTMLPage, fine, openai.KindInvalidAnswer, 2},
		"endless":          {modeltest.Endless, fine, openai.KindInvalidAnswer, 2},
		"slow":             {modeltest.Slow, fine, fine, 1},
		"never":            {modeltest.Never, fine, openai.KindUnavailable, 3},
		"hang up":          {modeltest.HangUp, fine, openai.KindUnavailable, 3},
		"401":              {modeltest.Unauthorized, openai.KindKeyRefused, openai.KindKeyRefused, 1},
		"403":              {modeltest.Forbidden, openai.KindKeyRefused, openai.KindKeyRefused, 1},
		"429":              {modeltest.RateLimited, fine, openai.KindRateLimited, 3},
		"429 with a date":  {modeltest.RateLimitedDate, fine, openai.KindRateLimited, 3},
		"no credit":        {modeltest.NoCredit, openai.KindOverBudget, openai.KindOverBudget, 1},
		"500":              {modeltest.InternalError, fine, openai.KindUnavailable, 3},
		"502":              {modeltest.BadGateway, fine, openai.KindUnavailable, 3},
		"redirect":         {modeltest.Redirect, openai.KindRequestRefused, openai.KindRequestRefused, 1},
		"unknown model":    {modeltest.UnknownModel, openai.KindRequestRefused, openai.KindRequestRefused, 1},
		"bad request":      {modeltest.BadRequest, fine, openai.KindRequestRefused, 3},
		"no schemas":       {modeltest.NoSchemas, fine, fine, 2},
		"no formats":       {modeltest.NoFormats, fine, fine, 3},
		"no temperature":   {modeltest.NoTemperature, fine, fine, 2},
		"no max_tokens":    {modeltest.NoMaxTokens, fine, fine, 2},
		"small context":    {modeltest.SmallContext, fine, fine, 4},
	} {
		t.Run(name+" once", func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t, modeltest.Options{RetryAfter: 7 * time.Second, Delay: 5 * time.Second}, nil)
				w.server.Fail(c.fault)
				w.meets(t, c.once, c.fault)
			})
		})
		t.Run(name+" always", func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t, modeltest.Options{RetryAfter: 7 * time.Second, Delay: 5 * time.Second}, nil)
				w.server.FailAlways(c.fault)
				w.meets(t, c.always, c.fault)
				if n := len(w.server.Requests()); n != c.requests && c.fault != modeltest.SmallContext {
					t.Errorf("%d requests, want %d", n, c.requests)
				}
			})
		})
	}
}

// meets classifies the team's messages, and compares what comes back and what is seen.
func (w world) meets(t *testing.T, kind openai.Kind, fault modeltest.Fault) {
	t.Helper()
	results, faults := w.classifier.ClassifyEach(t.Context(), team)
	s := w.snapshot(t)
	if kind == "" {
		if err := errors.Join(faults...); err != nil || s.State != openai.StateOK || s.Why != "" {
			t.Fatalf("error %v, state %s %s", err, s.State, s.Why)
		}
		if want := []classify.Category{"bug", "", "question"}; !slices.Equal(categories(results), want) {
			t.Errorf("categories %q, want %q", categories(results), want)
		}
		if fault == modeltest.NoUsage && (!s.TokensEstimated || s.TokensToday == 0) {
			t.Errorf("tokens that the server does not count are not estimated: %+v", s)
		}
	} else {
		err := errors.Join(faults...)
		if openai.KindOf(err) != kind {
			t.Errorf("kind %q of %v, want %q", openai.KindOf(err), err, kind)
		}
		if s.State != openai.StateDegraded || s.Failures == 0 || s.Kind != kind || s.Why == "" {
			t.Errorf("state %+v", s)
		}
	}
	w.keepsItsSecrets(t, s, faults)
	for i, r := range results {
		if !strings.Contains(team[i].Text, r.Quote) || r.Confidence < 0 || r.Confidence > 1 {
			t.Errorf("result %+v of %q", r, team[i].Text)
		}
	}
}

// keepsItsSecrets looks for the key and the texts in all that operators get.
func (w world) keepsItsSecrets(t *testing.T, s openai.Snapshot, faults []error) {
	t.Helper()
	state, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	shown := string(state)
	for _, fault := range faults {
		for err := fault; err != nil; err = errors.Unwrap(err) {
			shown += fmt.Sprintf("%v %+v %#v", err, err, err)
		}
	}
	for _, secret := range []string{key, "sk-", "export button", "Дякую", "телефон", "conversations", "model.test"} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is in what is shown: %s", secret, shown)
		}
	}
}
