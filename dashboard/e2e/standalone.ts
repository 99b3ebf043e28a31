import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface Standalone {
  url: string;
  /** Ends it at once, as a power cut does. */
  kill: () => Promise<void>;
  /** Starts it again, on the same port with the same data. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
}

/**
 * Starts the real binary on a free port with data of its own, and waits until it says that it runs. STANDALONE and
 * DASHBOARD_DIR name another binary and another build than ./just makes.
 */
export async function startStandalone(settings: Record<string, string> = {}): Promise<Standalone> {
  const data = mkdtempSync(join(tmpdir(), 'tasktracker-e2e-'));
  // As root PostgreSQL runs as another user, who has to reach its files.
  chmodSync(data, 0o755);
  let child: ChildProcess;
  const start = (port: string) => {
    child = spawn(process.env.STANDALONE ?? join(root, 'bin/standalone'), [], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        HOME: data,
        PORT: port,
        CLASSIFY_QUIET: '10m', // the tests make tasks of messages themselves
        DATA_DIR: join(data, 'data'),
        NATS_SYNC: 'interval',
        ...(process.env.DASHBOARD_DIR ? { DASHBOARD_DIR: process.env.DASHBOARD_DIR } : {}),
        ...settings,
      },
    });
    return addressOf(child);
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  };
  const url = await start('0');
  return {
    url,
    kill: () => end('SIGKILL'),
    restart: async () => void (await start(new URL(url).port)),
    stop: async () => {
      await end('SIGTERM');
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

let updates = 0;

/** A text message as Telegram sends it; ids grow. */
export function textUpdate(text: string, more: object = {}): { update_id: number; message: Record<string, unknown> & { message_id: number } } {
  const id = ++updates;
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

/** Sends an update as Telegram does; the answer has to be 200. */
export async function sendUpdate(url: string, update: object): Promise<void> {
  await post(`${url}/webhook/telegram`, update, 200);
}

async function post(url: string, body: object, status: number): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (response.status !== status) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

export async function createTask(url: string, title: string, more: object = {}): Promise<number> {
  const task = (await post(`${url}/api/tasks`, { title, description: '', category: 'bug', priority: 'high', source: 'api', ...more }, 201)) as { id: number };
  return task.id;
}
