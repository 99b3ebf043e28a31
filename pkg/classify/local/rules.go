package local

import (
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/classify"
)

// rule raises or lowers the priority of an issue that says one of its phrases. A phrase is
// the beginning of words, in lower case: "не прац" is said by "не працює" too. "*" stands
// for up to three words.
type rule struct {
	signal   string
	priority classify.Priority
	phrases  []string
}

// rules are read in this order; politeness and capitals are none. What none of them speaks
// for is medium.
var rules = []rule{
	{"outage", classify.PriorityCritical, []string{
		"outage", "is down", "are down", "went down", "everything down", "nothing works", "completely down", "prod down", "site down", "not available for anyone", "all services fail",
		"усе впало", "все впало", "все лежить", "усе лежить", "прод лежить", "прод впав", "сайт лежить", "сайт впав", "сервер лежить", "сервер впав", "нічого не прац", "повністю не прац", "база впала", "база лежить",
		"все упало", "всё упало", "все лежит", "всё лежит", "прод лежит", "прод упал", "сайт лежит", "сайт упал", "сервер лежит", "сервер упал", "ничего не работ", "база упала", "база лежит",
	}},
	{"data_loss", classify.PriorityCritical, []string{
		"data loss", "lost * data", "lost all", "lost * orders", "data * gone", "deleted all", "dropped * table", "wiped", "overwrote * data", "orders * disappear", "data * disappear",
		"втратили * дан", "дані зник", "зникли дан", "дані пропал", "пропали дан", "пропали замовл", "зникли замовл", "зникли всі", "видалились всі", "видалилися всі", "затерл",
		"потеряли * данн", "данные пропал", "пропали данн", "пропали заказ", "исчезли данн", "исчезли заказ", "удалились все",
	}},
	{"security", classify.PriorityCritical, []string{
		"data leak", "leaked", "breach", "hacked", "vulnerab", "sql injection", "sees * other * data", "can see other", "exposed",
		"витік", "зламали", "злам акаунт", "вразлив", "бачить чуж", "бачать чуж", "чужі дан", "чужі замовл",
		"утечк", "взломал", "уязвим", "видит чуж", "видят чуж", "чужие данн", "чужие заказ",
	}},
	{"money", classify.PriorityCritical, []string{
		"charged twice", "double charge", "charged * twice", "money * gone", "wrong * charged", "payments * fail", "payments * not going", "payment * does not go", "payments don't go", "cannot pay", "can't pay",
		"списало двічі", "списали двічі", "двічі спис", "подвійне спис", "гроші зник", "списались гроші", "гроші списа", "оплата не прох", "оплати не прох", "платежі не прох", "не проходить оплат", "не проходять оплат", "не можуть оплат",
		"списало дважды", "списали дважды", "дважды спис", "двойное спис", "деньги списа", "деньги пропал", "оплата не прох", "платежи не прох", "не проходит оплат", "не проходят оплат", "не могут оплат",
	}},
	{"many_people", classify.PriorityHigh, []string{
		"everyone", "everybody", "all users", "all clients", "all customers", "many users", "many clients", "many customers", "lots of users", "half of", "customers complain", "clients complain", "users complain", "several clients", "several customers",
		"у всіх", "усі користувач", "всі користувач", "усі клієнт", "всі клієнт", "багато клієнт", "багато користувач", "клієнти скарж", "користувачі скарж", "люди скарж", "масово", "кілька клієнт", "половина",
		"у всех", "все пользовател", "все клиент", "много клиент", "много пользовател", "клиенты жал", "пользователи жал", "люди жал", "массово", "несколько клиент",
	}},
	{"blocked", classify.PriorityHigh, []string{
		"blocked", "blocker", "blocks", "can't work", "cannot work", "no workaround", "unable to work", "can't log in", "cannot log in", "can't login", "can't get in",
		"блокує", "заблокован", "блокер", "не можемо працювати", "не можу працювати", "робота стоїть", "стоїть робота", "не можуть зайти", "не можуть увійти",
		"блокирует", "блокер", "не можем работать", "не могу работать", "работа стоит", "не могут зайти", "не могут войти",
	}},
	{"production", classify.PriorityHigh, []string{
		"on prod", "in prod", "на проді", "на прод", "у проді", "в проді", "на проде", "в проде",
	}},
	{"urgent", classify.PriorityHigh, []string{
		"asap", "urgent", "immediately", "right now", "right away", "hotfix",
		"терміново", "негайно", "прямо зараз", "горить", "якнайшвидше", "хотфікс",
		"срочно", "немедленно", "прямо сейчас", "горит", "как можно скорее", "хотфикс",
	}},
	{"deadline", classify.PriorityHigh, []string{
		"by today", "today by", "until today", "before tonight", "by tonight", "by eod", "end of day", "end of today", "by noon", "deadline is today", "deadline today", "needed today", "need * today",
		"сьогодні до", "до вечора", "до кінця дня", "до обіду", "дедлайн сьогодні", "треба * сьогодні", "потрібно * сьогодні",
		"сегодня до", "до вечера", "до конца дня", "до обеда", "дедлайн сегодня", "надо * сегодня", "нужно * сегодня",
	}},
	{"no_hurry", classify.PriorityLow, []string{
		"no rush", "no hurry", "not urgent", "not critical", "when you have time", "whenever", "someday", "some day", "nice to have", "minor", "cosmetic", "typo", "low priority", "not a big deal", "would be nice",
		"не терміново", "не критично", "не горить", "коли буде час", "колись", "дрібниц", "дрібничк", "косметик", "косметичн", "одрук", "не поспіш", "не на часі",
		"не срочно", "не критично", "не горит", "когда будет время", "когда-нибудь", "когда нибудь", "мелочь", "косметик", "косметическ", "опечатк", "не спеш",
	}},
}

