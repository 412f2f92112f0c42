package crdt

// Damages are faults that Check must find, each in a document whose first two items are a text.
var Damages = map[string]func(d *Doc){
	"an item begins too late":          func(d *Doc) { d.items[2].clock++ },
	"an item is too long":              func(d *Doc) { d.items[1].length++ },
	"a left neighbour is wrong":        func(d *Doc) { d.items[2].left = 0 },
	"a right neighbour is wrong":       func(d *Doc) { d.items[1].right = 0 },
	"a text counts wrong":              func(d *Doc) { d.types[1].length++ },
	"content is not of its length":     func(d *Doc) { d.items[1].size-- },
	"dead bytes are counted wrong":     func(d *Doc) { d.clients[1].dead++ },
	"the next clock is wrong":          func(d *Doc) { d.clients[1].next++ },
	"a client stands under another id": func(d *Doc) { d.slots[2] = 1; delete(d.slots, 1) },
	"an item is lost":                  func(d *Doc) { d.items = append(d.items, item{}) },
	"a deleted range is not written":   func(d *Doc) { d.clients[1].dirty, d.clients[1].deletes = false, nil },
}
