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

// Damage overwrites the open chunk and the latest sealed chunk of an asset.
func (s *Store) Damage(ctx context.Context, id string) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	p := s.keys.of(id)
	_, err = s.pipeline(ctx,
		c.B().Set().Key(p.open(id)).Value("\xff\xff\xff no frames").Build(),
		c.B().Lset().Key(p.sealed(id)).Index(-1).Element("0000000000000 no zstd").Build())
	return err
}

// LimitMemory sets how much memory Redis may use.
func (s *Store) LimitMemory(ctx context.Context, bytes string) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	return c.Do(ctx, c.B().ConfigSet().ParameterValue().ParameterValue("maxmemory", bytes).Build()).Error()
}

// KeysOf lists the keys that an asset has for itself.
func (s *Store) KeysOf(ctx context.Context, id string) []string {
	c, err := s.conn(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	keys, err := c.Do(ctx, c.B().Keys().Pattern(s.keys.of(id).base+"*:"+id).Build()).AsStrSlice()
	if err != nil {
		return []string{err.Error()}
	}
	return keys
}

// Meddle runs a command on a key of an asset's partition, such as "queued", as a
// person with redis-cli would.
func (s *Store) Meddle(ctx context.Context, asset, command, key string, args ...string) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	return c.Do(ctx, c.B().Arbitrary(command).Keys(s.keys.of(asset).base+key).Args(args...).Build()).Error()
}
