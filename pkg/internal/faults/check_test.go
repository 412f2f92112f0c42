package faults_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/crdt"
	"parley/pkg/store/redistest"
)

// joined is the answer of the API to a join.
type joined struct {
	Session     struct{ ID string }
	Participant struct{ ID string }
	Token       string
}

// interview is one session with its participants.
type interview struct {
	t       *testing.T
	id      string
	nodes   []*node
	lead    string // token of the interviewer
	invite  string // invite for candidates
	typists []*typist
	gone    []*typist // vanished, with the tokens that were acknowledged to them
}

// begin creates a session on the first node. People join on each node in turn and start to type.
func begin(t *testing.T, people int, nodes ...*node) *interview {
	t.Helper()
	return beginWith(t, people, map[string]any{"code": "", "title": t.Name()}, nodes...)
}

// beginWith is begin with a body for the request that creates the session.
func beginWith(t *testing.T, people int, body map[string]any, nodes ...*node) *interview {
	t.Helper()
	var made struct {
		ID          string
		Token       string
		Participant struct{ ID string }
		Invites     struct{ Candidate string }
	}
	nodes[0].must("POST", "/sessions", "", body, &made)
	iv := &interview{t: t, id: made.ID, nodes: nodes, lead: made.Token}
	iv.invite = made.Invites.Candidate[strings.LastIndex(made.Invites.Candidate, "/")+1:]
	for i := range people {
		iv.join(nodes[i%len(nodes)])
	}
	return iv
}

// join adds one typist, who starts on the node first and knows all other nodes.
func (iv *interview) join(first *node) *typist {
	iv.t.Helper()
	name := fmt.Sprintf("t%d", len(iv.typists)+len(iv.gone))
	var who joined
	first.must("POST", "/join", "", map[string]any{"invite": iv.invite, "name": name}, &who)
	nodes := []*node{first}
	for _, n := range iv.nodes {
		if n != first {
			nodes = append(nodes, n)
		}
	}
	p := newTypist(iv.t, name, who, nodes...)
	iv.typists = append(iv.typists, p)
	return p
}

// lose makes a typist vanish for ever. Only the typist's acknowledged tokens must survive.
func (iv *interview) lose(p *typist) {
	p.vanish()
	iv.typists = slices.DeleteFunc(iv.typists, func(o *typist) bool { return o == p })
	iv.gone = append(iv.gone, p)
}

// typeOn lets all people type for a while, until each has got an acknowledgement for a new token.
func (iv *interview) typeOn() {
	iv.t.Helper()
	before := map[*typist]int{}
	for _, p := range iv.typists {
		before[p] = len(p.saved())
	}
	<-time.After(typing) // so that many edits are under way
	redistest.Eventually(iv.t, "people type, but nothing is saved", func() error {
		for p, n := range before {
			if len(p.saved()) <= n {
				return fmt.Errorf("%s: still %d saved, %d unsaved; %s", p.name, n, p.unsaved(), p)
			}
		}
		return nil
	})
}

// typeAway lets all people type for a while during a fault. The people in together, who are on one
// node, must continue to see each other's edits.
func (iv *interview) typeAway(together ...*typist) {
	iv.t.Helper()
	before := map[*typist]int{}
	for _, p := range iv.typists {
		p.with(func() { before[p] = p.typed })
	}
	<-time.After(typing)
	redistest.Eventually(iv.t, "typing stops while something is away", func() error {
		for p, n := range before {
			typed := 0
			p.with(func() { typed = p.typed })
			if typed <= n+3 {
				return fmt.Errorf("%s has typed %d tokens", p.name, typed-n)
			}
		}
		return nil
	})
	for _, p := range together {
		token := fmt.Sprintf("[%s.%d]", p.name, before[p]+1)
		for _, other := range together {
			redistest.Eventually(iv.t, "people on one node do not see each other", func() error {
				if _, text := other.state(); !strings.Contains(text, token) {
					return fmt.Errorf("%s does not see %s", other.name, token)
				}
				return nil
			})
		}
	}
}

// on returns the typists that are connected to a node now.
func (iv *interview) on(n *node) (people []*typist) {
	for _, p := range iv.typists {
		p.with(func() {
			if p.conn != nil && p.conn.RemoteAddr().String() == n.addr {
				people = append(people, p)
			}
		})
	}
	return people
}

