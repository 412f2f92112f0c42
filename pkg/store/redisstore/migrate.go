package redisstore

import (
	"context"
	"errors"
	"fmt"
)

// Each document has a layout version (v of its head), and so has the data as a whole (the key
// "schema"). A node that meets a newer version of either changes nothing and returns ErrNewer. An
// older document is migrated by the node that opens it first, one version after the other.
// Documents that are never opened expire as they are. Records of sessions are JSON, and new
// versions only add fields.

// migrations holds for each older layout the script that takes a document to the next one. A script
// changes the whole document or nothing, and never a document of another layout. When several nodes
// open a document at once, one of them migrates it.
var migrations = [schema]*script{
	0: mustScript("migrate_0"),
}

// errOlder says that a document has an older layout.
var errOlder = errors.New("written by an older version of Parley")

// withMigrated runs do on a document. When the document has an older layout, it is migrated and do
// runs once more.
func (s *Store) withMigrated(ctx context.Context, d document, do func() error) error {
	err := s.withRestored(ctx, d.session, do)
	if !errors.Is(err, errOlder) {
		return err
	}
	if err := s.migrate(ctx, d); err != nil {
		return err
	}
	return do()
}

// migrate brings a document to the current layout.
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
