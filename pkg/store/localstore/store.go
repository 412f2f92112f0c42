package localstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"parley/pkg/store/batch"
)

// FileName is the database within the data directory.
const FileName = "parley.db"

// schema is the version of the layout that doc.go describes. Schema 1 had no audit log. Schema 2 had no
// journal, and single entries in the log only. Schema 3 had no place for entries put aside.
const schema = 4

// DefaultHistoryBytes bounds the history of one session: some hundred thousand keystrokes, hours of typing by several.
const DefaultHistoryBytes = 16 << 20

var (
	bucketMeta     = []byte("meta")
	bucketSessions = []byte("sessions")
	bucketInvites  = []byte("invites")
	bucketGraves   = []byte("graves")
	bucketDue      = []byte("due")
	bucketLog      = []byte("log")
	bucketTail     = []byte("tail")
	bucketState    = []byte("state")
	bucketHistory  = []byte("history")
	bucketJournal  = []byte("journal")
	bucketAside    = []byte("aside")

	bucketAudit     = []byte("audit")
	bucketAuditTail = []byte("audit_tail")

	allBuckets = [][]byte{
		bucketMeta, bucketSessions, bucketInvites, bucketGraves, bucketDue, bucketLog, bucketTail, bucketState,
		bucketHistory, bucketJournal, bucketAside, bucketAudit, bucketAuditTail,
	}

	keySchema = []byte("schema")
	keySecret = []byte("secret")
	keyProbe  = []byte("probe")
)

// lockTimeout is long enough for a predecessor that is just closing, and short enough to look like at once.
const lockTimeout = 200 * time.Millisecond

// Options tune a Store; the zero value is good.
type Options struct {
	HistoryBytes int // bound of one session's history in bytes; 0 is DefaultHistoryBytes

	// Committed, when not nil, is called by the committer after every commit: how many writes it
	// covered, how long it took, and its error.
	Committed func(writes int, took time.Duration, err error)

	// Committing, when not nil, is called by the committer before every commit, and what it gives when all who wait for that have been told.
	Committing func() (done func())

	now func() time.Time // time.Now, but in tests
}

// Store is the embedded store. It is safe for concurrent use.
type Store struct {
	// Fixed by Open.
	db        *bolt.DB
	opts      Options
	queue     *batch.Queue[*job]
	journal   *journal      // the committer's, with a lock for readers
	closing   chan struct{} // closed by Close
	stopped   chan struct{} // closed by the committer when it ends
	closeOnce sync.Once
	closeErr  error

	failed atomic.Bool // whether the last commit failed
}

// Open opens the database in dir, and makes both when they are missing. The errors are fit to be shown to the
// person who started the program: ErrInUse at once when another process holds it, ErrForeign, ErrNewer, or the file
// system's own.
func Open(dir string, opts Options) (*Store, error) {
	if opts.HistoryBytes == 0 {
		opts.HistoryBytes = DefaultHistoryBytes
	}
	if opts.now == nil {
		opts.now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(dir, FileName)
	db, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := prepare(db); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	journal := newJournal(opts.now)
	if err := db.View(journal.recover); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	s := &Store{
		db: db, opts: opts, journal: journal,
		queue: batch.New[*job](maxBatch, laterWindow), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	go s.runCommitter() // ends by Close, which waits for it
	return s, nil
}

// openFile opens path with bbolt, after a look at what is there already.
func openFile(path string) (*bolt.DB, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		if err := verify(path); err != nil {
			return nil, err
		}
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout:      lockTimeout,
		FreelistType: bolt.FreelistMapType,
		// The free list is found again by a scan when opening, instead of being written with every commit.
		NoFreelistSync: true,
	})
	return db, explain(err)
}

// Verify reads the whole database in dir, and changes nothing. The errors are those of Open; a database that is not there is fine.
func Verify(dir string) error {
	path := filepath.Join(dir, FileName)
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil
	}
	if err := verify(path); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return nil
}

