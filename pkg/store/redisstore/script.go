package redisstore

import (
	"context"
	"crypto/sha1"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// The scripts. Every key that a script uses is among its KEYS.
//
//go:embed lua/*.lua
var luaFiles embed.FS

// script is one embedded Lua script. Redis knows it by the hash of its text.
type script struct{ name, text, hash string }

// mustScript returns lua/name.lua. Lines that hold only a comment are not sent.
func mustScript(name string) *script {
	raw, err := luaFiles.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(fmt.Sprintf("embedded script %s: %v", name, err))
	}
	var text strings.Builder
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			text.WriteString(line)
		}
	}
	sum := sha1.Sum([]byte(text.String()))
	return &script{name: name, text: text.String(), hash: hex.EncodeToString(sum[:])}
}

// scriptForm says how a script is sent.
type scriptForm uint8

// The forms.
const (
	byHash scriptForm = iota // short, but a server that was restarted does not know the script
	byText                   // long, and the server knows the script from then on
)

// eval runs a script, or adds it to a pipeline.
func (sc *script) eval(ctx context.Context, c redis.Cmdable, form scriptForm, keys []string, args ...any) *redis.Cmd {
	if form == byText {
		return c.Eval(ctx, sc.text, keys, args...)
	}
	return c.EvalSha(ctx, sc.hash, keys, args...)
}

// unknownScript reports whether the server did not know a script by its hash.
func unknownScript(err error) bool { return redis.HasErrorPrefix(err, "NOSCRIPT") }

// run runs a script by its hash, and by its text when the server does not know the hash.
func (s *Store) run(ctx context.Context, sc *script, keys []string, args ...any) (any, error) {
	v, err := sc.eval(ctx, s.client, byHash, keys, args...).Result()
	if unknownScript(err) {
		v, err = sc.eval(ctx, s.client, byText, keys, args...).Result()
	}
	if err != nil && err != redis.Nil {
		return nil, fmt.Errorf("script %s: %w", sc.name, err)
	}
	return v, nil
}
