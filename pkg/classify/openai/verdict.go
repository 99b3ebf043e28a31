package openai

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tasktracker/tasktracker/pkg/classify"
)

const (
	// maxQuote, maxReason, maxTitle and maxWord bound what a model may write, in characters.
	maxQuote, maxReason, maxTitle, maxWord = 500, 300, 120, 60
	// echo is the run of letters that no reason and title may share with the prompt or
	// another conversation: some five words, more than chance gives.
	echo = 24
	// echoStep is how far apart runs are looked for; a common run of echo+echoStep-1 letters is
	// always seen.
	echoStep = 8

	noReason = "The model gave no reason that can be shown."
)

// link matches addresses of any scheme, and host names with a path.
var link = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://\S*|\b(?:www\.|mailto:|javascript:|data:)\S*|\b[\pL\pN-]+(?:\.[\pL\pN-]+)+/\S*`)

// settle gives the jobs that an answer judged their results, and counts them. The
// result that it is given has what all results share.
func (p prompt) settle(verdicts map[int]verdict, shared classify.Result) int {
	for index, v := range verdicts {
		j := p.jobs[index]
		r := &j.result
		r.Provider, r.Model, r.Version = shared.Provider, shared.Model, shared.Version
		r.IsIssue, r.Category, r.Priority, r.Confidence = v.isIssue, v.category, v.priority, v.confidence
		r.Quote = start(locate(j.input.Text, j.masked.Unmask(v.quote)), maxQuote)
		r.Reason = j.masked.UnmaskPersonal(p.written(j, v.reason, maxReason))
		if r.Reason == "" {
			r.Reason = noReason
		}
		r.Title = j.masked.UnmaskPersonal(p.written(j, v.title, maxTitle))
		if j.suspicious {
			r.Signals = []string{SignalInjection}
		}
		j.done = true
	}
	return len(verdicts)
}

// written is what a model wrote, fit to be shown; empty where it repeats what it must not.
func (p prompt) written(of *job, text string, limit int) string {
	if p.echoes(of, text) {
		return ""
	}
	return presentable(text, limit)
}

// presentable is a text of one line, bounded, without links and what nobody sees.
func presentable(text string, limit int) string {
	text = link.ReplaceAllString(text, "")
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	var b strings.Builder
	for _, word := range words {
		word = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || r == utf8.RuneError {
				return -1
			}
			return r
		}, word)
		if word == "" || utf8.RuneCountInString(word) > maxWord {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return shorten(b.String(), limit)
}

// shorten cuts a text at a blank, or where there is none at limit characters.
func shorten(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	cut := string([]rune(text)[:limit-1])
	if blank := strings.LastIndexByte(cut, ' '); blank > len(cut)/2 {
		cut = cut[:blank]
	}
	return cut + "…"
}

// start is a text's first characters.
func start(text string, limit int) string {
	for at := range text {
		if limit == 0 {
			return text[:at]
		}
		limit--
	}
	return text
}

// echoes says whether a text has a run of letters in common with the prompt or with
// another conversation of the call, which its own conversation does not have.
func (p prompt) echoes(of *job, text string) bool {
	said := []rune(letters(text))
	if len(said) < echo {
		return false
	}
	own := letters(of.text + strings.Join(of.context, ""))
	var others []string
	for _, j := range p.order {
		if j != of {
			others = append(others, letters(j.text+strings.Join(j.context, "")))
		}
	}
	for at := 0; at+echo <= len(said); at += echoStep {
		run := string(said[at : at+echo])
		if strings.Contains(own, run) {
			continue
		}
		if strings.Contains(promptLetters, run) || slices.ContainsFunc(others, func(other string) bool { return strings.Contains(other, run) }) {
			return true
		}
	}
	return false
}

// locate finds a quote in a text and gives it as the text has it, letter by letter; ""
// where it does not occur. Blanks may differ, what nobody sees and marks around the quote.
func locate(text, quote string) string {
	for _, candidate := range []string{quote, strings.Trim(quote, " \t\n\"'`“”„«»…."), strings.Trim(quote, " \t\n\"'`“”„«»")} {
		if strings.TrimSpace(candidate) == "" {
			continue
		}
		if strings.Contains(text, candidate) {
			return strings.TrimSpace(candidate)
		}
		plainText, from := squeeze(text)
		plain, _ := squeeze(candidate)
		plain = strings.TrimSpace(plain)
		if at := strings.Index(plainText, plain); at >= 0 && plain != "" {
			return strings.TrimSpace(text[from[at]:from[at+len(plain)]])
		}
	}
	return ""
}

// squeeze is a text with one blank for each run of blanks and without what nobody sees, and where each
// of its bytes stands in the text.
func squeeze(text string) (string, []int) {
	var b strings.Builder
	from := make([]int, 0, len(text)+1)
	blank := false
	for at, r := range text {
		if unicode.Is(unicode.Cf, r) {
			continue
		}
		if unicode.IsSpace(r) {
			if !blank {
				b.WriteByte(' ')
				from = append(from, at)
			}
			blank = true
			continue
		}
		blank = false
		size := utf8.RuneLen(r)
		if r == utf8.RuneError && !strings.HasPrefix(text[at:], "\uFFFD") {
			size = 1 // a byte that is no UTF-8 stays what it is
		}
		b.WriteString(text[at : at+size])
		for n := range size {
			from = append(from, at+n)
		}
	}
	return b.String(), append(from, len(text))
}
