package digest

import "time"

// postLanguage is what a Post says of its own.
type postLanguage struct {
	title  string
	counts string // messages, people, groups
	more   string // how many are left out

	happened, decisions, blockers, promises, questions, newTasks, closedTasks string

	day, clock, by string // layouts of time, and what stands before a deadline
}

var postWords = map[string]postLanguage{
	"en": {
		title: "Summary", counts: "Messages: %d · people: %d · groups: %d", more: "… and %d more",
		happened: "What happened", decisions: "Decisions", blockers: "Blockers", promises: "Promises", questions: "Open questions",
		newTasks: "New tasks", closedTasks: "Closed tasks",
		day: "2 Jan 2006", clock: "15:04", by: "by ",
	},
	"uk": {
		title: "Підсумок", counts: "Повідомлень: %d · людей: %d · груп: %d", more: "… і ще %d",
		happened: "Що сталося", decisions: "Рішення", blockers: "Що заважає", promises: "Обіцянки", questions: "Відкриті питання",
		newTasks: "Нові завдання", closedTasks: "Закриті завдання",
		day: "02.01.2006", clock: "15:04", by: "до ",
	},
	"ru": {
		title: "Итоги", counts: "Сообщений: %d · людей: %d · групп: %d", more: "… и ещё %d",
		happened: "Что произошло", decisions: "Решения", blockers: "Препятствия", promises: "Обещания", questions: "Вопросы без ответа",
		newTasks: "Новые задачи", closedTasks: "Закрытые задачи",
		day: "02.01.2006", clock: "15:04", by: "до ",
	},
}

// span names a time, without the clock where it begins and ends at midnight.
func (w postLanguage) span(from, to time.Time) string {
	if !atMidnight(from) || !atMidnight(to) {
		at := w.day + ", " + w.clock
		return from.Format(at) + " – " + to.Format(at)
	}
	first, last := from.Format(w.day), to.AddDate(0, 0, -1).Format(w.day)
	if first == last {
		return first
	}
	return first + " – " + last
}

func atMidnight(at time.Time) bool { return at.Hour() == 0 && at.Minute() == 0 }

// due names a deadline; one at the end of a day is that day.
func (w postLanguage) due(at time.Time) string {
	if at.Hour() == 23 && at.Minute() == 59 {
		return w.by + at.Format(w.day)
	}
	return w.by + at.Format(w.day+", "+w.clock)
}
