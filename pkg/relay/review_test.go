package relay_test

import (
	"errors"
	"slices"
	"testing"

	"parley/pkg/relay"
)

func TestReviewClosesConnectionsThatMayNotStay(t *testing.T) {
	var told []string
	inBubble(t, relay.Options{OnlineChanged: func(session string) { told = append(told, session) }}, func(b bench) {
		ada, bo := b.connect(editor("ada"), nil), b.connect(relay.Grant{Participant: "bo", Role: "candidate", Exclusive: true, Tag: 7}, nil)
		if !b.relay.Live(room.Session) || b.relay.Live("00000000") {
			t.Error("Live is wrong")
		}
		var asked []string
		b.relay.Review(room.Session, func(id relay.RoomID, g relay.Grant) error {
			asked = append(asked, g.Participant)
			if id != room {
				t.Errorf("asked about %v", id)
			}
			if g.Tag == 7 {
				return &relay.ClosedError{Code: relay.CloseForbidden, Cause: errors.New("removed elsewhere")}
			}
			return nil
		})
		b.settle(ada, bo)
		slices.Sort(asked)
		if !slices.Equal(asked, []string{"ada", "bo"}) {
			t.Errorf("asked about %v", asked)
		}
		if ada.Closed() != 0 || bo.Closed() != relay.CloseForbidden {
			t.Errorf("closed with %v and %v", ada.Closed(), bo.Closed())
		}
		if err := ada.Leave(); err != nil {
			t.Error(err)
		}
		b.settle()
		if want := []string{room.Session, room.Session, room.Session, room.Session}; !slices.Equal(told, want) {
			t.Errorf("told of %v, want %v: two came, two left", told, want)
		}
	})
}
