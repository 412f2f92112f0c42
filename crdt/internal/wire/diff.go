package wire

// Diff cuts from an Update what the replica with this state vector has. The delete set stays whole.
// The error is a *DecodeError. Rule: MRG-4.
//
// Source: Yjs 13.6, src/utils/updates.js (diffUpdateV2).
func Diff(update, stateVector []byte) ([]byte, error) {
	sv, err := ReadStateVector(stateVector)
	if err != nil {
		return nil, err
	}
	var w structWriter
	r := newGapReader(update)
	for !r.Done {
		client := r.Struct.Client
		known := sv[client]
		switch {
		case r.Struct.Kind() == KindSkip: // nothing begins with a Skip
			r.Next()
		case r.Struct.Clock+r.Struct.Length > known:
			offset := known - min(known, r.Struct.Clock)
			for ; !r.Done && r.Struct.Client == client; r.Next() {
				w.write(update, &r.Struct, offset)
				offset = 0
			}
		default:
			for !r.Done && r.Struct.Client == client && r.Struct.Clock+r.Struct.Length <= known {
				r.Next()
			}
		}
	}
	spans, err := r.Spans(nil)
	if err != nil {
		return nil, err
	}
	return AppendSpans(w.finish(), sortClients(spans)), nil
}
