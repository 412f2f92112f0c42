package localstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/session"
)

// Browse implements session.Browser.
func (s *Store) Browse(ctx context.Context, shelf session.Shelf, q session.Query) ([]session.Session, error) {
	var out []session.Session
	err := s.read(ctx, func(tx *bolt.Tx) error {
		for _, card := range q.Page(wanted(tx, shelf, q)) {
			var sess session.Session
			if err := json.Unmarshal(tx.Bucket(bucketSessions).Get([]byte(card.ID)), &sess); err != nil {
				return fmt.Errorf("decode session %s: %w", card.ID, err)
			}
			out = append(out, sess)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("search sessions: %w", err)
	}
	return out, nil
}

// wanted returns the cards of a shelf that q wants.
func wanted(tx *bolt.Tx, shelf session.Shelf, q session.Query) (found []session.Card) {
	look := func(id, text []byte) {
		if card, ok := session.ParseCard(session.ID(id), string(text)); ok && q.Wants(card) {
			found = append(found, card)
		}
	}
	cards := tx.Bucket(bucketCards)
	if shelf == session.AllShelf {
		c := cards.Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			look(k, v)
		}
		return found
	}
	prefix := shelfKey(shelf, "")
	c := tx.Bucket(bucketShelves).Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		id := k[len(prefix):]
		look(id, cards.Get(id))
	}
	return found
}

// shelve brings the card and the shelves of a session from what it was to what it is.
func shelve(tx *bolt.Tx, was, is session.Session) error {
	card := session.CardOf(is)
	if was.ID == "" || session.CardOf(was) != card {
		if err := tx.Bucket(bucketCards).Put([]byte(is.ID), card.Encode()); err != nil {
			return fmt.Errorf("put card: %w", err)
		}
	}
	had, has, shelves := was.Shelves(), is.Shelves(), tx.Bucket(bucketShelves)
	for _, shelf := range had {
		if !slices.Contains(has, shelf) {
			if err := shelves.Delete(shelfKey(shelf, is.ID)); err != nil {
				return fmt.Errorf("take from shelf: %w", err)
			}
		}
	}
	for _, shelf := range has {
		if !slices.Contains(had, shelf) {
			if err := shelves.Put(shelfKey(shelf, is.ID), nil); err != nil {
				return fmt.Errorf("put on shelf: %w", err)
			}
		}
	}
	return nil
}

// unshelve removes the card of a session and takes it from its shelves.
func unshelve(tx *bolt.Tx, id session.ID, sess session.Session) error {
	if err := tx.Bucket(bucketCards).Delete([]byte(id)); err != nil {
		return fmt.Errorf("remove card: %w", err)
	}
	for _, shelf := range sess.Shelves() {
		if err := tx.Bucket(bucketShelves).Delete(shelfKey(shelf, id)); err != nil {
			return fmt.Errorf("take from shelf: %w", err)
		}
	}
	return nil
}

// shelveAll makes the cards and shelves of a file of an older schema. A damaged record has none.
func shelveAll(tx *bolt.Tx) error {
	return tx.Bucket(bucketSessions).ForEach(func(_, record []byte) error {
		var sess session.Session
		if json.Unmarshal(record, &sess) != nil {
			return nil
		}
		return shelve(tx, session.Session{}, sess)
	})
}

func shelfKey(shelf session.Shelf, id session.ID) []byte {
	return append(append([]byte(shelf), 0), id...)
}
