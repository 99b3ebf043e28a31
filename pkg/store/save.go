package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// identity is what a message is known by.
type identity struct {
	source       int64
	chat, extern string
}

func (a identity) compare(b identity) int {
	return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.chat, b.chat), cmp.Compare(a.extern, b.extern))
}

// version is one Incoming, made ready to be stored.
type version struct {
	Incoming
	id     identity
	nameID int64
	// at orders versions, before Incoming.Version does. In microseconds, as the database.
	at   time.Time
	sent time.Time
	// edited is zero for none.
	edited time.Time
}

func (v *version) compare(o *version) int {
	return cmp.Or(v.at.Compare(o.at), cmp.Compare(v.Version, o.Version))
}

// SaveMessages stores a batch in one statement, and returns a result for each in the
// order of the batch. A batch may hold the same message several times, in any order;
// each further version of one message costs one more statement. All is stored or,
// with an error, nothing; ErrInvalid means that some value can never be stored.
//
// A version wins if (edited_at or sent_at, Version) is greater than what is stored.
// The content that it replaces is kept in message_edits; the classification, the
// analysis mark and the task stay.
//
// Two processes that store two versions of one message at once announce both, each
// what it stored; clients that hold on to the greater edited_at end up right.
func (s *Store) SaveMessages(ctx context.Context, batch []Incoming) ([]Saved, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	saved, err := s.saveMessages(ctx, batch)
	if isForeignKey(err) {
		// The database is not the one that the caches know, restored from a backup
		// perhaps: forget and look again.
		s.forget()
		saved, err = s.saveMessages(ctx, batch)
	}
	if err != nil {
		return nil, fmt.Errorf("store batch of %d: %w", len(batch), asInvalid(err))
	}
	return saved, nil
}

func (s *Store) forget() {
	s.sources.clear()
	s.names.clear()
	s.authors.clear()
	s.chats.clear()
}

func (s *Store) saveMessages(ctx context.Context, batch []Incoming) ([]Saved, error) {
	now := time.Now()
	versions, err := s.prepare(ctx, batch)
	if err != nil {
		return nil, err
	}
	authors, err := s.saveAuthorsAndChats(ctx, versions, now)
	if err != nil {
		return nil, err
	}
	rounds := inRounds(versions)
	inserted, err := s.upsert(ctx, rounds)
	if err != nil {
		return nil, err
	}
	rows, err := s.readBack(ctx, versions, inserted)
	if err != nil {
		return nil, err
	}
	return results(versions, inserted, rows, authors, now), nil
}

// prepare checks the batch and finds the ids of sources and names.
func (s *Store) prepare(ctx context.Context, batch []Incoming) ([]version, error) {
	versions := make([]version, len(batch))
	names := make(map[nameKey]int64)
	for i, in := range batch {
		m := in.Message
		if m.GetSentAt() == nil || m.GetExternalMessageId() == "" {
			return nil, fmt.Errorf("%w: message %d of the batch has no id or no time", ErrInvalid, i)
		}
		source, err := s.sourceID(ctx, m.GetSourceName())
		if err != nil {
			return nil, err
		}
		v := version{Incoming: in, id: identity{source, m.GetChatId(), m.GetExternalMessageId()}}
		v.sent = m.GetSentAt().AsTime().Truncate(time.Microsecond)
		v.at = v.sent
		if m.GetEditedAt() != nil {
			v.edited = m.GetEditedAt().AsTime().Truncate(time.Microsecond)
			v.at = v.edited
		}
		names[nameKey{source, m.GetAuthor()}] = 0
		versions[i] = v
	}
	if err := s.nameIDs(ctx, names); err != nil {
		return nil, err
	}
	for i := range versions {
		v := &versions[i]
		v.nameID = names[nameKey{v.id.source, v.Message.GetAuthor()}]
	}
	return versions, nil
}

func (s *Store) saveAuthorsAndChats(ctx context.Context, versions []version, now time.Time) (map[authorKey]authorFacts, error) {
	authors := make(map[authorKey]authorFacts)
	chats := make(map[chatKey]chatNews)
	for i := range versions {
		v := &versions[i]
		if id := v.Message.GetAuthorId(); id != "" {
			key := authorKey{v.id.source, id}
			if known, ok := authors[key]; !ok || v.at.After(known.namedAt) {
				authors[key] = authorFacts{name: v.Message.GetAuthor(), namedAt: v.at}
			}
		}
		if v.Chat != nil && v.id.chat != "" {
			key := chatKey{v.id.source, v.id.chat}
			if known, ok := chats[key]; !ok || !v.at.Before(known.at) {
				chats[key] = chatNews{factsOf(v.Chat), v.at}
			}
		}
	}
	if err := s.saveChats(ctx, chats); err != nil {
		return nil, err
	}
	return s.authorFacts(ctx, authors, now)
}

// inRounds sorts versions by identity, and puts the first version of each message
// into the first round, the second into the second, and so on: one statement cannot
// store two versions of one row. Repeats of a version are left out.
func inRounds(versions []version) [][]*version {
	sorted := make([]*version, len(versions))
	for i := range versions {
		sorted[i] = &versions[i]
	}
	slices.SortStableFunc(sorted, func(a, b *version) int { return cmp.Or(a.id.compare(b.id), a.compare(b)) })
	var rounds [][]*version
	for i, round := 0, 0; i < len(sorted); i++ {
		switch {
		case i == 0 || sorted[i].id != sorted[i-1].id:
			round = 0
		case sorted[i].compare(sorted[i-1]) == 0:
			continue
		default:
			round++
		}
		if round == len(rounds) {
			rounds = append(rounds, nil)
		}
		rounds[round] = append(rounds[round], sorted[i])
	}
	return rounds
}

