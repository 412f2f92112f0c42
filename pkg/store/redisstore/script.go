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

// The scripts. Every key that a script touches is among its KEYS.
//
//go:embed lua/*.lua
var luaFiles embed.FS

// script is one embedded Lua script. Redis keeps it under the hash of its text.
type script struct{ name, text, hash string }

// mustScript gives lua/name.lua. Lines that only comment are left out of what is sent.
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

// run runs a script by its hash, and by its text when the server does not know it yet.
func (s *Store) run(ctx context.Context, sc *script, keys []string, args ...any) (any, error) {
	v, err := s.client.EvalSha(ctx, sc.hash, keys, args...).Result()
	if err != nil && redis.HasErrorPrefix(err, "NOSCRIPT") {
		v, err = s.client.Eval(ctx, sc.text, keys, args...).Result()
	}
	if err != nil && err != redis.Nil {
		return nil, fmt.Errorf("script %s: %w", sc.name, err)
	}
	return v, nil
}
