package entities

import (
	"math"
	"time"
)

// fromNow reads "in 2 hours", "через тиждень", "within three days".
func (p *parser) fromNow(i int) (when, int, bool) {
	n := i + 1
	tenths, n, ok := p.quantity(n)
	if !ok {
		tenths = 10
		if p.tokens[i].word.latin {
			return when{}, i, false // "in hours" says nothing
		}
	}
	if p.lower(n) == "a" || p.lower(n) == "an" || p.lower(n) == "of" { // half an hour, a couple of days
		n++
	}
	w, n, ok := p.later(tenths, n, 1)
	w.due = p.has(i, withinRole) && w.last <= p.today+maxWithin
	return w, n, ok
}

// maxWithin is up to how many days "within" is a deadline; within years is a story.
const maxWithin = 31

// ago reads "2 hours ago", "три дні тому".
func (p *parser) ago(i int) (when, int, bool) {
	tenths, n, ok := p.quantity(i)
	if !ok {
		return when{}, i, false
	}
	w, n, ok := p.later(tenths, n, -1)
	if !ok || p.class(n) != agoClass {
		return when{}, i, false
	}
	return w, n + 1, true
}

// quantity reads a number, in tenths.
func (p *parser) quantity(i int) (tenths, n int, ok bool) {
	switch {
	case p.isNumber(i, 0, 10_000) && p.startsNumber(i):
		tenths, n = 10*p.tokens[i].number, i+1
		if (p.isMark(n, '.') || p.isMark(n, ',')) && p.glued(n) && p.isNumber(n+1, 1, 9) && p.glued(n+1) {
			tenths, n = tenths+p.tokens[n+1].number, n+2
		}
		return tenths, n, true
	case p.class(i) == numberClass:
		tenths, n = p.tokens[i].word.value, i+1
		if p.class(n) == numberClass && tenths == 10 { // a couple of, a half
			tenths, n = p.tokens[n].word.value, n+1
		}
		return tenths, n, true
	case p.class(i) == halfClass:
		return 10, i, true
	}
	return 0, i, false
}

// later reads a unit and goes so many of them from now, ahead or back (sign).
func (p *parser) later(tenths, n, sign int) (when, int, bool) {
	if n >= len(p.tokens) {
		return when{}, n, false
	}
	w := p.tokens[n].word
	u := unit(w.value)
	switch {
	case w.class == halfClass:
		return p.instant(time.Duration(sign*w.value)*time.Minute, n+1)
	case w.class != unitClass:
		return when{}, n, false
	case p.lower(n) == "год" && tenths > 10:
		u = hours // Ukrainian; in Russian it would be года or лет
	}
	n++
	if p.isMark(n, '.') && p.glued(n) && p.class(n+1) == agoClass {
		n++
	}
	switch {
	case u == minutes:
		return p.instant(time.Duration(sign*tenths)*time.Minute/10, n)
	case u == hours:
		return p.instant(time.Duration(sign*tenths)*time.Hour/10, n)
	case tenths%10 != 0:
		tenths = int(math.Ceil(float64(tenths)/10)) * 10
	}
	day := addUnits(p.today, sign*min(tenths/10, 10_000), u)
	if !p.bounded(day) {
		return when{}, n, false
	}
	return days(day, day), n, true
}

// instant is so long from now, to the second.
func (p *parser) instant(d time.Duration, n int) (when, int, bool) {
	t := p.at.Add(d).Truncate(time.Second)
	return when{instant: t}, n, p.bounded(localDay(t))
}

// bounded keeps dates within ten years of the message.
func (p *parser) bounded(day int) bool { return day-p.today <= 3653 && p.today-day <= 3653 }
