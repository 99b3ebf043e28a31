package summary

import "strings"

// words are the headings of a summary in one language.
type words struct {
	total, busiest, chat, topic, quotes, questions, links, moreChats, moreTopics, bound string
}

func wordsOf(language string) words {
	switch language {
	case "uk":
		return words{
			total: "Повідомлень: %d, чатів: %d, учасників: %d.", busiest: "Найактивніша година: %s.",
			chat: "Повідомлень: %d. Писали: %s.", topic: "Тема", quotes: "Головне:", questions: "Запитання без відповіді:",
			links: "## Посилання", moreChats: "Ще чатів: %d.", moreTopics: "Ще тем: %d.",
			bound: "Полічено всі; цитати обрано з останніх %d повідомлень.",
		}
	case "ru":
		return words{
			total: "Сообщений: %d, чатов: %d, участников: %d.", busiest: "Самый активный час: %s.",
			chat: "Сообщений: %d. Писали: %s.", topic: "Тема", quotes: "Главное:", questions: "Вопросы без ответа:",
			links: "## Ссылки", moreChats: "Ещё чатов: %d.", moreTopics: "Ещё тем: %d.",
			bound: "Посчитаны все; цитаты выбраны из последних %d сообщений.",
		}
	default:
		return words{
			total: "Messages: %d, chats: %d, people: %d.", busiest: "Busiest hour: %s.",
			chat: "Messages: %d. Who wrote: %s.", topic: "Topic", quotes: "Key messages:", questions: "Open questions:",
			links: "## Links", moreChats: "More chats: %d.", moreTopics: "More topics: %d.",
			bound: "All are counted; quotes are chosen from the last %d messages.",
		}
	}
}

// language is that of most messages: "uk", "ru" or "en". Letters tell: each of the
// two Cyrillic alphabets has some that the other lacks; a message without any of
// them counts as the commoner of the two.
func language(messages []Message) string {
	var latin, cyrillic, ukrainian, russian int
	for _, m := range messages {
		text := strings.ToLower(m.Text)
		switch {
		case strings.ContainsAny(text, "іїєґ"):
			ukrainian++
		case strings.ContainsAny(text, "ыэъё"):
			russian++
		case strings.ContainsAny(text, "абвгдежзийклмнопрстуфхцчшщьюя"):
			cyrillic++
		case strings.ContainsAny(text, "abcdefghijklmnopqrstuvwxyz"):
			latin++
		}
	}
	switch {
	case latin > ukrainian+russian+cyrillic:
		return "en"
	case russian > ukrainian:
		return "ru"
	case ukrainian+cyrillic > 0:
		return "uk"
	default:
		return "en"
	}
}
