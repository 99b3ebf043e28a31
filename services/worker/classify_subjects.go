package worker

import (
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/classify"
)

// subjects tells which texts open a subject of their own: what is surely an issue and does not begin as a
// finding about another, and what the rules call critical, so that an outage is never filed under another matter. It asks the built-in classifier as
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
	return found[0].Priority == classify.PriorityCritical || found[0].Confidence >= s.least && !findsOut(text)
}

// findings are how people begin who say what they have found out about what was said before, in small letters;
// acts do so where a mark follows: "found: ...", and not "found a bug".
var (
	findings = []string{
		"confirmed", "i can confirm", "root cause", "the cause", "turns out", "it turns out", "because",
		"підтверджую", "причина", "виявилось", "виявилося", "бо", "тому що", "подтверждаю", "оказалось", "потому что",
	}
	acts = []string{
		"found", "found it", "fixed", "знайшов", "знайшла", "знайшли", "виправив", "виправила", "виправили", "полагодив", "полагодила", "полагодили", "пофіксив", "пофіксила",
		"нашел", "нашёл", "нашла", "нашли", "исправил", "исправила", "исправили", "починил", "починила", "починили", "пофиксил", "пофиксила",
	}
)

// findsOut tells whether a text goes on with a matter rather than bringing one up.
func findsOut(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	begins := func(ends func(next rune) bool) func(string) bool {
		return func(opening string) bool {
			rest, found := strings.CutPrefix(text, opening)
			next, _ := utf8.DecodeRuneInString(rest)
			return found && ends(next)
		}
	}
	return slices.ContainsFunc(findings, begins(func(next rune) bool { return !unicode.IsLetter(next) && !unicode.IsDigit(next) })) ||
		slices.ContainsFunc(acts, begins(func(next rune) bool { return unicode.IsPunct(next) }))
}
