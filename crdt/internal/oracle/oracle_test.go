package oracle_test

import (
	"encoding/hex"
	"testing"

	"parley/crdt/internal/oracle"
)

// TestThreeClientsAtOnePlace has clients 1, 2 and 3 write between the same two letters, in every
// order: the lower client stands left. The Updates are those that Yjs writes.
func TestThreeClientsAtOnePlace(t *testing.T) {
	t.Parallel()
	by := []string{"01010100c409000901013100", "01010200c409000901013200", "01010300c409000901013300"}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		doc := oracle.New()
		for _, text := range append([]string{"010109000401017402616200"}, by[order[0]], by[order[1]], by[order[2]]) {
			update, err := hex.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			if err := doc.Apply(update); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := doc.Text("t"), "a123b"; got != want || doc.Waiting() != 0 {
			t.Errorf("in order %v: %q with %d waiting, want %q", order, got, doc.Waiting(), want)
		}
	}
}