// phrase is one of a rule, as words.
type phrase struct {
	rule  int
	words []string
}

// phrases are those of all rules by their first letter: most words of a text begin none.
var phrases = byLetter(rules)

func byLetter(rules []rule) map[rune][]phrase {
	all := map[rune][]phrase{}
	for i, r := range rules {
		for _, p := range r.phrases {
			letter := firstRune(p)
			all[letter] = append(all[letter], phrase{i, strings.Fields(p)})
		}
	}
	return all
}

// Priority is how soon an issue with this text needs a person, by rules alone, and the names
// of the rules that say so. It is medium where none does.
func Priority(text string) (classify.Priority, []string) {
	var s scanner
	return priority(s.scan(text))
}

// Floor is the least priority of an issue with this text, whatever else is said about it:
// that of Priority where a rule raises it, else PriorityNone.
func Floor(text string) (classify.Priority, []string) {
	p, signals := Priority(text)
	if p != classify.PriorityCritical && p != classify.PriorityHigh {
		return classify.PriorityNone, nil
	}
	return p, signals
}

func priority(tokens []token) (classify.Priority, []string) {
	said := said(tokens)
	calm := said[len(rules)-1]
	found := classify.PriorityMedium
	var signals []string
	for i, r := range rules {
		raises := r.priority != classify.PriorityLow
		// "not urgent" takes urgency back, but no fact.
		if raises && calm && (r.signal == "urgent" || r.signal == "deadline") || !said[i] {
			continue
		}
		signals = append(signals, r.signal)
		switch {
		case r.priority == classify.PriorityCritical, r.priority == classify.PriorityHigh && found != classify.PriorityCritical:
			found = r.priority
		case !raises && len(signals) == 1:
			found = r.priority
		}
	}
	return found, signals
}

// said tells of each rule whether one of its phrases occurs.
func said(tokens []token) []bool {
	said := make([]bool, len(rules))
	for i, t := range tokens {
		for _, p := range phrases[firstRune(t.text)] {
			if !said[p.rule] && strings.HasPrefix(t.text, p.words[0]) && follows(tokens[i+1:], p.words[1:]) {
				said[p.rule] = true
			}
		}
	}
	return said
}

// anyWords is how many words "*" stands for at most.
const anyWords = 3

// follows tells whether a phrase stands at the beginning.
func follows(tokens []token, phrase []string) bool {
	if len(phrase) == 0 {
		return true
	}
	if phrase[0] == "*" {
		for skip := range anyWords + 1 {
			if skip <= len(tokens) && follows(tokens[skip:], phrase[1:]) {
				return true
			}
		}
		return false
	}
	return len(tokens) > 0 && strings.HasPrefix(tokens[0].text, phrase[0]) && follows(tokens[1:], phrase[1:])
}

// signalWords say in words what a rule found.
var signalWords = map[string]string{
	"outage": "something is down", "data_loss": "data is lost", "security": "it is about security", "money": "money is at stake", "many_people": "many people are concerned",
	"blocked": "somebody cannot work", "production": "it happens in production", "urgent": "it is called urgent", "deadline": "it is due today", "no_hurry": "there is no hurry",
}

// Signals are the names of all rules.
func Signals() []string {
	var names []string
	for _, r := range rules {
		if !slices.Contains(names, r.signal) {
			names = append(names, r.signal)
		}
	}
	return names
}
