package relay

import (
	"context"
	"fmt"
	"time"

	"parley/crdt"
)

// Past is a part of what was recorded of a document, in the order of its entries.
type Past struct {
	// Base, if not nil, is an Update with all entries through number Reached. It comes before
	// Entries: those entries were folded into it.
	Base    []byte
	BaseAt  time.Time // when the last entry in Base was received
	Reached uint64

	Entries []Entry
	Next    uint64 // number of the last entry; the part that follows is after this number
	More    bool   // whether there is a part that follows
}

// Historian is the part of a store that keeps what was edited.
type Historian interface {
	// Past returns what was recorded of a document after an entry, with entries of about size bytes
	// at least, unless there are fewer. 0 starts at the beginning. Followed to its end, it is all
	// edits of the document: applied in order, they give its state. The caller owns the result. The
	// error is ErrNoSession for an unknown session.
	Past(ctx context.Context, id RoomID, after uint64, size int) (Past, error)
}

// Bounds of one fold, and of the folds after one compaction. Chunks of a history may expand to a
// hundred times their size, and nobody may make a node hold all of that. What is left is folded
// after the next compaction.
const (
	FoldBytes   = 4 << 20 // bytes of updates that are folded at once
	FoldChunks  = 1024    // chunks of the history that are folded at once
	FoldsAtOnce = 8
)

// Fold returns base with the updates applied, as one Update. base may be nil. An update that no
// document takes is left out, as it is when a document is opened.
func Fold(base []byte, updates [][]byte) ([]byte, error) {
	doc := crdt.NewDoc()
	if base != nil {
		if err := doc.ApplyUpdate(base); err != nil {
			return nil, fmt.Errorf("fold: base: %w", err)
		}
	}
	for _, u := range updates {
		_ = doc.ApplyUpdate(u) // the document is unchanged then
	}
	folded, err := doc.EncodeStateAsUpdate(nil)
	if err != nil {
		return nil, fmt.Errorf("fold: %w", err)
	}
	return folded, nil
}
