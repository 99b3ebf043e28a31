package entities_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/entities"
)

// wednesday is when the messages below are written, in Kyiv: 25 November 2026, 14:30.
const wednesday = "2026-11-25 14:30"

// dates shows the dates of a text in the zone, "text = from..to", with ! for a deadline.
func dates(t *testing.T, text, at, zone string, o entities.Options) string {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	written, err := time.ParseInLocation("2006-01-02 15:04", at, location)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, e := range entities.Find(text, written, location, o) {
		if e.Date == nil {
			continue
		}
		from, to := e.Date.From, e.Date.To
		if from.Location() != time.UTC || to.Location() != time.UTC {
			t.Errorf("%q is not in UTC", e.Text)
		}
		layout := "2006-01-02 15:04"
		if e.Date.Precision == entities.PrecisionDay {
			layout = "2006-01-02"
			if next := to.Add(time.Second).In(location); next.Day() == to.In(location).Day() {
				t.Errorf("%q ends at %v, not with its day", e.Text, to.In(location))
			}
		}
		line := from.In(location).Format(layout)
		if end := to.In(location).Format(layout); end != line {
			line += ".." + end
		}
		if e.Date.IsDeadline {
			line += " !"
		}
		shown = append(shown, e.Text+" = "+line)
	}
	return strings.Join(shown, "; ")
}

func TestDates(t *testing.T) {
	t.Parallel()
	for language, tests := range map[string][][2]string{"en": englishDates, "uk": ukrainianDates, "ru": russianDates, "mixed": mixedDates} {
		for _, test := range tests {
			t.Run(fmt.Sprint(language, " ", test[0]), func(t *testing.T) {
				t.Parallel()
				if got := dates(t, test[0], wednesday, "Europe/Kyiv", entities.Options{}); got != test[1] {
					t.Errorf("\n got %s\nwant %s", got, test[1])
				}
			})
		}
	}
}

