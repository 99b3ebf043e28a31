package store

import "sync"

// cache is a bounded map that forgets what was not used for long: entries live in
// two generations, and when the young one is full it becomes the old one, whose
// entries are lost unless they were asked for meanwhile.
type cache[K comparable, V any] struct {
	mu         sync.Mutex
	max        int
	young, old map[K]V
}

func newCache[K comparable, V any](size int) *cache[K, V] {
	return &cache[K, V]{max: size, young: make(map[K]V)}
}

func (c *cache[K, V]) get(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.young[key]; ok {
		return v, true
	}
	v, ok := c.old[key]
	if ok {
		c.add(key, v)
	}
	return v, ok
}

func (c *cache[K, V]) put(key K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(key, v)
}

func (c *cache[K, V]) add(key K, v V) {
	if _, ok := c.young[key]; !ok && len(c.young) >= c.max {
		c.young, c.old = make(map[K]V), c.young
	}
	c.young[key] = v
}

func (c *cache[K, V]) drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, key)
	delete(c.old, key)
}

func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.young, c.old = make(map[K]V), nil
}
