package entities

var english = language{
	weekdays: [7]string{
		"sunday sundays ~sun", "monday mondays ~mon", "tuesday tuesdays ~tue tues", "wednesday wednesdays ~wed",
		"thursday thursdays ~thu thurs", "friday fridays ~fri", "saturday saturdays ~sat",
	},
	months: [12]string{
		"january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
		"september sep sept", "october oct", "november nov", "december dec",
	},
	units: map[unit]string{
		minutes: "minute minutes min mins m", hours: "hour hours hr hrs h", day: "day days", workday: "workday workdays weekdays",
		week: "week weeks wk wks", month: "month months", quarter: "quarter quarters", year: "year years",
	},
	days:   map[int]string{0: "today tonight", 1: "tomorrow tmrw tmr tomorow", -1: "yesterday"},
	shifts: map[int]string{0: "this current", 1: "next following", -1: "last previous past", soon: "coming upcoming nearest"},
	parts: map[int]string{
		12 * 60: "morning noon midday", 13 * 60: "lunch lunchtime", 18 * 60: "afternoon", 22 * 60: "evening night",
	},
	numbers: map[int]string{
		10: "a an one", 20: "two couple", 30: "three", 40: "four", 50: "five", 60: "six", 70: "seven", 80: "eight",
		90: "nine", 100: "ten", 5: "half",
	},
	closes:    map[unit]string{day: "eod cob eob", week: "eow", month: "eom", quarter: "eoq", year: "eoy"},
	meridiems: map[int]string{0: "am", 12: "pm"},
	end:       "end", begin: "beginning start", ordinal: "st nd rd th", ago: "ago", filler: "the of business working work",
	measure: "ms kb mb gb tb kg km usd eur uah seconds sec x times percent", version: "version versions ver release",
	urgency: "asap urgent urgently", negation: "no not", late: "later",
	upgrade: "upgrade upgraded update updated bump bumped downgrade",
	due:     "by until till due deadline",
	before:  "before", since: "since from", to: "to through thru", in: "in", within: "within",
	at: "at on in around", is: "is on date the for at by than", after: "after", until: "until till",
	lasting: "keep keeps keeping kept stay stays stayed remain remains wait waits waiting hold holds holding postpone postponed delay delayed " +
		"defer deferred pause paused freeze frozen close closed unavailable away vacation works valid lasts",
}
