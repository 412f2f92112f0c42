package redisstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"parley/pkg/session"
)

// A shelf is a sorted set of ids. The cards of all sessions are in 16 hashes. Both are hints, as
// the other indexes over sessions are. A session is put on a shelf before its record says so, and
// is taken from the shelf after that. A card is written after its record, with the revision. What
// a search finds is compared with the records: a stale card is written anew, and an id that leads
// nowhere is dropped. So a node that dies between two writes leaves at most one old card, which
// the next change of the session replaces. A session of an older node has no card; a search reads
// its record and makes the card.

var cardScript = mustScript("card_put")

// browseBatch bounds the cards and records of one round trip.
const browseBatch = 2000

func (s *Store) cardsKey(id session.ID) string { return s.shard("cards", id) }

func (s *Store) shelfKey(shelf session.Shelf) string {
	return s.keys.global("shelf") + ":{" + string(shelf) + "}"
}

// putOnShelves puts a session on the shelves that it was not on before.
func (s *Store) putOnShelves(ctx context.Context, was, is session.Session) error {
	had, last := was.Shelves(), is.ExpiresAt.Add(recordLinger+hintLinger).UnixMilli()
	fresh := slices.DeleteFunc(is.Shelves(), func(shelf session.Shelf) bool { return slices.Contains(had, shelf) })
	if len(fresh) == 0 {
		return nil
	}
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, shelf := range fresh {
			key := s.shelfKey(shelf)
			p.ZAdd(ctx, key, redis.Z{Member: string(is.ID)})
			p.Do(ctx, "PEXPIREAT", key, last, "NX")
			p.Do(ctx, "PEXPIREAT", key, last, "GT")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("put session %s on shelves: %w", is.ID, err)
	}
	return nil
}

// noteShelves brings the card and the shelves of a session to its record. The session is put on its
// new shelves once more, because a search may have taken it off before the record was written. When
// Redis does not answer, a later search or change mends what is left.
func (s *Store) noteShelves(ctx context.Context, was, is session.Session) {
	err := errors.Join(s.putCard(ctx, was, is), s.putOnShelves(ctx, was, is))
	has := is.Shelves()
	gone := slices.DeleteFunc(was.Shelves(), func(shelf session.Shelf) bool { return slices.Contains(has, shelf) })
	if err = errors.Join(err, s.dropFromShelves(ctx, gone, is.ID)); err != nil {
		s.opts.Logger.Debug("the card of a session is old", "session", is.ID, "err", err)
	}
}

// putCard writes the card of a session when it differs from the card of was.
func (s *Store) putCard(ctx context.Context, was, is session.Session) error {
	card := session.CardOf(is)
	if was.ID != "" && session.CardOf(was) == card {
		return nil
	}
	last := is.ExpiresAt.Add(recordLinger + hintLinger).UnixMilli()
	_, err := s.run(ctx, cardScript, []string{s.cardsKey(is.ID)}, string(is.ID), is.Revision, card.Encode(), last)
	return err
}

