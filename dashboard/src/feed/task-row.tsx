import type { Task } from '../api/client';
import type { Language } from '../i18n/texts';
import { Time } from './time';

export function TaskRow({ task, language }: { task: Task; language: Language }) {
  return (
    <li className="row">
      <div className="body">
        <p className="meta">
          <span className="chip">#{task.id}</span>
          <span className="chip">{task.category}</span>
          <span className={`chip priority-${task.priority}`}>{task.priority}</span>
          <span className="chip">{task.status}</span>
          <bdi>{task.source}</bdi>
          <Time at={task.created_at} language={language} />
        </p>
        <p className="content">
          <bdi>{task.title}</bdi>
        </p>
      </div>
    </li>
  );
}
