import { useCallback, useEffect, useRef, useState } from 'react';

import { get, type Message, type Task } from './api/client';
import { apply, messageKey, withMessage, withTask, type Feed } from './feed/feed';
import { MessageRow } from './feed/message-row';
import { TaskRow } from './feed/task-row';
import { initialLanguage, rememberLanguage, texts } from './i18n/texts';
import { useLive } from './live/use-live';
import type { Frame } from './live/frames';

const EMPTY: Feed = { messages: [], tasks: [] };

/** What is stored, merged under what has already arrived live. */
function useFeed() {
  const [feed, setFeed] = useState(EMPTY);
  const [problem, setProblem] = useState<string | null>(null);
  const [loaded, setLoaded] = useState(false);

  const load = useCallback(async () => {
    try {
      const [messages, tasks] = await Promise.all([
        get<Message[]>('/api/messages?limit=100'),
        get<Task[]>('/api/tasks?limit=100'),
      ]);
      setFeed((now) => tasks.reduce(withTask, messages.reduce(withMessage, now)));
      setProblem(null);
      setLoaded(true);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }, []);

  // Frames wait for the next paint, so that a burst costs one render.
  const waiting = useRef<Frame[]>([]);
  const onFrame = useCallback(
    (frame: Frame) => {
      // The first frame means: everything from here on arrives live. What came before is loaded now.
      if (frame.type === 'connection' || frame.type === 'resync') void load();
      if (waiting.current.push(frame) > 1) return;
      setTimeout(() => {
        const frames = waiting.current;
        waiting.current = [];
        setFeed((now) => frames.reduce(apply, now));
      }, 16);
    },
    [load],
  );
  return { feed, problem, loaded, load, live: useLive(onFrame) };
}

export function App() {
  const { feed, problem, loaded, load, live } = useFeed();
  const [language, setLanguage] = useState(initialLanguage);
  const t = texts[language];

  useEffect(() => {
    document.documentElement.lang = language;
    rememberLanguage(language);
  }, [language]);

  const empty = (text: string) => <p className="empty">{loaded ? text : t.loading}</p>;
  return (
    <>
      <header>
        <h1>{t.title}</h1>
        <p className={`badge ${live}`} role="status">
          {t[live]}
        </p>
        <button type="button" onClick={() => setLanguage(language === 'en' ? 'uk' : 'en')}>
          {t.language}
        </button>
      </header>
      {problem ? (
        <p className="problem" role="alert">
          {t.failed} {problem}{' '}
          <button type="button" onClick={() => void load()}>
            {t.retry}
          </button>
        </p>
      ) : null}
      <main>
        <section aria-labelledby="messages">
          <h2 id="messages">{t.messages}</h2>
          {feed.messages.length === 0 ? empty(t.noMessages) : null}
          <ul>
            {feed.messages.map((message) => (
              <MessageRow
                key={messageKey(message)}
                message={message}
                t={t}
                language={language}
              />
            ))}
          </ul>
        </section>
        <section aria-labelledby="tasks">
          <h2 id="tasks">{t.tasks}</h2>
          {feed.tasks.length === 0 ? empty(t.noTasks) : null}
          <ul>
            {feed.tasks.map((task) => (
              <TaskRow key={task.id} task={task} language={language} />
            ))}
          </ul>
        </section>
      </main>
    </>
  );
}
