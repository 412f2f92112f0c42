package redisstore

import (
	"context"
	"fmt"

	"parley/pkg/session"
)

// kindPapers is a hash: the papers of a session, by name.
const kindPapers = "papers"

var swapPaperScript = mustScript("swap_paper")

// SwapPaper implements session.Papers.
func (s *Store) SwapPaper(ctx context.Context, id session.ID, name string, old, next []byte) error {
	if _, _, err := s.get(ctx, id); err != nil { // which puts back a record that Redis has lost
		return fmt.Errorf("swap paper of session %s: %w", id, err)
	}
	there := func(paper []byte) string {
		if paper == nil {
			return ""
		}
		return "1"
	}
	keys := []string{s.keys.session(string(id)), s.keys.of(string(id), kindPapers), s.keys.of(string(id), kindDocs)}
	swapped, err := s.run(ctx, swapPaperScript, keys, name, there(old), old, there(next), next)
	if err == nil {
		err = missing(swapped)
	}
	if err == nil && swapped == int64(-3) {
		err = session.ErrSwapped
	}
	if err != nil {
		return fmt.Errorf("swap paper of session %s: %w", id, err)
	}
	return nil
}

// Papers implements session.Papers.
func (s *Store) Papers(ctx context.Context, id session.ID) (map[string][]byte, error) {
	if _, _, err := s.get(ctx, id); err != nil {
		return nil, fmt.Errorf("papers of session %s: %w", id, err)
	}
	held, err := s.client.HGetAll(ctx, s.keys.of(string(id), kindPapers)).Result()
	if err != nil {
		return nil, fmt.Errorf("papers of session %s: %w", id, err)
	}
	papers := make(map[string][]byte, len(held))
	for name, paper := range held {
		papers[name] = []byte(paper)
	}
	return papers, nil
}
