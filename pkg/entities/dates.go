package entities

import (
	"strings"
	"time"
)

// when is what a date means before it is put in a zone.
type when struct {
	first, last int // days
	// clock and until are minutes of the first and of the last day; -1 for all of it.
	clock, until int
	// instant is set instead of these for so many hours from now.
	instant time.Time
	// dayless is whether a time was named without its day.
	dayless bool
	// due is whether the words themselves make it a deadline ("EOD", "tomorrow by 10").
	due bool
}

func days(first, last int) when { return when{first: first, last: last, clock: -1, until: -1} }

// parser reads dates. Its methods take the index of a token, and return what they read
// there with the index of the token after it.
type parser struct {
	text   string
	tokens []token
	at     time.Time // in the zone of the chat
	today  int
}

// findDates returns the dates, deadlines and words of urgency of a text.
func findDates(text string, tokens []token, at time.Time) []Entity {
	p := parser{text: text, tokens: tokens, at: at, today: localDay(at)}
	if at.Year() < 1971 || at.Year() > 2190 {
		return nil // no calendar that a chat needs
	}
	var found []Entity
	end := 0 // of the last one: the words before it belong to it
	for i := 0; i < len(tokens); {
		if n := p.urgency(i); n > i {
			start, stop := tokens[i].start, tokens[n-1].end
			found = append(found, entity(KindUrgency, text, start, stop, lower(text[start:stop])))
			i, end = n, n
			continue
		}
		c := p.cue(i, end)
		w, n, ok := p.span(i, c)
		if !ok {
			i++
			continue
		}
		from := i
		if c.roles&(dueRole|beforeRole) != 0 {
			from = c.from
		}
		if p.tokens[n-1].kind == markToken && p.tokens[n-1].mark == '.' {
			n-- // an abbreviation's, or the sentence's
		}
		e := entity(KindDate, text, tokens[from].start, tokens[n-1].end, "")
		e.Date = p.resolve(w, c)
		found = append(found, e)
		i, end = n, n
	}
	return found
}

// resolve puts a date in the zone.
func (p *parser) resolve(w when, c cue) *Date {
	zone := p.at.Location()
	d := Date{Precision: PrecisionTime}
	switch {
	case !w.instant.IsZero():
		d.From, d.To = w.instant.UTC(), w.instant.UTC()
	case w.clock >= 0:
		d.From, d.To = moment(w.first, w.clock, zone), moment(w.last, w.until, zone)
	default:
		d.Precision = PrecisionDay
		d.From, d.To = moment(w.first, 0, zone), moment(w.last+1, 0, zone).Add(-time.Second)
	}
	if c.roles&beforeRole != 0 {
		if d.Precision == PrecisionDay {
			d.From = d.From.Add(-time.Second)
		}
		d.To = d.From
	}
	d.IsDeadline = (w.due || c.roles&(dueRole|beforeRole) != 0) && !d.To.Before(p.at)
	return &d
}

// cue is what stands before a date and says what it is for.
type cue struct {
	roles role
	from  int // the index of its first token
	// near is whether a word that goes with dates and times stands right before it.
	near bool
}

func (c cue) due() bool { return c.roles&(dueRole|beforeRole) != 0 }

// maxBetween is how many tokens may stand between "deadline" and its date.
const maxBetween = 4

// cue looks back from i, no further than end.
func (p *parser) cue(i, end int) cue {
	var c cue
	for j := i - 1; j >= end && j >= i-1-maxBetween; j-- {
		t := p.tokens[j]
		c.near = c.near || j == i-1 && t.word.roles&^(isRole|lastingRole) != 0
		switch {
		case t.word.class == lateClass && j > end && p.tokens[j-1].word.class == negationClass:
			return cue{roles: dueRole, from: j - 1, near: true}
		case t.word.roles&(dueRole|beforeRole|sinceRole|afterRole) != 0:
			c.roles, c.from = t.word.roles, j
			if p.glued(j+1) && p.tokens[j+1].kind == wordToken || p.lasts(j) {
				c.roles = 0
			}
			return c
		case t.word.roles&(isRole|atRole) != 0 || t.kind == markToken && strings.ContainsRune(":-–—=*«\"(", t.mark):
		default:
			return c
		}
	}
	return c
}

