package faults_test

import (
	"slices"
	"testing"
	"time"

	"parley/pkg/store/redistest"
)

// outlives is longer than a node that gives no sign of life, a presence that is not renewed and a client's patience last.
const outlives = 35 * time.Second

// part splits the people into those who are on a node and stay with it, and the others, who keep off it.
func (iv *interview) part(n *node) (with, without []*typist) {
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

// among does something with a part of the interview alone.
func (iv *interview) among(people []*typist, nodes []*node, do func()) {
	everybody, everywhere := iv.typists, iv.nodes
	iv.typists, iv.nodes = people, nodes
	do()
	iv.typists, iv.nodes = everybody, everywhere
}

// A node stands still for longer than anything waits for it, with people who do not find another. They are gone for the others, and
// come back with it: with their presence, with what they typed meanwhile, and without anything of the state of before.
func TestNodeStandsStillForLong(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 6, nodes...)
	iv.typeOn()
	stuck, others := iv.part(nodes[1])
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

// A session ends while a node that has people in it stands still. What it finds in its sockets when it goes on comes too late.
func TestSessionEndedBehindANodeThatStandsStill(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 2, redis.URL())
	iv := begin(t, 4, nodes...)
	iv.typeOn()
	stuck, _ := iv.part(nodes[1])
	if len(stuck) == 0 {
		t.Fatal("nobody is on the node")
	}
	nodes[1].pause()
	<-time.After(typing) // so that its sockets fill
	nodes[0].must("PATCH", "/sessions/"+iv.id, iv.lead, map[string]any{"status": "ended"}, nil)
	text := iv.textOn(nodes[0])
	nodes[1].goOn()
	for _, p := range stuck {
		awaitClose(t, p, 1012)
	}
	for _, n := range nodes {
		if now := iv.textOn(n); now != text {
			t.Errorf("node %s has %d bytes of text, there were %d when the session was ended", n.name, len(now), len(text))
		}
	}
	fresh := iv.join(nodes[1])
	fresh.rest()
	fresh.moveTo(nodes[1])
	redistest.Eventually(t, "a fresh client does not get the text", func() error { return fresh.has(text) })
}
