package openai

import (
	"context"
	"sync"
	"time"
	"unicode/utf8"
)

// Ledger counts the tokens of a day, which is a date in UTC such as "2026-01-31". One that is
// kept in a database lets workers share a budget. Implementations are safe for
// concurrent use.
type Ledger interface {
	// Reserve adds tokens to those of the day and says true, or leaves the day as it is
	// and says false where it would come above limit; a limit of 0 is none.
	Reserve(ctx context.Context, day string, tokens, limit int64) (bool, error)
	// Settle puts what was used in the place of what was reserved.
	Settle(ctx context.Context, day string, reserved, used int64) error
	// Spent is the sum of the day.
	Spent(ctx context.Context, day string) (int64, error)
}

// MemoryLedger is a Ledger of one process. The zero value is ready; give the same one to
// a classifier and to those that replace it.
type MemoryLedger struct {
	mu    sync.Mutex
	day   string
	spent int64
}

// Reserve implements Ledger.
func (l *MemoryLedger) Reserve(_ context.Context, day string, tokens, limit int64) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(day)
	if limit > 0 && l.spent+tokens > limit {
		return false, nil
	}
	l.spent += tokens
	return true, nil
}

// Settle implements Ledger.
func (l *MemoryLedger) Settle(_ context.Context, day string, reserved, used int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if day == l.day { // the sum of a day that is over is of no more use
		l.spent += used - reserved
	}
	return nil
}

// Spent implements Ledger.
func (l *MemoryLedger) Spent(_ context.Context, day string) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(day)
	return l.spent, nil
}

func (l *MemoryLedger) turn(day string) {
	if day > l.day {
		l.day, l.spent = day, 0
	}
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }

// estimate guesses the tokens of a text where a server counts none: about four
// characters of Latin script, two of others that have letters of two bytes, one of the rest. It errs
// on the high side of OpenAI's o200k_base.
func estimate(text string) int {
	var quarters int
	for _, r := range text {
		switch utf8.RuneLen(r) {
		case 1:
			quarters++
		case 2:
			quarters += 2
		default:
			quarters += 4
		}
	}
	return quarters/4 + 1
}
