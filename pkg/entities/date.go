package entities

import "time"

// date reads a day, a span of days or a moment from now, without a time of day.
func (p *parser) date(i int, c cue) (when, int, bool) {
	if i >= len(p.tokens) {
		return when{}, i, false
	}
	t := p.tokens[i]
	if t.kind == numberToken {
		return p.numeric(i, c)
	}
	if t.word.weak && !c.near || p.inName(i) {
		return when{}, i, false
	}
	switch t.word.class {
	case dayClass:
		n := p.today + t.word.value
		return days(n, n), i + 1, true
	case weekdayClass:
		return p.weekday(i, c)
	case monthClass:
		return p.monthName(i, c)
	case shiftClass:
		return p.shifted(i, c)
	case endClass, beginClass:
		return p.edge(i)
	case closeClass:
		return p.close(i)
	case unitClass:
		if p.class(i+1) == agoClass { // годину тому
			w, _, ok := p.later(10, i, -1)
			return w, i + 2, ok
		}
	case numberClass, halfClass:
		if w, n, ok := p.ago(i); ok {
			return w, n, true
		}
	}
	if t.word.roles&(inRole|withinRole) != 0 {
		return p.fromNow(i)
	}
	if p.lower(i) == "the" && c.near && p.lower(i+1) != "the" {
		return p.date(i+1, c)
	}
	return when{}, i, false
}

// inName tells that the word at i is part of a name such as sun.reflect or may_day.
func (p *parser) inName(i int) bool {
	joins := func(j int) bool {
		return p.glued(j) && (p.isMark(j, '.') || p.isMark(j, '_') || p.isMark(j, '/') || p.isMark(j, '\\') || p.isMark(j, '='))
	}
	return p.glued(i) && joins(i-1) && p.isWord(i-2) || joins(i+1) && p.glued(i+2) && p.isWord(i+2)
}

// weekday reads "Friday", "Friday next week", "Friday, 15.12".
func (p *parser) weekday(i int, c cue) (when, int, bool) {
	n := i + 1
	if p.isMark(n, '.') && p.glued(n) && p.tokens[i].end-p.tokens[i].start <= 6 {
		n++
	}
	j := n
	if p.isMark(j, ',') || p.isMark(j, '(') {
		j++
	}
	if j < len(p.tokens) && (p.tokens[j].kind == numberToken || p.class(j) == monthClass) {
		w, m, ok := p.date(j, cue{near: true, roles: c.roles})
		if ok && w.first == w.last && w.instant.IsZero() && weekdayOf(w.first) == time.Weekday(p.tokens[i].word.value) {
			if p.isMark(j-1, '(') && p.isMark(m, ')') {
				m++
			}
			return w, m, true
		}
	}
	ahead := (p.tokens[i].word.value - int(weekdayOf(p.today)) + 7) % 7
	day := p.today + ahead
	if c.roles&sinceRole != 0 && ahead > 0 {
		day -= 7
	}
	if p.has(j, atRole) {
		j++
	}
	if p.class(j) == shiftClass && p.class(j+1) == unitClass && unit(p.tokens[j+1].word.value) == week && p.tokens[j].word.value != soon {
		day = p.inWeek(p.tokens[i].word.value, p.tokens[j].word.value)
		n = j + 2
	}
	return days(day, day), n, true
}

// inWeek is a weekday of this week or of one beside it.
func (p *parser) inWeek(weekday, shift int) int {
	return mondayOf(p.today) + 7*shift + (weekday+6)%7
}

// shifted reads "next Monday", "this week", "наступного тижня в понеділок", "next May".
func (p *parser) shifted(i int, c cue) (when, int, bool) {
	shift, n := p.tokens[i].word.value, i+1
	if n >= len(p.tokens) {
		return when{}, i, false
	}
	next := p.tokens[n].word
	switch next.class {
	case weekdayClass:
		day := p.inWeek(next.value, shift)
		switch ahead := (next.value - int(weekdayOf(p.today)) + 7) % 7; shift {
		case soon:
			day = p.today + ahead
		case -1:
			if day = p.today + ahead - 7; ahead == 0 {
				day = p.today - 7
			}
		}
		return days(day, day), n + 1, true
	case monthClass:
		day := p.today
		first, last := p.month(next.value, 0)
		if shift == 1 && first <= day || shift == -1 && last >= day {
			first, last = p.month(next.value, dateOf(day).Year()+shift)
		}
		return days(first, last), n + 1, true
	case unitClass:
		return p.shiftedUnit(n, shift, c)
	case partClass: // this morning
		if shift == 0 {
			w := days(p.today, p.today)
			w.clock, w.until = next.value, next.value
			return w, n + 1, true
		}
	}
	return when{}, i, false
}