var englishDates = [][2]string{
	{"please fix by Friday", "by Friday = 2026-11-27 !"},
	{"by Wednesday", "by Wednesday = 2026-11-25 !"},
	{"by the end of the week", "by the end of the week = 2026-11-27 !"},
	{"end of week", "end of week = 2026-11-27"},
	{"by end of next week", "by end of next week = 2026-12-04 !"},
	{"needed by next week", "by next week = 2026-11-30..2026-12-04 !"},
	{"next week", "next week = 2026-11-30..2026-12-06"},
	{"this week", "this week = 2026-11-23..2026-11-29"},
	{"EOD", "EOD = 2026-11-25 !"},
	{"by EOD", "by EOD = 2026-11-25 !"},
	{"EOD Friday please", "EOD Friday = 2026-11-27 !"},
	{"Friday EOD", "Friday EOD = 2026-11-27 !"},
	{"tomorrow by eod", "tomorrow by eod = 2026-11-26 !"},
	{"EOW is fine, or eom", "EOW = 2026-11-27 !; eom = 2026-11-30 !"},
	{"by end of day", "by end of day = 2026-11-25 !"},
	{"by the end of business day tomorrow", "by the end of business day tomorrow = 2026-11-26 !"},
	{"end of month", "end of month = 2026-11-30"},
	{"before the end of December", "before the end of December = 2026-12-30 !"},
	{"by end of quarter", "by end of quarter = 2026-12-31 !"},
	{"by the beginning of next month", "by the beginning of next month = 2026-12-01 !"},
	{"tomorrow at 10", "tomorrow at 10 = 2026-11-26 10:00"},
	{"tomorrow at 5", "tomorrow at 5 = 2026-11-26 17:00"},
	{"tomorrow at 10:30", "tomorrow at 10:30 = 2026-11-26 10:30"},
	{"tomorrow 10am", "tomorrow 10am = 2026-11-26 10:00"},
	{"due tomorrow at 5pm", "due tomorrow at 5pm = 2026-11-26 17:00 !"},
	{"at 12:15 am tomorrow", "12:15 am tomorrow = 2026-11-26 00:15"},
	{"10am on Friday", "10am on Friday = 2026-11-27 10:00"},
	{"by 18:00", "by 18:00 = 2026-11-25 18:00 !"},
	{"by 10:00", "by 10:00 = 2026-11-26 10:00 !"},
	{"it crashed at 10:00", "10:00 = 2026-11-25 10:00"},
	{"by noon", "by noon = 2026-11-26 12:00 !"},
	{"by tomorrow morning", "by tomorrow morning = 2026-11-26 12:00 !"},
	{"tomorrow before 10", "tomorrow before 10 = 2026-11-26 10:00 !"},
	{"today", "today = 2026-11-25"},
	{"ready until today", "until today = 2026-11-25 !"},
	{"next Monday", "next Monday = 2026-11-30"},
	{"by next Friday", "by next Friday = 2026-12-04 !"},
	{"this Monday", "this Monday = 2026-11-23"},
	{"by this Monday", "by this Monday = 2026-11-23"},
	{"last Friday", "last Friday = 2026-11-20"},
	{"since Monday", "Monday = 2026-11-23"},
	{"down since yesterday", "yesterday = 2026-11-24"},
	{"from Monday to Wednesday", "Monday to Wednesday = 2026-11-23..2026-11-25"},
	{"Mon-Wed", ""},
	{"Thursday–Friday", "Thursday–Friday = 2026-11-26..2026-11-27"},
	{"Friday-Monday", "Friday-Monday = 2026-11-27..2026-11-30"},
	{"coming Friday", "coming Friday = 2026-11-27"},
	{"Friday next week", "Friday next week = 2026-12-04"},
	{"next week on Tuesday", "next week on Tuesday = 2026-12-01"},
	{"on Fri or on Sun", "Fri = 2026-11-27; Sun = 2026-11-29"},
	{"the sun sat", ""},
	{"in 2 hours", "in 2 hours = 2026-11-25 16:30"},
	{"in half an hour", "in half an hour = 2026-11-25 15:00"},
	{"in an hour", "in an hour = 2026-11-25 15:30"},
	{"in 1.5 hours", "in 1.5 hours = 2026-11-25 16:00"},
	{"in a couple of days", "in a couple of days = 2026-11-27"},
	{"in three days", "in three days = 2026-11-28"},
	{"in 3 workdays", "in 3 workdays = 2026-11-30"},
	{"in a week", "in a week = 2026-12-02"},
	{"within 2 days", "within 2 days = 2026-11-27 !"},
	{"within 24 hours", "within 24 hours = 2026-11-26 14:30 !"},
	{"due in 2 weeks", "due in 2 weeks = 2026-12-09 !"},
	{"2 hours ago", "2 hours ago = 2026-11-25 12:30"},
	{"three days ago", "three days ago = 2026-11-22"},
	{"a week ago", "a week ago = 2026-11-18"},
	{"Dec 15", "Dec 15 = 2026-12-15"},
	{"by Dec. 15", "by Dec. 15 = 2026-12-15 !"},
	{"December 15th, 2027", "December 15th, 2027 = 2027-12-15"},
	{"15 December", "15 December = 2026-12-15"},
	{"the 15th of December", "15th of December = 2026-12-15"},
	{"due by the 15th", "by the 15th = 2026-12-15 !"},
	{"Dec 10-12", "Dec 10-12 = 2026-12-10..2026-12-12"},
	{"Dec 30 - Jan 2", "Dec 30 - Jan 2 = 2026-12-30..2027-01-02"},
	{"by Jan 10", "by Jan 10 = 2027-01-10 !"},
	{"by Nov 10", "by Nov 10 = 2026-11-10"},
	{"by Oct 10", "by Oct 10 = 2027-10-10 !"},
	{"on Oct 10", "Oct 10 = 2026-10-10"},
	{"in December", "December = 2026-12-01..2026-12-31"},
	{"by May", "by May = 2027-05-01..2027-05-31 !"},
	{"may I march?", ""},
	{"December 2027", "December 2027 = 2027-12-01..2027-12-31"},
	{"next May", "next May = 2027-05-01..2027-05-31"},
	{"Feb 29", "Feb 29 = 2028-02-29"},
	{"Feb 30", ""},
	{"2026-12-15", "2026-12-15 = 2026-12-15"},
	{"deadline: 2026-12-15 18:00", "deadline: 2026-12-15 18:00 = 2026-12-15 18:00 !"},
	{"2026-12-15T10:00Z", "2026-12-15T10:00Z = 2026-12-15 12:00"},
	{"2026-12-15T10:00:14.608Z", "2026-12-15T10:00:14.608Z = 2026-12-15 12:00"},
	{"2026-12-15T10:00:00+01:00", "2026-12-15T10:00:00+01:00 = 2026-12-15 11:00"},
	{"2026-12-15T10:00-05:00", "2026-12-15T10:00-05:00 = 2026-12-15 17:00"},
	{"2026-13-15", ""},
	{"at sun.reflect.Method, may_day, in the 1st phase, the 2nd one", "the 1st = 2026-12-01"},
	{"12/31", "12/31 = 2026-12-31"},
	{"31/12", "31/12 = 2026-12-31"},
	{"by 4/12", "by 4/12 = 2026-12-04 !"},
	{"10/12 tests passed, 24/7", ""},
	{"12/31/2026", "12/31/2026 = 2026-12-31"},
	{"31-12-2026", "31-12-2026 = 2026-12-31"},
	{"due Friday, Dec 4", "due Friday, Dec 4 = 2026-12-04 !"},
	{"the deadline is on Monday", "deadline is on Monday = 2026-11-30 !"},
	{"no later than Thursday", "no later than Thursday = 2026-11-26 !"},
	{"before Friday", "before Friday = 2026-11-26 !"},
	{"due to Friday's outage", "Friday's = 2026-11-27"},
	{"by John on Friday", "Friday = 2026-11-27"},
	{"moved to Friday", "Friday = 2026-11-27"},
	{"after Friday", "Friday = 2026-11-27"},
	{"Ubuntu 24.04, Python 3.12, costs 15.12 USD", ""},
	{"1.15.12 or 10.11.12.13, $15.12", ""},
	{"in 9999 years", ""},
	{"Friday 10:00-12:00", "Friday 10:00-12:00 = 2026-11-27 10:00..2026-11-27 12:00"},
	{"10:00 – 12:30 tomorrow", "10:00 – 12:30 tomorrow = 2026-11-26 10:00..2026-11-26 12:30"},
}

