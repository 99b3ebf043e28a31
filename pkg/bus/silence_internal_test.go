package bus

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestSilence_LastsUntilAPublishIsAnswered(t *testing.T) {
	t.Parallel()
	unanswered := fmt.Errorf("publish to x: %w", errors.Join(ErrUnavailable, context.DeadlineExceeded))
	for name, c := range map[string]struct {
		went  []error
		fault bool
	}{
		"nothing published": {nil, false},
		"no answer":         {[]error{unanswered}, true},
		"answered after it": {[]error{unanswered, nil}, false},
		"refused after it":  {[]error{unanswered, ErrFull}, false},
		"full":              {[]error{ErrFull}, false},
		"caller went away":  {[]error{context.Canceled}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s silence
			for _, err := range c.went {
				s.note(err)
			}
			if err := s.fault(); (err != nil) != c.fault || err != nil && !errors.Is(err, ErrUnavailable) {
				t.Errorf("fault: %v, want one: %t", err, c.fault)
			}
		})
	}
}
