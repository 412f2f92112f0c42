package faults_test

import (
	"slices"
	"testing"
	"time"

	"parley/pkg/store/redistest"
)

// outlives is longer than the heartbeat of a node, a presence without renewal and the patience of a
// client last.
const outlives = 35 * time.Second

// splitBy splits the people into those on node n, who stay there, and the others, who avoid n.
func (iv *interview) splitBy(n *node) (with, without []*typist) {
	with = iv.on(n)
	for _, p := range iv.typists {
		if !slices.Contains(with, p) {
			without = append(without, p)
			p.moveTo(slices.DeleteFunc(slices.Clone(iv.nodes), func(o *node) bool { return o == n })...)
			continue
		}
		p.moveTo(n)
	}
	return with, without
}

// among runs do for a part of the people and nodes of the interview.
func (iv *interview) among(people []*typist, nodes []*node, do func()) {
	everybody, everywhere := iv.typists, iv.nodes
	iv.typists, iv.nodes = people, nodes
	do()
	iv.typists, iv.nodes = everybody, everywhere
}

// A node is stopped for longer than every timeout, and its people do not find another node. For the
// others they are away. When the node continues they are back, with their presence and everything
// that they typed meanwhile, and without any old state.
func TestNodeStandsStillForLong(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 6, nodes...)
	iv.typeOn()
	stuck, others := iv.splitBy(nodes[1])
	if len(stuck) == 0 || len(others) == 0 {
		t.Fatalf("%d people are on the node, %d are not", len(stuck), len(others))
	}
	for range times() {
		iv.typeOn()
		nodes[1].pause()
		paused := time.Now()
		iv.among(others, []*node{nodes[0], nodes[2]}, func() {
			iv.typeOn()
			iv.checkPresence()
			<-time.After(time.Until(paused.Add(outlives)))
			iv.typeOn()
		})
		nodes[1].goOn()
		iv.typeOn()
		iv.checkPresence()
	}
	iv.check()
}

// A session ends while a node with people is stopped. Edits in the node's sockets come too late
// when the node continues.
func TestSessionEndedBehindANodeThatStandsStill(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 2, redis.URL())
	iv := begin(t, 4, nodes...)
	iv.typeOn()
	stuck, _ := iv.splitBy(nodes[1])
	if len(stuck) == 0 {
		t.Fatal("nobody is on the node")
	}
	nodes[1].pause()
	<-time.After(typing) // so that the sockets fill
	nodes[0].must("PATCH", "/sessions/"+iv.id, iv.lead, map[string]any{"status": "ended"}, nil)
	text := iv.textOn(nodes[0])
	nodes[1].goOn()
	for _, p := range stuck {
		awaitClose(t, p, 1012)
	}
	for _, n := range nodes {
		if now := iv.textOn(n); now != text {
			t.Errorf("node %s has %d bytes of text, but the session ended with %d", n.name, len(now), len(text))
		}
	}
	fresh := iv.join(nodes[1])
	fresh.rest()
	fresh.moveTo(nodes[1])
	redistest.Eventually(t, "a fresh client does not get the text", func() error { return fresh.has(text) })
}
