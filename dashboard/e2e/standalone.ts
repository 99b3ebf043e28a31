import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface Standalone {
  url: string;
  stop: () => Promise<void>;
}

/** Starts the real binary on a free port with data of its own, and waits until it says that it runs. */
export async function startStandalone(): Promise<Standalone> {
  const data = mkdtempSync(join(tmpdir(), 'tasktracker-e2e-'));
  // As root PostgreSQL runs as another user, who has to reach its files.
  chmodSync(data, 0o755);
  const child = spawn(join(root, 'bin/standalone'), [], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: data, PORT: '0', DATA_DIR: join(data, 'data'), NATS_SYNC: 'interval' },
  });
  const url = await addressOf(child);
  return {
    url,
    stop: async () => {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const match = /Dashboard +(http:\/\/localhost:\d+)/.exec(output);
      if (match?.[1]) found(match[1]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', () => failed(new Error(`standalone ended:\n${output}`)));
  });
}

/** Sends an update as Telegram does; the answer has to be 200. */
export async function sendUpdate(url: string, update: object): Promise<void> {
  const response = await fetch(`${url}/webhook/telegram`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(update),
  });
  if (response.status !== 200) throw new Error(`webhook answered ${response.status}: ${await response.text()}`);
}

export function textUpdate(id: number, text: string, more: object = {}): object {
  return {
    update_id: id,
    message: {
      message_id: id,
      date: Math.floor(Date.now() / 1000),
      from: { id: 7312004551, is_bot: false, first_name: 'Олена', last_name: 'Ковтун' },
      chat: { id: -1002988379206, title: 'Каса · розробка', type: 'supergroup' },
      text,
      ...more,
    },
  };
}
