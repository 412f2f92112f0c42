package faults_test

import (
	"testing"

	"parley/pkg/store/redistest"
)

func TestNoFaultAtAll(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	iv := begin(t, 6, startNodes(t, 3, redis.URL())...)
	iv.typeOn()
	iv.check()
}

func TestNodeKilledWhileTyping(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 6, nodes...)
	for range times() {
		iv.typeOn()
		iv.lose(iv.typists[0]) // and with it what only it and the node had
		nodes[0].kill()
		iv.typeOn()
		nodes[0].start()
		iv.typeOn()
		iv.join(nodes[0])
	}
	iv.check()
}
