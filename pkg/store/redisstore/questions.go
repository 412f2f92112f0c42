package redisstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"parley/pkg/session"
)

// kindQuestion is a string with the copy of a question, one for each hash.
const kindQuestion = "question"

var keepQuestionScript = mustScript("keep_question")

// KeepQuestion implements session.Copies.
func (s *Store) KeepQuestion(ctx context.Context, id session.ID, hash string, content []byte) error {
	if _, _, err := s.get(ctx, id); err != nil { // which puts back a record that Redis has lost
		return fmt.Errorf("keep question of session %s: %w", id, err)
	}
	keys := []string{s.keys.session(string(id)), s.keys.of(string(id), kindQuestion, hash), s.keys.of(string(id), kindDocs)}
	kept, err := s.run(ctx, keepQuestionScript, keys, content)
	if err == nil {
		err = missing(kept)
	}
	if err != nil {
		return fmt.Errorf("keep question of session %s: %w", id, err)
	}
	return nil
}

// Question implements session.Copies.
func (s *Store) Question(ctx context.Context, id session.ID, hash string) ([]byte, error) {
	if _, _, err := s.get(ctx, id); err != nil {
		return nil, fmt.Errorf("question of session %s: %w", id, err)
	}
	content, err := s.client.Get(ctx, s.keys.of(string(id), kindQuestion, hash)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("question of session %s: %w", id, err)
	}
	return content, nil
}
