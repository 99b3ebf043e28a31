package digest_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tasktracker/tasktracker/pkg/digest"
)

// A Monday.
var noon = time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)

func messages(texts ...string) []digest.Message {
	var all []digest.Message
	for i, text := range texts {
		all = append(all, digest.Message{ID: int64(i + 1), Chat: "1/-5", ExternalID: fmt.Sprint(i + 1), Author: []string{"Олена", "Tom"}[i%2],
			Text: text, SentAt: noon.Add(time.Duration(i) * time.Minute)})
	}
	return all
}

func summarize(all []digest.Message, portion int) digest.Summary {
	var s digest.State
	for at := 0; at < len(all); at += portion {
		s.Add(all[at:min(at+portion, len(all))], time.UTC)
	}
	return s.Summary(all)
}

func quotes(list []digest.Finding) []string {
	all := []string{}
	for _, f := range list {
		all = append(all, f.Quotes[0].Quote)
	}
	return all
}

func TestWhatASentenceIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, texts string }{
		{"decision", `We decided to postpone the release.
			after a long talk we've agreed on Postgres
			OK, let's go with the second option
			Final decision: no dark theme this year
			Ми вирішили перенести реліз на понеділок
			Вирішено, робимо через чергу
			Домовились, що звіт надсилає Олена
			Домовилися про новий графік
			узгодили з клієнтом нові строки
			Мы решили отложить релиз
			Договорились, что отчёт готовит Иван
			решено: берём второй вариант
			Решили не трогать старый код
			Team, вирішили з Tom робити rollback`},
		{"blocker", `This is blocked by the payment gateway
			I'm blocked, nobody gives me access
			still waiting for the review from QA
			We are stuck on the migration
			cannot proceed without the certificate
			Нас блокує бекенд
			Чекаю на відповідь від банку
			чекаємо поки Іван викотить фікс
			Застрягли на міграції
			Не можу продовжити без доступу
			Нас блокирует бэкенд
			Ждём ответа от банка
			жду пока Иван выкатит фикс
			Застрял на миграции
			Не могу продолжить без доступа`},
		{"promise", `I'll fix it by Friday
			I will look into the logs
			we'll deploy after lunch
			зроблю до п'ятниці
			Перевірю сьогодні ввечері
			я буду тестувати завтра
			завтра робитиму звіт
			Зробимо за тиждень
			сделаю до пятницы
			Проверю сегодня вечером
			я буду тестировать завтра
			возьму эту задачу
			ok, я пофікшу build`},
		{"question", `Who will check the report?
			is it blocked by the gateway?
			Хто перевірить звіт?
			Кто проверит отчёт? 🙏
			Ми вирішили що з базою??`},
		{"nothing", `The export works again
			We have not decided anything
			we haven't decided on it yet
			It is not blocked by anything
			I won't do it
			nobody is waiting in line
			ще не вирішили
			Ми вирішили проблему з друком
			це вже нас не блокує
			я цього не зроблю
			мы ещё не решили
			Решили проблему с печатью
			нас это больше не блокирует
			я этого не сделаю
			Дякую!
			спасибо большое
			?
			see https://x.example/?we=decided`},
	} {
		for text := range strings.SplitSeq(c.texts, "\n") {
			text = strings.TrimSpace(text)
			s := summarize(messages(text), 1)
			got := "nothing"
			for kind, list := range map[string][]digest.Finding{"decision": s.Decisions, "blocker": s.Blockers, "promise": s.Promises, "question": s.Questions} {
				if len(list) == 1 && strings.HasPrefix(text, list[0].Quotes[0].Quote) && *list[0].Author == "Олена" {
					got = kind
				} else if len(list) > 0 {
					got = fmt.Sprint(kind, " ", quotes(list))
				}
			}
			if got != c.kind {
				t.Errorf("%q is %s, want %s", text, got, c.kind)
			}
		}
	}
}

