package faults_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parley/pkg/store/redistest"
)

// awaitClose waits until a typist is closed with the code.
func awaitClose(t *testing.T, p *typist, code int) {
	t.Helper()
	redistest.Eventually(t, fmt.Sprintf("%s is not closed with %d", p.name, code), func() error {
		var closes []int
		p.with(func() { closes = slices.Clone(p.closes) })
		if !slices.Contains(closes, code) {
			return fmt.Errorf("closed with %v", closes)
		}
		return nil
	})
}

// textOn returns the text in the API of a node.
func (iv *interview) textOn(n *node) string {
	iv.t.Helper()
	var sess struct{ Code string }
	n.must("GET", "/sessions/"+iv.id, iv.lead, nil, &sess)
	return sess.Code
}

// One node ends the session while people type on other nodes. After the answer nothing changes, on
// any node.
func TestSessionEndedOnAnotherNode(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 6, nodes...)
	iv.typeOn()
	nodes[0].must("PATCH", "/sessions/"+iv.id, iv.lead, map[string]any{"status": "ended"}, nil)
	text := iv.textOn(nodes[0])
	for _, p := range iv.typists {
		awaitClose(t, p, 1012)
	}
	redistest.Eventually(t, "not everybody is back to read", func() error {
		for _, p := range iv.typists {
			denied := 0
			p.with(func() { denied = p.denied })
			if denied == 0 {
				return fmt.Errorf("%s was not denied", p.name)
			}
		}
		return nil
	})
	for _, n := range nodes {
		if now := iv.textOn(n); now != text {
			t.Errorf("the text on node %s changed after the end of the session: %d bytes, was %d", n.name, len(now), len(text))
		}
		status, err := n.call("PUT", "/sessions/"+iv.id+"/code", iv.lead, map[string]any{"code": "too late"}, nil)
		if status != http.StatusConflict {
			t.Errorf("PUT code on %s = %d, %v", n.name, status, err)
		}
	}
	var fresh *typist
	for _, n := range nodes {
		fresh = iv.join(n)
		fresh.rest()
		redistest.Eventually(t, "a fresh client does not get the text", func() error {
			if _, now := fresh.state(); now != text {
				return errors.New(now)
			}
			return nil
		})
	}
	iv.typists = []*typist{fresh, iv.typists[0]}
	for _, p := range iv.typists[1:] {
		p.rest()
	}
	for _, p := range iv.typists {
		for _, token := range p.saved() {
			if !strings.Contains(text, token) {
				t.Errorf("%s was acknowledged but is missing", token)
			}
		}
	}
}

// Rights that one node changes take effect at once on every other node, also for open sockets.
func TestRightsChangedOnAnotherNode(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := begin(t, 6, nodes...)
	iv.typeOn()
	for _, p := range iv.typists {
		p.with(func() { p.closes = nil })
	}
	removed, observer := iv.typists[1], iv.typists[2] // on the nodes B and C
	nodes[0].must("DELETE", "/sessions/"+iv.id+"/participants/"+removed.participant, iv.lead, nil, nil)
	nodes[0].must("PATCH", "/sessions/"+iv.id+"/participants/"+observer.participant, iv.lead, map[string]any{"role": "observer"}, nil)
	awaitClose(t, removed, 4403)
	awaitClose(t, observer, 1012)
	redistest.Eventually(t, "the observer may still write", func() error {
		denied := 0
		observer.with(func() { denied = observer.denied })
		if denied == 0 {
			return errors.New("no edit was denied")
		}
		return nil
	})
	for _, n := range nodes { // the token is void on every node
		if status, _ := n.call("GET", "/sessions/"+iv.id, removed.token, nil, nil); status != http.StatusUnauthorized {
			t.Errorf("a removed participant on node %s: %d", n.name, status)
		}
	}
	old := iv.invite
	var renewed struct{ URL string }
	nodes[1].must("POST", "/sessions/"+iv.id+"/invites/candidate", iv.lead, map[string]any{}, &renewed)
	for _, n := range nodes {
		if status, _ := n.call("POST", "/join", "", map[string]any{"invite": old, "name": "late"}, nil); status != http.StatusForbidden {
			t.Errorf("a renewed invite on node %s: %d", n.name, status)
		}
	}
	for _, p := range iv.typists {
		if p == removed || p == observer {
			continue
		}
		p.with(func() {
			if len(p.closes) > 0 {
				t.Errorf("%s was closed with %v although its rights did not change", p.name, p.closes)
			}
		})
	}
	nodes[2].must("DELETE", "/sessions/"+iv.id, iv.lead, nil, nil)
	for _, p := range iv.typists {
		if p != removed {
			awaitClose(t, p, 4410)
		}
	}
	for _, n := range nodes {
		if status, _ := n.call("GET", "/sessions/"+iv.id, iv.lead, nil, nil); status != http.StatusGone {
			t.Errorf("a deleted session on node %s: %d", n.name, status)
		}
	}
	for _, key := range redis.Keys() {
		if strings.Contains(key, iv.id) && !strings.Contains(key, "}:grave") && !strings.Contains(key, "}:recent") {
			t.Errorf("after the deletion the key %s exists", key)
		}
	}
}

