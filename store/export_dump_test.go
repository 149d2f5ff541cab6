package store

import "context"

// Dump gives what Redis holds under the store's prefix, by the rest of the key,
// for tests. Sets of scores are given in order, hashes as maps.
func (s *Store) Dump(ctx context.Context) (map[string]any, error) {
	c, err := s.admin()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	keys, err := c.Do(ctx, c.B().Keys().Pattern(s.keys.prefix+":*").Build()).AsStrSlice()
	if err != nil {
		return nil, err
	}
	dump := map[string]any{}
	for _, key := range keys {
		kind, err := c.Do(ctx, c.B().Type().Key(key).Build()).ToString()
		if err != nil {
			return nil, err
		}
		var value any
		switch kind {
		case "string":
			value, err = c.Do(ctx, c.B().Get().Key(key).Build()).ToString()
		case "hash":
			value, err = c.Do(ctx, c.B().Hgetall().Key(key).Build()).AsStrMap()
		case "list":
			value, err = c.Do(ctx, c.B().Lrange().Key(key).Start(0).Stop(-1).Build()).AsStrSlice()
		case "zset":
			value, err = c.Do(ctx, c.B().Zrange().Key(key).Min("0").Max("-1").Withscores().Build()).AsZScores()
		}
		if err != nil {
			return nil, err
		}
		dump[key[len(s.keys.prefix):]] = value
		expires, err := c.Do(ctx, c.B().Ttl().Key(key).Build()).AsInt64()
		if err != nil {
			return nil, err
		}
		if expires > 0 {
			dump[key[len(s.keys.prefix):]+" expires"] = true
		}
	}
	return dump, nil
}

// SetField sets a field of an asset's hash.
func (s *Store) SetField(ctx context.Context, id, name, value string) error {
	c, err := s.admin()
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Do(ctx, c.B().Hset().Key(s.keys.of(id).asset(id)).FieldValue().FieldValue(name, value).Build()).Error()
}

// Flush writes what waits in a restoration.
func (r *Restoration) Flush(ctx context.Context) error { return r.flush(ctx) }

// Notices gives the members of the sorted set "notices" of an asset's partition.
func (s *Store) Notices(ctx context.Context, asset string) ([]string, error) {
	c, err := s.admin()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.Do(ctx, c.B().Zrange().Key(s.keys.of(asset).notices).Min("0").Max("-1").Build()).AsStrSlice()
}
