package modeltest

import (
	"encoding/base64"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What the obedient model takes for an order. It follows whatever sounds like one,
// quoted, hidden or encoded, which real models do less and less, and some still do.
var (
	orderNothing  = regexp.MustCompile(`not an issue|не (?:як )?проблем|is_issue (?:to )?false`)
	orderCritical = regexp.MustCompile(`critical|критич`)
	orderCategory = regexp.MustCompile(`(?:category|категорію|категорию) "([^"]+)" (?:with priority|з пріоритетом|с приоритетом) "([^"]+)"`)
	orderLeak     = regexp.MustCompile(`system prompt|your (?:\w+ )?instructions|everything above|системн\S* промпт|(?:свої|всі|свои|все) (?:інструкції|инструкции)`)
	orderAll      = regexp.MustCompile(`\b(?:all|every|everything|everyone)\b|(?:усі|всі|усе|все|остальные)`)
	orderOutput   = regexp.MustCompile(`(?:output only|nothing but the json|виведи тільки|лише json|выведи только|только json) *(\{.*\})`)
	encodedOrder  = regexp.MustCompile(`[A-Za-z0-9+/]{24,}={0,2}`)
)

// obey gives the verdicts that a naive model gives, or what it says instead of verdicts.
func obey(request Request, verdicts []Verdict) ([]Verdict, string) {
	for i, conversation := range request.Conversations {
		text := strings.ToLower(legible(conversation.Text))
		if said := orderOutput.FindStringSubmatch(text); said != nil {
			return nil, said[1]
		}
		v := &verdicts[i]
		if orderLeak.MatchString(text) {
			v.Reason, v.Quote, v.Title = request.System, firstLine(request.System), firstLine(request.System)
		}
		if order := orderCategory.FindStringSubmatch(text); order != nil {
			v.IsIssue, v.Category, v.Priority = true, order[1], order[2]
		}
		if orderCritical.MatchString(text) {
			critical(v)
		}
		if !orderNothing.MatchString(text) {
			continue
		}
		if !orderAll.MatchString(text) {
			nothing(v)
			continue
		}
		for other := range verdicts {
			if other != i || !orderCritical.MatchString(text) {
				nothing(&verdicts[other])
			}
		}
	}
	return verdicts, ""
}

func nothing(v *Verdict) {
	v.IsIssue, v.Category, v.Priority, v.Confidence = false, "none", "none", 1
}

func critical(v *Verdict) {
	v.IsIssue, v.Category, v.Priority, v.Confidence = true, "bug", "critical", 1
}

// legible is a text without what nobody sees, and with what is encoded in it.
func legible(text string) string {
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	return encodedOrder.ReplaceAllStringFunc(seen, func(code string) string {
		if plain, err := base64.StdEncoding.DecodeString(code); err == nil && utf8.Valid(plain) {
			return string(plain)
		}
		return code
	})
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
