package relay

import (
	"slices"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// Whose client ids are whose.
//
// A client id belongs to the first connection that introduces it: by its presence, or by an update that holds
// structs of this one id alone (a step 2 may well carry what others wrote, so it introduces nobody). A
// connection holds a few at most (Options.MaxClientIDs). A second connection of the same participant takes the
// id over: that is how a page reconnects before its old socket is known to be dead. When the connection ends, its
// ids are free again, but for the participant alone as long as the room lives: else whoever saw an id in the
// presence of others could take it in a moment of reconnecting, and lock its owner out.
//
// With Grant.Exclusive an update must not carry new structs of an id that another participant's connection holds
// (twelve such bytes, over the clocks that are next, would make the document drop the other's typing for good). Such
// structs are left out of the update; the rest of it is taken in, for an honest client can come to this: after the
// server has lost something, it sends in its step 2 what others wrote too. It loses nothing: the holder of the id is
// here and has sent its own structs or is about to. Should it leave without, the connection is asked again for
// what it has (freeIDs). Structs of the server's own replica are held by the server.

// claims says which connection holds which client id.
type claims struct {
	holder map[uint64]*conn
	owner  map[uint64]string   // participants, of ids held now or before; at most maxRemembered
	far    map[uint64]farClaim // ids held by connections of other nodes; at most maxRemembered
}

// farClaim says that a connection of another node holds a client id.
type farClaim struct {
	node        NodeID
	participant string
}

func newClaims() claims {
	return claims{holder: map[uint64]*conn{}, owner: map[uint64]string{}}
}

// may reports whether c holds client or could take it.
func (k *claims) mayClaim(c *conn, client uint64, limit int) bool {
	h := k.holder[client]
	if h == c {
		return true
	}
	if len(c.ids) >= limit || h != nil && h.grant.Participant != c.grant.Participant {
		return false
	}
	if far, held := k.far[client]; held && far.participant != c.grant.Participant {
		return false
	}
	owner, known := k.owner[client]
	return !known || c.grant.Open || owner == c.grant.Participant
}

// take gives client to c, which may have it, and reports whether it had it not.
func (k *claims) claim(c *conn, client uint64) bool {
	h := k.holder[client]
	if h == c {
		return false
	}
	if h != nil {
		k.release(h, client)
	}
	delete(k.far, client)
	c.ids = append(c.ids, client)
	k.holder[client] = c
	k.remember(client, c.grant.Participant)
	return true
}

// drop takes client from the connection that holds it.
func (k *claims) release(c *conn, client uint64) {
	c.ids = slices.DeleteFunc(c.ids, func(id uint64) bool { return id == client })
	delete(k.holder, client)
}

// takeFar notes that a connection of another node holds client.
func (k *claims) claimFar(node NodeID, participant string, client uint64) {
	if k.far == nil || len(k.far) >= maxRemembered {
		k.far = map[uint64]farClaim{}
	}
	k.far[client] = farClaim{node: node, participant: participant}
	k.remember(client, participant)
}

// remember notes whose a client id is.
func (k *claims) remember(client uint64, participant string) {
	if len(k.owner) >= maxRemembered {
		clear(k.owner)
	}
	k.owner[client] = participant
}

// fence leaves out of an update the new structs of client ids that are held by others. The result is the update
// itself in all ordinary cases, nil when nothing is left of it.
func (r *Room) fence(c *conn, m protocol.Message) ([]byte, error) {
	ranges, err := crdt.UpdateClients(m.Body)
	if err != nil {
		return nil, err
	}
	var vector, foreign map[uint64]uint64
	for _, span := range ranges {
		if !r.heldByOther(c, span.Client) {
			continue
		}
		if vector == nil {
			if vector, err = crdt.ReadStateVector(r.doc.EncodeStateVector()); err != nil {
				return nil, err
			}
			foreign = map[uint64]uint64{}
		}
		if span.To > vector[span.Client] {
			foreign[span.Client] = 1<<53 - 1
		}
	}
	if len(foreign) > 0 {
		return r.leaveOut(c, m.Body, foreign)
	}
	if m.Step == protocol.Update && oneClient(ranges) && r.claims.mayClaim(c, ranges[0].Client, r.relay.opts.MaxClientIDs) {
		if r.claims.claim(c, ranges[0].Client) {
			r.tellNodesOf(ranges[0].Client)
		}
	}
	return m.Body, nil
}

// foreign reports whether another participant's live connection, or the server itself, holds client.
func (r *Room) heldByOther(c *conn, client uint64) bool {
	if client == r.doc.ClientID() {
		return true
	}
	if far, held := r.claims.far[client]; held {
		return far.participant != c.grant.Participant
	}
	h := r.claims.holder[client]
	return h != nil && h != c && h.grant.Participant != c.grant.Participant
}

// leaveOut removes from an update the structs of some clients, given with a clock past all others.
func (r *Room) leaveOut(c *conn, update []byte, foreign map[uint64]uint64) ([]byte, error) {
	r.relay.stats.add(UpdatesFenced, 1)
	if !c.fenced {
		r.logger().Warn("update with structs of a client id that another holds", "participant", c.grant.Participant)
	}
	c.fenced = true
	rest, err := crdt.DiffUpdate(update, appendStateVector(nil, foreign))
	if err != nil || string(rest) == string(emptyUpdate) {
		return nil, err
	}
	return rest, nil
}

// freeIDs frees the client ids of a connection that ended and removes their presence. Those of whose updates
// structs were left out are asked for what they have.
func (r *Room) releaseIDs(c *conn) {
	now := time.Now()
	var gone []uint64
	for _, client := range c.ids {
		delete(r.claims.holder, client)
		if r.presence.Remove(client, now) {
			gone = append(gone, client)
		}
	}
	r.tellNodesOf(c.ids...)
	c.ids = nil
	r.publishPresence(gone)
	for _, other := range r.conns {
		if other.fenced {
			other.fenced = false
			other.out.pushFirst(protocol.AppendStep1(nil, r.doc.EncodeStateVector()))
		}
	}
}

// oneClient reports whether there are ranges and all are of the same client.
func oneClient(ranges []crdt.IDRange) bool {
	for _, span := range ranges {
		if span.Client != ranges[0].Client {
			return false
		}
	}
	return len(ranges) > 0
}
