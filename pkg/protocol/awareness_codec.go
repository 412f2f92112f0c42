package protocol

import "bytes"

// minEntry is the size of the smallest awareness entry in bytes: client, clock and the length of
// its state.
const minEntry = 3

// AwarenessEntry is the state of one client. State is the received JSON text, a slice into the
// message. The JSON value null means that the client has left.
type AwarenessEntry struct {
	Client, Clock uint64
	State         []byte
}

// Removed reports whether the entry means that its client has left.
func (e AwarenessEntry) Removed() bool { return string(bytes.TrimSpace(e.State)) == "null" }

// AwarenessReader reads the entries of an awareness update in order, without allocating.
type AwarenessReader struct {
	r    reader
	left uint64
}

// ReadAwareness starts reading update, the Body of a TypeAwareness message. It refuses a count of
// entries that cannot fit into update.
func ReadAwareness(update []byte) (AwarenessReader, error) {
	a := AwarenessReader{r: reader{buf: update}}
	a.left = a.r.uint("count of awareness states")
	if a.r.err == nil && a.left > uint64(len(update)-a.r.off)/minEntry {
		a.r.fail("as many awareness states as were announced")
	}
	if a.r.err != nil {
		return AwarenessReader{}, a.r.err
	}
	return a, nil
}

// Len returns the number of entries that are left.
func (a *AwarenessReader) Len() int { return int(a.left) }

// Next returns the next entry. It may be called Len times. A malformed entry and a call past the
// end give an error.
func (a *AwarenessReader) Next() (AwarenessEntry, error) {
	if a.left == 0 {
		a.r.fail("no further awareness state")
	}
	e := AwarenessEntry{
		Client: a.r.uint("awareness client"),
		Clock:  a.r.uint("awareness clock"),
		State:  a.r.bytes("awareness state"),
	}
	if a.r.err != nil {
		return AwarenessEntry{}, a.r.err
	}
	a.left--
	return e, nil
}

// AppendAwarenessUpdate appends an awareness update, the body of an awareness message, with the
// given entries.
func AppendAwarenessUpdate(dst []byte, entries ...AwarenessEntry) []byte {
	dst = appendUint(dst, uint64(len(entries)))
	for _, e := range entries {
		dst = appendUint(dst, e.Client)
		dst = appendUint(dst, e.Clock)
		dst = appendBytes(dst, e.State)
	}
	return dst
}
