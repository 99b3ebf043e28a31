package summary

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