// check stops typing and checks that nothing was lost. Every fault must be healed.
func (iv *interview) check() {
	iv.t.Helper()
	for _, p := range iv.typists {
		p.rest()
	}
	iv.checkSaved()
	iv.checkEqual()
	iv.checkTokens()
	iv.checkPresence()
}

// checkSaved waits until every token of the remaining typists is stored.
func (iv *interview) checkSaved() {
	iv.t.Helper()
	redistest.Eventually(iv.t, "not everything gets saved", func() error {
		for _, p := range iv.typists {
			if n := p.unsaved(); n > 0 {
				return fmt.Errorf("%s has %d tokens unsaved", p.name, n)
			}
		}
		return nil
	})
}

// checkEqual waits until all documents are equal byte for byte, and equal to the documents of fresh
// clients of each node.
func (iv *interview) checkEqual() {
	iv.t.Helper()
	all := slices.Clone(iv.typists)
	for _, n := range iv.nodes {
		p := iv.join(n)
		p.rest()
		p.moveTo(n)
		all = append(all, p)
	}
	redistest.Eventually(iv.t, "the documents do not become equal", func() error {
		first, text := canonical(all[0])
		for _, p := range all[1:] {
			state, other := canonical(p)
			if !bytes.Equal(state, first) {
				return fmt.Errorf("%s (%d bytes, text %d) and %s (%d bytes, text %d) differ",
					all[0].name, len(first), len(text), p.name, len(state), len(other))
			}
		}
		return nil
	})
}

// canonical returns the document in a form that does not depend on its history: as a document that
// has loaded it encodes it.
func canonical(p *typist) ([]byte, string) {
	state, text := p.state()
	doc := crdt.NewDoc()
	must(doc.ApplyUpdate(state))
	state, err := doc.EncodeStateAsUpdate(nil)
	must(err)
	return state, text
}

// checkTokens checks that every acknowledged token is in the text exactly once, vanished typists
// included.
func (iv *interview) checkTokens() {
	iv.t.Helper()
	_, text := iv.typists[0].state()
	total, lost := 0, []string{}
	for _, p := range append(slices.Clone(iv.typists), iv.gone...) {
		tokens := p.saved()
		total += len(tokens)
		for _, token := range tokens {
			if n := strings.Count(text, token); n != 1 {
				lost = append(lost, fmt.Sprintf("%s (%d times)", token, n))
			}
		}
	}
	if len(lost) > 0 {
		iv.t.Errorf("of %d acknowledged tokens, %d are not in the text exactly once: %v", total, len(lost), lost[:min(len(lost), 20)])
	}
	if total == 0 {
		iv.t.Error("nothing was acknowledged, so the test proves nothing")
	}
	iv.t.Logf("%d acknowledged tokens, text of %d bytes", total, len(text))
}

// checkPresence waits until every typist, and the API of each node, sees exactly the participants
// who are present.
func (iv *interview) checkPresence() {
	iv.t.Helper()
	var want []uint64
	people := map[string]bool{}
	for _, p := range iv.typists {
		want = append(want, p.doc.ClientID())
		people[p.participant] = true
	}
	slices.Sort(want)
	redistest.Eventually(iv.t, "not every typist sees everyone who is present", func() error {
		for _, p := range iv.typists {
			if got := p.sees(); !slices.Equal(got, want) {
				return fmt.Errorf("%s sees %v, there are %v", p.name, got, want)
			}
		}
		return nil
	})
	for _, n := range iv.nodes {
		redistest.Eventually(iv.t, "node "+n.name+" does not report who is online", func() error { return iv.online(n, people) })
	}
}

// online compares the online participants in a node's API with the expected ones.
func (iv *interview) online(n *node, want map[string]bool) error {
	var list struct {
		Participants []struct {
			ID     string
			Online bool
		}
	}
	if _, err := n.call("GET", "/sessions/"+iv.id+"/participants", iv.lead, nil, &list); err != nil {
		return err
	}
	for _, p := range list.Participants {
		if p.Online != want[p.ID] {
			return fmt.Errorf("%s: online %v", p.ID, p.Online)
		}
	}
	return nil
}
