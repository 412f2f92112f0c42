package relaytest_test

import (
	"testing"

	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
	"parley/pkg/store/storetest"
)

// The store in memory passes the suite for real stores.
func TestNodesConformance(t *testing.T) {
	t.Parallel()
	storetest.RunNodes(t, func(*testing.T) (a, b storetest.Node, id relay.RoomID) {
		s := relaytest.NewStore("aaaa0001")
		return s, s.Join(), relay.RoomID{Session: "aaaa0001"}
	})
}
