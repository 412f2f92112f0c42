package redisstore

import (
	"context"
	"errors"
	"fmt"
)

// The layout of each document has a version (v of its head), and so has the data as a whole (the key "schema"). A node that meets
// a newer one, of either, says so and changes nothing. An older document is brought up to date by whoever opens it first, one layout
// after the other; documents that nobody opens expire as they are. Records of sessions are JSON to which fields are only added.

// migrations has for each older layout the script that takes a document of it to the next. It does so whole or not at all,
// and nothing to a document of another layout: of several nodes that open one at once, one does it.
var migrations = [schema]*script{
	0: mustScript("migrate_0"),
}

// errOlder says that a document is of an older layout.
var errOlder = errors.New("written by an older version of Parley")

// upToDate runs do on a document, and once more when it had to be migrated first.
func (s *Store) upToDate(ctx context.Context, d document, do func() error) error {
	err := s.again(ctx, d.session, do)
	if !errors.Is(err, errOlder) {
		return err
	}
	if err := s.migrate(ctx, d); err != nil {
		return err
	}
	return do()
}

// migrate brings a document into today's layout.
func (s *Store) migrate(ctx context.Context, d document) error {
	aid := s.nextID()
	for from, sc := range migrations {
		done, err := s.run(ctx, sc, []string{d.record, d.head, d.log, d.state, d.docs}, aid[:])
		if err != nil {
			return fmt.Errorf("migrate from layout %d: %w", from, err)
		}
		if done == int64(1) {
			s.opts.Logger.Info("document migrated", "session", d.session, "doc", d.name, "from", from, "to", from+1)
		}
	}
	return nil
}