// verify walks every page of the file and reads the journal, read only. bbolt would meet a damaged page in a goroutine of its own or in
// the middle of an interview, and panic there; here it becomes ErrForeign.
func verify(path string) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a cut file faults behind its end
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%v)", ErrForeign, p)
		}
	}()
	info, err := os.Stat(path)
	if err != nil {
		return explain(err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, ReadOnly: true})
	if err != nil {
		return explain(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.Begin(false)
	if err != nil {
		return explain(err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	if info.Size() < tx.Size() { // a long value that is cut is not met by a walk
		return fmt.Errorf("%w (its end is missing)", ErrForeign)
	}
	if err := tx.ForEach(func(_ []byte, b *bolt.Bucket) error { return walk(b) }); err != nil {
		return fmt.Errorf("%w (%w)", ErrForeign, err)
	}
	if known, _ := readSchema(tx); !known {
		return nil // of an earlier schema, or the caller says what it is
	}
	if _, err := readJournal(tx); err != nil {
		return fmt.Errorf("%w (%w)", ErrForeign, err)
	}
	return nil
}

// walk visits every key of a bucket and of those within it.
func walk(b *bolt.Bucket) error {
	return b.ForEach(func(k, v []byte) error {
		if nested := b.Bucket(k); v == nil && nested != nil {
			return walk(nested)
		}
		return nil
	})
}

// explain gives bbolt's errors of opening a file the names that this package has for them.
func explain(err error) error {
	var perr *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return ErrInUse
	case errors.As(err, &perr):
		return perr.Err // the caller names the path
	}
	return fmt.Errorf("%w (%w)", ErrForeign, err)
}

// prepare checks that db is ours and of a schema that we know, and lays out what a new or an older one lacks.
func prepare(db *bolt.DB) error {
	known := false
	err := db.View(func(tx *bolt.Tx) (err error) {
		known, err = readSchema(tx)
		return err
	})
	if err != nil || known {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range allBuckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return fmt.Errorf("make bucket %s: %w", name, err)
			}
		}
		return tx.Bucket(bucketMeta).Put(keySchema, []byte(strconv.Itoa(schema)))
	})
	if err != nil {
		return fmt.Errorf("lay out: %w", err)
	}
	return syncDir(filepath.Dir(db.Path()))
}

// readSchema reports whether the file is laid out as we know it; false and no error is an empty file.
func readSchema(tx *bolt.Tx) (known bool, err error) {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		if name, _ := tx.Cursor().First(); name != nil {
			return false, fmt.Errorf("%w (holds %q)", ErrForeign, name)
		}
		return false, nil
	}
	version, err := strconv.Atoi(string(meta.Get(keySchema)))
	switch {
	case err != nil:
		return false, fmt.Errorf("%w (no schema version)", ErrForeign)
	case version < schema:
		return false, nil // to be laid out anew, over what is there: later schemas only add
	case version > schema:
		return false, fmt.Errorf("%w (schema %d, this one knows %d)", ErrNewer, version, schema)
	}
	for _, name := range allBuckets {
		if tx.Bucket(name) == nil {
			return false, fmt.Errorf("%w (no bucket %s)", ErrForeign, name)
		}
	}
	return true, nil
}

// syncDir makes a new file's name durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync data directory: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// Close waits for the writes under way, refuses further ones with ErrClosed and closes the file.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		close(s.closing)
		<-s.stopped
		if err := s.db.Close(); err != nil {
			s.closeErr = fmt.Errorf("close store: %w", err)
		}
	})
	return s.closeErr
}

// Ping reports whether the store can serve. After a failed commit it tries a write, so a disk that was full is noticed
// as soon as it has room again.
func (s *Store) Ping(ctx context.Context) error {
	if s.failed.Load() {
		return s.write(ctx, func(tx *bolt.Tx) error {
			return fatal(tx.Bucket(bucketMeta).Put(keyProbe, []byte(strconv.FormatInt(time.Now().Unix(), 10))))
		})
	}
	return s.read(ctx, func(*bolt.Tx) error { return nil })
}

// Secret gives the key that is kept in the store, and keeps what create gives when there is none yet.
func (s *Store) Secret(ctx context.Context, create func() []byte) ([]byte, error) {
	var secret []byte
	fresh := create()
	err := s.write(ctx, func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if held := meta.Get(keySecret); held != nil {
			secret = append([]byte(nil), held...)
			return nil
		}
		secret = fresh
		return fatal(meta.Put(keySecret, fresh))
	})
	if err != nil {
		return nil, fmt.Errorf("keep secret: %w", err)
	}
	return secret, nil
}

// read runs fn on a snapshot. What fn sees is valid within it only.
func (s *Store) read(ctx context.Context, fn func(*bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.db.View(fn)
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}
