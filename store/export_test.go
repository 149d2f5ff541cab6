package store

import (
	"context"
	"net/url"
	"strings"

	"github.com/redis/rueidis"
)

// admin is a connection as Redis' default user, who may do everything.
func (s *Store) admin() (rueidis.Client, error) {
	u, err := url.Parse(s.opts.Address)
	if err != nil {
		return nil, err
	}
	u.User = nil
	dial, err := parseAddress(u.String())
	if err != nil {
		return nil, err
	}
	return rueidis.NewClient(dial)
}

// StoredChunks counts the sealed chunks of results that an asset has in Redis,
// for tests.
func (s *Store) StoredChunks(ctx context.Context, id string) int {
	c, err := s.admin()
	if err != nil {
		return -1
	}
	defer c.Close()
	n, err := c.Do(ctx, c.B().Llen().Key(s.keys.of(id).sealed(id)).Build()).AsInt64()
	if err != nil {
		return -1
	}
	return int(n)
}

// DenySnapshots makes a user of Redis that may do everything but BGSAVE.
func (s *Store) DenySnapshots(ctx context.Context, user, password string) error {
	c, err := s.admin()
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Do(ctx, c.B().Arbitrary("ACL", "SETUSER", user, "on", ">"+password, "~*", "&*", "+@all", "-bgsave").Build()).Error()
}

// Damage overwrites the open chunk and the latest sealed chunk of an asset.
func (s *Store) Damage(ctx context.Context, id string) error {
	c, err := s.admin()
	if err != nil {
		return err
	}
	defer c.Close()
	p := s.keys.of(id)
	for _, answer := range c.DoMulti(ctx,
		c.B().Set().Key(p.open(id)).Value("\xff\xff\xff no frames").Build(),
		c.B().Lset().Key(p.sealed(id)).Index(-1).Element("0000000000000 no zstd").Build()) {
		if err := answer.Error(); err != nil {
			return err
		}
	}
	return nil
}

// LimitMemory sets how much memory Redis may use.
func (s *Store) LimitMemory(ctx context.Context, bytes string) error {
	c, err := s.admin()
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Do(ctx, c.B().ConfigSet().ParameterValue().ParameterValue("maxmemory", bytes).Build()).Error()
}

// KeysOf lists the keys that an asset has for itself.
func (s *Store) KeysOf(ctx context.Context, id string) []string {
	c, err := s.admin()
	if err != nil {
		return []string{err.Error()}
	}
	defer c.Close()
	keys, err := c.Do(ctx, c.B().Keys().Pattern(s.keys.of(id).base+"*:"+id).Build()).AsStrSlice()
	if err != nil {
		return []string{err.Error()}
	}
	return keys
}

// Meddle runs a command on a key of an asset's partition, such as "queued", as a
// person with redis-cli would.
func (s *Store) Meddle(ctx context.Context, asset, command, key string, args ...string) error {
	c, err := s.admin()
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Do(ctx, c.B().Arbitrary(command).Keys(s.keys.of(asset).base+key).Args(args...).Build()).Error()
}

// Grant makes a user of Redis with the rights of [ACL] and changes to them.
func (s *Store) Grant(ctx context.Context, user, password string, changes ...string) error {
	c, err := s.admin()
	if err != nil {
		return err
	}
	defer c.Close()
	rules := append([]string{"SETUSER", user, "reset", "on", ">" + password}, append(ACL("webmon"), changes...)...)
	return c.Do(ctx, c.B().Arbitrary("ACL").Args(rules...).Build()).Error()
}

// TokenFields is what is stored of tokens, as it is.
func (s *Store) TokenFields(ctx context.Context) (map[string]string, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	return c.Do(ctx, c.B().Hgetall().Key(s.keys.tokens).Build()).AsStrMap()
}

// FillTokens stores more tokens, as many as are asked for.
func (s *Store) FillTokens(ctx context.Context, n int) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	fields := c.B().Hset().Key(s.keys.tokens).FieldValue()
	for range n {
		fields = fields.FieldValue(newID(), `{"sha256":"`+strings.Repeat("00", 32)+`"}`)
	}
	return c.Do(ctx, fields.Build()).Error()
}

// SplitIncidentID reads the id of an incident.
var SplitIncidentID = splitIncidentID

// Again writes a position anew.
func (at Position) Again() (Position, error) {
	p, err := at.place()
	if err != nil {
		return "", err
	}
	return p.text(), nil
}
