package gpu

import "sync"

// A memo remembers what this process has found out, by what it depends on. The zero memo is empty.
type memo[K comparable, V any] struct {
	mutex sync.Mutex
	known map[K]V
}

// get returns the value of a key, and whether it is known.
func (m *memo[K, V]) get(key K) (V, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	v, known := m.known[key]
	return v, known
}

// put remembers a value.
func (m *memo[K, V]) put(key K, v V) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.known == nil {
		m.known = map[K]V{}
	}
	m.known[key] = v
}
