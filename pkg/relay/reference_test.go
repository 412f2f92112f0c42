package relay_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"parley/pkg/protocol"
	"parley/pkg/relay"
	"parley/pkg/relay/relaytest"
)

// TestTheReferenceServerSaysTheSame sends the relay what testdata/reference.mjs has sent to
// @y/websocket-server. Everybody must get the same messages in the same order, byte for byte, with
// two intended differences. A client does not get its own update back. An update that holds nothing
// new is passed on, because looking for that would slow down every keystroke.
func TestTheReferenceServerSaysTheSame(t *testing.T) {
	var story []struct {
		Who, What, Sent string
		Got             map[string][]string // the messages that each client got
	}
	b, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &story); err != nil || len(story) < 20 {
		t.Fatalf("%d steps, %v", len(story), err)
	}
	inBubble(t, relay.Options{}, func(b bench) {
		present := map[string]*relaytest.Client{}
		for i, step := range story {
			switch step.What {
			case "connect":
				present[step.Who] = relaytest.Connect(b.relay, room, editor("p"+step.Who), nil)
			case "leave":
				if err := present[step.Who].Leave(); err != nil {
					b.Errorf("%d: %s left with %v", i, step.Who, err)
				}
				delete(present, step.Who)
			default:
				present[step.Who].Send(fromHex(b.T, step.Sent))
			}
			synctest.Wait()
			for who, c := range present {
				want := slices.DeleteFunc(slices.Clone(step.Got[who]), func(m string) bool { return who == step.Who && isUpdate(b.T, m) })
				got := []string{}
				for _, frame := range c.Take(-1) {
					got = append(got, hex.EncodeToString(frame))
				}
				repeated := len(want) == 0 && who != step.Who && slices.Equal(got, []string{step.Sent}) && isUpdate(b.T, step.Sent)
				if !repeated && !slices.Equal(got, want) {
					b.Errorf("%d: %s %s: %s got\n  %s\nwant, as the reference server,\n  %s", i, step.Who, step.What, who,
						strings.Join(got, "\n  "), strings.Join(want, "\n  "))
				}
			}
		}
		for _, c := range present {
			_ = c.Leave()
		}
	})
}

func fromHex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func isUpdate(t *testing.T, message string) bool {
	t.Helper()
	m, err := protocol.Decode(fromHex(t, message))
	return err == nil && m.Type == protocol.TypeSync && m.Step == protocol.Update
}
