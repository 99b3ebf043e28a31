-- Why: messages are judged together with what they belong to; tasks are made of what is
-- surely an issue, proposals of what may be one; and what people correct is kept.
-- Locks: none that anyone could wait for (new tables); milliseconds.

-- A chat and topic: the unit within which messages are grouped. Who groups in one locks
-- its row.
CREATE TABLE chat_threads (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id bigint NOT NULL REFERENCES sources (id),
    chat_id   text   NOT NULL,
    thread_id text   NOT NULL,
    CONSTRAINT chat_threads_unique UNIQUE (source_id, chat_id, thread_id)
);

-- Messages that belong together (pkg/conversation), and what was decided about them.
CREATE TABLE conversations (
    -- The id of its first message.
    id             bigint PRIMARY KEY,
    chat_thread_id bigint      NOT NULL REFERENCES chat_threads (id),
    first_at       timestamptz NOT NULL,
    last_at        timestamptz NOT NULL,
    messages       int         NOT NULL,
    -- Grows with every change of its messages; judged_version is the one last judged.
    version        bigint      NOT NULL DEFAULT 1,
    judged_version bigint      NOT NULL DEFAULT 0,
    -- When it is to be judged; NULL where nothing has changed since it was. Whoever takes
    -- it moves this on, so that it comes back if he dies.
    judge_at       timestamptz,
    -- The first change since it was judged; NULL where there was none.
    changed_at     timestamptz,
    -- Since when no classifier could judge it; NULL where one could.
    held_since     timestamptz,
    attempts       int         NOT NULL DEFAULT 0,
    -- The verdict: of the turn that decided. NULL while nobody gave one.
    is_issue       boolean,
    -- '' where the verdict names none, as for noise.
    category       text,
    priority       text,
    -- The probability of an issue, 0 to 1.
    confidence     double precision,
    provider       text,
    model          text,
    prompt_version text,
    quote          text,
    reason         text,
    signals        text[],
    -- What followed: task, proposal, noise, or nothing where it holds no words; and why,
    -- in a sentence.
    decision       text,
    explanation    text,
    judged_at      timestamptz,
    CONSTRAINT conversations_messages_positive CHECK (messages > 0),
    CONSTRAINT conversations_confidence_in_range CHECK (confidence BETWEEN 0 AND 1),
    CONSTRAINT conversations_decision_known CHECK (decision IN ('task', 'proposal', 'noise', 'nothing'))
) WITH (fillfactor = 70);
CREATE INDEX conversations_judge_idx ON conversations (judge_at) WHERE judge_at IS NOT NULL;
CREATE INDEX conversations_held_idx ON conversations (held_since) WHERE held_since IS NOT NULL;

-- What grouping needs to know of a message, apart from messages: those rows are wide and
-- stand in many indexes.
CREATE TABLE conversation_messages (
    message_id      bigint PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    chat_thread_id  bigint      NOT NULL,
    sent_at         timestamptz NOT NULL,
    position        bigint      NOT NULL,
    author_id       text        NOT NULL,
    -- The id of the message of the same chat and topic that it answers; 0 for none, or for
    -- one that is not stored.
    reply_to        bigint      NOT NULL DEFAULT 0,
    media_group_id  text        NOT NULL DEFAULT '',
    burst_id        bigint      NOT NULL,
    conversation_id bigint      NOT NULL REFERENCES conversations (id),
    -- Which content was grouped: that of an edit is judged anew.
    content_at      timestamptz NOT NULL,
    content_version bigint      NOT NULL,
    judged          boolean     NOT NULL DEFAULT false,
    -- Of the first message of a turn: what was said about the turn.
    verdict         jsonb
) WITH (fillfactor = 70);
CREATE INDEX conversation_messages_order_idx ON conversation_messages (chat_thread_id, sent_at, position, message_id);
CREATE INDEX conversation_messages_conversation_idx ON conversation_messages (conversation_id);
CREATE INDEX conversation_messages_burst_idx ON conversation_messages (burst_id);
CREATE INDEX conversation_messages_reply_idx ON conversation_messages (reply_to) WHERE reply_to <> 0;

