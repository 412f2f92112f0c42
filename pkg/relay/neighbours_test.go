package relay

import (
	"bytes"
	"testing"

	"parley/pkg/protocol"
)

// A message of another node is read to its end or refused. States that were read are encoded to the
// same bytes again.
func FuzzRemoteStates(f *testing.F) {
	f.Add(appendRemote(appendRemote(nil, remoteState{"ada", protocol.AwarenessEntry{Client: 7, Clock: 3, State: []byte("{}")}}), remoteState{}))
	f.Add([]byte{3, 'a'})
	f.Add([]byte{0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := readRemotes(b)
		if err != nil {
			return
		}
		var again []byte
		for _, s := range all {
			again = appendRemote(again, s)
		}
		if back, err := readRemotes(again); err != nil || len(back) != len(all) {
			t.Errorf("%x was read as %d states, which are read back as %d, %v", b, len(all), len(back), err)
		}
		if len(again) > len(b) || len(again) == len(b) && !bytes.Equal(again, b) {
			t.Errorf("%x came back as %x", b, again)
		}
	})
}
