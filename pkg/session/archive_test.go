package session_test

import (
	"errors"
	"testing"

	"parley/pkg/session"
)

// A session never gets the id of an interview that only the archive has.
func TestAvoid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refused := map[session.ID]bool{}
	w.Avoid(func(id session.ID) bool {
		if len(refused) < 3 {
			refused[id] = true
		}
		return refused[id]
	})
	made := w.mustCreate(t, session.Draft{})
	if len(refused) != 3 || refused[made.Session.ID] {
		t.Errorf("%s was given after %v were refused", made.Session.ID, refused)
	}
	w.Avoid(func(session.ID) bool { return true })
	if _, err := w.Create(t.Context(), session.Draft{}); !errors.Is(err, session.ErrExists) {
		t.Errorf("without a free id Create gave %v", err)
	}
}
