package entities

import "time"

// numeric reads a date that begins with a number.
func (p *parser) numeric(i int, c cue) (when, int, bool) {
	if !p.startsNumber(i) {
		return when{}, i, false
	}
	for _, read := range []func(int, cue) (when, int, bool){p.yearFirst, p.dayAndMonth, p.dayAndName, p.dayAlone} {
		if w, n, ok := read(i, c); ok {
			return w, n, true
		}
	}
	return p.ago(i)
}

// yearFirst reads 2026-12-15, with a time of RFC 3339 where there is one.
func (p *parser) yearFirst(i int, _ cue) (when, int, bool) {
	if !p.isNumber(i, 4, 9999) || !p.isMark(i+1, '-') && !p.isMark(i+1, '.') && !p.isMark(i+1, '/') ||
		!p.isMark(i+3, p.tokens[i+1].mark) || !p.isNumber(i+2, 2, 12) || !p.isNumber(i+4, 2, 31) || !p.gluedAll(i+1, i+4) {
		return when{}, i, false
	}
	n, ok := dayOf(p.tokens[i].number, p.tokens[i+2].number, p.tokens[i+4].number)
	end := i + 5
	if !ok || p.continuesNumber(end) {
		return when{}, i, false
	}
	w := days(n, n)
	if p.lower(end) == "t" && p.glued(end) {
		if clock, m, ok := p.clock(end+1, false); ok && p.glued(end+1) {
			w.clock, w.until, end = clock, clock, m
			utc := dateOf(n).Add(time.Duration(clock) * time.Minute)
			if p.lower(end) == "z" && p.glued(end) {
				return when{instant: utc}, end + 1, true
			}
			if p.isOffset(end) {
				offset := time.Duration(p.tokens[end+1].number)*time.Hour + time.Duration(p.tokens[end+3].number)*time.Minute
				if p.isMark(end, '+') {
					offset = -offset
				}
				return when{instant: utc.Add(offset)}, end + 4, true
			}
		}
	}
	return w, end, true
}

// gluedAll tells whether nothing stands between the tokens up to j and what is before.
func (p *parser) gluedAll(i, j int) bool {
	for ; i <= j; i++ {
		if !p.glued(i) {
			return false
		}
	}
	return true
}

// dayAndMonth reads 15.12, 15.12.26, 12/31, 31-12-2026.
func (p *parser) dayAndMonth(i int, c cue) (when, int, bool) {
	if !p.isNumber(i, 0, 31) || p.tokens[i].digits() > 2 || i+2 >= len(p.tokens) || p.tokens[i+1].kind != markToken || !p.gluedAll(i+1, i+2) ||
		!p.isNumber(i+2, 0, 31) || p.tokens[i+2].digits() > 2 {
		return when{}, i, false
	}
	mark, a, b, end := p.tokens[i+1].mark, p.tokens[i].number, p.tokens[i+2].number, i+3
	year, known := 0, false
	if p.isMark(end, mark) && p.gluedAll(end, end+1) {
		if year, known = p.year(end+1, true); known {
			end += 2
		}
	}
	dayNumber, month := a, b
	switch mark {
	case '.':
		if !known && !p.plainDecimalDate(i, c) {
			return when{}, i, false
		}
		if !known && p.isMark(end, '-') && p.gluedAll(end, end+1) && p.isNumber(end+1, 0, 31) { // 1.2-3: a version
			if !p.isMark(end+2, '.') {
				return when{}, i, false
			}
		}
	case '/':
		if b > 12 {
			dayNumber, month = b, a
		}
		if !known && !c.near && (p.tokens[i].digits() != 2 || p.tokens[i+2].digits() != 2 || max(a, b) <= 12) {
			return when{}, i, false // 10/12 passed, 24/7
		}
	case '-':
		if !known || p.tokens[end-1].digits() != 4 {
			return when{}, i, false
		}
	default:
		return when{}, i, false
	}
	if p.continuesNumber(end) || p.glued(end) && p.isWord(end) && p.class(end) != yearClass {
		return when{}, i, false
	}
	if known {
		n, ok := dayOf(year, month, dayNumber)
		return days(n, n), p.yearWord(end), ok
	}
	n, ok := p.nearest(month, dayNumber, c)
	return days(n, n), end, ok
}

// plainDecimalDate tells 15.12 from other numbers with a point: its month has two digits,
// and a preposition stands before, or the day has two too and no Latin name stands before.
func (p *parser) plainDecimalDate(i int, c cue) bool {
	if p.tokens[i+2].digits() != 2 || p.class(i-1) == versionClass || p.class(i-1) == shiftClass {
		return false
	}
	for j := i - 2; j >= max(0, i-5); j-- {
		if p.class(j) == upgradeClass {
			return false
		}
	}
	if c.near {
		return true
	}
	latin := p.isWord(i-1) && p.tokens[i-1].lower[0] < 0x80 && p.class(i-1) != weekdayClass
	return p.tokens[i].digits() == 2 && !latin
}

// year reads the number of a year; a short one is of this century.
func (p *parser) year(i int, short bool) (int, bool) {
	switch {
	case p.isNumber(i, 4, 2199) && p.tokens[i].number >= 1970:
		return p.tokens[i].number, true
	case short && p.isNumber(i, 2, 99):
		return 2000 + p.tokens[i].number, true
	}
	return 0, false
}

// yearWord skips "року", "г." behind a year.
func (p *parser) yearWord(i int) int {
	if p.class(i) == yearClass || p.class(i) == unitClass && unit(p.tokens[i].word.value) == year && !p.tokens[i].word.latin {
		i++
		if p.isMark(i, '.') && p.glued(i) {
			i++
		}
	}
	return i
}

