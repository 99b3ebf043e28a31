package entities

import "time"

// Dates are counted in days since 1970-01-01, and times of day in minutes, without a zone;
// only moment puts them in one.

const dayLength = 24 * time.Hour

// dayOf counts the days to a date; of one that does not exist, ok is false.
func dayOf(year, month, day int) (n int, ok bool) {
	if year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return int(t.Unix() / 86400), t.Day() == day
}

// dateOf is the inverse of dayOf, as midnight UTC.
func dateOf(n int) time.Time { return time.Unix(int64(n)*86400, 0).UTC() }

func weekdayOf(n int) time.Weekday { return dateOf(n).Weekday() }

// mondayOf is the first day of the week that holds n.
func mondayOf(n int) int { return n - (int(weekdayOf(n))+6)%7 }

// localDay is the day of a moment in its zone.
func localDay(t time.Time) int {
	year, month, day := t.Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// moment is when the clocks of a zone show a time, in UTC: of a time that they show twice,
// the first; of one that they skip, as much after the gap as it is after its beginning.
// (What time.Date does with those is left open.)
func moment(n, minutes int, zone *time.Location) time.Time {
	wall := dateOf(n).Add(time.Duration(minutes) * time.Minute)
	with := func(other time.Time) time.Time { // with the zone's offset of another moment
		_, offset := other.In(zone).Zone()
		return wall.Add(-time.Duration(offset) * time.Second)
	}
	before, after := with(wall.Add(-dayLength)), with(wall.Add(dayLength))
	for _, t := range []time.Time{before, after} {
		if _, offset := t.In(zone).Zone(); t.Add(time.Duration(offset) * time.Second).Equal(wall) {
			return t
		}
	}
	return before
}

// period is the first and last day of the unit that holds n, shifted by so many units.
func period(u unit, n, shift int) (first, last int) {
	d := dateOf(n)
	span := func(from, months int) (int, int) {
		start := time.Date(d.Year(), time.Month(from+shift*months), 1, 0, 0, 0, 0, time.UTC)
		return int(start.Unix() / 86400), int(start.AddDate(0, months, 0).Unix()/86400) - 1
	}
	switch u {
	case week:
		monday := mondayOf(n) + 7*shift
		return monday, monday + 6
	case month:
		return span(int(d.Month()), 1)
	case quarter:
		return span((int(d.Month())-1)/3*3+1, 3)
	case year:
		return span(1, 12)
	default:
		return n + shift, n + shift
	}
}

// addUnits is the day so many units after n. A month from the 31st is the last of a shorter
// month; workdays are Monday to Friday.
func addUnits(n, count int, u unit) int {
	d := dateOf(n)
	switch u {
	case workday:
		for ; count > 0; count-- {
			for n++; weekdayOf(n) == time.Saturday || weekdayOf(n) == time.Sunday; {
				n++
			}
		}
		return n
	case week:
		return n + 7*count
	case month, quarter, year:
		months := map[unit]int{month: 1, quarter: 3, year: 12}[u] * count
		first := time.Date(d.Year(), d.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
		return int(first.Unix()/86400) + min(d.Day(), first.AddDate(0, 1, -1).Day()) - 1
	default:
		return n + count
	}
}
