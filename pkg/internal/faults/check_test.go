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

// joined is what the API tells who joins.
type joined struct {
	Session     struct{ ID string }
	Participant struct{ ID string }
	Token       string
}

// interview is one session with the people in it.
type interview struct {
	t       *testing.T
	id      string
	nodes   []*node
	lead    string // token of the interviewer
	invite  string // of candidates
	typists []*typist
	gone    []*typist // vanished, with what they had been told was stored
}

// begin makes a session on the first node and lets people in on each node in turn; they type from then on.
func begin(t *testing.T, people int, nodes ...*node) *interview {
	t.Helper()
	return beginWith(t, people, map[string]any{"code": "", "title": t.Name()}, nodes...)
}

// beginWith is begin for a session that is created with this body.
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

// join lets one more in. It begins on that node, and knows the others.
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

// lose has one of the people vanish for ever: only what they were told is stored must stay.
func (iv *interview) lose(p *typist) {
	p.vanish()
	iv.typists = slices.DeleteFunc(iv.typists, func(o *typist) bool { return o == p })
	iv.gone = append(iv.gone, p)
}

// typeOn lets everybody type for a while, until each has been told of something new that is stored.
func (iv *interview) typeOn() {
	iv.t.Helper()
	before := map[*typist]int{}
	for _, p := range iv.typists {
		before[p] = len(p.saved())
	}
	<-time.After(typing) // so that much is under way, not as a wait for something
	redistest.Eventually(iv.t, "typing goes on, and nothing is saved", func() error {
		for p, n := range before {
			if len(p.saved()) <= n {
				return fmt.Errorf("%s: %d saved as before, %d not; %s", p.name, n, p.unsaved(), p)
			}
		}
		return nil
	})
}

// typeAway lets everybody type for a while that something is away, and sees to it that those of one node go on to see each other.
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

// on gives those who are connected to a node now.
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

// check is the checker: with everything healed, nobody types any more, and all has to be there.
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

// checkSaved waits until everything that those who live have typed is stored.
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

// checkEqual waits until all documents are equal byte for byte, those of fresh clients of each node too.
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

// canonical gives a document in the form that does not depend on how it came about: as one that has loaded it writes it.
func canonical(p *typist) ([]byte, string) {
	state, text := p.state()
	doc := crdt.NewDoc()
	must(doc.ApplyUpdate(state))
	state, err := doc.EncodeStateAsUpdate(nil)
	must(err)
	return state, text
}

// checkTokens looks for every token that was acknowledged, of the living and of the vanished.
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
		iv.t.Errorf("of %d acknowledged tokens %d are not there once: %v", total, len(lost), lost[:min(len(lost), 20)])
	}
	if total == 0 {
		iv.t.Error("nothing was ever acknowledged: the test shows nothing")
	}
	iv.t.Logf("%d acknowledged tokens, text of %d bytes", total, len(text))
}

// checkPresence waits until everybody sees exactly those who are there, and the API tells the same on each node.
func (iv *interview) checkPresence() {
	iv.t.Helper()
	var want []uint64
	people := map[string]bool{}
	for _, p := range iv.typists {
		want = append(want, p.doc.ClientID())
		people[p.participant] = true
	}
	slices.Sort(want)
	redistest.Eventually(iv.t, "not everybody sees who is there", func() error {
		for _, p := range iv.typists {
			if got := p.sees(); !slices.Equal(got, want) {
				return fmt.Errorf("%s sees %v, there are %v", p.name, got, want)
			}
		}
		return nil
	})
	for _, n := range iv.nodes {
		redistest.Eventually(iv.t, "node "+n.name+" does not tell who is online", func() error { return iv.online(n, people) })
	}
}

// online compares what a node tells of who is online with who should be.
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
