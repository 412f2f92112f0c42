package faults_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"parley/pkg/store/redistest"
)

// visits returns the joins and leaves of a participant in the timeline that a node sends.
func (iv *interview) visits(n *node, participant string) (string, error) {
	req, err := http.NewRequest("GET", "http://"+n.addr+"/api/v1/sessions/"+iv.id+"/timeline", nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+iv.lead)
	resp, err := quick.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("timeline: %s, %w", resp.Status, err)
	}
	var out []string
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct{ By, What string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return "", err
		}
		if line.By == participant && (line.What == "join" || line.What == "leave") {
			out = append(out, line.What)
		}
	}
	return strings.Join(out, " "), lines.Err()
}

// awaitVisits waits until every node tells these joins and leaves of a participant.
func (iv *interview) awaitVisits(participant, want string) {
	iv.t.Helper()
	for _, n := range iv.nodes {
		redistest.Eventually(iv.t, "visits on node "+n.name, func() error {
			got, err := iv.visits(n, participant)
			if err == nil && got != want {
				err = fmt.Errorf("%q, want %q", got, want)
			}
			return err
		})
	}
}

// tab opens one more page of a participant, on one node.
func (iv *interview) tab(of *typist, on *node) *typist {
	var who joined
	who.Session.ID, who.Participant.ID, who.Token = iv.id, of.participant, of.token
	p := newTypist(iv.t, of.name+"'", who, on)
	p.rest()
	redistest.Eventually(iv.t, "a page does not connect", func() error {
		if len(p.sees()) == 0 {
			return fmt.Errorf("it sees nobody")
		}
		return nil
	})
	return p
}

// A person has pages on two nodes. The trace tells one stretch of presence, which ends with the
// last page.
func TestTwoPagesOnTwoNodesAreOneVisit(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 2, redis.URL())
	iv := begin(t, 2, nodes...)
	ada, bob := iv.typists[0], iv.typists[1]
	ada.moveTo(nodes[0])
	second := iv.tab(ada, nodes[1])
	iv.typeOn()
	iv.awaitVisits(ada.participant, "join")
	iv.awaitVisits(bob.participant, "join")

	// Carl closes his only page after Ada has closed one of hers, on the same node. So when he has
	// left, Ada would have.
	carl := iv.join(nodes[1])
	carl.moveTo(nodes[1])
	iv.awaitVisits(carl.participant, "join")
	second.vanish()
	iv.lose(carl)
	iv.awaitVisits(carl.participant, "join leave")
	iv.awaitVisits(ada.participant, "join")

	iv.lose(ada)
	iv.awaitVisits(ada.participant, "join leave")
	iv.check()
}

// The node of a person is killed and the page finds another node: the stretch goes on there.
func TestAVisitOutlivesItsNode(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	nodes := startNodes(t, 2, redis.URL())
	iv := begin(t, 1, nodes[1], nodes[0])
	ada := iv.typists[0]
	iv.typeOn()
	iv.awaitVisits(ada.participant, "join")
	nodes[1].kill()
	iv.nodes = nodes[:1]
	ada.moveTo(nodes[0])
	iv.typeOn()
	// Dora comes after Ada is back. So when she has joined, Ada would have.
	dora := iv.join(nodes[0])
	iv.awaitVisits(dora.participant, "join")
	iv.awaitVisits(ada.participant, "join")
	iv.lose(ada)
	// The visit has ended when the node that died counts as alive no more.
	iv.awaitVisits(ada.participant, "join leave")
	iv.check()
}
