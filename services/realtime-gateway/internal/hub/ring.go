package hub

import (
	"sort"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// ring holds the last frames, bounded in count and bytes. Frames are addressed by
// an index that only grows, whatever becomes of the stream. Not safe for
// concurrent use.
type ring struct {
	entries []entry // len is the capacity, a power of two
	first   uint64  // index of the oldest frame
	next    uint64  // index that the next frame gets
	bytes   uint64  // of the frames held

	maxBytes uint64
	offset   uint64 // bytes ever appended

	position uint64 // sequence after which the next event comes
	floor    uint64 // every event of the stream after floor and up to position is held
	resume   uint64 // frames below this index belong to a stream, or a part of it, that is gone
}

type entry struct {
	frame.Frame
	end uint64 // bytes ever appended, this frame included
}

func newRing(frames int, maxBytes int) *ring {
	capacity := 1
	for capacity < frames {
		capacity *= 2
	}
	return &ring{entries: make([]entry, capacity), maxBytes: uint64(maxBytes)}
}

func (r *ring) at(index uint64) *entry { return &r.entries[index&uint64(len(r.entries)-1)] }

// add appends a frame and drops the oldest beyond the bounds; the newest stays.
func (r *ring) add(f frame.Frame) {
	size := uint64(len(f.Wire))
	for r.next > r.first && (r.next-r.first == uint64(len(r.entries)) || r.bytes+size > r.maxBytes) {
		oldest := r.at(r.first)
		r.bytes -= uint64(len(oldest.Wire))
		if r.first >= r.resume {
			r.floor = oldest.Seq
		}
		*oldest = entry{}
		r.first++
	}
	r.offset += size
	r.bytes += size
	*r.at(r.next) = entry{Frame: f, end: r.offset}
	r.next++
	r.position = f.Seq
}

// restart says that the stream went on elsewhere: f is the resync that tells so,
// and nothing before it can be resumed from.
func (r *ring) restart(f frame.Frame) {
	r.add(f)
	r.resume = r.next
	r.floor = f.Seq
}

// after gives the index of the first frame after sequence seq, false if some of
// what follows seq is not held any more.
func (r *ring) after(seq uint64) (uint64, bool) {
	if seq < r.floor {
		return 0, false
	}
	low := min(max(r.first, r.resume), r.next)
	n := sort.Search(int(r.next-low), func(i int) bool { return r.at(low+uint64(i)).Seq > seq })
	return low + uint64(n), true
}

// offsetAt gives the bytes ever appended before index, which must be held or next.
func (r *ring) offsetAt(index uint64) uint64 {
	if index == r.next {
		return r.offset
	}
	e := r.at(index)
	return e.end - uint64(len(e.Wire))
}

// collect appends frames from index on, up to but excluding limit, to dst, until
// they have maxBytes (at least one is taken). It gives the index after the last.
func (r *ring) collect(dst []frame.Frame, index, limit uint64, maxBytes int) ([]frame.Frame, uint64) {
	size := 0
	for ; index < limit; index++ {
		f := r.at(index).Frame
		if size > 0 && size+len(f.Wire) > maxBytes {
			break
		}
		size += len(f.Wire)
		dst = append(dst, f)
	}
	return dst, index
}