// maxLasting is how many tokens may stand between what lasts and "until".
const maxLasting = 6

// lasts says whether a word such as "until" tells to when something lasts, which is no
// deadline: "we keep the old format until January".
func (p *parser) lasts(i int) bool {
	if !p.has(i, untilRole) {
		return false
	}
	for j := i - 1; j >= 0 && j >= i-1-maxLasting; j-- {
		switch t := p.tokens[j]; {
		case t.kind == markToken && strings.ContainsRune(".!?;,", t.mark):
			return false
		case t.word.roles&lastingRole != 0:
			return true
		}
	}
	return false
}

// span reads a date, or a range of two.
func (p *parser) span(i int, c cue) (when, int, bool) {
	w, n, ok := p.moment(i, c)
	if !ok || !w.instant.IsZero() {
		return w, n, ok
	}
	dash := p.isDash(n)
	if !dash && (!p.has(n, toRole) || c.roles&sinceRole == 0) {
		return w, n, true
	}
	second, end, ok := p.moment(n+1, cue{near: true})
	if !ok || !second.instant.IsZero() || (w.clock < 0) != (second.clock < 0) {
		return w, n, true
	}
	if second.dayless {
		second.first, second.last = w.last, w.last // Friday 10:00-12:00
	} else if w.dayless {
		w.first = second.first // 10:00-12:00 on Friday
	}
	if second.last < w.first && dash && second.last+7 >= w.first {
		second.last += 7 // Friday to Monday
	}
	if second.last < w.first || second.last == w.first && second.until < w.clock {
		return w, n, true
	}
	w.last, w.until = second.last, second.until
	return w, end, true
}

// moment reads a date with or without a time, or a time with or without a date.
func (p *parser) moment(i int, c cue) (when, int, bool) {
	if w, n, ok := p.date(i, c); ok {
		if !w.instant.IsZero() || w.first != w.last || w.clock >= 0 {
			return w, n, true
		}
		return p.withClock(w, n)
	}
	clock, n, ok := p.clock(i, false)
	if !ok && c.due() && p.class(i) == partClass && p.class(i-2) != partClass {
		clock, n, ok = p.tokens[i].word.value, i+1, true
	}
	if !ok {
		return when{}, i, false
	}
	j := n
	if p.isMark(j, ',') {
		j++
	}
	if p.has(j, atRole|isRole) && !p.has(j, dueRole) {
		j++
	}
	if w, m, ok := p.date(j, cue{near: j > n, roles: c.roles}); ok && w.instant.IsZero() && w.first == w.last && w.clock < 0 {
		w.clock, w.until = clock, clock
		return w, m, true
	}
	w := when{first: p.today, last: p.today, clock: clock, until: clock, dayless: true}
	if c.due() && moment(p.today, clock, p.at.Location()).Before(p.at) {
		w.first, w.last = p.today+1, p.today+1
	}
	return w, n, true
}

// withClock reads the time behind a day: "tomorrow at 10", "завтра до 18:00", "Friday EOD".
func (p *parser) withClock(w when, n int) (when, int, bool) {
	j := n
	if p.isMark(j, ',') {
		j++
	}
	due := false
	preposition := p.has(j, atRole|dueRole|beforeRole)
	if preposition {
		due = p.has(j, dueRole|beforeRole) && !p.lasts(j)
		j++
	}
	if clock, m, ok := p.clock(j, preposition); ok {
		w.clock, w.until, w.due = clock, clock, due
		return w, m, true
	}
	if p.has(j, isRole) && p.class(j) == noClass && p.lower(j) == "the" {
		j++
	}
	switch {
	case p.class(j) == partClass:
		w.clock, w.until, w.due = p.tokens[j].word.value, p.tokens[j].word.value, due
		return w, j + 1, true
	case p.class(j) == closeClass && unit(p.tokens[j].word.value) == day:
		w.due = true
		return w, j + 1, true
	case p.class(j) == endClass:
		if m := p.fillers(j + 1); p.class(m) == unitClass && unit(p.tokens[m].word.value) == day {
			w.due = due
			return w, m + 1, true
		}
	}
	return w, n, true
}