-- A conversation leads to one task at most: this key makes a second one impossible.
-- Several may lead to one task.
CREATE TABLE conversation_tasks (
    conversation_id bigint PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    task_id         bigint      NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    -- Whether the task was made of it, and says what it says; else it was only attached.
    made            boolean     NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX conversation_tasks_task_idx ON conversation_tasks (task_id);

-- Every judgement of a conversation, the newest twenty of each.
CREATE TABLE classification_attempts (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id bigint      NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    version         bigint      NOT NULL,
    attempted_at    timestamptz NOT NULL DEFAULT now(),
    -- '' where no classifier answered.
    provider        text        NOT NULL DEFAULT '',
    model           text        NOT NULL DEFAULT '',
    prompt_version  text        NOT NULL DEFAULT '',
    milliseconds    double precision NOT NULL DEFAULT 0,
    turns           int         NOT NULL DEFAULT 0,
    is_issue        boolean,
    category        text,
    priority        text,
    confidence      double precision,
    quote           text,
    reason          text,
    signals         text[],
    decision        text        NOT NULL DEFAULT '',
    explanation     text        NOT NULL DEFAULT '',
    -- Why nobody, or only the next in line, could judge; '' where all went well.
    error           text        NOT NULL DEFAULT ''
);
CREATE INDEX classification_attempts_conversation_idx ON classification_attempts (conversation_id, id);

-- What may be an issue, and waits for a person's word.
CREATE TABLE proposals (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- NULL where the conversation has become part of another that has a proposal.
    conversation_id bigint      REFERENCES conversations (id) ON DELETE SET NULL,
    -- withdrawn: by the machine, as what it was made of is no issue any more.
    status          text        NOT NULL DEFAULT 'pending',
    title           text        NOT NULL,
    description     text        NOT NULL DEFAULT '',
    category        text        NOT NULL,
    priority        text        NOT NULL,
    confidence      double precision NOT NULL,
    reason          text        NOT NULL DEFAULT '',
    quote           text        NOT NULL DEFAULT '',
    provider        text        NOT NULL DEFAULT '',
    model           text        NOT NULL DEFAULT '',
    source          text        NOT NULL,
    assignee        text,
    due_at          timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    decided_at      timestamptz,
    decided_by      text        NOT NULL DEFAULT '',
    reject_reason   text        NOT NULL DEFAULT '',
    comment         text        NOT NULL DEFAULT '',
    snoozed_until   timestamptz,
    task_id         bigint      REFERENCES tasks (id) ON DELETE SET NULL,
    -- What undoing the last decision brings back; NULL where there is nothing to undo.
    previous        jsonb,
    CONSTRAINT proposals_conversation_unique UNIQUE (conversation_id),
    CONSTRAINT proposals_title_length CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT proposals_status_known CHECK (status IN ('pending', 'accepted', 'rejected', 'merged', 'snoozed', 'withdrawn')),
    CONSTRAINT proposals_category_known CHECK (category IN ('bug', 'feature', 'improvement', 'question', 'chore')),
    CONSTRAINT proposals_priority_known CHECK (priority IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT proposals_confidence_in_range CHECK (confidence BETWEEN 0 AND 1),
    CONSTRAINT proposals_reject_reason_known CHECK (reject_reason IN ('', 'noise', 'duplicate', 'not_actionable', 'already_done', 'other')),
    CONSTRAINT proposals_snoozed_has_an_end CHECK ((status = 'snoozed') = (snoozed_until IS NOT NULL)),
    CONSTRAINT proposals_times_in_range CHECK (
        (due_at IS NULL OR (due_at >= '0001-01-01Z' AND due_at < '10000-01-01Z'))
        AND (snoozed_until IS NULL OR snoozed_until < '10000-01-01Z'))
);
CREATE INDEX proposals_created_idx ON proposals (created_at, id);
CREATE INDEX proposals_status_idx ON proposals (status, created_at, id);
CREATE INDEX proposals_snoozed_idx ON proposals (snoozed_until) WHERE status = 'snoozed';
CREATE INDEX proposals_task_idx ON proposals (task_id) WHERE task_id IS NOT NULL;

-- What a person said, beside what the machine had said: what the classifier is scored on
-- and learns from.
CREATE TABLE feedback (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text        NOT NULL,
    -- What it is about; NULL where it is about no such thing.
    message_id      bigint      REFERENCES messages (id) ON DELETE CASCADE,
    conversation_id bigint      REFERENCES conversations (id) ON DELETE SET NULL,
    task_id         bigint      REFERENCES tasks (id) ON DELETE SET NULL,
    proposal_id     bigint      REFERENCES proposals (id) ON DELETE SET NULL,
    -- What the machine had said; NULL where it had said nothing.
    machine_is_issue   boolean,
    machine_category   text,
    machine_priority   text,
    machine_confidence double precision,
    machine_provider   text,
    machine_model      text,
    -- What the person said; NULL where he did not say.
    is_issue        boolean,
    category        text,
    priority        text,
    reason          text        NOT NULL DEFAULT '',
    comment         text        NOT NULL DEFAULT '',
    actor           text        NOT NULL DEFAULT '',
    -- The person took it back.
    undone_at       timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT feedback_kind_known CHECK (kind IN ('accept', 'reject', 'category', 'priority', 'merge', 'noise', 'task'))
);
CREATE INDEX feedback_created_idx ON feedback (created_at, id);
CREATE INDEX feedback_message_idx ON feedback (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX feedback_conversation_idx ON feedback (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX feedback_task_idx ON feedback (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX feedback_proposal_idx ON feedback (proposal_id) WHERE proposal_id IS NOT NULL;
