package relay

import "errors"

// Review calls stay for every connection of a session and closes those for which it returns an
// error: with the code of a *ClosedError, else with CloseUnavailable. The rights of each
// participant are in the store; a node that learns of a change made elsewhere reviews its own
// connections. stay must not block.
func (r *Relay) Review(session string, stay func(RoomID, Grant) error) {
	r.mu.Lock()
	_, conns := r.membersLocked(session)
	r.mu.Unlock()
	for _, c := range conns {
		err := stay(c.id, c.grant)
		if err == nil {
			continue
		}
		code, closed := CloseUnavailable, (*ClosedError)(nil)
		if errors.As(err, &closed) {
			code = closed.Code
		}
		c.close(code, err)
	}
}

// Live reports whether a session has a connection or an open document on this node.
func (r *Relay) Live(session string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[session] != nil
}
