// Package dirstore keeps the objects of an archive as files below one directory.
//
// A file is written under another name, synced, renamed, and its directory synced. So a crash at
// any moment leaves the old file or the new one. What a crash leaves under another name begins with
// a dot, is never listed, and is removed by Open once it is a day old.
package dirstore

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"parley/pkg/archive"
)

const (
	partial     = ".partial-"    // begins the name of a file that is being written
	partialLast = 24 * time.Hour // then nobody writes it any more
)

// Store implements archive.Objects in a directory. Nothing outside of the directory is reached, not
// even through a symbolic link.
type Store struct {
	dir  string
	root *os.Root
}

// Open opens a directory, and creates it if its parent exists.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("archive directory: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("archive directory: %w", err)
	}
	s := &Store{dir: dir, root: root}
	return s, s.clean()
}

// Close releases the directory.
func (s *Store) Close() error { return s.root.Close() }

// String implements archive.Objects.
func (s *Store) String() string { return "dir:" + s.dir }

// clean removes what crashes have left.
func (s *Store) clean() error {
	return fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("archive directory: %w", err)
		}
		if d.IsDir() || !strings.HasPrefix(path.Base(name), partial) {
			return nil
		}
		if info, err := d.Info(); err == nil && time.Since(info.ModTime()) > partialLast {
			_ = s.root.Remove(name) // another node may have been faster
		}
		return nil
	})
}

// Put implements archive.Objects.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) error {
	if !archive.CheckKey(key) {
		return fmt.Errorf("put: bad key %q", key)
	}
	dir := path.Dir(key)
	if err := s.makeDir(dir); err != nil {
		return named(err)
	}
	random := make([]byte, 8)
	rand.Read(random) // never fails: crypto/rand ends the program instead
	temporary := path.Join(dir, partial+hex.EncodeToString(random))
	err := s.write(ctx, temporary, r)
	if err == nil {
		err = s.root.Rename(temporary, key)
	}
	if err != nil {
		_ = s.root.Remove(temporary) // else Open does
		return named(err)
	}
	return named(s.syncDir(dir))
}

// makeDir makes a directory and its parents, durably.
func (s *Store) makeDir(dir string) error {
	if _, err := s.root.Stat(dir); err == nil {
		return nil
	}
	if err := s.root.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for dir != "." {
		dir = path.Dir(dir)
		if err := s.syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) write(ctx context.Context, name string, r io.Reader) error {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(f, &until{ctx, r}); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (s *Store) syncDir(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some file systems sync no directories
		return err
	}
	return nil
}

// Get implements archive.Objects.
func (s *Store) Get(_ context.Context, key string) (io.ReadCloser, error) {
	if !archive.CheckKey(key) {
		return nil, archive.ErrNoObject
	}
	f, err := s.root.Open(key)
	if err != nil {
		return nil, named(err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, archive.ErrNoObject
	}
	return f, nil
}

// Remove implements archive.Objects.
func (s *Store) Remove(_ context.Context, key string) error {
	if !archive.CheckKey(key) {
		return fmt.Errorf("remove: bad key %q", key)
	}
	switch err := s.root.Remove(key); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return named(err)
	}
	return named(s.syncDir(path.Dir(key)))
}

// List implements archive.Objects. Files that appear or go while it runs may be missing.
func (s *Store) List(ctx context.Context, prefix string, each func(archive.Object) error) error {
	err := fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name != ".":
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case !d.Type().IsRegular() || !strings.HasPrefix(name, prefix) || !archive.CheckKey(name):
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil // gone meanwhile
		}
		changed := info.ModTime()
		tag := strconv.FormatInt(changed.UnixNano(), 36) + "-" + strconv.FormatInt(info.Size(), 36)
		return each(archive.Object{Key: name, Size: info.Size(), Modified: changed, Tag: tag})
	})
	return named(err)
}

// until reads until ctx ends.
type until struct {
	ctx context.Context
	r   io.Reader
}

func (u *until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// named gives errors of the system the names of package archive.
func named(err error) error {
	for _, n := range []struct {
		is   []error
		name error
	}{
		{[]error{fs.ErrNotExist, syscall.ENOTDIR}, archive.ErrNoObject},
		{[]error{fs.ErrPermission, syscall.EROFS}, archive.ErrDenied},
		{[]error{syscall.ENOSPC, syscall.EDQUOT}, archive.ErrNoSpace},
	} {
		for _, is := range n.is {
			if errors.Is(err, is) {
				return fmt.Errorf("%w: %w", n.name, err)
			}
		}
	}
	return err
}
