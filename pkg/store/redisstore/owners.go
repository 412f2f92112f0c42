package redisstore

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"parley/pkg/relay"
)

// kindOwners is a hash of each document: participant → its client ids, 8 bytes each, oldest first.
const kindOwners = "owners"

// ownedSize is the size of a client id in that hash.
const ownedSize = 8

var ownersScript = mustScript("keep_owners")

// KeepOwners implements relay.Log.
func (s *Store) KeepOwners(ctx context.Context, id relay.RoomID, owners []relay.Owner) error {
	d, err := s.document(id)
	if err != nil {
		return fmt.Errorf("keep owners of %s: %w", id, err)
	}
	args := []any{relay.MaxOwned * ownedSize}
	for _, o := range owners {
		args = append(args, o.Participant, string(binary.BigEndian.AppendUint64(nil, o.Client)))
	}
	err = s.withRestored(ctx, id.Session, func() error {
		kept, err := s.run(ctx, ownersScript, []string{d.record, s.ownersKey(id), d.docs}, args...)
		if err == nil && kept == int64(-1) {
			err = relay.ErrNoSession
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("keep owners of %s: %w", id, err)
	}
	return nil
}

func (s *Store) ownersKey(id relay.RoomID) string { return s.keys.of(id.Session, kindOwners, id.Doc) }

// Owners implements relay.Log.
func (s *Store) Owners(ctx context.Context, id relay.RoomID) ([]relay.Owner, error) {
	d, err := s.document(id)
	var exists *redis.IntCmd
	var all *redis.MapStringStringCmd
	if err == nil {
		err = s.withRestored(ctx, id.Session, func() error {
			_, err := s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
				exists, all = p.Exists(ctx, d.record), p.HGetAll(ctx, s.ownersKey(id))
				return nil
			})
			if err == nil && exists.Val() == 0 {
				err = relay.ErrNoSession
			}
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("owners of %s: %w", id, err)
	}
	var owners []relay.Owner
	for participant, ids := range all.Val() {
		if len(ids)%ownedSize != 0 {
			return nil, fmt.Errorf("owners of %s: %w: %d bytes", id, errDamaged, len(ids))
		}
		for at := 0; at < len(ids); at += ownedSize {
			client := binary.BigEndian.Uint64([]byte(ids[at : at+ownedSize]))
			owners = append(owners, relay.Owner{Client: client, Participant: participant})
		}
	}
	slices.SortStableFunc(owners, func(a, b relay.Owner) int { return strings.Compare(a.Participant, b.Participant) })
	return owners, nil
}
