import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export const TOKEN = '7204418893:AAe2e-token-of-a-stand-in_Bot-API_00';
const GROUP = { id: -1002988379206, type: 'supergroup', title: 'Каса · розробка', username: 'kasa_dev' };
const BOT = { id: 7204418893, is_bot: true, first_name: 'Kasa', username: 'kasa_bot', can_read_all_group_messages: true, can_join_groups: true };

/** As much of Telegram's Bot API as an operator's day needs: one bot, one group, deliveries to the webhook that was set. */
export async function startBotApi() {
  const webhook = { url: '', secret: '' };
  let ids = 0;
  const answers: Record<string, (fields: Map<string, string>) => unknown> = {
    getme: () => BOT,
    setwebhook: (fields) => {
      webhook.url = fields.get('url') ?? '';
      webhook.secret = fields.get('secret_token') ?? '';
      return true;
    },
    deletewebhook: () => {
      webhook.url = '';
      return true;
    },
    getwebhookinfo: () => ({ url: webhook.url, has_custom_certificate: false, pending_update_count: 0 }),
    getchat: () => GROUP,
    getchatmember: () => ({ status: 'administrator', user: BOT }),
    getuserprofilephotos: () => ({ total_count: 0, photos: [] }),
  };
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const [, token, method = ''] = /^\/bot([^/]+)\/(\w+)/.exec(request.url ?? '') ?? [];
      const answer = answers[method.toLowerCase()];
      const refused = token !== TOKEN ? [401, 'Unauthorized'] : answer ? null : [404, 'Not Found: method not found'];
      response.writeHead(refused ? Number(refused[0]) : 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(refused ? { ok: false, error_code: refused[0], description: refused[1] } : { ok: true, result: answer?.(fieldsOf(body, request.url ?? '')) }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    webhook,
    /** Somebody says something in the group. */
    say: async (text: string) => {
      const id = ++ids;
      const message = { message_id: id, date: Math.floor(Date.now() / 1000), from: { id: 7312004551, is_bot: false, first_name: 'Олена', last_name: 'Ковтун' }, chat: GROUP, text };
      const response = await fetch(webhook.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Telegram-Bot-Api-Secret-Token': webhook.secret },
        body: JSON.stringify({ update_id: 500_000 + id, message }),
      });
      if (response.status !== 200) throw new Error(`the webhook answered ${response.status}: ${await response.text()}`);
    },
    stop: () => server.close(),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

/** Fields of a form, a multipart body or JSON, and of the query. */
function fieldsOf(body: string, url: string): Map<string, string> {
  const fields = new Map(new URL(url, 'http://localhost').searchParams);
  for (const [, name = '', value = ''] of body.matchAll(/name="(\w+)"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r]*)\r\n/g)) fields.set(name, value);
  if (body.startsWith('{')) for (const [name, value] of Object.entries(JSON.parse(body) as object)) fields.set(name, String(value));
  if (fields.size === 0) for (const [name, value] of new URLSearchParams(body)) fields.set(name, value);
  return fields;
}
