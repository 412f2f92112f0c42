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

// ErrOccupied says that Restore found a database and was not told to replace it.
var ErrOccupied = errors.New("there is already a database")

// Backup writes the whole database to w as it is at one moment. Reads and writes go on meanwhile.
// The file may grow by what is written during the backup.
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

// BackupFile writes the database in dir to w. The error is ErrInUse when a process has the database
// open.
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

// CheckBackup reads a backup to its end and returns the number of sessions in it. The error is
// ErrForeign when the file is damaged or no backup, and ErrNewer when a later version wrote it.
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

// RestoreOptions tune Restore; the zero value refuses to touch an existing database.
type RestoreOptions struct {
	Replace bool // rename an existing database instead of refusing with ErrOccupied
}

// Restore makes the backup the database of dir, and creates dir if it is missing. An existing
// database is ErrOccupied. With opts.Replace the existing database is renamed, and aside is its new
// name; the error is ErrInUse when a process has it open.
func Restore(backup, dir string, opts RestoreOptions) (aside string, err error) {
	if _, err := CheckBackup(backup); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(dir, FileName)
	next := path + ".restoring"
	defer os.Remove(next) // fails when all went well: the file has been renamed
	if err := copyFile(backup, next); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	if _, err := CheckBackup(next); err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err == nil {
		if !opts.Replace {
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

// unused returns ErrInUse when a process has the database open. Any other error of opening the file
// does not matter here.
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

// copyFile copies a file and syncs the copy to the disk.
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
