package localstore_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"parley/pkg/store/localstore"
)

// A cut or damaged backup is never taken for a whole one, and never causes a panic.
func TestCheckBackupFindsDamage(t *testing.T) {
	t.Parallel()
	store, err := localstore.Open(t.TempDir(), localstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Secret(t.Context(), func() []byte { return bytes.Repeat([]byte("s"), 32) }); err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if n, err := store.Backup(&whole); err != nil || n != int64(whole.Len()) {
		t.Fatal(n, err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	check := func(raw []byte) error {
		path := filepath.Join(t.TempDir(), "b.db")
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := localstore.CheckBackup(path)
		return err
	}
	if err := check(whole.Bytes()); err != nil {
		t.Errorf("a whole backup: %v", err)
	}
	page := os.Getpagesize()
	for _, size := range []int{1, 100, page, 2*page + 7, 3 * page} {
		if err := check(whole.Bytes()[:size]); !errors.Is(err, localstore.ErrForeign) {
			t.Errorf("cut to %d of %d bytes: %v", size, whole.Len(), err)
		}
	}
	garbled := bytes.Clone(whole.Bytes())
	copy(garbled, bytes.Repeat([]byte{0xff}, 2*page)) // both copies of the root
	if err := check(garbled); !errors.Is(err, localstore.ErrForeign) {
		t.Errorf("without a root: %v", err)
	}
}
