package access

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// ReplayLink stands in the place of a role for the hash of a session's replay link. It is no role:
// ParseRole refuses it.
const ReplayLink Role = "replay"

// ReplayCode is the code of a replay link. It has the form of a Code and opens a replay alone.
type ReplayCode Code

// NewReplayCode returns a code from the system's random source.
func NewReplayCode() ReplayCode { return ReplayCode(NewCode()) }

// ParseReplayCode reads a code as ParseCode does, or a link that ends with /r/ and a code.
func ParseReplayCode(s string) (ReplayCode, error) {
	code, err := parse(s, "/r/")
	return ReplayCode(code), err
}

// String returns the code for people to read: xxxx-xxxx-xxxx.
func (c ReplayCode) String() string { return Code(c).String() }

// Hash returns the form of the code that a store may keep. It differs from the hash of an invite
// code with the same characters, so that neither opens what the other does.
func (c ReplayCode) Hash() Hash {
	sum := sha256.Sum256([]byte("parley replay:" + string(c)))
	return Hash(hex.EncodeToString(sum[:]))
}

// ReplayClaims is the content of a replay token: its bearer may read the timeline of this session
// until Expires, as long as Link is the hash of its replay link.
type ReplayClaims struct {
	Session string
	Link    Hash
	Expires time.Time // whole seconds
}

// replayAudience is the audience of replay tokens. No session has a colon in its id, so no check of
// a participant's token accepts it.
func replayAudience(session string) string { return "replay:" + session }

// IssueReplay signs claims as Issue does.
func (t *Tokens) IssueReplay(c ReplayClaims) (string, error) {
	return t.Issue(Claims{Session: replayAudience(c.Session), Participant: string(c.Link), Expires: c.Expires})
}

// VerifyReplay returns the claims of a replay token for this session, or ErrBadToken.
func (t *Tokens) VerifyReplay(token, session string) (ReplayClaims, error) {
	c, err := t.Verify(token, replayAudience(session))
	if err != nil {
		return ReplayClaims{}, fmt.Errorf("replay: %w", err)
	}
	return ReplayClaims{Session: session, Link: Hash(c.Participant), Expires: c.Expires}, nil
}