var ukrainianDates = [][2]string{
	{"треба до п'ятниці", "до п'ятниці = 2026-11-27 !"},
	{"до п’ятниці", "до п’ятниці = 2026-11-27 !"},
	{"до пʼятниці, 18:00", "до пʼятниці, 18:00 = 2026-11-27 18:00 !"},
	{"завтра до 18:00", "завтра до 18:00 = 2026-11-26 18:00 !"},
	{"завтра о 10", "завтра о 10 = 2026-11-26 10:00"},
	{"завтра о 10-й", "завтра о 10-й = 2026-11-26 10:00"},
	{"завтра вранці", "завтра вранці = 2026-11-26 12:00"},
	{"до завтра", "до завтра = 2026-11-26 !"},
	{"післязавтра", "післязавтра = 2026-11-27"},
	{"вчора впало", "вчора = 2026-11-24"},
	{"позавчора", "позавчора = 2026-11-23"},
	{"до вчора", "до вчора = 2026-11-24"},
	{"сьогодні до кінця дня", "сьогодні до кінця дня = 2026-11-25 !"},
	{"до кінця робочого дня", "до кінця робочого дня = 2026-11-25 !"},
	{"кінець тижня", "кінець тижня = 2026-11-27"},
	{"до кінця тижня", "до кінця тижня = 2026-11-27 !"},
	{"до кінця наступного тижня", "до кінця наступного тижня = 2026-12-04 !"},
	{"наприкінці місяця", "наприкінці місяця = 2026-11-30"},
	{"до кінця року", "до кінця року = 2026-12-31 !"},
	{"на початку грудня", "початку грудня = 2026-12-01"},
	{"наступного понеділка", "наступного понеділка = 2026-11-30"},
	{"у наступну п'ятницю", "наступну п'ятницю = 2026-12-04"},
	{"наступного тижня в середу", "наступного тижня в середу = 2026-12-02"},
	{"цього тижня", "цього тижня = 2026-11-23..2026-11-29"},
	{"минулої п'ятниці", "минулої п'ятниці = 2026-11-20"},
	{"найближчої суботи", "найближчої суботи = 2026-11-28"},
	{"через 3 дні", "через 3 дні = 2026-11-28"},
	{"через тиждень", "через тиждень = 2026-12-02"},
	{"через годину", "через годину = 2026-11-25 15:30"},
	{"через 2 год", "через 2 год = 2026-11-25 16:30"},
	{"через півгодини", "через півгодини = 2026-11-25 15:00"},
	{"через пів години", "через пів години = 2026-11-25 15:00"},
	{"через півтори години", "через півтори години = 2026-11-25 16:00"},
	{"через два тижні", "через два тижні = 2026-12-09"},
	{"через місяць", "через місяць = 2026-12-25"},
	{"протягом 2 годин", "протягом 2 годин = 2026-11-25 16:30 !"},
	{"2 дні тому", "2 дні тому = 2026-11-23"},
	{"годину тому", "годину тому = 2026-11-25 13:30"},
	{"15 грудня", "15 грудня = 2026-12-15"},
	{"до 15 грудня 2027 року", "до 15 грудня 2027 року = 2027-12-15 !"},
	{"10-12 грудня", "10-12 грудня = 2026-12-10..2026-12-12"},
	{"з 10 по 12 грудня", "10 по 12 грудня = 2026-12-10..2026-12-12"},
	{"з понеділка до п'ятниці", "понеділка до п'ятниці = 2026-11-23..2026-11-27"},
	{"до 15.12", "до 15.12 = 2026-12-15 !"},
	{"до 5.01", "до 5.01 = 2027-01-05 !"},
	{"15.12 реліз", "15.12 = 2026-12-15"},
	{"15.12.2026 о 9:05", "15.12.2026 о 9:05 = 2026-12-15 09:05"},
	{"15.12.26", "15.12.26 = 2026-12-15"},
	{"01.12–05.12", "01.12–05.12 = 2026-12-01..2026-12-05"},
	{"пт 27.11", "пт 27.11 = 2026-11-27"},
	{"дедлайн: 1 грудня", "дедлайн: 1 грудня = 2026-12-01 !"},
	{"дедлайн — понеділок", "дедлайн — понеділок = 2026-11-30 !"},
	{"термін до середи", "до середи = 2026-11-25 !"},
	{"не пізніше четверга", "не пізніше четверга = 2026-11-26 !"},
	{"не пізніше ніж 15.12", "не пізніше ніж 15.12 = 2026-12-15 !"},
	{"до 15 числа", "до 15 числа = 2026-12-15 !"},
	{"у грудні", "грудні = 2026-12-01..2026-12-31"},
	{"з понеділка не працює", "понеділка = 2026-11-23"},
	{"о 18:00 в п'ятницю", "18:00 в п'ятницю = 2026-11-27 18:00"},
	{"до 10 ранку", "до 10 ранку = 2026-11-26 10:00 !"},
	{"до 10 користувачів", ""},
	{"до обіду", "до обіду = 2026-11-26 13:00 !"},
	{"ціна 15.12 грн, 12.10%", ""},
	{"версія 15.12", ""},
	{"перед п'ятницею", "перед п'ятницею = 2026-11-26 !"},
}

