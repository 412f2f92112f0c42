package relay_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// A right that is taken away between the handshake and the entry never lets a connection in. Either
// Confirm sees the change, or the connection is among those that are closed.
func TestConfirm(t *testing.T) {
	t.Parallel()
	r := relay.New(relaytest.NewStore(room.Session), relay.Options{Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		if err := r.Drain(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for _, tc := range []struct {
		name    string
		confirm func(context.Context) error
		want    relay.CloseCode
	}{
		{"seen", func(context.Context) error { return &relay.ClosedError{Code: relay.CloseForbidden} }, relay.CloseForbidden},
		{"store away", func(context.Context) error { return errors.New("no answer") }, relay.CloseUnavailable},
		{"closed meanwhile", func(context.Context) error {
			if r.Online(room.Session)["ada"] != 1 {
				t.Error("the connection does not count yet")
			}
			r.CloseParticipant(room.Session, "ada", relay.CloseForbidden)
			return nil
		}, relay.CloseForbidden},
	} {
		c := relaytest.Connect(r, room, relay.Grant{Participant: "ada", Confirm: tc.confirm}, nil)
		var closed *relay.ClosedError
		if err := c.Wait(); !errors.As(err, &closed) || closed.Code != tc.want {
			t.Errorf("%s: Serve gave %v, want code %v", tc.name, err, tc.want)
		}
	}
	asked := 0
	c := relaytest.Connect(r, room, relay.Grant{Participant: "ada", Confirm: func(context.Context) error { asked++; return nil }}, nil)
	c.Hello()
	c.Await()
	if err := c.Leave(); err != nil || asked != 1 {
		t.Errorf("a confirmed connection ended with %v after %d questions", err, asked)
	}
}
