package telegramtest

import "time"

// Listening reports whether updates of a bot go anywhere: its webhook is set, or somebody
// asked for them within the last minute.
func (s *Server) Listening(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bots[token]
	return b != nil && (b.hook != nil || b.poll != nil || s.clock.now().Sub(b.lastPoll) < time.Minute)
}
