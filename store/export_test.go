package store

import "context"

// StoredChunks counts the sealed chunks of results that an asset has in Redis,
// for tests.
func (s *Store) StoredChunks(ctx context.Context, id string) int {
	c, err := s.conn(ctx)
	if err != nil {
		return -1
	}
	n, err := c.Do(ctx, c.B().Llen().Key(s.keys.of(id).sealed(id)).Build()).AsInt64()
	if err != nil {
		return -1
	}
	return int(n)
}

// DenySnapshots makes a user of Redis that may do everything but BGSAVE.
func (s *Store) DenySnapshots(ctx context.Context, user, password string) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	return c.Do(ctx, c.B().Arbitrary("ACL", "SETUSER", user, "on", ">"+password, "~*", "&*", "+@all", "-bgsave").Build()).Error()
}
