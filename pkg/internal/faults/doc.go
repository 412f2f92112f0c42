// Package faults tests what happens when something breaks. It runs real nodes over real Redis
// servers and lets people type on all nodes. Then it kills, stops, cuts off or empties a part, and
// checks that nothing was lost. The package has only tests.
//
// The tests work in the manner of Jepsen. Each typist is a y-websocket client with its own
// document. A typist types unique tokens and records which tokens the server has acknowledged as
// stored. At the end everything is healed. Then every acknowledged token must be in the document
// exactly once, the tokens of vanished typists too. All documents must be equal byte for byte, and
// equal to the document of a fresh client of each node. Every typist, and the API of each node,
// must see exactly the participants who are present.
//
// # The faults
//
// Beside the above, the tests expect:
//
//   - TestNoFaultAtAll: nothing more.
//   - TestNodeKilledWhileTyping: a node is killed while people type, with one person on it. The
//     others continue on other nodes. The lost person is away within 30 s.
//   - TestNodeStoppedAndContinued: a node is stopped (SIGSTOP) and continued. The node catches up,
//     and nobody sees old presence.
//   - TestNodeStandsStillForLong: a node is stopped for 35 s and its people stay with it. This is
//     longer than the node's heartbeat, a presence and the patience of a client last. For the
//     others these people are away. After the node continues they are back, with what they typed.
//   - TestSessionEndedBehindANodeThatStandsStill: a session ends while a node is stopped. Edits
//     that wait in the node's sockets come too late.
//   - TestRedisStoppedAndStarted: Redis stops and starts with its data. Meanwhile, people on the
//     same node see each other's edits.
//   - TestRedisKilledWithEverybodyWhoKnew: Redis and all nodes are killed at once. With appendfsync
//     always, all acknowledged edits are still there.
//   - TestRedisRestartedEmpty: Redis restarts without data. Records, tokens and documents come back
//     from the nodes.
//   - TestSentinelFailsOver: the nodes write back the edits that the replica had not received.
//   - TestClusterLosesAMaster: the master with the session is killed. Its replica takes over, and
//     clients find it within seconds.
//   - TestNetworkBetweenNodeAndRedisIsCut: the network first refuses connections, then delivers
//     nothing. People on that node continue together.
//   - TestSlowRedis: a round trip to Redis takes 100 ms.
//   - TestRollingRestartUnderLoad: all nodes restart one after the other. Every close has the code
//     1012, and no unsaved edit is dropped.
//   - TestNodesCompactTheSameDocument: all nodes compact one document.
//   - TestSecuredRedis: passwords, a user with the least rights, TLS with client certificates,
//     Sentinels with their own password, and a cluster change nothing.
//   - TestRefusedByRedis: with a wrong address, or data of a newer version, a node ends with one
//     line that says what to do and shows no secret.
//   - TestSessionEndedOnAnotherNode: after the answer, no byte changes on any node.
//   - TestRightsChangedOnAnotherNode: removal closes with 4403, a new role with 1012, deletion with
//     4410, and an old link gets 403. Nobody else is disturbed, and no key is left.
//   - TestRightsChangedBehindACut: a participant is removed while the node is cut off. The node
//     closes the connection with 4403 when the network is back.
//   - TestSessionExpiresOnEveryNode: every node closes with 4410.
//   - TestTwoPagesOnTwoNodesAreOneVisit, TestAVisitOutlivesItsNode: the trace tells one visit.
//   - TestSessionStartedOnAnotherNode: waiting participants on every node are admitted.
//
// When Redis is away, hung or full, the API answers 503 with the code store_unavailable. Package
// redisstore (TestErrorsSayThatRedisIsAway) and package api
// (TestWhileTheStoreIsAwayAllDoorsSayComeAgain) test this. ui/e2e/nodes.e2e.ts tests the messages
// about saving in two browsers.
//
// PARLEY_FAULTS_TIMES=10 runs ten rounds of each fault. If the tests run with the race detector,
// the nodes do too. make test-valkey runs all tests over Valkey instead of Redis.
package faults
