package localstore

import (
	"context"
	"crypto/rand"
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

	"parley/pkg/relay"
	"parley/pkg/store/batch"
)

// FileName is the name of the database in the data directory.
const FileName = "parley.db"

// schema is the version of the layout in doc.go. Schema 1 had no audit log. Schema 2 had no
// journal, and its log held single entries. Schema 3 had no bucket for entries set aside. Schema 4
// had no trace and no owners of client ids, and dropped old history instead of folding it. Schema
// 5 had no shelves, cards and questions.
const schema = 6

// DefaultHistoryBytes bounds the history of one document. It holds more than a million
// keystrokes.
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
	bucketBase     = []byte("base")
	bucketOwners   = []byte("owners")

	bucketAudit     = []byte("audit")
	bucketAuditTail = []byte("audit_tail")
	bucketTrace     = []byte("trace")
	bucketTraceTail = []byte("trace_tail")

	bucketCards     = []byte("cards")
	bucketShelves   = []byte("shelves")
	bucketQuestions = []byte("questions")
	bucketPapers    = []byte("papers")

	allBuckets = [][]byte{
		bucketMeta, bucketSessions, bucketInvites, bucketGraves, bucketDue, bucketLog, bucketTail, bucketState,
		bucketHistory, bucketBase, bucketJournal, bucketAside, bucketOwners, bucketAudit, bucketAuditTail, bucketTrace, bucketTraceTail,
		bucketCards, bucketShelves,
		bucketQuestions, bucketPapers,
	}

	keySchema = []byte("schema")
	keySecret = []byte("secret")
	keyProbe  = []byte("probe")
)

// lockTimeout is how long Open waits for another process to release the file. A process that is
// closing needs less, and a person does not notice the wait.
const lockTimeout = 200 * time.Millisecond

// Options tune a Store; the zero value is good.
type Options struct {
	HistoryBytes int // bound of the history of one document, in bytes; 0 is DefaultHistoryBytes

	// Fold folds updates into a base, see relay.Fold, the default.
	Fold func(base []byte, updates [][]byte) ([]byte, error)

	// Committed, when not nil, is called by the committer after every commit with the number of
	// writes, the time that the commit took, and its error.
	Committed func(writes int, took time.Duration, err error)

	// Committing, when not nil, is called by the committer before every commit. It returns a
	// function that is called when all callers of that commit have their answer.
	Committing func() (done func())

	now  func() time.Time // time.Now; tests replace it
	step func(string)     // called at each step of a fold; tests replace it
}

// Store is the embedded store. It is safe for concurrent use.
type Store struct {
	// Fixed by Open.
	db        *bolt.DB
	opts      Options
	run       string    // tells this process from those before it
	lastWrite time.Time // of those before it; zero: there was none
	queue     *batch.Queue[*job]
	journal   *journal      // owned by the committer; its lock is for readers
	closing   chan struct{} // closed by Close
	stopped   chan struct{} // closed by the committer when it ends
	closeOnce sync.Once
	closeErr  error

	failed atomic.Bool // whether the last commit failed
}

// Open opens the database in dir and creates both if they are missing. The errors can be shown to
// the person who started the program: ErrInUse, at once, when another process has the database
// open, ErrForeign, ErrNewer, or the error of the file system.
func Open(dir string, opts Options) (*Store, error) {
	if opts.HistoryBytes == 0 {
		opts.HistoryBytes = DefaultHistoryBytes
	}
	if opts.Fold == nil {
		opts.Fold = relay.Fold
	}
	if opts.now == nil {
		opts.now = time.Now
	}
	if opts.step == nil {
		opts.step = func(string) {}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(dir, FileName)
	var lastWrite time.Time
	if info, err := os.Stat(path); err == nil {
		lastWrite = info.ModTime().UTC()
	}
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
		db: db, opts: opts, journal: journal, run: rand.Text(), lastWrite: lastWrite,
		queue: batch.New[*job](maxBatch, heldPace), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	go s.runCommitter() // ends with Close, which waits for it
	return s, nil
}

// openFile opens path with bbolt, after a check of the file that is there.
func openFile(path string) (*bolt.DB, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		if err := verify(path); err != nil {
			return nil, err
		}
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout:      lockTimeout,
		FreelistType: bolt.FreelistMapType,
		// Opening finds the free pages with a scan, so that not every commit has to write the list
		// of them.
		NoFreelistSync: true,
	})
	return db, explain(err)
}

// Verify reads the whole database in dir and changes nothing. The errors are those of Open. A
// missing database is no error.
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

// verify opens the file read-only, visits every page and reads the journal. Without this check
// bbolt would meet a damaged page in a goroutine of its own, or in the middle of an interview, and
// panic. verify turns that panic into ErrForeign.
func verify(path string) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // reading past the end of a cut file is a fault
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
	// walk does not read the pages of a long value, so it would not notice that they are cut off
	if info.Size() < tx.Size() {
		return fmt.Errorf("%w (its end is missing)", ErrForeign)
	}
	if err := tx.ForEach(func(_ []byte, b *bolt.Bucket) error { return walk(b) }); err != nil {
		return fmt.Errorf("%w (%w)", ErrForeign, err)
	}
	if known, _ := readSchema(tx); !known {
		return nil // an earlier schema, or an error that the caller finds too
	}
	if _, err := readJournal(tx); err != nil {
		return fmt.Errorf("%w (%w)", ErrForeign, err)
	}
	return nil
}

// walk visits every key of a bucket and of the buckets in it.
func walk(b *bolt.Bucket) error {
	return b.ForEach(func(k, v []byte) error {
		if nested := b.Bucket(k); v == nil && nested != nil {
			return walk(nested)
		}
		return nil
	})
}

// explain turns bbolt's errors of opening a file into the errors of this package.
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

// prepare checks that db is a database of ours with a known schema. It creates the buckets that a
// new or an older database lacks.
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
		if err := shelveAll(tx); err != nil {
			return err
		}
		return tx.Bucket(bucketMeta).Put(keySchema, []byte(strconv.Itoa(schema)))
	})
	if err != nil {
		return fmt.Errorf("lay out: %w", err)
	}
	return syncDir(filepath.Dir(db.Path()))
}

// readSchema reports whether the file has the current layout. It returns false and no error for an
// empty file and for an older schema.
func readSchema(tx *bolt.Tx) (known bool, err error) {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		if name, _ := tx.Cursor().First(); name != nil {
			return false, fmt.Errorf("%w (it holds the bucket %q)", ErrForeign, name)
		}
		return false, nil
	}
	version, err := strconv.Atoi(string(meta.Get(keySchema)))
	switch {
	case err != nil:
		return false, fmt.Errorf("%w (no schema version)", ErrForeign)
	case version < schema:
		return false, nil // prepare updates the layout; later schemas only add buckets, and shelveAll fills two of them
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

// syncDir makes the name of a new file durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync data directory: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// Close waits for the writes that were accepted, refuses further ones with ErrClosed, and closes
// the file.
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

// Ping reports whether the store can serve. After a failed commit it tries a write, so that Ping
// succeeds as soon as a full disk has space again.
func (s *Store) Ping(ctx context.Context) error {
	if s.failed.Load() {
		return s.write(ctx, func(tx *bolt.Tx) error {
			return fatal(tx.Bucket(bucketMeta).Put(keyProbe, []byte(strconv.FormatInt(time.Now().Unix(), 10))))
		})
	}
	return s.read(ctx, func(*bolt.Tx) error { return nil })
}

// Secret returns the key that the store holds. When there is none yet, it stores the one that
// create returns.
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

// read runs fn on a snapshot. What fn reads is valid only within fn.
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
