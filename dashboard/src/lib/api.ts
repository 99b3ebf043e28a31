import createClient from 'openapi-fetch';

import type { components, paths } from '@/api/schema';

type Schemas = components['schemas'];

/** Shorthands for the schemas of proto/openapi.yaml that more than one place names. */
export type Message = Schemas['MessageResponse'];
export type MessageDetail = Schemas['MessageDetail'];
export type Task = Schemas['TaskResponse'];
export type ConfirmableField = Schemas['ConfirmableField'];
export type TaskUpdate = Schemas['TaskUpdate'];
export type TaskCreate = Schemas['TaskCreate'];
export type TaskStatus = Schemas['TaskStatus'];
export type TaskPriority = Schemas['TaskPriority'];
export type TaskCategory = Schemas['TaskCategory'];
export type TaskHistoryEntry = Schemas['TaskHistoryEntry'];
export type Proposal = Schemas['ProposalResponse'];
export type ProposalAcceptance = Schemas['ProposalAcceptance'];
export type ProposalDecision = Schemas['ProposalDecision'];
export type TaskLink = Schemas['TaskLink'];
export type LinkDecision = Schemas['LinkDecision'];
export type RejectReason = Schemas['ProposalRejection']['reason'];
export type Clause = Schemas['Clause'];
export type Stats = Schemas['Stats'];
export type ValidationFault = Schemas['ValidationFault'];

/** The typed client. `fetch` is looked up at each call, so that tests can put their own server behind it. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: (request) => fetch(request),
});

/** `status` of an answer that was none of the API's, such as the sign-in page of a proxy. */
export const UNREADABLE = -1;

/** A request that was refused (`status` as HTTP has it; no `message` where a proxy did so) or got no answer (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  /** One entry per field that does not validate (422). */
  readonly faults: readonly ValidationFault[];
  /** The sentence taken apart, for readers of another language. */
  readonly clauses: readonly Clause[];
  /** Seconds after which to try again, where the server says so. */
  readonly retryAfter: number | null;

  constructor(status: number, message: string, faults: readonly ValidationFault[] = [], retryAfter: number | null = null, clauses: readonly Clause[] = []) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.faults = faults;
    this.retryAfter = retryAfter;
    this.clauses = clauses;
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Which field, and what is wrong with it. */
export const faultText = ({ loc }: ValidationFault, said: string) => `${loc.slice(1).join('.')}: ${said}`;

/** The answer's data, or an ApiError with the server's own sentence. */
export async function unwrap<T>(request: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await settle(request);
  if (!response.ok) throw refusal(response, error);
  return data as T;
}

/** One page of a list and the cursor of the next; null on the last. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

export async function unwrapPage<T>(request: Promise<Answer<T[]>>): Promise<Page<T>> {
  const { data, error, response } = await settle(request);
  if (!response.ok) throw refusal(response, error);
  return { items: data ?? [], next: response.headers.get('X-Next-Cursor') };
}

async function settle<T>(request: Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    if (error instanceof SyntaxError) throw new ApiError(UNREADABLE, '');
    throw new ApiError(0, error instanceof Error ? error.message : String(error));
  }
}

function refusal(response: Response, body: unknown): ApiError {
  const detail = body && typeof body === 'object' && 'detail' in body ? body.detail : null;
  const after = Number(response.headers.get('Retry-After'));
  const retryAfter = after > 0 ? after : null;
  if (Array.isArray(detail)) {
    const faults = detail as ValidationFault[];
    return new ApiError(response.status, faults.map((fault) => faultText(fault, fault.msg)).join('; '), faults, retryAfter);
  }
  const clauses = body && typeof body === 'object' && 'clauses' in body ? (body.clauses as Clause[]) : [];
  return new ApiError(response.status, typeof detail === 'string' ? detail : '', [], retryAfter, clauses);
}