func (s *Store) dropFromShelves(ctx context.Context, shelves []session.Shelf, ids ...session.ID) error {
	if len(shelves) == 0 || len(ids) == 0 {
		return nil
	}
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, shelf := range shelves {
			for _, id := range ids {
				p.ZRem(ctx, s.shelfKey(shelf), string(id))
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take from shelves: %w", err)
	}
	return nil
}

// Browse implements session.Browser.
func (s *Store) Browse(ctx context.Context, shelf session.Shelf, q session.Query) ([]session.Session, error) {
	ids, err := s.idsOn(ctx, shelf)
	if err != nil {
		return nil, fmt.Errorf("search sessions: %w", err)
	}
	cards, err := s.cards(ctx, shelf, ids)
	if err != nil {
		return nil, fmt.Errorf("search sessions: %w", err)
	}
	cards = slices.DeleteFunc(cards, func(c session.Card) bool { return !q.Wants(c) })
	session.SortCards(cards)
	var out []session.Session
	for len(cards) > 0 && len(out) < q.Limit {
		n := min(len(cards), q.Limit-len(out))
		found, err := s.checked(ctx, shelf, cards[:n])
		if err != nil {
			return nil, fmt.Errorf("search sessions: %w", err)
		}
		for _, sess := range found {
			if q.Wants(session.CardOf(sess)) {
				out = append(out, sess)
			}
		}
		cards = cards[n:]
	}
	return out, nil
}

// idsOn returns the ids of a shelf. Some may lead nowhere.
func (s *Store) idsOn(ctx context.Context, shelf session.Shelf) ([]session.ID, error) {
	keys := []string{s.shelfKey(shelf)}
	if shelf == session.AllShelf {
		keys = keys[:0]
		for n := range shards {
			keys = append(keys, s.shardKey("ids", n))
		}
	}
	parts := make([]*redis.StringSliceCmd, len(keys))
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, key := range keys {
			parts[i] = p.ZRange(ctx, key, 0, -1)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var ids []session.ID
	for _, part := range parts {
		for _, id := range part.Val() {
			ids = append(ids, session.ID(id))
		}
	}
	return ids, nil
}

// cards returns the cards of the sessions on a shelf. The cards that are missing are made from the
// records.
func (s *Store) cards(ctx context.Context, shelf session.Shelf, ids []session.ID) ([]session.Card, error) {
	byShard := map[string][]string{}
	for _, id := range ids {
		key := s.cardsKey(id)
		byShard[key] = append(byShard[key], string(id))
	}
	answers := map[string]*redis.SliceCmd{}
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for key, fields := range byShard {
			answers[key] = p.HMGet(ctx, key, fields...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found, missing := make([]session.Card, 0, len(ids)), []session.Card(nil)
	for key, fields := range byShard {
		for i, value := range answers[key].Val() {
			text, _ := value.(string)
			_, text, _ = strings.Cut(text, " ") // the revision
			card, ok := session.ParseCard(session.ID(fields[i]), text)
			if ok {
				found = append(found, card)
			} else {
				missing = append(missing, card)
			}
		}
	}
	for batch := range slices.Chunk(missing, browseBatch) {
		sessions, err := s.checked(ctx, shelf, batch)
		if err != nil {
			return nil, err
		}
		for _, sess := range sessions {
			found = append(found, session.CardOf(sess))
		}
	}
	return found, nil
}

// checked returns the sessions of the cards, in their order, as far as their records say that they
// are on the shelf. It mends cards that differ from the records.
func (s *Store) checked(ctx context.Context, shelf session.Shelf, cards []session.Card) ([]session.Session, error) {
	ids := make([]session.ID, len(cards))
	for i, card := range cards {
		ids[i] = card.ID
	}
	records, err := s.readMany(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := map[session.ID]session.Session{}
	for _, sess := range records {
		byID[sess.ID] = sess
	}
	found, stale := make([]session.Session, 0, len(cards)), []session.ID(nil)
	for _, card := range cards {
		sess, ok := byID[card.ID]
		if !ok {
			s.dropCard(ctx, card.ID)
		}
		if !ok || !sess.On(shelf) {
			stale = append(stale, card.ID)
			continue
		}
		if session.CardOf(sess) != card {
			if err := s.putCard(ctx, session.Session{}, sess); err != nil {
				return nil, err
			}
		}
		found = append(found, sess)
	}
	if shelf == session.AllShelf {
		return found, nil // readMany has dropped what leads nowhere
	}
	return found, s.dropStale(ctx, shelf, stale)
}

// dropStale takes sessions from a shelf that they were not on a moment ago. A session is put on a
// shelf before its record says so. So dropStale looks again and puts such a session back.
func (s *Store) dropStale(ctx context.Context, shelf session.Shelf, ids []session.ID) error {
	if len(ids) == 0 {
		return nil
	}
	if err := s.dropFromShelves(ctx, []session.Shelf{shelf}, ids...); err != nil {
		return err
	}
	again, err := s.readMany(ctx, ids)
	if err != nil {
		return err
	}
	for _, sess := range again {
		if sess.On(shelf) {
			if err := s.putOnShelves(ctx, session.Session{}, sess); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropCard removes the card of a session that is gone. When Redis does not answer, a search drops
// the card.
func (s *Store) dropCard(ctx context.Context, id session.ID) {
	if err := s.client.HDel(ctx, s.cardsKey(id), string(id)).Err(); err != nil {
		s.opts.Logger.Debug("cannot drop the card of a session that is gone", "session", id, "err", err)
	}
}
