package crdt

type observer struct{}

func (d *Doc) callObservers() {}