func TestOnlyTheSentenceIsQuoted(t *testing.T) {
	t.Parallel()
	s := summarize(messages("Hi all! v1.2 is out, т. д.  We decided   to wait.\n> I'll do it\n```\nwe decided to run\n```\nЗроблю до п’ятниці; чекаю на банк"), 1)
	for _, c := range []struct {
		list []digest.Finding
		want string
	}{{s.Decisions, "We decided   to wait."}, {s.Promises, "Зроблю до п’ятниці;"}, {s.Blockers, "чекаю на банк"}} {
		if diff := gocmp.Diff([]string{c.want}, quotes(c.list)); diff != "" {
			t.Error(diff)
		}
	}
	if s.Decisions[0].Text != "We decided to wait." {
		t.Errorf("text %q", s.Decisions[0].Text)
	}
}

func TestPromisesSayByWhen(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"I'll fix it by Friday": "2026-11-20", "зроблю до п'ятниці": "2026-11-20", "сделаю до пятницы": "2026-11-20",
		"I'll look tomorrow": "2026-11-17", "перевірю завтра": "2026-11-17", "I'll fix what broke on 2026-11-10": "", "I'll fix it": "",
	} {
		got := ""
		list := summarize(messages(text), 1).Promises
		if len(list) == 1 && list[0].DueAt != nil {
			got = list[0].DueAt.Format(time.DateOnly)
		}
		if len(list) != 1 || got != want {
			t.Errorf("%q: %v by %q, want %q", text, list, got, want)
		}
	}
}

func TestQuestionsThatNobodyAnswered(t *testing.T) {
	t.Parallel()
	all := messages("Who has the keys?", "Who has the map?", "up", "here they are", "Where is the report?", "lost again")
	all[2].ReplyTo = "1" // by who asked: no answer
	all[3].ReplyTo = "2" // by who asked
	all[5].ReplyTo = "5"
	for _, portion := range []int{1, 2, 6} {
		if diff := gocmp.Diff([]string{"Who has the keys?", "Who has the map?"}, quotes(summarize(all, portion).Questions)); diff != "" {
			t.Errorf("portions of %d: %s", portion, diff)
		}
	}
}

func TestAQuestionIsAnsweredByWhatSomebodyElseSaysNext(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		change   func(all []digest.Message)
		texts    []string
		answered bool
	}{
		"at once":               {texts: []string{"Хто сьогодні на чергуванні?", "Я"}, answered: true},
		"after a question back": {texts: []string{"Who has the keys?", "what keys?", "of the garage", "on the wall"}, answered: true},
		"by who asked":          {texts: []string{"Who has the keys?", "anybody"}, change: func(all []digest.Message) { all[1].Author = all[0].Author }},
		"by a sign":             {texts: []string{"Who has the keys?", "+1"}},
		"in another topic":      {texts: []string{"Who has the keys?", "the report is ready"}, change: func(all []digest.Message) { all[1].Topic = "7" }},
		"about something else":  {texts: []string{"Who has the keys?", "lost again"}, change: func(all []digest.Message) { all[1].ReplyTo = "99" }},
		"an hour later":         {texts: []string{"Who has the keys?", "lunch"}, change: func(all []digest.Message) { all[1].SentAt = noon.Add(time.Hour) }},
	} {
		all := messages(c.texts...)
		if c.change != nil {
			c.change(all)
		}
		if open := quotes(summarize(all, 1).Questions); slices.Contains(open, c.texts[0]) == c.answered {
			t.Errorf("%s: open are %q", what, open)
		}
	}
}

func TestWhatHappenedIsWhatManySay(t *testing.T) {
	t.Parallel()
	small := []string{"ok", "lol", "good morning", "thanks!", "see you", "на зв'язку", "+1", "lunch?"}
	topic := []string{
		"The payment gateway times out for two banks since the deploy", "Payment fails at the second bank: the gateway answers 504",
		"I see the gateway reject every payment of the bank", "Rolled the gateway back, payments of both banks pass again",
	}
	var texts []string
	for i := range 80 {
		text := small[i%len(small)]
		if i%10 == 9 {
			text = topic[i/10%len(topic)]
		}
		texts = append(texts, text)
	}
	for _, portion := range []int{40, 80} {
		happened := quotes(summarize(messages(texts...), portion).WhatHappened)
		for _, text := range topic {
			if !slices.Contains(happened, text) {
				t.Errorf("portions of %d: %q did not happen, only %q", portion, text, happened)
			}
		}
	}
}