// The message about a change is lost, because the connection breaks that should carry it.
func TestRightsChangedBehindACut(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	proxy := redistest.NewProxy(t, redis.Addr())
	nodes := []*node{startNode(t, "A", redis.URL()), startNode(t, "cut", proxy.URL())}
	iv := begin(t, 4, nodes...)
	for _, p := range iv.typists {
		p.moveTo(nodes[0])
	}
	removed := iv.join(nodes[1])
	removed.moveTo(nodes[1])
	iv.typeOn()
	proxy.Cut()
	nodes[0].must("DELETE", "/sessions/"+iv.id+"/participants/"+removed.participant, iv.lead, nil, nil)
	proxy.Heal()
	awaitClose(t, removed, 4403)
	iv.lose(removed)
	var renewed struct{ URL string } // who joins by the old link waits in the lobby
	nodes[0].must("POST", "/sessions/"+iv.id+"/invites/candidate", iv.lead, map[string]any{}, &renewed)
	iv.invite = renewed.URL[strings.LastIndex(renewed.URL, "/")+1:]
	iv.check()
}

// Expired sessions end on every node, whichever node sweeps.
func TestSessionExpiresOnEveryNode(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 2, redis.URL(), "--session-ttl", "6s")
	iv := begin(t, 4, nodes...)
	for _, p := range iv.typists {
		awaitClose(t, p, 4410)
	}
	for _, n := range nodes {
		if status, _ := n.call("GET", "/sessions/"+iv.id, iv.lead, nil, nil); status != http.StatusGone {
			t.Errorf("an expired session on node %s: %d", n.name, status)
		}
	}
}

// When a node starts the session, waiting people are admitted on every node. Clients in the lobby
// are closed so that they reconnect.
func TestSessionStartedOnAnotherNode(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 3, redis.URL())
	iv := beginWith(t, 3, map[string]any{"code": "", "start": "lobby"}, nodes...)
	lobby := iv.typists[1]
	lobby.rest()
	lobby.with(func() { lobby.docName = "lobby" })
	for _, p := range iv.typists {
		awaitClose(t, p, 4503) // not started: the client tries again
	}
	redistest.Eventually(t, "nobody is in the lobby", func() error {
		var in bool
		lobby.with(func() { in = lobby.conn != nil && lobby.answered })
		if !in {
			return errors.New("not yet")
		}
		return nil
	})
	nodes[0].must("PATCH", "/sessions/"+iv.id, iv.lead, map[string]any{"status": "active"}, nil)
	awaitClose(t, lobby, 1012)
	lobby.with(func() { lobby.docName = "" })
	lobby.goOn()
	lobby.moveTo(nodes[1])
	iv.typeOn()
	iv.check()
}
