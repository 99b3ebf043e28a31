const en = {
  title: 'Task Tracker',
  live: 'live',
  connecting: 'connecting…',
  offline: 'offline, trying again…',
  messages: 'Messages',
  tasks: 'Tasks',
  noMessages: 'No messages yet. Run ./just demo, or send one to POST /webhook/telegram.',
  noTasks: 'No tasks yet. They appear here when POST /api/tasks or POST /api/analyze-day makes one.',
  loading: 'Loading…',
  failed: 'Could not load what is stored:',
  retry: 'Try again',
  saving: 'being stored',
  edited: 'edited',
  unknownAuthor: 'Unknown author',
  language: 'Українською',
};

export type Texts = typeof en;

const uk: Texts = {
  title: 'Task Tracker',
  live: 'наживо',
  connecting: 'з’єднання…',
  offline: 'немає зв’язку, пробуємо знову…',
  messages: 'Повідомлення',
  tasks: 'Задачі',
  noMessages: 'Повідомлень ще немає. Запустіть ./just demo або надішліть одне на POST /webhook/telegram.',
  noTasks: 'Задач ще немає. Вони з’являться тут, щойно їх створить POST /api/tasks або POST /api/analyze-day.',
  loading: 'Завантаження…',
  failed: 'Не вдалося завантажити збережене:',
  retry: 'Спробувати ще раз',
  saving: 'зберігається',
  edited: 'змінено',
  unknownAuthor: 'Невідомий автор',
  language: 'In English',
};

export type Language = 'en' | 'uk';

export const texts: Record<Language, Texts> = { en, uk };

const STORED = 'language';

/** The language chosen before, else the browser's. */
export function initialLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === 'en' || stored === 'uk') return stored;
  return navigator.language.startsWith('uk') ? 'uk' : 'en';
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(STORED, language);
}
