// Package protocol implements the wire format of y-protocols 1.0: the sync, awareness and auth
// messages that y-websocket exchanges, one message in each frame. It also has the one extension of
// Parley ("saved").
//
// Decoding does not allocate. The fields of a Message or an AwarenessEntry are slices into the
// frame. A caller that keeps them longer than the frame must copy them. Encoding appends to a
// buffer of the caller.
//
// Every byte string is a legal input: it decodes or gives a *DecodeError. A count that cannot fit
// into the rest of the input is refused before memory is allocated for it. The package does not
// know documents. An update is a byte string here, and only the engine can validate it.
//
// Source: y-protocols 1.0.7 (sync.js, awareness.js, auth.js), lib0 0.2.120 (encoding.js).
package protocol

// Type is the first number of a message.
type Type uint64

// The message types. Other types are legal on the wire and must be ignored.
const (
	TypeSync           Type = 0 // a Step and its body
	TypeAwareness      Type = 1 // an awareness update, see AwarenessReader
	TypeAuth           Type = 2 // server to client: permission denied, with a reason
	TypeQueryAwareness Type = 3 // requests every awareness state; no body
	// Server to client, extension: the durably stored state, see AppendSaved.
	TypeSaved Type = 100
)

// Step is the second number of a sync message.
type Step uint64

// The sync steps. Other steps are legal on the wire and must be ignored.
const (
	Step1  Step = 0 // body: the sender's state vector; requests a Step2
	Step2  Step = 1 // body: an update with everything that the state vector lacks
	Update Step = 2 // body: an update
)

// authDenied is the only kind of auth message in y-protocols.
const authDenied = 0

// Message is one decoded message. Body is a slice into the frame.
type Message struct {
	Type Type
	Step Step // of a TypeSync message
	// Body is a state vector, update, awareness update or reason. For an unknown type, Body is
	// everything after the type.
	Body  []byte
	Count uint64 // of a TypeSaved message: how many of the receiver's messages are stored
}

// Decode reads the message at the start of frame. Bytes after the message are ignored, as in the
// reference server. An unknown type, sync step or auth kind is not an error: its Body is the rest
// of the frame.
func Decode(frame []byte) (Message, error) {
	r := reader{buf: frame}
	m := Message{Type: Type(r.uint("message type"))}
	switch m.Type {
	case TypeSync:
		m.Step = Step(r.uint("sync step"))
		if m.Step > Update {
			m.Body = r.rest()
			break
		}
		m.Body = r.bytes("sync body")
	case TypeAwareness:
		m.Body = r.bytes("awareness update")
	case TypeAuth:
		if r.uint("auth kind") != authDenied {
			m.Body = r.rest()
			break
		}
		m.Body = r.bytes("auth reason")
	case TypeSaved:
		m.Body = r.bytes("state vector")
		if r.err == nil && r.off < len(r.buf) {
			m.Count = r.uint("count of saved messages")
		}
	default:
		m.Body = r.rest()
	}
	if r.err != nil {
		return Message{}, r.err
	}
	return m, nil
}

// IsUpdateFrame reports whether frame equals the output of AppendUpdate for body. Such a frame can
// be forwarded without encoding it again.
func IsUpdateFrame(frame, body []byte) bool {
	return len(frame) == 2+uintLen(uint64(len(body)))+len(body) &&
		frame[0] == byte(TypeSync) && frame[1] == byte(Update)
}

// AppendStep1 appends the message that sends stateVector and requests the missing updates.
func AppendStep1(dst, stateVector []byte) []byte { return appendSync(dst, Step1, stateVector) }

// AppendStep2 appends the answer to a Step1.
func AppendStep2(dst, update []byte) []byte { return appendSync(dst, Step2, update) }

// AppendUpdate appends the message that carries one update.
func AppendUpdate(dst, update []byte) []byte { return appendSync(dst, Update, update) }

func appendSync(dst []byte, s Step, body []byte) []byte {
	dst = append(dst, byte(TypeSync), byte(s))
	return appendBytes(dst, body)
}

// AppendAwareness appends the message that carries an awareness update (see AppendAwarenessUpdate).
func AppendAwareness(dst, update []byte) []byte {
	return appendBytes(append(dst, byte(TypeAwareness)), update)
}

// AppendQueryAwareness appends the message that asks for every awareness state.
func AppendQueryAwareness(dst []byte) []byte { return append(dst, byte(TypeQueryAwareness)) }

// AppendDenied appends the auth message "permission denied".
func AppendDenied(dst []byte, reason string) []byte {
	dst = append(dst, byte(TypeAuth), authDenied)
	dst = appendUint(dst, uint64(len(reason)))
	return append(dst, reason...)
}

// AppendSaved appends the extension message "saved". stateVector describes the durably stored
// document. count is the number of stored sync updates and Step2 messages of the receiving
// connection, because deletions do not show in a state vector. A client that does not know the
// count stops reading after the state vector.
func AppendSaved(dst, stateVector []byte, count uint64) []byte {
	dst = appendBytes(append(dst, byte(TypeSaved)), stateVector)
	return appendUint(dst, count)
}
