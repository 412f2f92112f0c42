package relay

import (
	"slices"
	"time"

	"parley/crdt"
	"parley/pkg/protocol"
)

// Which participant owns which client id.
//
// A client id belongs to the first connection that introduces it. A connection introduces an id by
// its presence, or by an update whose structs all have this id. A step 2 introduces no id, because
// it may hold what others wrote. One connection holds a few ids at most (Options.MaxClientIDs). A
// second connection of the same participant takes an id over, because a page may reconnect before
// the server knows that its old socket is dead. When the connection ends, its ids are free, but
// only for the same participant as long as the room lives. Without this rule another person could
// take an id during a reconnect and lock its owner out.
//
// With Grant.Exclusive an update must not carry new structs of an id that a connection of another
// participant holds. Twelve such bytes, for the clocks that come next, would make the document
// ignore what the owner types, for good. The foreign structs are left out of the update and the
// rest is taken in. An honest client can send foreign structs: after the server has lost content,
// the client's step 2 holds what others wrote too. Nothing is lost, because the holder of the id is
// connected and has sent its own structs or is about to. If the holder leaves without sending them,
// the other client is asked again (releaseIDs). The server holds the id of its own replica.

// claims says which connection holds which client id.
type claims struct {
	holder map[uint64]*conn
	owner  map[uint64]string   // participant of each id held now or before; at most maxRemembered
	owned  map[string][]uint64 // the ids in owner by participant, oldest first
	far    map[uint64]farClaim // ids held by connections of other nodes; at most maxRemembered
}

// farClaim says which node and participant hold a client id.
type farClaim struct {
	node        NodeID
	participant string
}

func newClaims() claims {
	return claims{holder: map[uint64]*conn{}, owner: map[uint64]string{}, owned: map[string][]uint64{}}
}

// mayClaim reports whether c holds client or may claim it.
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

// claim gives client to c, which must be allowed to have it. It reports whether the claim is new.
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

// release takes client from the connection that holds it.
func (k *claims) release(c *conn, client uint64) {
	c.ids = slices.DeleteFunc(c.ids, func(id uint64) bool { return id == client })
	delete(k.holder, client)
}

// claimFar notes that a connection of another node holds client.
func (k *claims) claimFar(node NodeID, participant string, client uint64) {
	if k.far == nil || len(k.far) >= maxRemembered {
		k.far = map[uint64]farClaim{}
	}
	k.far[client] = farClaim{node: node, participant: participant}
	k.remember(client, participant)
}

// remember notes the participant to whom a client id belongs. When there are too many ids, the
// participant with the most ids loses the oldest of them. So nobody can make the room forget the id
// of somebody else.
func (k *claims) remember(client uint64, participant string) {
	if owner, known := k.owner[client]; known {
		if owner == participant {
			return
		}
		k.forget(client, owner)
	}
	if len(k.owner) >= maxRemembered {
		most := participant
		for p, ids := range k.owned {
			if len(ids) > len(k.owned[most]) {
				most = p
			}
		}
		k.forget(k.owned[most][0], most)
	}
	k.owner[client] = participant
	k.owned[participant] = append(k.owned[participant], client)
}

func (k *claims) forget(client uint64, owner string) {
	delete(k.owner, client)
	k.owned[owner] = slices.DeleteFunc(k.owned[owner], func(id uint64) bool { return id == client })
	if len(k.owned[owner]) == 0 {
		delete(k.owned, owner)
	}
}

// rememberLog notes the owners of client ids that the log shows. The owner of an id is the
// participant who wrote most of its entries. One entry alone proves little, because a participant
// may have sent again what others wrote.
func (k *claims) rememberLog(entries []Entry) {
	type author struct {
		client      uint64
		participant string
	}
	counts := map[author]int{}
	for _, e := range entries {
		if ranges, err := crdt.UpdateClients(e.Update); err == nil && oneClient(ranges) && e.By != "" {
			counts[author{ranges[0].Client, e.By}]++
		}
	}
	best := map[uint64]author{}
	for a, n := range counts {
		if b, ok := best[a.client]; !ok || n > counts[b] || n == counts[b] && a.participant < b.participant {
			best[a.client] = a
		}
	}
	for client, a := range best {
		k.remember(client, a.participant)
	}
}

// fence removes from an update the new structs of client ids that others hold. The result is
// usually the update itself. It is nil when nothing is left.
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

// heldByOther reports whether client is held by the server or by a connection of another
// participant.
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

// leaveOut removes all structs of the clients in foreign from an update. The clocks in foreign must
// lie past those of the update.
func (r *Room) leaveOut(c *conn, update []byte, foreign map[uint64]uint64) ([]byte, error) {
	r.relay.stats.add(UpdatesFenced, 1)
	if !c.fenced {
		r.logger().Warn("left out structs of a client id that another participant holds", "participant", c.grant.Participant)
	}
	c.fenced = true
	rest, err := crdt.DiffUpdate(update, appendStateVector(nil, foreign))
	if err != nil || string(rest) == string(emptyUpdate) {
		return nil, err
	}
	return rest, nil
}

// releaseIDs releases the client ids of a connection that has ended and removes their presence.
// Clients whose updates had structs left out are then asked for what they have.
func (r *Room) releaseIDs(c *conn) {
	now := time.Now()
	var gone []uint64
	for _, client := range c.ids {
		delete(r.claims.holder, client)
		if r.presence.Remove(client, now) {
			gone = append(gone, client)
			r.watch(c, client)
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

// oneClient reports whether there are ranges and all have the same client.
func oneClient(ranges []crdt.IDRange) bool {
	for _, span := range ranges {
		if span.Client != ranges[0].Client {
			return false
		}
	}
	return len(ranges) > 0
}