var russianDates = [][2]string{
	{"нужно до пятницы", "до пятницы = 2026-11-27 !"},
	{"к пятнице", "к пятнице = 2026-11-27 !"},
	{"к концу недели", "к концу недели = 2026-11-27 !"},
	{"до конца рабочего дня", "до конца рабочего дня = 2026-11-25 !"},
	{"до конца следующей недели", "до конца следующей недели = 2026-12-04 !"},
	{"завтра до 18:00", "завтра до 18:00 = 2026-11-26 18:00 !"},
	{"завтра к 18", "завтра к 18 = 2026-11-26 18:00 !"},
	{"завтра в 10", "завтра в 10 = 2026-11-26 10:00"},
	{"завтра в 3 часа дня", "завтра в 3 часа дня = 2026-11-26 15:00"},
	{"завтра вечером", "завтра вечером = 2026-11-26 22:00"},
	{"послезавтра", "послезавтра = 2026-11-27"},
	{"вчера", "вчера = 2026-11-24"},
	{"со вчера не работает", "вчера = 2026-11-24"},
	{"в следующий понедельник", "следующий понедельник = 2026-11-30"},
	{"на следующей неделе", "следующей неделе = 2026-11-30..2026-12-06"},
	{"в понедельник на следующей неделе", "понедельник на следующей неделе = 2026-11-30"},
	{"в прошлую пятницу", "прошлую пятницу = 2026-11-20"},
	{"в среду", "среду = 2026-11-25"},
	{"к среде", "к среде = 2026-11-25 !"},
	{"тестовая среда лежит", ""},
	{"через 3 дня", "через 3 дня = 2026-11-28"},
	{"через неделю", "через неделю = 2026-12-02"},
	{"через полчаса", "через полчаса = 2026-11-25 15:00"},
	{"через 2 часа", "через 2 часа = 2026-11-25 16:30"},
	{"через полтора часа", "через полтора часа = 2026-11-25 16:00"},
	{"через 1,5 часа", "через 1,5 часа = 2026-11-25 16:00"},
	{"через год", "через год = 2027-11-25"},
	{"в течение 2 часов", "течение 2 часов = 2026-11-25 16:30 !"},
	{"2 часа назад", "2 часа назад = 2026-11-25 12:30"},
	{"15 декабря", "15 декабря = 2026-12-15"},
	{"до 15 декабря 2027 г.", "до 15 декабря 2027 г = 2027-12-15 !"},
	{"15-го декабря", "15-го декабря = 2026-12-15"},
	{"к 15-му", "к 15-му = 2026-12-15 !"},
	{"с 10 по 12 декабря", "10 по 12 декабря = 2026-12-10..2026-12-12"},
	{"не позднее 15.12", "не позднее 15.12 = 2026-12-15 !"},
	{"не позже вторника", "не позже вторника = 2026-12-01 !"},
	{"срок: 15.12.2026", "срок: 15.12.2026 = 2026-12-15 !"},
	{"дедлайн в пн", "дедлайн в пн = 2026-11-30 !"},
	{"дедлайн через 3 дня", "дедлайн через 3 дня = 2026-11-28 !"},
	{"в декабре", "декабре = 2026-12-01..2026-12-31"},
	{"1 мая", "1 мая = 2027-05-01"},
	{"к 9 утра", "к 9 утра = 2026-11-26 09:00 !"},
	{"в 10:30", "10:30 = 2026-11-25 10:30"},
	{"к вечеру", "к вечеру = 2026-11-25 22:00 !"},
	{"до 100 рублей", ""},
	{"перед пятницей", "перед пятницей = 2026-11-26 !"},
}