func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	var texts []string
	for i := range 3000 {
		texts = append(texts, fmt.Sprintf("We decided to take %d. I'll do part %d. It is blocked by %d. Who does %d?", i, i, i, i))
	}
	all := messages(texts...)
	var s digest.State
	for at := 0; at < len(all); at += 10 {
		s.Add(all[at:at+10], time.UTC)
	}
	if len(s.Candidates) > 1000 || len(s.Quoted()) > 1080 {
		t.Errorf("%d candidates, %d to be quoted", len(s.Candidates), len(s.Quoted()))
	}
	got := s.Summary(all)
	for _, list := range [][]digest.Finding{got.Decisions, got.Promises, got.Blockers, got.Questions} {
		if len(list) != digest.MaxFindings || !strings.Contains(list[len(list)-1].Text, "2999") {
			t.Errorf("%d findings, the last %v", len(list), list[len(list)-1])
		}
	}
	if len(got.WhatHappened) != digest.MaxCentral {
		t.Errorf("%d happened", len(got.WhatHappened))
	}
}

func TestWhatWasChangedIsNotQuoted(t *testing.T) {
	t.Parallel()
	all := messages("We decided to wait.", "We agreed on Monday.", "I'll do it soon.")
	var s digest.State
	s.Add(all, time.UTC)
	all[0].Text = "never mind"
	got := s.Summary(all[:2]) // the third is gone
	if diff := gocmp.Diff([]string{"We agreed on Monday."}, quotes(got.Decisions)); diff != "" || len(got.Promises) != 0 {
		t.Errorf("%s, promises %v", diff, got.Promises)
	}
}

func TestAStateIsGoneOnWith(t *testing.T) {
	t.Parallel()
	all := messages("We decided to wait.", "Хто перевірить звіт?", "I'll check it by Friday", "Чекаю на банк", "I")
	all[4].ReplyTo, all[4].Author = "2", "Ivan"
	var whole, first, second digest.State
	whole.Add(all[:2], time.UTC)
	whole.Add(all[2:], time.UTC)
	first.Add(all[:2], time.UTC)
	stored, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(stored, &second); err != nil {
		t.Fatal(err)
	}
	second.Add(all[2:], time.UTC)
	if !reflect.DeepEqual(whole.Summary(all), second.Summary(all)) || len(second.Questions) != 0 {
		t.Errorf("%+v, want %+v", second.Summary(all), whole.Summary(all))
	}
}

func TestLanguageOfMost(t *testing.T) {
	t.Parallel()
	for want, texts := range map[string][]string{
		"uk": {"Звіт не сходиться", "Її каса", "ok", "так"}, "ru": {"Это ещё не всё", "отчет", "ok"}, "en": {"The report is wrong", "так", "no"},
	} {
		if got := summarize(messages(texts...), 10).Language; got != want {
			t.Errorf("%v: %s, want %s", texts, got, want)
		}
	}
}

// Whatever people write: what is quoted occurs in it letter by letter, and bounds hold.
func FuzzDigest(f *testing.F) {
	f.Add("We decided to wait. Who does it? I'll do it by Friday; чекаю на банк", "зроблю")
	f.Add("```\n> ? … . ;\n\n", "\u200b?! 😀?")
	f.Add(strings.Repeat("вирішили що ", 4000), "I'll "+strings.Repeat("дуже ", 500))
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			return // the database has none
		}
		all := messages(a, b, a+" "+b)
		got := summarize(all, 2)
		for _, list := range [][]digest.Finding{got.WhatHappened, got.Decisions, got.Blockers, got.Promises, got.Questions} {
			for _, found := range list {
				quote := found.Quotes[0]
				if quote.Quote == "" || !strings.Contains(all[quote.MessageID-1].Text, quote.Quote) {
					t.Errorf("quotes %q of %q", quote.Quote, all[quote.MessageID-1].Text)
				}
				if utf8.RuneCountInString(found.Text) > 200 || utf8.RuneCountInString(quote.Quote) > 400 || found.Text == "" {
					t.Errorf("too long, or empty: %q %q", found.Text, quote.Quote)
				}
			}
		}
	})
}
