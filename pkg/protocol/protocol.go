// Package protocol speaks the y-protocols 1.0 wire format: sync, awareness and auth messages as y-websocket
// exchanges them, one message a frame, and Parley's one extension ("saved").
//
// Decoding allocates nothing: what a Message or an AwarenessEntry holds are slices into the frame it was read
// from, so whoever keeps one longer than the frame copies it. Writing appends to a buffer of the caller's.
// Every byte string is a legal input: it decodes, or it gives a *DecodeError; a count that the rest of the
// input cannot hold is refused before anything is made of it. The package knows no documents: an update is
// bytes here, and only the engine says whether it is a good one.
//
// Source: y-protocols 1.0.7 (sync.js, awareness.js, auth.js), lib0 0.2.120 (encoding.js).
package protocol

// Type is the first number of a message.
type Type uint64

// The message types. Others are legal on the wire and to be ignored.
const (
	TypeSync           Type = 0   // a Step and its body
	TypeAwareness      Type = 1   // an awareness update: see AwarenessReader
	TypeAuth           Type = 2   // server to client: permission denied, with a reason
	TypeQueryAwareness Type = 3   // asks for every awareness state; no body
	TypeSaved          Type = 100 // server to client, extension: what is durably stored; see AppendSaved
)

// Step is the second number of a sync message.
type Step uint64

// The sync steps. Others are legal on the wire and to be ignored.
const (
	Step1  Step = 0 // body: the sender's state vector; asks for a Step2
	Step2  Step = 1 // body: an update with all that the state vector lacked
	Update Step = 2 // body: an update
)

// authDenied is the only kind of auth message that y-protocols knows.
const authDenied = 0

// Message is one decoded message. Body is a slice into the frame.
type Message struct {
	Type  Type
	Step  Step   // of a TypeSync message
	Body  []byte // state vector, update, awareness update, reason; what follows the type for types we do not know
	Count uint64 // of a TypeSaved message: how many of the receiver's own messages are stored
}

// Decode reads the message at the start of frame; what follows it is ignored, as the reference server does.
// An unknown type, sync step or auth kind is no error: its Body is the rest of the frame.
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

// IsUpdateFrame reports whether frame is byte for byte what AppendUpdate writes for body, so that the frame
// as it came can be passed on and need not be encoded again.
func IsUpdateFrame(frame, body []byte) bool {
	return len(frame) == 2+uintLen(uint64(len(body)))+len(body) &&
		frame[0] == byte(TypeSync) && frame[1] == byte(Update)
}

// AppendStep1 appends the message that tells stateVector and asks for what it lacks.
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

// AppendSaved appends the extension message "saved": stateVector is that of what is durably stored, count how
// many sync updates and Step2 of the receiving connection are in it (deletions do not show in a state vector).
// A reader that knows of no count stops after the state vector.
func AppendSaved(dst, stateVector []byte, count uint64) []byte {
	dst = appendBytes(append(dst, byte(TypeSaved)), stateVector)
	return appendUint(dst, count)
}