var mixedDates = [][2]string{
	{"deadline п'ятниця EOD", "deadline п'ятниця EOD = 2026-11-27 !"},
	{"зроби by Friday плз", "by Friday = 2026-11-27 !"},
	{"до EOD завтра", "до EOD завтра = 2026-11-26 !"},
	{"до Friday 18:00", "до Friday 18:00 = 2026-11-27 18:00 !"},
	{"реліз в Monday о 10:00, фікс до вівторка", "Monday о 10:00 = 2026-11-30 10:00; до вівторка = 2026-12-01 !"},
	{"дедлайн:\n15.12", "дедлайн:\n15.12 = 2026-12-15 !"},
	{"`до п'ятниці` https://x.y/2026-12-15", ""},
	{"👍 до п'ятниці 🔥", "до п'ятниці = 2026-11-27 !"},
	{"(до 15.12).", "до 15.12 = 2026-12-15 !"},
	{"15.12abc x15.12 15.12_", ""},
	{"оновити python до 3.12, обновить node до 18.12, bump go by 1.12", ""},
	{"рахунок 3:2, 16:9, 1:1", ""},
	{"по 2 штуки, до 5 сек, до 2 годин, на 3 сервері", ""},
	{"on 2 servers, for 2 weeks, the end, by 3 people, at 5, in 5", ""},
	{"10:45:12 ERROR timeout 30s", "10:45:12 = 2026-11-25 10:45"},
	{"+380441234567, 4111 1111 1111 1111, 2026", ""},
	{"в этом месяце, next year", "этом месяце = 2026-11-01..2026-11-30; next year = 2027-01-01..2027-12-31"},
	{"по вторникам, every Monday", "Monday = 2026-11-30"},
	{"з ранку до вечора, до цього дня, протягом двох років", "протягом двох років = 2028-11-25"},
	{"не до п'ятниці? а до 15.12?", "до п'ятниці = 2026-11-27 !; до 15.12 = 2026-12-15 !"},
}

