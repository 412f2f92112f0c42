package relaytest_test

import (
	"testing"

	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
	"parley/pkg/store/storetest"
)

// The Cluster in memory keeps what a real store has to keep.
func TestClusterConformance(t *testing.T) {
	t.Parallel()
	storetest.RunShared(t, func(*testing.T) (a, b relay.Shared, id relay.RoomID) {
		c := relaytest.NewCluster("aaaa0001")
		return c.Node(), c.Node(), relay.RoomID{Session: "aaaa0001"}
	})
}
