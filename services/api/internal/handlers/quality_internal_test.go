package handlers

import (
	"math"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/store"
)

// The bounds are those of published tables of the interval.
func TestPrecisionHasTheIntervalOfWilson(t *testing.T) {
	t.Parallel()
	for d, want := range map[store.Decided][2]float64{
		{Right: 27, Wrong: 3}: {0.7438, 0.9654}, {Right: 30}: {0.8865, 1}, {Wrong: 40}: {0, 0.0876}, {Right: 500, Wrong: 500}: {0.4691, 0.5309},
	} {
		got := precision(d)
		if got == nil || math.Abs(got.Low-want[0]) > 0.0001 || math.Abs(got.High-want[1]) > 0.0001 {
			t.Errorf("%+v: %+v, want %v", d, got, want)
		}
	}
	if got := precision(store.Decided{Right: 29}); got != nil {
		t.Errorf("of 29 decisions: %+v", got)
	}
}
