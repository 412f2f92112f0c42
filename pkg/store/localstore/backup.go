package localstore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// ErrOccupied is what Restore answers when there is a database already.
var ErrOccupied = errors.New("there is a database already")

// Backup writes the whole database, as it is at one moment, to w. Reading and writing go on meanwhile; only the file may
// grow by what is written in that time.
func (s *Store) Backup(w io.Writer) (bytes int64, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		bytes, err = tx.WriteTo(w)
		return err
	})
	if err != nil {
		return bytes, fmt.Errorf("back up: %w", err)
	}
	return bytes, nil
}

// BackupFile writes the database in dir, which nobody has open, to w. ErrInUse when somebody has.
func BackupFile(dir string, w io.Writer) (bytes int64, err error) {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err != nil {
		return 0, fmt.Errorf("back up %s: %w", path, err)
	}
	if err := verify(path); err != nil {
		return 0, fmt.Errorf("back up %s: %w", path, err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, ReadOnly: true})
	if err != nil {
		return 0, fmt.Errorf("back up %s: %w", path, explain(err))
	}
	bytes, err = (&Store{db: db}).Backup(w)
	return bytes, errors.Join(err, db.Close())
}

// CheckBackup reads a backup through to its end and tells how many sessions are in it. ErrForeign when it is none, or damaged; ErrNewer
// when a later version made it.
func CheckBackup(path string) (sessions int, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return 0, fmt.Errorf("read %s: %w", path, err)
	case info.Size() == 0:
		return 0, fmt.Errorf("read %s: %w (it is empty)", path, ErrForeign)
	}
	if err := verify(path); err != nil {
		return 0, fmt.Errorf("read %s: %w", path, err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, ReadOnly: true})
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", path, explain(err))
	}
	err = db.View(func(tx *bolt.Tx) error {
		switch {
		case tx.Bucket(bucketMeta) == nil:
			return ErrForeign
		case info.Size() < tx.Size():
			return fmt.Errorf("%w (its end is missing)", ErrForeign)
		}
		if _, err := readSchema(tx); err != nil {
			return err
		}
		for err := range tx.Check() {
			return fmt.Errorf("%w (%w)", ErrForeign, err)
		}
		sessions = tx.Bucket(bucketSessions).Stats().KeyN
		return nil
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return 0, fmt.Errorf("read %s: %w", path, err)
	}
	return sessions, nil
}

// Restore puts the backup into dir, made if need be, as its database. One that is there is ErrOccupied, unless replace is
// set: then it is put aside under the name that comes back. Nobody may have it open: ErrInUse.
func Restore(backup, dir string, replace bool) (aside string, err error) {
	if _, err := CheckBackup(backup); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(dir, FileName)
	next := path + ".restoring"
	defer os.Remove(next) // gone already when all went well
	if err := copyFile(backup, next); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	if _, err := CheckBackup(next); err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		if !replace {
			return "", fmt.Errorf("restore to %s: %w", path, ErrOccupied)
		}
		if err := unused(path); err != nil {
			return "", fmt.Errorf("restore to %s: %w", path, err)
		}
		aside = path + ".before-" + time.Now().UTC().Format("20060102T150405.000")
		if err := os.Rename(path, aside); err != nil {
			return "", fmt.Errorf("restore: %w", err)
		}
	}
	if err := os.Rename(next, path); err != nil {
		return aside, fmt.Errorf("restore: %w", err)
	}
	return aside, syncDir(dir)
}

// unused reports ErrInUse when a process has the database open. What is in it does not matter.
func unused(path string) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, ReadOnly: true})
	if err != nil {
		if err = explain(err); errors.Is(err, ErrInUse) {
			return err
		}
		return nil
	}
	return db.Close()
}

// copyFile copies a file, durably.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
