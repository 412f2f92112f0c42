package relay

import "errors"

// Review asks of every connection of a session whether it may stay with what it was granted, and ends those for which stay gives
// an error: a *ClosedError with its code, any other with CloseUnavailable. Each participant's right is in the store, so a
// node that learns of a change elsewhere reviews what is connected here. stay must not block.
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

// Live reports whether a session has a connection or an open document here.
func (r *Relay) Live(session string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sessions[session] != nil
}