// shiftedUnit reads the unit behind "next", and a weekday in such a week.
func (p *parser) shiftedUnit(n, shift int, c cue) (when, int, bool) {
	u := unit(p.tokens[n].word.value)
	if u < day || u == workday || u == day && shift == 0 {
		return when{}, n, false
	}
	if shift == soon {
		shift = 0
	}
	first, last := period(u, p.today, shift)
	j := n + 1
	if p.has(j, atRole) {
		j++
	}
	if u == week && p.class(j) == weekdayClass {
		day := p.inWeek(p.tokens[j].word.value, shift)
		return days(day, day), j + 1, true
	}
	if u == week && c.due() {
		last = p.friday(last)
		first = min(first, last)
	}
	return days(first, last), n + 1, true
}

// friday is when the week that ends on a Sunday is over: its Friday, unless that is past.
func (p *parser) friday(sunday int) int {
	if sunday-2 < p.today && p.today <= sunday {
		return sunday
	}
	return sunday - 2
}

// edge reads "end of next week", "кінець робочого дня", "начало декабря".
func (p *parser) edge(i int) (when, int, bool) {
	n, shift := p.fillers(i+1), 0
	if p.class(n) == shiftClass {
		shift = p.tokens[n].word.value % soon
		n = p.fillers(n + 1)
	}
	if n >= len(p.tokens) {
		return when{}, i, false
	}
	var first, last int
	switch w := p.tokens[n].word; {
	case w.class == monthClass && !w.weak:
		first, last = p.month(w.value, 0)
	case w.class == dayClass:
		first, last = p.today+w.value, p.today+w.value
	case w.class == unitClass && unit(w.value) >= day && unit(w.value) != workday:
		first, last = period(unit(w.value), p.today, shift)
		if unit(w.value) == week {
			last = p.friday(last)
		}
	case w.class == yearClass && len(p.lower(n)) > len("р"): // року
		first, last = period(year, p.today, shift)
	default:
		return when{}, i, false
	}
	if p.class(n) == unitClass && unit(p.tokens[n].word.value) == day && shift == 0 && p.class(i) == endClass {
		w, n := p.dayBehind(n + 1)
		return w, n, true
	}
	if p.class(i) == beginClass {
		return days(first, first), n + 1, true
	}
	return days(last, last), n + 1, true
}

// fillers skips what may stand between the end and its unit.
func (p *parser) fillers(i int) int {
	for range 4 {
		if p.class(i) == fillerClass || p.isMark(i, '-') || p.lower(i) == "the" {
			i++
		}
	}
	return i
}

// close reads "EOD", "EOD Friday", "EOW".
func (p *parser) close(i int) (when, int, bool) {
	w, n := days(p.today, p.today), i+1
	switch u := unit(p.tokens[i].word.value); u {
	case day:
		w, n = p.dayBehind(n)
	default:
		_, last := period(u, p.today, 0)
		if u == week {
			last = p.friday(last)
		}
		w.first, w.last = last, last
	}
	w.due = true
	return w, n, true
}

// dayBehind reads the day whose end was named, today if none was: "EOD Friday".
func (p *parser) dayBehind(i int) (when, int) {
	j := i
	if p.has(j, atRole) || p.isMark(j, ',') {
		j++
	}
	if class := p.class(j); class != closeClass && class != endClass {
		if w, n, ok := p.date(j, cue{near: true}); ok && w.instant.IsZero() && w.first == w.last {
			return w, n
		}
	}
	return days(p.today, p.today), i
}
