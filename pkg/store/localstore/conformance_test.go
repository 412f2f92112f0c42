package localstore_test

import (
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"parley/pkg/store/localstore"
	"parley/pkg/store/storetest"
)

const testHistory = 64 << 10

type backend struct{ dir string }

func (b backend) Open(t *testing.T) storetest.Store { return b.OpenFolding(t, storetest.Fold) }

func (b backend) OpenFolding(t *testing.T, fold func([]byte, [][]byte) ([]byte, error)) storetest.Store {
	t.Helper()
	s, err := localstore.Open(b.dir, localstore.Options{HistoryBytes: testHistory, Fold: fold})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b backend) Walk(t *testing.T, visit func(key, value []byte)) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(b.dir, localstore.FileName), 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				visit(k, v)
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, testHistory, func(t *testing.T) storetest.Backend { return backend{dir: t.TempDir()} })
}