// upsert stores the rounds and returns the ids of the messages that are new and have
// one version only, so that what is stored is what was given.
//
// The first round locks every row in the order of identities, and later ones touch
// no others, so that concurrent batches cannot wait for each other in a circle.
func (s *Store) upsert(ctx context.Context, rounds [][]*version) (map[identity]int64, error) {
	inserted := make(map[identity]int64, len(rounds[0]))
	if len(rounds) == 1 {
		return inserted, s.upsertRound(ctx, s.q, rounds[0], inserted)
	}
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		for _, round := range rounds {
			if err := s.upsertRound(ctx, q, round, inserted); err != nil {
				return err
			}
		}
		return nil
	})
	return inserted, err
}

func (s *Store) upsertRound(ctx context.Context, q *db.Queries, round []*version, inserted map[identity]int64) error {
	rows, err := q.UpsertMessages(ctx, s.upsertParams(round))
	if err != nil {
		return err
	}
	for _, v := range round {
		delete(inserted, v.id)
	}
	for _, r := range rows {
		if r.Inserted {
			inserted[identity{r.SourceID, r.ChatID, r.ExternalMessageID}] = r.ID
		}
	}
	return nil
}

func (s *Store) upsertParams(round []*version) db.UpsertMessagesParams {
	n := len(round)
	p := db.UpsertMessagesParams{
		SourceIds: make([]int64, n), ChatIds: make([]string, n), ExternalIds: make([]string, n),
		AuthorNameIds: make([]int64, n), AuthorIds: make([]string, n), Contents: make([]string, n),
		HasWords: make([]bool, n), SentAt: make([]time.Time, n), EditedAt: make([]time.Time, n),
		ThreadIds: make([]string, n), ReplyToExternalIds: make([]string, n), MediaGroupIds: make([]string, n),
		AvatarUrls: make([]string, n), Raws: make([]string, n), Searches: make([]string, n),
		VersionAt: make([]time.Time, n), Versions: make([]int64, n),
	}
	for i, v := range round {
		m := v.Message
		p.SourceIds[i], p.ChatIds[i], p.ExternalIds[i] = v.id.source, v.id.chat, v.id.extern
		p.AuthorNameIds[i], p.AuthorIds[i] = v.nameID, m.GetAuthorId()
		p.Contents[i], p.HasWords[i] = m.GetContent(), m.GetHasWords()
		p.SentAt[i], p.EditedAt[i] = v.sent, v.edited
		p.ThreadIds[i], p.ReplyToExternalIds[i] = m.GetThreadId(), m.GetReplyToExternalId()
		p.MediaGroupIds[i], p.AvatarUrls[i] = m.GetMediaGroupId(), ownAvatar(m)
		p.Raws[i] = string(v.Raw)
		p.Searches[i] = s.vector(m.GetContent(), m.GetAuthor())
		p.VersionAt[i], p.Versions[i] = v.at, v.Version
	}
	return p
}

// readBack reads the rows that are not simply what was given.
func (s *Store) readBack(ctx context.Context, versions []version, inserted map[identity]int64) (map[identity]db.MessageDetail, error) {
	arg := db.MessagesByIdentityParams{}
	asked := make(map[identity]bool)
	for i := range versions {
		id := versions[i].id
		if _, ok := inserted[id]; ok || asked[id] {
			continue
		}
		asked[id] = true
		arg.SourceIds = append(arg.SourceIds, id.source)
		arg.ChatIds = append(arg.ChatIds, id.chat)
		arg.ExternalIds = append(arg.ExternalIds, id.extern)
	}
	if len(asked) == 0 {
		return nil, nil
	}
	rows, err := s.q.MessagesByIdentity(ctx, arg)
	if err != nil {
		return nil, fmt.Errorf("read back %d: %w", len(asked), err)
	}
	found := make(map[identity]db.MessageDetail, len(rows))
	for _, r := range rows {
		found[identity{r.SourceID, r.ChatID, r.ExternalMessageID}] = r
	}
	return found, nil
}

// results tells of each version what became of it.
func results(versions []version, inserted map[identity]int64, rows map[identity]db.MessageDetail,
	authors map[authorKey]authorFacts, now time.Time) []Saved {
	saved := make([]Saved, len(versions))
	asked := make(map[authorKey]bool)
	for i := range versions {
		v := &versions[i]
		key := authorKey{v.id.source, v.Message.GetAuthorId()}
		if id, ok := inserted[v.id]; ok {
			saved[i] = Saved{Message: v.stored(id, authors[key].version), Emit: true}
		} else if r, ok := rows[v.id]; ok {
			saved[i] = Saved{Message: message(r), Emit: v.isStored(r)}
		}
		if key.id != "" && ownAvatar(v.Message) == "" && !asked[key] && authors[key].wanted(now) {
			asked[key] = true
			saved[i].AvatarWanted = true
		}
	}
	return saved
}

// isStored says whether it is this version whose content the row holds.
func (v *version) isStored(r db.MessageDetail) bool {
	changedAt := r.SentAt
	if r.EditedAt != nil {
		changedAt = *r.EditedAt
	}
	return v.Version == r.ChangedByVersion && v.at.Equal(changedAt)
}

// stored is the row of a message that was inserted just now, as reading it would give it.
func (v *version) stored(id, avatarVersion int64) *eventsv1.Message {
	m := proto.CloneOf(v.Message)
	m.Id, m.Persisted = id, true
	m.Analyzed, m.Classification, m.TaskId = false, nil, 0
	m.AvatarUrl = avatarURL(ownAvatar(m), m.GetSourceName(), m.GetAuthorId(), avatarVersion, m.GetAuthor())
	if name := v.Chat.GetName(); name != "" {
		m.ChatName = name
	}
	return m
}
