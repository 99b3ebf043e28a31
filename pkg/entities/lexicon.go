package entities

import "strings"

// class is what a word is in the grammar of dates; a word has one.
type class uint8

const (
	noClass       class = iota
	weekdayClass        // value: time.Weekday
	monthClass          // value: 1 to 12
	unitClass           // value: a unit
	dayClass            // today, tomorrow; value: days from today
	shiftClass          // this, next, last; value: 0, 1, -1; soon for the coming one
	endClass            // end of a unit
	beginClass          // beginning of a unit
	closeClass          // EOD, EOW; value: the unit
	partClass           // morning, noon; value: its minute of the day
	numberClass         // two; value: its tenfold
	ordinalClass        // -th, -го, числа
	meridiemClass       // am, pm, утра, вечора; value: 0, or 12 for the later half of the day
	halfClass           // half an hour in one word; value: its minutes
	agoClass            // ago
	yearClass           // the word after a year's number
	fillerClass         // of, the, робочого
	measureClass        // what a decimal number is counted in
	versionClass        // version, release
	urgencyClass        // asap
	negationClass       // no, not
	lateClass           // later (than)
	upgradeClass        // upgrade: what follows it is a version
)

// role is what a word can do before a date; a word may have several.
type role uint16

const (
	dueRole     role = 1 << iota // by, до: a deadline
	beforeRole                   // before: a deadline that ends where the date begins
	sinceRole                    // since, from: it began then, or it opens a range
	toRole                       // to, по: between the ends of a range
	inRole                       // in, через: so long from now
	withinRole                   // within: in so long at the latest
	atRole                       // at, on, в: stands before dates and times
	isRole                       // is, це: between the word deadline and its date
	afterRole                    // after
	untilRole                    // until, до: with dueRole, a deadline unless something lasts until then
	lastingRole                  // keep, залишаємо: what is said to last, in words before
)

// soon is the value of "the coming one".
const soon = 2

type unit int

const (
	minutes unit = iota
	hours
	day
	workday
	week
	month
	quarter
	year
)

type word struct {
	class class
	value int
	roles role
	// weak says that the word has another meaning, and is a date only behind a word
	// that stands before dates ("sun", "may", "среде").
	weak bool
	// latin says that the word is written in Latin letters.
	latin bool
}

// language holds the words of one language. In each string are all forms in use, blanks
// between; ~ marks one that is weak.
type language struct {
	weekdays            [7]string // from Sunday
	months              [12]string
	units               map[unit]string
	days                map[int]string
	shifts              map[int]string
	parts               map[int]string // minutes of the day
	numbers             map[int]string // tenths
	halves              map[int]string // minutes
	closes              map[unit]string
	meridiems           map[int]string
	end, begin, ordinal string
	ago, year, filler   string
	measure, version    string
	urgency, upgrade    string
	negation, late      string
	due, before, since  string
	to, in, within, at  string
	is, after           string
	until, lasting      string
}

// lexicon is what the words of all languages mean; never changed.
var lexicon = merge(english, ukrainian, russian)

func merge(languages ...language) map[string]word {
	words := map[string]word{}
	for _, l := range languages {
		list(words, weekdayClass, l.weekdays[:])
		for i, forms := range l.months {
			add(words, monthClass, i+1, forms)
		}
		table(words, unitClass, l.units)
		table(words, dayClass, l.days)
		table(words, shiftClass, l.shifts)
		table(words, partClass, l.parts)
		table(words, numberClass, l.numbers)
		table(words, halfClass, l.halves)
		table(words, closeClass, l.closes)
		table(words, meridiemClass, l.meridiems)
		for class, forms := range map[class]string{
			endClass: l.end, beginClass: l.begin, ordinalClass: l.ordinal, agoClass: l.ago, yearClass: l.year, fillerClass: l.filler,
			measureClass: l.measure, versionClass: l.version, urgencyClass: l.urgency, upgradeClass: l.upgrade, negationClass: l.negation, lateClass: l.late,
		} {
			add(words, class, 0, forms)
		}
		for role, forms := range map[role]string{
			dueRole: l.due, beforeRole: l.before, sinceRole: l.since, toRole: l.to, inRole: l.in, withinRole: l.within,
			atRole: l.at, isRole: l.is, afterRole: l.after, untilRole: l.until, lastingRole: l.lasting,
		} {
			for form := range strings.FieldsSeq(forms) {
				w := words[form]
				w.roles |= role
				words[form] = w
			}
		}
	}
	for form, w := range words {
		w.latin = form[0] < 0x80
		words[form] = w
	}
	return words
}

func list(words map[string]word, c class, forms []string) {
	for i, f := range forms {
		add(words, c, i, f)
	}
}

func table[K ~int](words map[string]word, c class, forms map[K]string) {
	for k, f := range forms {
		add(words, c, int(k), f)
	}
}

func add(words map[string]word, c class, value int, forms string) {
	for form := range strings.FieldsSeq(forms) {
		form, weak := strings.CutPrefix(form, "~")
		w := words[form]
		w.class, w.value, w.weak = c, value, weak
		words[form] = w
	}
}