// nearest is a date of the year in which it is nearest, behind a deadline word no more than
// a month ago. The 29th of February is that of the next leap year.
func (p *parser) nearest(month, dayNumber int, c cue) (int, bool) {
	back := 183
	if c.due() {
		back = 31
	}
	first := dateOf(p.today).Year()
	for y := first - 1; y <= first+8; y++ {
		if n, ok := dayOf(y, month, dayNumber); ok && n >= p.today-back {
			return n, true
		}
	}
	return 0, false
}

// month is the span of a month: of a year, or, for 0, of the next such month, this one
// included.
func (p *parser) month(number, y int) (first, last int) {
	today := dateOf(p.today)
	if y == 0 {
		if y = today.Year(); time.Month(number) < today.Month() {
			y++
		}
	}
	start := time.Date(y, time.Month(number), 1, 0, 0, 0, 0, time.UTC)
	return int(start.Unix() / 86400), int(start.AddDate(0, 1, 0).Unix()/86400) - 1
}

// dayAndName reads "15 грудня", "15th of December 2026", "10-12 декабря", "10 по 12 декабря".
func (p *parser) dayAndName(i int, c cue) (when, int, bool) {
	if !p.isNumber(i, 0, 31) || p.tokens[i].digits() > 2 {
		return when{}, i, false
	}
	from, to, n := p.tokens[i].number, p.tokens[i].number, p.ordinal(i+1)
	if (p.isDash(n) || p.has(n, toRole)) && p.isNumber(n+1, 0, 31) {
		to, n = p.tokens[n+1].number, p.ordinal(n+2)
	}
	if p.class(n) == fillerClass && p.lower(n) == "of" {
		n++
	}
	if p.class(n) != monthClass {
		return when{}, i, false
	}
	return p.named(from, to, p.tokens[n].word.value, n+1, i, c)
}

// named completes days of a month with its year, which may stand at n.
func (p *parser) named(from, to, month, n, i int, c cue) (when, int, bool) {
	if p.isMark(n, '.') && p.glued(n) && !p.sentenceEnds(n) {
		n++
	}
	j := n
	if p.isMark(j, ',') {
		j++
	}
	var first, last int
	var ok, fine bool
	if y, known := p.year(j, false); known && !p.isMark(j+1, ':') {
		first, ok = dayOf(y, month, from)
		last, fine = dayOf(y, month, to)
		n = p.yearWord(j + 1)
	} else {
		last, fine = p.nearest(month, to, c)
		first, ok = last-to+from, from >= 1
	}
	return days(first, last), n, ok && fine && first <= last
}

// sentenceEnds tells whether a point ends more than an abbreviation: it is followed by
// nothing, or by a capital letter.
func (p *parser) sentenceEnds(i int) bool {
	if i+1 >= len(p.tokens) {
		return true
	}
	next := p.tokens[i+1]
	return next.kind == wordToken && p.text[next.start:next.start+1] != next.lower[:1] || next.glued
}

// ordinal skips "th", "-го", "числа" behind a number.
func (p *parser) ordinal(i int) int {
	if p.isDash(i) && p.glued(i) && p.class(i+1) == ordinalClass && p.glued(i+1) {
		return i + 2
	}
	if p.class(i) == ordinalClass && p.tokens[i].word.latin && p.glued(i) {
		return i + 1
	}
	return i
}

// dayAlone reads "the 15th", "15-го", "15 числа" behind a preposition: the next such day.
func (p *parser) dayAlone(i int, c cue) (when, int, bool) {
	n := p.ordinal(i + 1)
	if lower := p.lower(n); p.class(n) == ordinalClass && len(lower) > len("ого") && !p.tokens[n].word.latin {
		n++ // числа
	}
	behind := c.near || p.lower(i-1) == "the" && p.has(i-2, atRole|dueRole|beforeRole|sinceRole)
	if !behind || n == i+1 || !p.isNumber(i, 0, 31) || p.tokens[i].digits() > 2 {
		return when{}, i, false
	}
	start := dateOf(p.today)
	for months := range 3 {
		first := time.Date(start.Year(), start.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
		if day, ok := dayOf(first.Year(), int(first.Month()), p.tokens[i].number); ok && day >= p.today {
			return days(day, day), n, true
		}
	}
	return when{}, i, false
}

// monthName reads "Dec 15", "December 10-12, 2026", "December 2026"; and "in December".
func (p *parser) monthName(i int, c cue) (when, int, bool) {
	month, n := p.tokens[i].word.value, i+1
	if p.isMark(n, '.') && p.glued(n) && p.isNumber(n+1, 0, 31) {
		n++
	}
	if p.isNumber(n, 0, 31) && p.tokens[n].digits() <= 2 && p.tokens[i].word.latin && !p.continuesNumber(n+1) {
		from, to := p.tokens[n].number, p.tokens[n].number
		n = p.ordinal(n + 1)
		if p.isDash(n) && p.isNumber(n+1, 0, 31) && p.class(n+2) != monthClass {
			to, n = p.tokens[n+1].number, p.ordinal(n+2)
		}
		return p.named(from, to, month, n, i, c)
	}
	if y, known := p.year(n, false); known {
		first, last := p.month(month, y)
		return days(first, last), p.yearWord(n + 1), true
	}
	if !c.near {
		return when{}, i, false
	}
	first, last := p.month(month, 0)
	return days(first, last), i + 1, true
}