// TestDatesOfOtherMoments holds what depends on the weekday, the year and the clocks.
func TestDatesOfOtherMoments(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, at, zone, want string }{
		{"by Friday", "2026-11-27 09:00", "Europe/Kyiv", "by Friday = 2026-11-27 !"},
		{"by end of week", "2026-11-28 09:00", "Europe/Kyiv", "by end of week = 2026-11-29 !"},
		{"next Monday", "2026-11-29 09:00", "Europe/Kyiv", "next Monday = 2026-11-30"},
		{"since Monday", "2026-11-23 09:00", "Europe/Kyiv", "Monday = 2026-11-23"},
		{"last Monday", "2026-11-23 09:00", "Europe/Kyiv", "last Monday = 2026-11-16"},
		{"in a month", "2027-01-31 09:00", "Europe/Kyiv", "in a month = 2027-02-28"},
		{"Dec 30", "2027-01-05 09:00", "Europe/Kyiv", "Dec 30 = 2026-12-30"},
		{"by 18:00 tomorrow", "2026-12-31 23:00", "Europe/Kyiv", "by 18:00 tomorrow = 2027-01-01 18:00 !"},
		{"by 10:00", "2026-10-24 12:00", "Europe/Kyiv", "by 10:00 = 2026-10-25 10:00 !"},
		{"tomorrow at 03:30", "2026-03-28 12:00", "Europe/Kyiv", "tomorrow at 03:30 = 2026-03-29 04:30"}, // skipped
		{"by Sunday", "2026-10-24 12:00", "Europe/Kyiv", "by Sunday = 2026-10-25 !"},                     // 25 hours
		{"in 24 hours", "2026-10-24 12:00", "Europe/Kyiv", "in 24 hours = 2026-10-25 11:00"},
		{"by Sunday", "2026-03-28 12:00", "Africa/Cairo", "by Sunday = 2026-03-29 !"},
		{"by 24.04", "2026-04-20 12:00", "Africa/Cairo", "by 24.04 = 2026-04-24 !"},     // has no midnight
		{"by 23.04", "2026-04-20 12:00", "Africa/Cairo", "by 23.04 = 2026-04-23 !"},     // the day before it
		{"by 29.10", "2026-10-20 12:00", "Africa/Cairo", "by 29.10 = 2026-10-29 !"},     // ends twice
		{"tomorrow", "2026-11-25 23:59", "Pacific/Kiritimati", "tomorrow = 2026-11-26"}, // UTC+14
		{"by 4/12", wednesday, "America/New_York", "by 4/12 = 2026-12-04 !"},
	}
	for _, test := range tests {
		t.Run(test.text+" "+test.at, func(t *testing.T) {
			t.Parallel()
			if got := dates(t, test.text, test.at, test.zone, entities.Options{}); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
	if got := dates(t, "by 4/12", wednesday, "America/New_York", entities.Options{MonthFirst: true}); got != "by 4/12 = 2027-04-12 !" {
		t.Errorf("with the month first: %s", got)
	}
}

// TestMoments holds the seconds of a deadline in UTC, on days of 23, 24 and 25 hours.
func TestMoments(t *testing.T) {
	t.Parallel()
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ text, at, from, to string }{
		{"by 27.11", "2026-11-20T10:00:00Z", "2026-11-26T22:00:00Z", "2026-11-27T21:59:59Z"},
		{"by 25.10", "2026-10-20T10:00:00Z", "2026-10-24T21:00:00Z", "2026-10-25T21:59:59Z"},
		{"by 29.03", "2026-03-20T10:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T20:59:59Z"},
		{"by 25.10 03:30", "2026-10-20T10:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z"}, // the first of two
		{"before 27.11", "2026-11-20T10:00:00Z", "2026-11-26T21:59:59Z", "2026-11-26T21:59:59Z"},
	}
	for _, test := range tests {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		found := entities.Find(test.text, at, kyiv, entities.Options{})
		if len(found) != 1 || !found[0].Date.IsDeadline {
			t.Fatalf("%s: %v", test.text, found)
		}
		if from, to := found[0].Date.From.Format(time.RFC3339), found[0].Date.To.Format(time.RFC3339); from != test.from || to != test.to {
			t.Errorf("%s: from %s to %s", test.text, from, to)
		}
	}
}
