package entities

// clock reads a time of day in minutes. A bare hour is one only behind a preposition that
// follows a day ("tomorrow at 10"); of those, 1 to 6 are in the afternoon.
func (p *parser) clock(i int, bare bool) (int, int, bool) {
	if !p.startsNumber(i) || p.tokens[i].digits() > 2 || p.tokens[i].number > 24 {
		return 0, i, false
	}
	hour, minute, n, exact := p.tokens[i].number, 0, i+1, false
	if separator := p.isMark(n, ':') || bare && p.isMark(n, '.'); separator && p.glued(n) && p.isNumber(n+1, 2, 59) && p.glued(n+1) {
		minute, n, exact = p.tokens[n+1].number, n+2, true
		if p.isMark(n, ':') && p.glued(n) && p.isNumber(n+1, 2, 59) && p.glued(n+1) {
			n += 2
			if (p.isMark(n, '.') || p.isMark(n, ',')) && p.gluedAll(n, n+1) && p.tokens[n+1].kind == numberToken {
				n += 2 // parts of a second
			}
		}
	}
	if !p.isOffset(n) && p.continuesNumber(n) {
		return 0, i, false
	}
	m := n
	if !exact && p.class(m) == unitClass && unit(p.tokens[m].word.value) == hours {
		m++ // 3 часа дня
	}
	half, known := p.half(m)
	switch {
	case known && hour >= 1 && hour <= 12:
		hour, n = hour%12+half, m+1
	case exact && p.glued(n) && p.isWord(n) && p.lower(n) != "t" && p.lower(n) != "z":
		return 0, i, false
	case !exact && (!bare || p.class(n) == unitClass || p.class(n) == measureClass || p.glued(n) && p.isWord(n)):
		return 0, i, false
	case !exact && hour >= 1 && hour <= 6:
		hour += 12
	}
	if p.isDash(n) && p.glued(n) && p.class(n+1) == ordinalClass && p.glued(n+1) { // о 10-й
		n += 2
	}
	if hour == 24 && minute > 0 {
		return 0, i, false
	}
	return hour*60 + minute, n, true
}

// isOffset tells whether an offset from UTC such as +02:00 stands right at i.
func (p *parser) isOffset(i int) bool {
	return (p.isMark(i, '+') || p.isMark(i, '-')) && p.gluedAll(i, i+3) && p.isNumber(i+1, 2, 14) && p.isMark(i+2, ':') && p.isNumber(i+3, 2, 59)
}

// half tells whether the word at i puts an hour in the first half of the day or, by 12, in
// the second.
func (p *parser) half(i int) (int, bool) {
	if i >= len(p.tokens) {
		return 0, false
	}
	switch w := p.tokens[i].word; {
	case w.class == meridiemClass:
		return w.value, true
	case w.class == partClass && w.value == 12*60 && !w.latin:
		return 0, true // ранку, утра
	case w.class == partClass && w.value == 22*60 && !w.latin:
		return 12, true // вечора
	case p.lower(i) == "дня":
		return 12, true
	}
	return 0, false
}

// Looking at single tokens; all of these are false, or empty, past the end.

func (p *parser) class(i int) class {
	if i < 0 || i >= len(p.tokens) {
		return noClass
	}
	return p.tokens[i].word.class
}

func (p *parser) has(i int, roles role) bool {
	return i >= 0 && i < len(p.tokens) && p.tokens[i].word.roles&roles != 0
}

func (p *parser) lower(i int) string {
	if i < 0 || i >= len(p.tokens) {
		return ""
	}
	return p.tokens[i].lower
}

func (p *parser) glued(i int) bool { return i >= 0 && i < len(p.tokens) && p.tokens[i].glued }

func (p *parser) isWord(i int) bool {
	return i >= 0 && i < len(p.tokens) && p.tokens[i].kind == wordToken
}

func (p *parser) isMark(i int, mark rune) bool {
	return i >= 0 && i < len(p.tokens) && p.tokens[i].kind == markToken && p.tokens[i].mark == mark
}

func (p *parser) isDash(i int) bool {
	return p.isMark(i, '-') || p.isMark(i, '–') || p.isMark(i, '—')
}

// isNumber tells whether a number of so many digits, 0 for any, and at most so great
// stands at i.
func (p *parser) isNumber(i, digits, most int) bool {
	return i >= 0 && i < len(p.tokens) && p.tokens[i].kind == numberToken && p.tokens[i].number >= 0 &&
		p.tokens[i].number <= most && (digits == 0 || p.tokens[i].digits() == digits)
}

// startsNumber tells that the number at i is not the rest of something else, such as 1.15
// or v2.
func (p *parser) startsNumber(i int) bool {
	if i >= len(p.tokens) || p.tokens[i].kind != numberToken || p.tokens[i].number < 0 {
		return false
	}
	if !p.glued(i) {
		return true
	}
	switch before := p.tokens[i-1]; before.kind {
	case markToken:
		switch before.mark {
		case '.', ':', '/', ',':
			return !(p.glued(i-1) && i > 1 && p.tokens[i-2].kind == numberToken)
		case '_', '#', '$', '€', '₴', '₽', '\\', '+', '@', '&', '%', '^', '~':
			return false
		}
		return true
	default:
		return before.lower == "t" // 2026-12-15T10:00
	}
}

// continuesNumber tells that what stands at i makes another thing of the number before it:
// a fraction, an amount.
func (p *parser) continuesNumber(i int) bool {
	if i >= len(p.tokens) {
		return false
	}
	t := p.tokens[i]
	if t.word.class == measureClass {
		return true
	}
	if t.kind != markToken || !t.glued {
		return t.kind == markToken && isUnitMark(t.mark)
	}
	switch t.mark {
	case '.', ',', ':', '/':
		return p.glued(i+1) && p.tokens[i+1].kind == numberToken
	case '_', '\\', '@', '=', '+':
		return true
	}
	return isUnitMark(t.mark)
}

func isUnitMark(r rune) bool {
	return r == '%' || r == '$' || r == '€' || r == '₴' || r == '₽' || r == '°'
}
